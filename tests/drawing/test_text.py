"""Measured text: lines fit, nothing is lost, and what browsers draw is what was measured."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence_review.drawing.text import width, wrap

WORDS = st.text(
    alphabet=st.one_of(st.sampled_from("aWi .-/(),"), st.characters(blacklist_categories=("Cs",))), max_size=200
)


@given(WORDS, st.floats(30, 400), st.floats(6, 30), st.booleans())
def test_no_line_is_wider_than_its_room(text: str, most: float, size: float, bold: bool) -> None:
    """Lines fit, but for a single character that is wider than the room by itself, with the marks that sit on it."""
    for line in wrap(text, most, size, bold=bold):
        wide = sum(width(character, size, bold=bold) > 0 for character in line)
        assert width(line, size, bold=bold) <= most or wide <= 1


@given(WORDS, st.floats(30, 400))
def test_nothing_is_lost_but_the_spaces_at_breaks(text: str, most: float) -> None:
    """The lines hold every character in order."""
    spaces = " \t\n\r\f\v\u2028\u2029"
    kept = [character for line in wrap(text, most, 12) for character in line if character not in spaces]
    assert kept == [character for character in text if character not in spaces]


@given(WORDS, st.floats(30, 200), st.integers(1, 4))
def test_a_limit_of_lines_holds(text: str, most: float, lines: int) -> None:
    cut = wrap(text, most, 12, lines=lines)
    assert len(cut) <= lines
    if cut != wrap(text, most, 12):
        assert cut[-1].endswith("…")


def test_widths_are_those_of_helvetica() -> None:
    """Known advance widths of the metric family, in thousandths."""
    for character, regular, bold in (
        ("i", 222, 278),
        ("W", 944, 944),
        ("0", 556, 556),
        (" ", 278, 278),
        ("é", 556, 556),
    ):
        assert (width(character, 1000), width(character, 1000, bold=True)) == (regular, bold)


def test_a_no_break_space_holds_a_number_together() -> None:
    """`(n = 12)` never breaks, however narrow the box."""
    lines = wrap("Reports assessed for eligibility (n\u00a0=\u00a0150)", 120, 12.5)
    assert lines[-1].endswith("(n\u00a0=\u00a0150)")
