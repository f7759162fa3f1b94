"""A report in headless Chromium: what its page says after a script ran in it, and what the browser complained of."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

AXE_VARIABLE = "EVIDENCE_REVIEW_AXE"
_DARK = "--blink-settings=preferredColorScheme=0"


def chromium() -> str:
    """Return the browser's path; skips the test where there is none, except in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        missing("no chromium here: the page cannot be tried in a browser")
    return found or ""


def axe() -> str:
    """Return the text of axe-core, an accessibility checker; skips the test where it is not, except in CI."""
    path = Path(os.environ.get(AXE_VARIABLE, "axe.min.js"))
    if not path.is_file():
        missing(f"no axe-core here: 'npm pack axe-core' and name its axe.min.js in {AXE_VARIABLE}")
    return path.read_text(encoding="utf-8")


def missing(what: str) -> None:
    """Skip on a person's machine, fail in CI, which installs everything."""
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(what)
    pytest.skip(what)


def browse(page: Path, folder: Path, script: str = "", width: int = 1200, *, dark: bool = False) -> tuple[str, str]:
    """Return what `script` wrote to `out` in a frame with the page, and what the browser wrote to its console.

    The script stands in a page of the same origin around the report, as `async` code; `page` is the report's document
    and `view` its window.
    """
    shutil.copy(page, folder / "report.html")
    outer = folder / "outer.html"
    outer.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><iframe src="report.html" style="width:{width}px;height:900px"></iframe>'
        "<pre id=out></pre><script>const frame = document.querySelector('iframe'); frame.onload = async () => {"
        "const page = frame.contentDocument, view = frame.contentWindow; let out = '';"
        f"{script}; document.getElementById('out').textContent = out; }}</script>",
        encoding="utf-8",
    )
    command = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync",
               "--allow-file-access-from-files", "--virtual-time-budget=20000", "--enable-logging=stderr", "--v=0",
               *([_DARK] if dark else []), f"--user-data-dir={folder / 'profile'}", "--dump-dom",
               outer.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    out = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert out is not None
    return html.unescape(out.group(1)), "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def with_axe(page: Path, folder: Path) -> Path:
    """Return a copy of a page that carries axe-core, for which its content security policy is taken off."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    checker = axe().replace("</script", "<\\/script")
    copy = folder / "with-axe.html"
    copy.write_text(text.replace("</body>", f"<script>{checker}</script></body>"), encoding="utf-8")
    return copy


def printed(page: Path, folder: Path) -> Path:
    """Return the PDF into which the browser prints a page."""
    out = folder / "printed.pdf"
    command = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
               f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={out}", page.as_uri()]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=180, check=True)
    return out
