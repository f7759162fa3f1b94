"""Reports that may belong to one study are proposed, with the reason; people decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_reviews import everything, make

from evidence_review.commands.extract.proposals import reason, run, trials
from evidence_review.model.record import Citation, Name


def paper(
    title: str, authors: str, year: int = 2015, abstract: str = "", other_ids: tuple[tuple[str, str], ...] = ()
) -> Citation:
    names = tuple(Name(family=name.split()[0], given=name.split()[1]) for name in authors.split(", "))
    return Citation(title=title, authors=names, year=year, abstract=abstract, other_ids=other_ids)


TEAM = "Okello A, Smith J, Brown K, Lee S"
CASES = [
    ("the same trial number in the abstracts", paper("A", "X A", abstract="Registered: NCT 01234567."),
     paper("B", "Y B", abstract="(nct01234567)"), "both name NCT01234567"),
    ("the same trial number as an id", paper("A", "X A", other_ids=(("isrctn", "ISRCTN12345678"),)),
     paper("B (ISRCTN12345678)", "Y B"), "both name ISRCTN12345678"),
    ("the same people and a title alike", paper("Training nurses in Gulu: a partnership", TEAM),
     paper("Training of nurses in Gulu, a partnership: two-year results", TEAM, 2017), "4 authors in common"),
    ("the same people, another subject", paper("Training nurses in Gulu", TEAM), paper("Malaria in Kisumu", TEAM), ""),
    ("the same people at the same hospital", paper("Triage after twinning", TEAM, abstract="At Gulu Main Hospital."),
     paper("What volunteers learn", TEAM, abstract="Staff of Gulu Main Hospital took part."),
     "4 authors in common and the same site (Gulu Main Hospital)"),
    ("the same people in the same town", paper("Triage in Gulu", TEAM), paper("What volunteers learn in Gulu", TEAM),
     "4 authors in common and the same site (Gulu)"),
    ("the same people in the same country only", paper("Triage after twinning in Uganda", TEAM),
     paper("What burns cost the poor in Uganda", TEAM), ""),
    ("other people at the same hospital", paper("Triage at Mulago Hospital", TEAM),
     paper("Burns at Mulago Hospital", "Ada B, Cee D"), ""),
    ("other people, the same title", paper("Training nurses", TEAM), paper("Training nurses", "Ada B, Cee D"), ""),
    ("many years between", paper("Training nurses", TEAM), paper("Training nurses", TEAM, 2024), ""),
    ("one author in common", paper("Training nurses", TEAM), paper("Training nurses", "Okello A, Ng P"), ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two", "why"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_speaks_for_one_study(one: Citation, two: Citation, why: str) -> None:
    assert reason(one, two).startswith(why) and bool(reason(one, two)) == bool(why)
    assert reason(two, one) == reason(one, two)


def test_a_number_that_only_looks_like_a_trial_s_is_none() -> None:
    assert trials(paper("NCT123 and 01234567", "X A")) == set()


def test_proposals_change_nothing(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    before = everything(tmp_path)
    assert run(workspace).data == {"pairs": []}
    assert everything(tmp_path) == before
