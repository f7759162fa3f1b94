"""The page in a real browser: a click on a box lists its records, tables sort, nothing is blocked or fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import browse, printed, with_axe
from made_reviews import make
from pypdf import PdfReader

from evidence_review.commands.report.page import breakable
from evidence_review.commands.report.rendition import LAYOUTS, Wishes
from evidence_review.commands.report.run import run
from evidence_review.workspace.workspace import Workspace


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = make(tmp_path_factory.mktemp("page") / "review", 40)
    run(made)
    return made


CLICK = """
      const click = new view.MouseEvent('click', {bubbles: true, cancelable: true});
      page.querySelector("a[href='#list-dbr_excluded']").dispatchEvent(click);
"""


def test_a_click_on_a_box_lists_its_records(review: Workspace, tmp_path: Path) -> None:
    """The list has the box's records with their titles as text, and who decided what and why; the filter narrows it."""
    script = f"""{CLICK}
      const items = () => [...page.querySelectorAll('#records-list > li')];
      const told = item => item.textContent.includes('Excluded at full text')
        && [...item.querySelectorAll('li')].filter(line => line.textContent.startsWith('Full text: exclude (E2 '))
          .map(line => line.textContent.split(', ').at(-2)).join() === 'reviewer-1,reviewer-2'
        && item.textContent.includes('Retrieval: retrieved, library');
      out += page.getElementById('records').hidden + '|' + page.getElementById('records-title').textContent;
      out += '|' + items().length;
      out += '|' + items().every(told);
      const filter = page.getElementById('records-filter');
      filter.value = 'number 2'; filter.dispatchEvent(new view.Event('input'));
      out += '|' + items().length + '|' + page.querySelectorAll('#records img, #records script, #records b').length;
      out += '|' + [...page.querySelectorAll('#records a')].every(link => link.href.startsWith('https://doi.org/10.1'));
      const escape = new view.KeyboardEvent('keydown', {{key: 'Escape', bubbles: true}});
      page.getElementById('records').dispatchEvent(escape);
      out += '|' + page.getElementById('records').hidden;
    """
    out, log = browse(review.layout.reports / "report.html", tmp_path, script)
    hidden, title, count, said, fewer, markup, links, closed = out.split("|")
    assert hidden == "false"
    assert title.endswith(f"({count})")
    assert int(count) > int(fewer) > 0
    assert (said, markup, links, closed) == ("true", "0", "true", "true")
    assert log == ""


def test_every_box_with_records_can_be_opened(review: Workspace, tmp_path: Path) -> None:
    """Each link of the diagram opens a list of as many records as the box's number says; the keyboard reaches it."""
    script = """
      for (const link of page.querySelectorAll("a[href^='#list-']")) {
        link.dispatchEvent(new view.MouseEvent('click', {bubbles: true, cancelable: true}));
        const head = [...link.querySelectorAll('text')].map(line => line.textContent).join(' ');
        const listed = page.querySelectorAll('#records-list > li').length;
        if (link.getAttribute('href').endsWith('ised')) { continue; }  // counts studies and lists their reports
        if (link.tabIndex < 0 || !(head.match(/\\d+/g) || []).map(Number).includes(listed)) { out += head + ';'; }
        out += '.';
      }
    """
    out, log = browse(review.layout.reports / "report.html", tmp_path, script)
    assert out == "." * 17
    assert log == ""


def test_a_table_sorts_by_its_headings(review: Workspace, tmp_path: Path) -> None:
    script = """
      const table = page.getElementById('studies'), heads = [...table.querySelectorAll('thead th')];
      const years = () => [...table.tBodies[0].rows].map(row => row.cells[2].textContent).join(',');
      heads[2].querySelector('[role=button]').click(); out += heads[2].getAttribute('aria-sort') + '|' + years();
      heads[2].querySelector('[role=button]').click(); out += '|' + heads[2].getAttribute('aria-sort') + '|' + years();
    """
    out, log = browse(review.layout.reports / "report.html", tmp_path, script)
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
    out, log = browse(review.layout.reports / "report.html", tmp_path, script)
    every, some, again = map(int, out.split("|"))
    assert every == again > some == 1
    assert log == ""


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_sticks_out_on_phone_or_desktop(review: Workspace, tmp_path: Path, width: int) -> None:
    """Wide tables and the diagram scroll in their own place; the page itself never scrolls sideways."""
    script = "out += page.documentElement.scrollWidth + '|' + page.documentElement.clientWidth"
    out, log = browse(review.layout.reports / "report.html", tmp_path, script, width)
    wide, room = map(int, out.split("|"))
    assert wide <= room
    assert log == ""


def test_a_word_that_no_column_holds_may_be_broken() -> None:
    """Or it pushes the other columns out of sight. Words of a usual length, tags and entities are left whole."""
    word, link = 5 * "Abcdefghi_", f'<a href="https://example.org/{50 * "x"}">seen</a>'
    cell = f'<td class="wide">{word} and &amp;{50 * "n"} {link} {40 * "m"}</td>'
    broken = breakable(f"<p>{word}</p>{cell}")
    assert broken.replace("<wbr>", "") == f"<p>{word}</p>{cell}"
    assert broken.startswith(f'<p>{word}</p><td class="wide">' + 5 * "Abcdefghi_<wbr>" + " and &amp;nnnnnnnnn<wbr>")
    assert link in broken
    assert f" {40 * 'm'}</td>" in broken


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
    out, log = browse(review.layout.reports / "report.html", tmp_path, script)
    assert out == "1|1|false|0||0|en"
    assert log == ""


LOOKS = {
    "on a desk, with a list open": (Wishes(), 1200, False, CLICK),
    "on a phone, in the dark, with a list open": (Wishes(), 360, True, CLICK),
    "in French": (Wishes(language="fr"), 1200, False, ""),
    "as slides": (Wishes(layout="slides"), 1200, True, ""),
    "in one, three and twenty-five pages": (Wishes(layout="1-3-25"), 360, False, ""),
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_against_the_page(review: Workspace, tmp_path: Path, look: str) -> None:
    """axe-core, which knows the rules of WCAG 2.2 and good practice, names no violation."""
    wishes, width, dark, script = LOOKS[look]
    run(review, wishes=wishes)
    page = with_axe(review.layout.reports / f"{LAYOUTS[wishes.layout]}.html", tmp_path)
    script += """
      out += view.matchMedia('(prefers-color-scheme: dark)').matches + '|';
      const found = await view.axe.run(page);
      out += found.passes.length > 20;
      for (const rule of found.violations) {
        out += '|' + rule.id + ': ' + rule.help + ' at ' + rule.nodes.map(node => node.html.slice(0, 120)).join(' ');
      }
    """
    out, log = browse(page, tmp_path, script, width, dark=dark)
    assert out == f"{str(dark).lower()}|true"
    assert log == ""


def test_a_wide_diagram_is_printed_on_a_page_that_lies_on_its_side(review: Workspace, tmp_path: Path) -> None:
    """It fits on one such page with its caption; all other pages stand upright."""
    pages = PdfReader(printed(review.layout.reports / "report.html", tmp_path)).pages
    lying = [page for page in pages if page.mediabox.width > page.mediabox.height]
    assert len(lying) == 1 < len(pages)
    text = lying[0].extract_text()
    assert "(n = " in text
    assert "Figure 1." in text
