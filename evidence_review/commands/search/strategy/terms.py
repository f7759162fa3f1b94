"""From a term's words and tag to a leaf of the tree, with a fault for everything that PubMed would not do."""

from __future__ import annotations

import re
from collections.abc import Callable

from evidence_review.commands.search.strategy.fields import (
    CONTROLLED,
    DATES,
    HEADINGS,
    PROXIMITY,
    label,
    read_tag,
    tag_names,
)
from evidence_review.commands.search.strategy.tree import ADVICE, WARNING, Dates, Fault, Place, Term
from evidence_review.errors import suggest

Report = Callable[[Fault], None]

# Marks around a term that are none of it: a '*' or '#' only before it.
_BEFORE, _BEHIND = ",;:./*#", ",;:./"
_DATE = re.compile(r"([0-9]{4})(?:/([0-9]{1,2})(?:/([0-9]{1,2}))?)?")
# PubMed truncates after this many characters at least.
LEAST_STEM = 4
# Marks inside words that nobody sees: soft hyphen, joiners, directions.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200c\u200d\u200e\u200f"))
_REFERENCE = re.compile(r"#[0-9]+")
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b")


def make(text: str, quoted: bool, tag: str | None, place: Place, report: Report) -> Term | Dates | None:
    """Return the leaf that `text` with the bracketed `tag` stands for; None where no word is left of it."""
    tidy = _tidy(text, place, report)
    if not any(character.isalnum() for character in tidy):
        report(Fault("no-term", WARNING, "there is no word to search for", "Take it out.", place))
        return None
    understood = read_tag(tag) if tag is not None else read_tag("all")
    field = understood.field if tag is not None else ""
    if tag is not None and not field:
        remedy = suggest(tag.strip(), tag_names()) or "Use a tag of the PubMed User Guide, such as [tiab]."
        report(Fault("unknown-tag", WARNING, f"PubMed knows no tag [{tag.strip()[:40]}] and ignores it", remedy, place))
    if field in DATES:
        _half_a_range(text, tidy, place, report)
        dates = _dates(field, tidy, place, report)
        if dates is not None:
            return dates
    words = tidy.split()
    ends = {words[0].upper(), words[-1].upper()}
    if ends & _OPERATORS or _OPERATOR.search(tidy) or _REFERENCE.fullmatch(words[-1]):
        # Bare, these words would be read as something else than words.
        quoted = True
    subheadings: tuple[str, ...] = ()
    if field in HEADINGS:
        parts = [part for part in map(_bare, tidy.split("/")) if part]
        tidy, subheadings = parts[0], tuple(parts[1:])
    near = _near(understood.near, field, tidy, place, report)
    return Term(
        text=tidy,
        field=field,
        quoted=quoted or field in CONTROLLED or near is not None,
        explode=understood.explode or field not in HEADINGS | {"sh"},
        near=near,
        subheadings=subheadings,
        place=place,
    )


def is_short(text: str) -> bool:
    """Whether a word of a term is truncated after fewer characters than PubMed needs."""
    return any("*" in word and len(word.split("*")[0]) < LEAST_STEM for word in text.split())


def _tidy(text: str, place: Place, report: Report) -> str:
    tidy = " ".join(text.replace('"', " ").translate(_INVISIBLE).split())
    if tidy.startswith("*"):
        what, remedy = "PubMed truncates at the end of a word only; a leading '*' does nothing", "Take the '*' out."
        report(Fault("left-truncation", WARNING, what, remedy, place))
    bare = _bare(tidy)
    if "'" in tidy[: tidy.find(bare)]:
        what = "single quotes make no phrase in PubMed"
        report(Fault("single-quotes", ADVICE, what, 'Write "double quotes" around a phrase.', place))
    return bare


def _bare(text: str) -> str:
    """Return a term without the marks around it: they may stand within single quotes, and these within them."""
    start, end = 0, len(text)
    while True:
        while start < end and (text[start].isspace() or text[start] in _BEFORE):
            start += 1
        while start < end and (text[end - 1].isspace() or text[end - 1] in _BEHIND):
            end -= 1
        if end - start <= 2 or not text[start] == text[end - 1] == "'":
            return text[start:end]
        start, end = start + 1, end - 1


def _near(near: int | None, field: str, text: str, place: Place, report: Report) -> int | None:
    if near is None:
        return None
    if field not in PROXIMITY:
        what = f"PubMed has no proximity in the field {label(field)}"
        report(Fault("proximity-field", WARNING, what, "Use [ti:~N], [tiab:~N] or [ad:~N].", place))
        return None
    if len(text.split()) < 2:
        what = "proximity needs two words or more between the quotes"
        report(Fault("proximity-words", WARNING, what, 'Write "hip pain"[tiab:~2].', place))
        return None
    if "*" in text:
        what = "PubMed does not truncate inside a proximity search"
        report(Fault("proximity-truncation", WARNING, what, "Write the words out.", place))
    return near


def _half_a_range(text: str, tidy: str, place: Place, report: Report) -> None:
    bare = text.replace('"', " ").strip()
    if ":" in tidy or not (bare.startswith(":") or bare.endswith(":")):
        return
    what = f"'{bare[:40]}' has one end of a range only; it is read as {tidy[:40]} alone"
    remedy = f"Write {tidy[:40]}:3000." if bare.endswith(":") else f"Write 1800:{tidy[:40]}."
    report(Fault("half-range", WARNING, what, remedy, place))


def _dates(field: str, text: str, place: Place, report: Report) -> Dates | None:
    start, colon, end = (part.strip() for part in text.partition(":"))
    first, last = date(start), date(end if colon else start)
    if first is None or last is None:
        what = f"'{text[:40]}' is no date or range of dates that other sources could be given"
        report(Fault("odd-date", ADVICE, what, "Write the dates: 2010/01/01:2020/12/31[dp].", place))
        return None
    if first > last:
        report(Fault("reversed-dates", WARNING, "the range ends before it starts", "Exchange the dates.", place))
    return Dates(field, first, last, place)


def date(text: str) -> str | None:
    """Return a date of the calendar as PubMed writes it, zeros filled in; None for anything else."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return None
    year, month, day = match.groups()
    if (month and not 1 <= int(month) <= 12) or (day and not 1 <= int(day) <= 31):
        return None
    return "/".join([year, *(part.zfill(2) for part in (month, day) if part)])
