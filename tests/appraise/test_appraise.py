"""`appraise`: the tool follows from the design, sheets go out and come back, logic is pointed out and not imposed."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_reviews import designed as review
from extraction_reviews import everything, fill, make, protocol, rows_of

from evidence_review.commands.appraise import run
from evidence_review.commands.protocol.run import check
from evidence_review.errors import InputError, ProtocolError, SheetError, UsageError
from evidence_review.forms import tools
from evidence_review.model.events import Value
from evidence_review.sheets.form_layout import clashes
from evidence_review.workspace.workspace import Workspace


def folder(workspace: Workspace) -> Path:
    return workspace.layout.sheets / "appraisal"


def test_the_tool_follows_from_the_design_and_a_study_without_one_is_named(tmp_path: Path) -> None:
    workspace = review(tmp_path)
    summary = run.sheet(workspace, "", "csv")
    names = ["fields.csv", "reviewer-1-aacods.csv", "reviewer-1-rob2.csv"]
    assert sorted(path.name for path in folder(workspace).iterdir()) == names
    assert [row["study"] for row in rows_of(folder(workspace) / "reviewer-1-rob2.csv")] == ["Author1 2001"]
    assert [row["study"] for row in rows_of(folder(workspace) / "reviewer-1-aacods.csv")] == ["Author2 2002"]
    assert list(summary.data["without_tool"].values()) == ["its design is not extracted yet"]


def test_a_tool_for_any_needs_no_design(tmp_path: Path) -> None:
    workspace = review(tmp_path, "appraisal: {tools: {any: mmat-2018}, appraisers: [reviewer-1]}\n")
    run.sheet(workspace, "", "csv")
    assert len(rows_of(folder(workspace) / "reviewer-1-mmat-2018.csv")) == 3


def test_judgements_come_back_and_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = review(tmp_path)
    run.sheet(workspace, "", "csv")
    answers = {"D1": "low", "D2": "Some concerns", "D3": "Low", "D4": "Low", "D5": "Low", "D1 quote": "by computer"}
    fill(folder(workspace) / "reviewer-1-rob2.csv", lambda number, row: answers)
    summary = run.collect(workspace, ())
    assert summary.data["new"] == 5
    assert "the tool's logic gives 'Some concerns'" in summary.data["doubts"][0]
    value = next(value for value in workspace.events(Value) if value.field == "D1")
    assert (value.form, value.value, value.quote) == ("rob2@2019", "Low", "by computer")
    before = everything(tmp_path)
    run.sheet(workspace, "", "csv")
    assert run.collect(workspace, ()).data["new"] == 0
    assert everything(tmp_path) == before


def test_a_judgement_unlike_the_logic_is_taken_and_pointed_out(tmp_path: Path) -> None:
    workspace = review(tmp_path)
    run.sheet(workspace, "", "csv")
    answers = {"D1": "High", "D2": "Low", "D3": "Low", "D4": "Low", "D5": "Low", "overall": "Low"}
    fill(folder(workspace) / "reviewer-1-rob2.csv", lambda number, row: answers)
    summary = run.collect(workspace, ())
    assert summary.data["new"] == 6
    assert "overall is 'Low', the tool's logic gives 'High'" in summary.data["doubts"][0]


def test_a_wrong_answer_and_a_missing_domain_are_refused(tmp_path: Path) -> None:
    workspace = review(tmp_path)
    run.sheet(workspace, "", "csv")
    answers = {"D1": "Lowish", "D2": "Low", "D3": "Low", "D4": "Low"}
    fill(folder(workspace) / "reviewer-1-rob2.csv", lambda number, row: answers)
    with pytest.raises(SheetError) as caught:
        run.collect(workspace, ())
    assert [str(problem).split(":")[0] for problem in caught.value.problems] == [
        "reviewer-1-rob2.csv row 2, column D1",
        "reviewer-1-rob2.csv row 2, column D5",
    ]


def test_a_tool_that_is_planned_no_more_stands_in_no_one_s_way(tmp_path: Path) -> None:
    """Its sheets and what was settled in it are named and left out; the other tool's sheets are taken."""
    plan = "appraisal: {tools: {any: rob2}, mode: dual, appraisers: [reviewer-1, reviewer-2]}\n"
    workspace = review(tmp_path, plan)
    run.sheet(workspace, "", "csv")
    low = dict.fromkeys(("D1", "D2", "D3", "D4", "D5", "overall"), "low")
    for person, first in (("reviewer-1", "low"), ("reviewer-2", "high")):
        fill(folder(workspace) / f"{person}-rob2.csv", lambda number, row, first=first: {**low, "D1": first})  # type: ignore[misc]
    run.collect(workspace, ())
    run.differences(workspace)
    fill(folder(workspace) / "consensus.csv", lambda number, row: {"consensus": "reviewer-1", "by": "arbiter"})
    run.collect(workspace, ())
    path = workspace.layout.protocol
    path.write_text(path.read_text(encoding="utf-8").replace("any: rob2", "any: aacods"), encoding="utf-8")
    workspace = Workspace.open(tmp_path)
    run.sheet(workspace, "", "csv")
    summary = run.collect(workspace, ())
    assert (summary.data["new"], summary.data["withdrawn"]) == (0, 0)
    assert sum("'rob2' is planned no more" in line for line in summary.lines) == 5


def test_an_unknown_tool_is_named_with_the_nearest(tmp_path: Path) -> None:
    workspace = review(tmp_path, "appraisal: {tools: {any: mmat-2008}, appraisers: [reviewer-1]}\n")
    with pytest.raises(UsageError, match=r"no appraisal tool 'mmat-2008'\. Did you mean 'mmat-2018'"):
        run.sheet(workspace, "", "csv")


def test_a_team_s_own_tool_goes_before_the_packaged_one(tmp_path: Path) -> None:
    workspace = review(tmp_path, "appraisal: {tools: {any: voice}, appraisers: [reviewer-1]}\n")
    own = workspace.layout.beside_protocol / "tools"
    own.mkdir(parents=True)
    text = "id: voice\nversion: 1\ntitle: Voice\nsource: own\nanswers: {both: good, one: poor}\nsections:\n"
    (own / "voice.yml").write_text(text + "  - {id: all, items: [{id: V1, prompt: Who speaks}]}\n", encoding="utf-8")
    run.sheet(workspace, "", "csv")
    assert "V1" in rows_of(folder(workspace) / "reviewer-1-voice.csv")[0]
    (own / "voice.yml").write_text(text.replace("good", "splendid"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run.sheet(workspace, "", "csv")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("name", tools.packaged())
def test_each_packaged_tool_makes_a_sheet_and_names_its_source(name: str) -> None:
    tool = tools.load(name)
    assert tool.id == name
    assert len({item.id for item in tool.items}) == len(tool.items)
    assert not list(clashes(tool.form()))
    assert tool.source and tool.version and tool.for_
    assert tool.overall.logic != "none" or tool.overall.note
    assert set(tool.overall.order) <= set(tool.overall.answers)


AMSTAR = [
    ("no weakness is high", {}, "High"),
    ("one weakness that is not critical is high", {"A3": "No"}, "High"),
    ("two that are not critical are moderate", {"A3": "No", "A10": "No"}, "Moderate"),
    ("one critical flaw is low", {"A2": "No"}, "Low"),
    ("one critical flaw with others is low", {"A2": "No", "A3": "No", "A5": "No"}, "Low"),
    ("two critical flaws are critically low", {"A2": "No", "A7": "No"}, "Critically low"),
    ("a partial yes is no flaw", {"A2": "Partial yes", "A4": "Partial yes"}, "High"),
    ("no meta-analysis is no flaw", {"A11": "No meta-analysis", "A15": "No meta-analysis"}, "High"),
]


@pytest.mark.parametrize(("answers", "expected"), [case[1:] for case in AMSTAR], ids=[case[0] for case in AMSTAR])
def test_amstar_2_confidence(answers: dict[str, str], expected: str) -> None:
    tool = tools.load("amstar-2")
    assert tools.proposed(tool, {**dict.fromkeys((item.id for item in tool.items), "Yes"), **answers}) == expected


WORST = [
    ("all low is low", ["Low"] * 5, "Low"),
    ("one with some concerns", ["Low", "Some concerns", "Low", "Low", "Low"], "Some concerns"),
    ("one high", ["Low", "Some concerns", "High", "Low", "Low"], "High"),
    ("no information leaves it open", ["Low", "No information", "Low", "Low", "Low"], ""),
    ("one high decides also then", ["High", "No information", "Low", "Low", "Low"], "High"),
    ("a domain not judged leaves it open", ["Low", "Low", "Low", "Low"], ""),
]


@pytest.mark.parametrize(("answers", "expected"), [case[1:] for case in WORST], ids=[case[0] for case in WORST])
def test_rob2_overall(answers: list[str], expected: str) -> None:
    tool = tools.load("rob2")
    given = {item.id: answer for item, answer in zip(tool.items, answers, strict=False)}
    assert tools.proposed(tool, given) == expected


def test_mmat_asks_for_the_criteria_of_the_study_s_kind_only(tmp_path: Path) -> None:
    workspace = review(tmp_path, "appraisal: {tools: {any: mmat-2018}, appraisers: [reviewer-1]}\n")
    run.sheet(workspace, "", "csv")
    answers = {"section": "qualitative", "S1": "yes", "S2": "yes", "M1_1": "Yes", "M1_2": "can’t tell", "M2_1": "no"}
    fill(folder(workspace) / "reviewer-1-mmat-2018.csv", lambda number, row: {} if number else answers)
    doubts = run.collect(workspace, ()).data["doubts"]
    assert any(doubt.endswith("not judged yet: M1_3, M1_4, M1_5.") for doubt in doubts)
    assert any("M2_1 are not for a study whose section is 'qualitative'" in doubt for doubt in doubts)


def test_what_a_column_means_lies_beside_the_sheets_and_a_missing_answer_is_told_with_the_answers(
    tmp_path: Path,
) -> None:
    """Nobody can guess what `M1_1` asks, or which words `section` takes."""
    workspace = review(tmp_path, "appraisal: {tools: {any: mmat-2018}, appraisers: [reviewer-1]}\n")
    assert run.collect(workspace, ()).next == "evidence-review appraise sheet"
    run.sheet(workspace, "", "csv")
    told = {row["field"]: row for row in rows_of(folder(workspace) / "fields.csv")}
    assert told["M1_1"]["label"] and told["M1_1"]["answers"] == "Yes; No; Can't tell"
    kinds = ("qualitative", "randomised", "non-randomised", "descriptive", "mixed")
    assert told["section"]["answers"].split("; ") == list(kinds)
    assert any(line.strip().startswith("section: ") for line in run.list_tools("mmat-2018").lines)
    assert "Nothing is filled in yet." in run.collect(workspace, ()).lines
    fill(folder(workspace) / "reviewer-1-mmat-2018.csv", lambda number, row: {} if number else {"S1": "yes"})
    with pytest.raises(SheetError) as caught:
        run.collect(workspace, ())
    assert all(kind in str(caught.value.problems[0]) for kind in kinds)


def test_check_names_a_tool_that_is_not_there(tmp_path: Path) -> None:
    """Before anybody appraises; nothing else of the review waits for it."""
    workspace = make(tmp_path, text=protocol(extra="appraisal: {tools: {trial: rob2, any: mmat2018}}\n"))
    with pytest.raises(ProtocolError, match=r"line \d+ \(appraisal.tools.any\): there is no appraisal tool 'mmat2018'"):
        check(workspace)
    own = workspace.layout.beside_protocol / "tools"
    own.mkdir(parents=True)
    (own / "mmat2018.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ProtocolError, match="not valid YAML"):
        check(workspace)
