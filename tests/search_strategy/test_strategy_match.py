"""Whether a strategy finds a document, as far as what is known of it tells."""

from __future__ import annotations

import pytest

from evidence_review.commands.search.strategy.match import Document, finds
from evidence_review.commands.search.strategy.parse import parse

DOCUMENT = Document(
    "Twinning of hôpitaux: health-care partnerships", "We asked 12 nurses.", ("Capacity Building",), 2015,
    ("Humans", "*Hospitals/economics"),
)  # fmt: skip
TITLE_ALONE = Document("Twinning of hospitals")

TOLD = [
    ("twinning[ti]", True, True),
    ("twin[ti]", False, False),
    ("partnership*[tiab]", True, None),
    ('"health care"[ti]', True, False),
    ('"care health"[ti]', False, False),
    ('"health care partner*"[tiab]', True, None),
    ("hopitaux[ti]", True, False),
    ("nurses[ti]", False, False),
    ("nurses[tiab]", True, None),
    ("nurses[ab]", True, None),
    ("capacity building[tiab]", True, None),
    ('"capacity building"[ab]', False, None),
    ("asked nurses[tiab:~3]", True, None),
    ('"nurses asked"[tiab:~3]', True, None),
    ("doctors[tiab]", False, None),
    ("doctors[tw]", None, None),
    ("doctors", None, None),
    ("nurses", True, None),
    ("Hospitals[mh]", True, None),
    ("Nurses[mh]", None, None),
    ("letter[pt]", None, None),
    ("2010:2020[dp]", True, None),
    ("2016:3000[dp]", False, None),
    ("2015/03:2016[dp]", None, None),
    ("2010:2020[edat]", None, None),
    ("twinning[ti] AND doctors[ti]", False, False),
    ("twinning[ti] OR letter[pt]", True, True),
    ("doctors[ti] OR letter[pt]", None, None),
    ("twinning[ti] NOT (nurses[tiab] NOT doctors[tiab])", False, None),
    ("doctors[ti] NOT letter[pt]", False, False),
]


@pytest.mark.parametrize(("strategy", "known", "title_alone"), TOLD)
def test_yes_no_and_not_to_be_told_are_kept_apart(strategy: str, known: bool | None, title_alone: bool | None) -> None:
    """What is not known of a document is never held against it, nor for it."""
    root = parse(strategy).root
    assert (finds(root, DOCUMENT), finds(root, TITLE_ALONE)) == (known, title_alone)
