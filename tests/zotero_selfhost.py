"""Starting npm's zotero-selfhost-server: a Zotero that others wrote, on this machine, with an owner and a key.

`EVIDENCE_REVIEW_ZOTERO_SELFHOST` names a folder in which it is installed, with a Node that is new enough:

    npm install --prefix FOLDER zotero-selfhost-server@0.1.3 node@22

Install scripts may be switched off where npm runs: what they would do is done here, once.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "EVIDENCE_REVIEW_ZOTERO_SELFHOST"
TOKEN = "a-token-of-the-tests-that-nobody-keeps"
_READY = 180.0


@dataclass(frozen=True)
class Selfhost:
    """A running server: its address, an owner's key, and the owner's library."""

    url: str
    key: str
    library: str


def missing() -> str:
    """Return why it cannot be started, "" where it can."""
    folder = os.environ.get(VARIABLE, "")
    if not folder:
        return f"no zotero-selfhost-server: set {VARIABLE} to the folder where npm installed it"
    if not (Path(folder) / "node_modules" / "zotero-selfhost-server").is_dir():
        return f"{folder} has no node_modules/zotero-selfhost-server"
    return ""


@contextmanager
def running(state: Path) -> Iterator[Selfhost]:
    """Run the server while the body runs; what it stores goes into `state`."""
    modules = Path(os.environ[VARIABLE]).resolve() / "node_modules"
    environment = {
        **os.environ, "PATH": f"{modules / 'node' / 'bin'}{os.pathsep}{os.environ['PATH']}", "CI": "1",
        "HOME": str(state), "WRANGLER_SEND_METRICS": "false",
    }  # fmt: skip
    _finish_installing(modules, environment)
    wrangler = ["node", str(modules / "wrangler" / "bin" / "wrangler.js")]
    shared = [
        "--config",
        str(modules / "zotero-selfhost-server" / "wrangler.jsonc"),
        "--persist-to",
        str(state / "data"),
    ]
    _run([*wrangler, "d1", "migrations", "apply", "DB", "--local", *shared], environment)
    port = _free_port()
    log = state / "server.log"
    words = ["dev", *shared, "--ip", "127.0.0.1", "--port", str(port)]
    words += ["--var", f"BOOTSTRAP_TOKEN:{TOKEN}", "--var", f"FILE_URL_SIGNING_SECRET:{TOKEN}"]
    with log.open("wb") as out:
        server = subprocess.Popen([*wrangler, *words], env=environment, stdout=out, stderr=out, start_new_session=True)
        try:
            yield _bootstrapped(f"http://127.0.0.1:{port}", server, log)
        finally:
            os.killpg(server.pid, 15)
            server.wait(30)


def _finish_installing(modules: Path, environment: dict[str, str]) -> None:
    if not (modules / "node" / "bin" / "node").exists():
        _run(["node", "installArchSpecificPackage"], environment, modules / "node")
    for package in ("esbuild", "workerd"):
        _run(["node", "install.js"], environment, modules / package)


def _run(words: list[str], environment: dict[str, str], folder: Path | None = None) -> None:
    done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _bootstrapped(url: str, server: subprocess.Popen[bytes], log: Path) -> Selfhost:
    """Wait until it answers, then make its owner."""
    until = time.monotonic() + _READY
    owner = json.dumps({"username": "owner", "displayName": "Owner", "keyLabel": "tests"}).encode()
    while True:
        asked = urllib.request.Request(
            f"{url}/_selfhost/bootstrap",
            owner,
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as reply:
                made = json.load(reply)
                return Selfhost(url, made["apiKey"], f"users/{made['ownerUserID']}")
        except urllib.error.HTTPError as fault:
            raise AssertionError(f"{fault} {fault.read()!r}\n{log.read_text(errors='replace')}") from fault
        except OSError:
            said = log.read_text(errors="replace")
            assert server.poll() is None and time.monotonic() < until, f"it does not start:\n{said}"
            time.sleep(0.5)
