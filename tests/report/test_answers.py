"""The authors' answers to checklists: written once as a sheet, shown as theirs, refused where they name no item."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from made_reviews import make

from evidence_review.commands.report.answer_sheet import write_sheet
from evidence_review.commands.report.run import run
from evidence_review.errors import SheetError
from evidence_review.workspace.workspace import Workspace


@pytest.fixture
def review(tmp_path: Path) -> Workspace:
    return make(tmp_path / "review", 30)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def prisma(review: Workspace) -> dict[str, dict[str, str]]:
    return {row["item"]: row for row in rows(review.layout.reports / "checklists" / "prisma2020.csv")}


def answer(review: Workspace, text: str) -> Path:
    path = review.layout.checklist_answers
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sheet_has_the_open_items_and_is_never_written_over(review: Workspace) -> None:
    """A row for every TODO; a second call changes no byte and no ledger line, and says what has no row."""
    summary = write_sheet(review)
    path = review.layout.checklist_answers
    run(review)
    todo = [item for item, row in prisma(review).items() if row["status"] == "TODO"]
    assert [row["item"] for row in rows(path) if row["checklist"] == "prisma2020"] == todo
    assert summary.data["written"] is True
    path.write_text("checklist,item,place,note\nprisma2020,12,,mine\n", encoding="utf-8")
    ledger = review.layout.ledger.read_bytes()
    again = write_sheet(review)
    assert path.read_text(encoding="utf-8").endswith("mine\n")
    assert review.layout.ledger.read_bytes() == ledger
    assert again.data["written"] is False
    assert "prisma2020 13b" in again.lines[1]


def test_answers_are_shown_as_the_authors_and_counted_apart(review: Workspace) -> None:
    """A place in the report is a link, another is text; what the program found stays found."""
    before = run(review).data["checklists"]["prisma2020"]
    answer(
        review,
        "checklist;item;place;note\nPRISMA 2020;12;synthesis-methods;Ratios of 2 means\nprisma2020;13B;Supplement 7;\n"
        "prisma2020;14;;<b>Not</b> looked for\nprisma2020;21;;\nprisma2020;8;;by hand\n",
    )
    after = run(review)
    score = after.data["checklists"]["prisma2020"]
    assert score == {**before, "answered": 3}
    assert "and 3 by your answers" in " ".join(after.lines)
    found = prisma(review)
    assert [found[item]["status"] for item in ("12", "13b", "14")] == ["answered by the authors"] * 3
    assert (found["13b"]["where"], found["14"]["evidence"]) == ("Supplement 7", "<b>Not</b> looked for")
    assert found["21"]["status"] == "TODO"
    assert found["8"]["status"] == "reported"
    assert found["8"]["evidence"].endswith("; the authors: by hand")
    page = (review.layout.reports / "report.html").read_text(encoding="utf-8")
    assert "answered by the authors: &lt;b&gt;Not&lt;/b&gt; looked for" in page
    assert '<a href="#synthesis-methods">' in page
    assert "Supplement 7</td><td>answered by the authors</td>" in page
    complete = rows(review.layout.reports / "checklists" / "completeness.csv")[0]
    assert complete["answered by the authors"] == "12 13b 14"
    assert not {"12", "13b", "14"} & set(complete["left for the authors"].split())
    entry = review.ledger()[-1]
    assert f"protocols/{review.layout.review}/checklists.csv" in entry.inputs


def test_rows_that_name_no_item_are_refused_with_row_and_column(review: Workspace) -> None:
    """An unknown checklist, an unknown item and one answered twice are told at once; nothing is rendered."""
    answer(
        review,
        "checklist,item,place,note\nprisma2000,1,,x\nprisma2020,99,,x\nprisma2020,12,,x\nprisma2020,12,,y\n",
    )
    with pytest.raises(SheetError) as refused:
        run(review)
    told = [(problem.where, problem.what, problem.remedy) for problem in refused.value.problems]
    assert [where for where, _, _ in told] == [
        "checklists.csv row 2, column checklist", "checklists.csv row 3, column item",
        "checklists.csv row 5, column item",
    ]  # fmt: skip
    assert "Did you mean 'prisma2020'?" in told[0][2]
    assert "13b" in told[1][2]
    assert "row 4" in told[2][1]
    assert not review.layout.reports.exists()


def test_answers_to_a_checklist_that_is_not_filled_are_told(review: Workspace) -> None:
    """A rapid review fills no PRISMA-ScR; that its answers are not used is said."""
    answer(review, "checklist,item,place,note\nprisma-scr,1,,x\n")
    assert any("PRISMA-ScR" in line and "not used" in line for line in run(review).lines)
