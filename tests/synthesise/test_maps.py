"""Gap maps: every cell in place as SVG, and an HTML file that opens cells, filters and obeys the keyboard."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from extraction_reviews import everything, fill, make, protocol

from evidence_review.commands.extract import run as extract
from evidence_review.commands.synthesise import run
from evidence_review.commands.synthesise.maps import maps
from evidence_review.drawing.gap_map import shades
from evidence_review.errors import InputError
from evidence_review.workspace.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"
FORM = """\
id: f
fields:
  - {id: level, label: Level, type: choices, options: [individual, organisation, population]}
  - {id: domain, label: Domain, type: choice, options: ["skills </script><b>", trust]}
  - {id: certainty, label: Confidence, type: choice, options: [high, low]}
"""
PLAN = "synthesis: {maps: [{title: Gaps & more, rows: level, columns: domain, colour: certainty}]}\n"
ANSWERS = (
    {"level": "individual; organisation", "domain": "skills </script><b>", "certainty": "high"},
    {"level": "individual", "domain": "skills </script><b>", "certainty": "low"},
    {"level": "individual", "domain": "trust"},
)


def mapped(tmp_path: Path) -> Workspace:
    workspace = make(tmp_path, text=protocol(FORM, PLAN, mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: ANSWERS[number])
    extract.collect(workspace, ())
    maps(workspace)
    return workspace


def test_every_cell_is_drawn_and_every_study_counted_once_in_it(tmp_path: Path) -> None:
    workspace = mapped(tmp_path)
    root = fromstring((workspace.layout.reports / "maps" / "gaps-more.svg").read_bytes())
    cells = [part for part in root.iter(f"{SVG}g") if "er-cell" in (part.get("class") or "")]
    assert [cell.findtext(f"{SVG}title") for cell in cells] == [
        "individual, skills </script><b>: 2 studies",
        "individual, trust: 1 study",
        "organisation, skills </script><b>: 1 study",
        "organisation, trust: no studies",
        "population, skills </script><b>: no studies",
        "population, trust: no studies",
    ]
    bubbles = [part.findtext(f"{SVG}title") or "" for part in root.iter(f"{SVG}g") if part.get("class") == "er-bubble"]
    assert [words.rpartition("; ")[2] for words in bubbles] == ["high: 1", "low: 1", "not judged: 1", "high: 1"]
    assert root.findtext(f"{SVG}title") == "Gaps & more"
    assert "3 of 6 cells have no study" in (root.findtext(f"{SVG}desc") or "")


def test_drawing_twice_changes_nothing_and_the_bare_command_draws_too(tmp_path: Path) -> None:
    workspace = mapped(tmp_path)
    run.everything(workspace)
    before = everything(tmp_path)
    summary = run.everything(workspace)
    assert everything(tmp_path) == before
    assert summary.data["written"][-2:] == ["reports/small/maps/gaps-more.svg", "reports/small/maps/gaps-more.html"]


def test_the_page_asks_nothing_of_the_network_and_titles_are_text(tmp_path: Path) -> None:
    text = (mapped(tmp_path).layout.reports / "maps" / "gaps-more.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "<b>" not in text
    assert text.count("</script>") == 2
    assert re.findall(r"""(?:src|href)=["'](?!data:)[^"']*["']""", text) == []


def test_a_protocol_without_a_map_says_how_to_ask_for_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="asks for no gap map"):
        maps(make(tmp_path))


PROBE = """
<script>
window.addEventListener("load", function () {
  const said = [];
  const cells = Array.from(document.querySelectorAll(".cell"));
  const list = function () { return Array.from(document.querySelectorAll("#studies strong"), e => e.textContent).join("+"); };
  const press = function (key) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: key, bubbles: true}));
  };
  said.push(cells.map(c => c.getAttribute("aria-label").split(": ")[1]).join("|"));
  cells[0].click(); said.push("click:" + list());
  document.querySelector(".shade[value=low]").click(); said.push("filter:" + list() + ":" + document.getElementById("count").textContent);
  document.querySelector("[type=reset]").click();
  setTimeout(function () {
    said.push("reset:" + list());
    cells[0].focus(); press("ArrowRight"); press("ArrowLeft"); press("ArrowDown"); press("Enter");
    said.push("keys:" + document.getElementById("panel-title").textContent + ":" + list() + ":" + document.activeElement.id);
    said.push("tab:" + cells.filter(c => c.tabIndex === 0).length);
    const find = document.getElementById("find"); find.value = "author3"; find.dispatchEvent(new Event("input", {bubbles: true}));
    said.push("find:" + document.getElementById("count").textContent);
    const out = document.createElement("pre"); out.id = "said"; out.textContent = said.join("\\n"); document.body.append(out);
  }, 50);
});
</script>
"""  # noqa: E501 - a page's script


def browse(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: the page cannot be tried out")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", *quiet, f"--user-data-dir={page.parent / 'profile'}",
         "--enable-logging=stderr", "--virtual-time-budget=3000", *options, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_in_a_browser_cells_open_filters_filter_and_keys_move(tmp_path: Path) -> None:
    page = mapped(tmp_path / "review").layout.reports / "maps" / "gaps-more.html"
    whole = page.read_text(encoding="utf-8")
    # The policy lets no foreign script run, as it should; the probe needs a copy without it.
    probed = tmp_path / "probed.html"
    probed.write_text(re.sub(r"<meta http-equiv[^>]*>", "", whole).replace("</body>", PROBE + "</body>"), "utf-8")
    done = browse(probed, "--dump-dom")
    said = re.search(r'<pre id="said">(.*?)</pre>', done.stdout, re.DOTALL)
    assert said is not None, done.stderr
    assert said.group(1).splitlines() == [
        "2 studies|1 study|1 study|no studies|no studies|no studies",
        "click:Author1 2001+Author2 2002",
        "filter:Author1 2001:2 of 3 studies",
        "reset:Author1 2001+Author2 2002",
        "keys:organisation, skills &lt;/script&gt;&lt;b&gt;: 1 study:Author1 2001:panel",
        "tab:1",
        "find:1 of 3 studies",
    ]


def test_in_a_browser_the_page_itself_raises_no_error(tmp_path: Path) -> None:
    page = mapped(tmp_path / "review").layout.reports / "maps" / "gaps-more.html"
    done = browse(page, "--dump-dom")
    assert 'aria-label="individual, trust: 1 study"' in done.stdout
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []


def test_a_dozen_answers_have_a_colour_each() -> None:
    """Two answers in one colour could not be told apart in the picture."""
    made = shades([f"answer {number}" for number in range(12)])
    assert len({shade.fill for shade in made}) == 12
