"""One cell: from what a person wrote to a checked value and its status, by the type of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from evidence_review.errors import suggest
from evidence_review.forms import countries, dates, estimates, numbers
from evidence_review.forms.fault import CellFault
from evidence_review.model.events import NOT_APPLICABLE, NOT_REPORTED, REPORTED, UNCLEAR
from evidence_review.model.form import FormField

# What people write where a report gives no plain answer. A field's own option of the same name goes first.
STATUS_WORDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("nr", "n.r.", "n/r", "not reported", "not-reported"), NOT_REPORTED)
    | dict.fromkeys(("na", "n.a.", "n/a", "not applicable", "not-applicable"), NOT_APPLICABLE)
    | dict.fromkeys(("unclear", "not clear", "?"), UNCLEAR)
)
SHORT_WORDS: Mapping[str, str] = MappingProxyType({NOT_REPORTED: "NR", NOT_APPLICABLE: "n/a", UNCLEAR: "unclear"})

_DASHES = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2011": "-", "\u2019": "'", "\u2018": "'", "\u00a0": " "})
_YES = ("yes", "y", "true", "1", "1.0")
_NO = ("no", "n", "false", "0", "0.0")


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell as understood: `value` in the one spelling of its type, "" where only a status was given."""

    value: str
    status: str


def read_cell(field: FormField, text: str) -> Reading | None:
    """Return what a cell says; None where it is empty.

    Raises:
        CellFault: it cannot be taken; says why, and what to write instead.
    """
    bare = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not bare:
        return None
    status = STATUS_WORDS.get(_loose(bare))
    answers = field.type in ("choice", "choices")
    option = _option(field, bare) if answers else None
    if status is not None and option is None:
        return Reading("", status)
    value = option or READERS[field.type](field, bare)
    _within(field, value)
    # An answer such as "unclear" may be an option of its own; it says the same however often it was written.
    return Reading(value, STATUS_WORDS.get(_loose(value), REPORTED) if answers else REPORTED)


def write_cell(value: str, status: str) -> str:
    """Return the text of a cell that reads back as this value and status."""
    return value or SHORT_WORDS.get(status, "")


@lru_cache(maxsize=8192)
def _loose(text: str) -> str:
    return " ".join(text.translate(_DASHES).split()).casefold()


def _option(field: FormField, text: str) -> str | None:
    wanted = _loose(text)
    return next((option for option in field.options if _loose(option) == wanted), None)


def _choice(field: FormField, text: str) -> str:
    found = _option(field, text)
    if found is not None:
        return found
    head, colon, tail = text.partition(":")
    other = _option(field, head)
    if colon and tail.strip() and other is not None and _loose(other) == "other":
        return f"{other}: {' '.join(tail.split())}"
    what = f"'{text}' is not one of the answers"
    raise CellFault(what, suggest(text, field.options) + " Or NR, n/a, unclear.", text)


def _several(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[;\n|]", text) if part.strip()]
    if not parts:
        raise CellFault(f"'{text}' names nothing", "Write one answer or several, with ';' between; or NR.")
    return parts


def _choices(field: FormField, text: str) -> str:
    parts = _several(text)
    if len(parts) == 1 and _option(field, parts[0]) is None:
        by_comma = [part.strip() for part in text.split(",") if part.strip()]
        if all(_option(field, part) is not None for part in by_comma):
            parts = by_comma
    chosen = {_choice(field, part) for part in parts}
    known = [option for option in field.options if option in chosen]
    return "; ".join([*known, *sorted(chosen - set(known))])


def _yes_no(field: FormField, text: str) -> str:
    word = _loose(text)
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    raise CellFault(f"'{text}' is neither yes nor no", "Write yes, no, unclear, NR or n/a.")


def _country(field: FormField, text: str) -> str:
    parts = _several(text)
    if len(parts) == 1 and countries.find(parts[0]) is None:
        by_comma = [part.strip() for part in text.split(",") if part.strip()]
        if all(countries.find(part) for part in by_comma):
            parts = by_comma
    return "; ".join(dict.fromkeys(countries.name(part) for part in parts))


def _text(field: FormField, text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


READERS: Mapping[str, Callable[[FormField, str], str]] = MappingProxyType(
    {
        "text": _text,
        "integer": lambda field, text: numbers.integer(text, field.unit),
        "number": lambda field, text: numbers.number(text, field.unit),
        "percentage": lambda field, text: numbers.percentage(text),
        "date": lambda field, text: dates.date(text),
        "yes-no": _yes_no,
        "choice": _choice,
        "choices": _choices,
        "country": _country,
        "estimate": lambda field, text: estimates.estimate(text),
    }
)


def _within(field: FormField, value: str) -> None:
    if field.type not in ("integer", "number", "percentage", "estimate"):
        return
    amount = estimates.parts(value)[0]
    if field.minimum is not None and amount < field.minimum:
        raise CellFault(
            f"{value} lies below {field.minimum:g}", "Correct it; or lower the field's minimum in the form."
        )
    if field.maximum is not None and amount > field.maximum:
        raise CellFault(
            f"{value} lies above {field.maximum:g}", "Correct it; or raise the field's maximum in the form."
        )
