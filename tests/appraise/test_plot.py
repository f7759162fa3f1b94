"""`appraise plot`: each study once and in order, every judgement with its words, colours that differ in grey."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring
from extraction_reviews import designed as review
from extraction_reviews import everything, fill

from evidence_review.cli import group
from evidence_review.commands.appraise import plot, run
from evidence_review.drawing.traffic_light import LEVELS, LOOKS, Judgements, summary, traffic_light
from evidence_review.errors import SheetError, UsageError

SVG = "{http://www.w3.org/2000/svg}"
TABLE = """Study,D1,D2,D3,D4,D5,Overall,Weight
Zeta 2020,Low,Low,Low,Low,Low,Low,30
<b>Alpha</b> & co,high,some concerns,No information,Low,L,High,70
"""


def drawn(tmp_path: Path, text: str = TABLE, tool: str = "ROB2") -> Path:
    path = tmp_path / "rob.csv"
    path.write_text(text, encoding="utf-8")
    plot.plot_file(path, tool, tmp_path / "out")
    return tmp_path / "out"


def titles(path: Path, kind: str) -> list[str]:
    root = fromstring(path.read_bytes())
    return [part.findtext(f"{SVG}title") or "" for part in root.iter(f"{SVG}g") if kind in (part.get("class") or "")]


def test_each_study_is_drawn_once_in_order_with_all_its_judgements(tmp_path: Path) -> None:
    root = fromstring((drawn(tmp_path) / "traffic-light.svg").read_bytes())
    rows = [part for part in root.iter(f"{SVG}g") if part.get("class") == "er-study"]
    lights = [[light.findtext(f"{SVG}title") for light in row if light.tag == f"{SVG}g"] for row in rows]
    assert [row[0] for row in lights] == ["Zeta 2020, D1: Low", "<b>Alpha</b> & co, D1: High"]
    assert [len(row) for row in lights] == [6, 6]
    assert root.findtext(f"{SVG}title") == "Risk of bias and quality: RoB 2, for randomised trials"
    assert "2 studies in rows, 6 domains in columns" in (root.findtext(f"{SVG}desc") or "")


def test_the_overall_judgement_is_no_domain_and_another_tool_s_answers_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rob.csv"
    path.write_text("Study,D1,D2,Overall\nA,Low,Serious,Critical\n", encoding="utf-8")
    told = plot.plot_file(path, "rob2", tmp_path / "out")
    assert (told.data["studies"], told.data["domains"], told.data["foreign"]) == (1, 2, ["Critical", "Serious"])
    assert told.lines[0] == (
        "1 study, 2 domains and the overall judgement; "
        "drawn as they stand, though the tool has no such answers: Critical, Serious"
    )
    assert plot.plot_file(path, "robins-i", tmp_path / "out").data["foreign"] == []
    assert plot.plot_file(path, "generic", tmp_path / "out").data["foreign"] == []


def test_bars_are_weighted_and_add_up(tmp_path: Path) -> None:
    root = fromstring((drawn(tmp_path) / "summary.svg").read_bytes())
    said = root.findtext(f"{SVG}desc") or ""
    assert "D1: Low 30 %, High 70 %" in said and "D4: Low 100 %" in said and "weighted" in said
    for bar in (part for part in root.iter(f"{SVG}g") if part.get("class") == "er-domain"):
        widths = [float(rect.get("width", "0")) for rect in bar.iter(f"{SVG}rect")]
        assert sum(widths[:-1]) == pytest.approx(widths[-1], abs=0.05)


def test_the_table_goes_out_as_robvis_reads_it(tmp_path: Path) -> None:
    rows = list(csv.DictReader((drawn(tmp_path) / "robvis.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Overall"] for row in rows] == ["Low", "High"]
    assert list(rows[0]) == ["Study", "D1", "D2", "D3", "D4", "D5", "Overall", "Weight"]
    assert [row["Weight"] for row in rows] == ["30", "70"]


def test_an_overall_column_is_not_needed_and_no_information_breaks_nothing(tmp_path: Path) -> None:
    out = drawn(
        tmp_path, "Study,D1,D2,D3,D4,D5,D6,D7\nA,Low,Moderate,Serious,Critical,No information,,Low\n", "robins-i"
    )
    assert titles(out / "traffic-light.svg", "er-light")[:6] == [
        "A, D1: Low", "A, D2: Moderate", "A, D3: Serious", "A, D4: Critical", "A, D5: No information", "A, D7: Low",
    ]  # fmt: skip


WILD = [
    # R's write.csv numbers the rows and puts dots into headings; robvis takes weights under any heading like it.
    ('"","Study","Random.sequence.generation.","Blinding..","Overall","Weight"\n"1","A","low","HIGH","Low",33.3\n',
     "ROB1", ["A, Random sequence generation: Low", "A, Blinding: High", "A, Overall: Low"]),
    ("Author (year);Confounding;Selection;Overall risk of bias;weights (%)\nA;NI;serious risk;CRITICAL;50,5%\n",
     "ROBINS-I", ["A, Confounding: No information", "A, Selection: Serious", "A, Overall: Critical"]),
    ("STUDY,d1,D1b,D2,OVERALL\nA,Some Concerns,low risk of bias,no info,\n", "ROB2-Cluster",
     ["A, d1: Some concerns", "A, D1b: Low", "A, D2: No information"]),
    ("Study,D1,Overall,Weight\nA,Low,,\nB,HIGH RISK,,\n", "rob2", ["A, D1: Low", "B, D1: High"]),
    ("Study,S1,1.1\nA,y,can't tell\nB,N,Cannot tell\n", "mmat-2018",
     ["A, S1: Yes", "A, 1.1: Can't tell", "B, S1: No", "B, 1.1: Can't tell"]),
    ("Study,Patient selection,Flow\nA,High concern,+\nB,Not applicable,Partially yes\n", "Generic",
     ["A, Patient selection: High", "A, Flow: Low", "B, Patient selection: Not applicable", "B, Flow: Partial yes"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tool", "expected"), WILD)
def test_tables_as_people_have_them_are_understood(tmp_path: Path, text: str, tool: str, expected: list[str]) -> None:
    out = drawn(tmp_path, text, tool)
    assert [light for light in titles(out / "traffic-light.svg", "er-light") if light.count(": ")] == expected
    again = tmp_path / "again"
    plot.plot_file(out / "robvis.csv", tool, again)
    assert (again / "robvis.csv").read_bytes() == (out / "robvis.csv").read_bytes()


WRONG = [
    ("Study,D1\nA,-\n", "row 2, column D1: '-' means different things in different programs. Valid: High, Low,"),
    ("Study,D1\nA,Lowish\n", "row 2, column D1: 'Lowish' is no answer of rob2. Did you mean 'Low'?"),
    ("Study,D1\nA,Low\nA,Low\n", "row 3, column Study: study 'A' stands twice, also in row 2"),
    ("Study,D1\n,Low\n", "row 2, column Study: the study has no name"),
    ("Study,Overall\nA,Low\n", "row 1: there is no domain"),
    ("D1,D2\nLow,Low\n", "column 'Study' is missing"),
    ("Study,D1\n", "there is no study in it"),
    ("Study,D1,Weight\nA,Low,-3\n", "row 2, column Weight: a weight is 0 or more"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_table_that_cannot_be_drawn_is_refused_and_nothing_is_written(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(SheetError) as caught:
        drawn(tmp_path, text)
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_the_command_needs_no_review_and_names_an_unknown_tool(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    start = ["--folder", str(tmp_path), "appraise", "plot", str(tmp_path / "t.csv")]
    result = CliRunner().invoke(group, [*start, "--tool", "QUADAS-2", "--out", str(tmp_path / "p")])
    assert result.exit_code == 0
    assert CliRunner().invoke(group, start).exit_code == 2
    with pytest.raises(UsageError, match="no appraisal tool 'rob9'"):
        plot.plot_file(tmp_path / "t.csv", "rob9", tmp_path / "p")


def test_a_review_s_judgements_are_drawn_and_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = review(tmp_path)
    run.sheet(workspace, "", "csv")
    answers = {"D1": "Low", "D2": "Some concerns", "D3": "Low", "D4": "Low", "D5": "Low"}
    fill(workspace.layout.sheets / "appraisal" / "reviewer-1-rob2.csv", lambda number, row: answers)
    run.collect(workspace, ())
    summary_ = plot.plot_review(workspace, "")
    assert summary_.data["written"] == [
        f"reports/small/appraisal/rob2-{name}" for name in ("traffic-light.svg", "summary.svg", "robvis.csv")
    ]
    assert "aacods: nothing appraised yet" in summary_.lines[-1]
    before = everything(tmp_path)
    plot.plot_review(workspace, "ROB2")
    assert everything(tmp_path) == before


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_levels_differ_in_grey_and_by_their_sign() -> None:
    shades = [luminance(LOOKS[level].fill) for level in ("good", "some", "poor", "worst")]
    assert all(lighter - darker > 0.12 for lighter, darker in pairwise(shades))
    assert len({LOOKS[level].sign for level in LEVELS}) == len(LEVELS)


def test_two_hundred_studies_and_thirty_domains_are_drawn() -> None:
    domains = [(f"Q{number}", "") for number in range(30)]
    data = Judgements("Many", domains, [(f"Study {n}", ("Yes",) * 30) for n in range(200)], {"Yes": "good"})
    assert traffic_light(data).count('class="er-study"') == 200
    assert "Q29: Yes 100 %" in summary(data)
