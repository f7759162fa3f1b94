"""The methods as sentences: past tense, correct number, only what really ran; of nothing, one and two."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_reviews import PROTOCOL, make

from evidence_review.commands.report import conduct
from evidence_review.commands.report.appraisal import appraisal_tables
from evidence_review.commands.report.run import gather
from evidence_review.model.events import Decision, Value
from evidence_review.state.told import Told
from evidence_review.workspace.workspace import Workspace


def words(told: object) -> str:
    """Return sentences as a reader sees them."""
    assert not isinstance(told, Told)
    return " ".join(str(one) for one in told).replace("\u00a0", " ")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("2026-11-23", "23\u00a0November 2026"), ("2026-01-02T09:00:00Z", "2\u00a0January 2026"), ("spring", "spring")],
)
def test_a_day_is_written_out(text: str, shown: str) -> None:
    assert conduct.day(text) == shown


@pytest.mark.parametrize(
    ("items", "shown"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_is_read_as_a_list(items: list[str], shown: str) -> None:
    assert conduct.listed(items) == shown


def test_a_review_in_which_nothing_was_done_says_so(tmp_path: Path) -> None:
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "links.yml").write_text(PROTOCOL, encoding="utf-8")
    found = gather(Workspace.open(tmp_path, "links"))
    assert words(conduct.searching(found)) == ""
    assert words(conduct.screening(found, "title-abstract")) == ""
    assert words(conduct.stopping(found)) == ""
    assert words(conduct.extraction(found)) == (
        "Data were to be extracted with the form “facts”, version 1; none have been."
    )
    assert words(conduct.appraising(found, ())) == "The studies were not appraised."


def test_what_two_people_did_is_counted(tmp_path: Path) -> None:
    found = gather(make(tmp_path / "review"))
    assert words(conduct.searching(found)) == (
        "Records were sought in 2 sources on 1 October 2026. "
        "Records from PubMed and Hospital web pages were loaded from files."
    )
    assert words(conduct.screening(found, "title-abstract")) == (
        "Titles and abstracts were screened by reviewer-1 and reviewer-2. "
        "Two people judged 18 records independently of each other."
    )
    assert words(conduct.screening(found, "full-text")) == (
        "Full texts were screened by reviewer-1 and reviewer-2. Two people judged 11 reports independently of each "
        "other. Each exclusion carries one reason."
    )
    assert words(conduct.extraction(found)) == (
        "Data were extracted from 4 of 4 studies with the form “facts”, version 1, by reviewer-1. "
        "One person extracted 4 studies, and nobody checked what was found."
    )


def test_one_record_is_one_record_and_a_plan_that_was_not_kept_is_not_told_as_done(tmp_path: Path) -> None:
    """The plan says that two people judge each record; one was judged by one person, and the sentence says that."""
    review = make(tmp_path / "review", finished=False)
    standing = gather(review).standing
    last = next(iter(standing.having("awaiting title and abstract screening")))
    with review.transaction("screen") as tx:
        tx.add_events(
            [
                Decision(
                    last, "title-abstract", "arbiter", "exclude", "E1", "", "arbiter", "9", "", "", tx.when,
                )
            ]
        )  # fmt: skip
    told = words(conduct.screening(gather(review), "title-abstract"))
    assert "Two people judged 17 records independently of each other." in told
    assert "1 record went by the word of arbiter, without a conflict between screeners." in told
    assert "Conflicts" not in told


def test_only_what_people_differed_on_is_told_as_a_conflict(tmp_path: Path) -> None:
    """A record on which two people differed and one on which they agreed, both settled, are told apart."""
    review = make(tmp_path / "review", finished=False)
    one, two = gather(review).standing.having("excluded at title and abstract")[:2]
    with review.transaction("screen") as tx:
        made = [(one, "reviewer-1", "include", "screener"), (one, "arbiter", "include", "arbiter"),
                (two, "arbiter", "include", "consensus")]  # fmt: skip
        tx.add_events(
            Decision(record, "title-abstract", who, verdict, "", "", role, "9", "", "", tx.when)
            for record, who, verdict, role in made
        )
    told = words(conduct.screening(gather(review), "title-abstract"))
    assert "Conflicts over 1 record were settled by arbiter." in told
    assert "1 record went by the word of arbiter, without a conflict between screeners." in told


def test_a_study_that_two_extracted_and_somebody_settled(tmp_path: Path) -> None:
    review = make(tmp_path / "review")
    first = review.snapshot().values[0]
    other = {"by": "reviewer-2", "value": "trial"}
    settled = {"by": "arbiter", "role": "consensus", "value": "trial"}
    fields = {name: getattr(first, name) for name in Value.__dataclass_fields__}
    with review.transaction("extract") as tx:
        tx.add_events([Value(**{**fields, **other}), Value(**{**fields, **settled})])
    told = words(conduct.extraction(gather(review)))
    assert "Two people extracted 1 study independently of each other." in told
    assert "One person extracted 3 studies, and nobody checked what was found." in told
    assert "The 1 value on which they differed was settled by arbiter." in told


def test_an_appraisal_names_its_tools_and_counts_studies(tmp_path: Path) -> None:
    planned = PROTOCOL + "appraisal:\n  tools: {any: aacods}\n  appraisers: [reviewer-1]\n"
    review = make(tmp_path / "review", protocol=planned)
    found = gather(review)
    own = review.layout.beside_protocol / "tools"
    assert words(conduct.appraising(found, appraisal_tables(found, own))) == (
        "No study has been appraised; aacods was planned."
    )
    first = review.snapshot().values[0]
    fields = {name: getattr(first, name) for name in Value.__dataclass_fields__}
    with review.transaction("appraise") as tx:
        tx.add_events([Value(**{**fields, "form": "aacods@2010", "field": "authority", "value": "Yes"})])
    found = gather(review)
    assert words(conduct.appraising(found, appraisal_tables(found, own))) == (
        "Of 4 studies, 1 was appraised with AACODS, for grey literature (2010). "
        "One person appraised 1 study, and nobody checked what was found."
    )


def test_a_tool_of_many_items_has_tables_that_a_page_holds(tmp_path: Path) -> None:
    """MMAT has a table for each kind of study, AMSTAR 2 is parted by its items, and each study is counted once."""
    planned = PROTOCOL + "appraisal:\n  tools: {trial: amstar-2, any: mmat-2018}\n  appraisers: [reviewer-1]\n"
    review = make(tmp_path / "review", protocol=planned)
    own = review.layout.beside_protocol / "tools"
    first = review.snapshot().values[0]
    other = next(study for study in gather(review).standing.studies if first.record not in study.reports)
    fields = {name: getattr(first, name) for name in Value.__dataclass_fields__}
    said = [("mmat-2018@2018", "section", "qualitative"), ("mmat-2018@2018", "S1", "Yes")]
    said += [("mmat-2018@2018", "M1_1", "No")]
    said += [("amstar-2@2017", f"A{number}", "Yes") for number in range(1, 17)]
    with review.transaction("appraise") as tx:
        tx.add_events(
            [Value(**{**fields, "form": form, "field": field, "value": value}) for form, field, value in said]
        )
        unsettled = {"form": "mmat-2018@2018", "field": "S2", "value": "Yes", "study": other.id}
        tx.add_events([Value(**{**fields, **unsettled, "record": other.reports[0]})])
    found = gather(review)
    tables = appraisal_tables(found, own)
    told = [(table.part, [column.name for column in table.columns], len(table.rows)) for table in tables]
    assert told == [
        ("A1 to A8", [f"A{number}" for number in range(1, 9)], 1),
        ("A9 to A16", [f"A{number}" for number in range(9, 17)], 1),
        ("qualitative", ["S1", "M1_1"], 1),
        ("kind not settled", ["S2"], 1),
    ]
    assert all(len(row.answers) == len(table.columns) for table in tables for row in table.rows)
    counts = words(conduct.appraising(found, tables))
    assert "1 with AMSTAR 2, for systematic reviews (2017)" in counts
    assert "2 with Mixed Methods Appraisal Tool 2018" in counts
