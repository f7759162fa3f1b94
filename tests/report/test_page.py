"""The page in a real browser: a click on a box lists its records, tables sort, nothing is blocked or fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from made_reviews import make

from evidence_review.commands.report.run import run
from evidence_review.workspace.workspace import Workspace


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = make(tmp_path_factory.mktemp("page") / "review", 40)
    run(made)
    return made


def browse(review: Workspace, tmp_path: Path, script: str = "", width: int = 1200) -> tuple[str, str]:
    """Return the page's DOM after `script` ran in it, and what the browser wrote to its log.

    The script stands in a page around the report, which it loads in a frame of the same origin.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium here: the page cannot be tried in a browser")
    shutil.copy(review.layout.reports / "report.html", tmp_path / "report.html")
    outer = tmp_path / "outer.html"
    outer.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><iframe src="report.html" style="width:{width}px;height:900px"></iframe>'
        "<pre id=out></pre><script>const frame = document.querySelector('iframe'); frame.onload = () => {"
        "const page = frame.contentDocument, view = frame.contentWindow; let out = '';"
        f"{script}; document.getElementById('out').textContent = out; }}</script>",
        encoding="utf-8",
    )
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync",
               "--allow-file-access-from-files", "--virtual-time-budget=4000", "--enable-logging=stderr", "--v=0",
               f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", outer.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    out = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert out is not None
    return out.group(1), "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_a_click_on_a_box_lists_its_records(review: Workspace, tmp_path: Path) -> None:
    """The list has the box's records with their titles as text, and what was decided; the filter narrows it."""
    script = """
      const click = new view.MouseEvent('click', {bubbles: true, cancelable: true});
      page.querySelector("a[href='#list-dbr_excluded']").dispatchEvent(click);
      const items = () => [...page.querySelectorAll('#records-list li')];
      out += page.getElementById('records').hidden + '|' + page.getElementById('records-title').textContent;
      out += '|' + items().length;
      out += '|' + items().every(item => item.textContent.includes('excluded at full text: E2'));
      const filter = page.getElementById('records-filter');
      filter.value = 'number 2'; filter.dispatchEvent(new view.Event('input'));
      out += '|' + items().length + '|' + page.querySelectorAll('#records img, #records script, #records b').length;
    """
    out, log = browse(review, tmp_path, script)
    hidden, title, count, said, fewer, markup = out.split("|")
    assert hidden == "false"
    assert title.endswith(f"({count})")
    assert int(count) > int(fewer) > 0
    assert (said, markup) == ("true", "0")
    assert log == ""


def test_a_table_sorts_by_its_headings(review: Workspace, tmp_path: Path) -> None:
    script = """
      const table = page.getElementById('studies'), heads = [...table.querySelectorAll('thead th')];
      const years = () => [...table.tBodies[0].rows].map(row => row.cells[2].textContent).join(',');
      heads[2].querySelector('[role=button]').click(); out += heads[2].getAttribute('aria-sort') + '|' + years();
      heads[2].querySelector('[role=button]').click(); out += '|' + heads[2].getAttribute('aria-sort') + '|' + years();
    """
    out, log = browse(review, tmp_path, script)
    first, up, second, down = out.split("|")
    assert (first, second) == ("ascending", "descending")
    assert up.split(",") == sorted(up.split(","))
    assert down.split(",") == sorted(down.split(","), reverse=True)
    assert log == ""


def test_included_studies_can_be_filtered(review: Workspace, tmp_path: Path) -> None:
    """Rows without the words are hidden, and come back."""
    script = """
      const rows = () => [...page.getElementById('studies').tBodies[0].rows].filter(row => !row.hidden).length;
      const input = page.getElementById('studies-filter'), all = rows();
      const type = text => { input.value = text; input.dispatchEvent(new view.Event('input')); };
      type('number 9'); out += all + '|' + rows(); type(''); out += '|' + rows();
    """
    out, log = browse(review, tmp_path, script)
    every, some, again = map(int, out.split("|"))
    assert every == again > some == 1
    assert log == ""


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_sticks_out_on_phone_or_desktop(review: Workspace, tmp_path: Path, width: int) -> None:
    """Wide tables and the diagram scroll in their own place; the page itself never scrolls sideways."""
    script = "out += page.documentElement.scrollWidth + '|' + page.documentElement.clientWidth"
    out, log = browse(review, tmp_path, script, width)
    wide, room = map(int, out.split("|"))
    assert wide <= room
    assert log == ""


def test_the_page_can_be_used_without_seeing_it(review: Workspace, tmp_path: Path) -> None:
    """Every picture and control has a name, headings leave no level out, ids are unique, links lead somewhere."""
    script = """
      const all = selector => [...page.querySelectorAll(selector)];
      const levels = all('main h1, main h2, main h3, main h4').map(head => Number(head.tagName[1]));
      const skipped = levels.some((level, place) => place && level > levels[place - 1] + 1);
      const ids = all('[id]').map(one => one.id);
      const dead = all("a[href^='#']").filter(link => !link.getAttribute('href').startsWith('#list-')
        && !page.getElementById(link.getAttribute('href').slice(1))).map(link => link.getAttribute('href'));
      const unnamed = all("svg[role='img']").filter(one => !one.querySelector('title')).length
        + all('input, button').filter(one => !(one.closest('label') || one.textContent.trim())).length
        + all('th').filter(one => !one.scope).length + all('table').filter(one => !one.tHead).length;
      out += [levels[0], levels.filter(level => level === 1).length, skipped, ids.length - new Set(ids).size,
        dead.join(' '), unnamed, page.documentElement.lang].join('|');
    """
    out, log = browse(review, tmp_path, script)
    assert out == "1|1|false|0||0|en"
    assert log == ""
