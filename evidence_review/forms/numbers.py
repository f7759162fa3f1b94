"""Numbers as people and spreadsheets of any locale write them; what could be two numbers is refused."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from evidence_review.forms.fault import CellFault

_SPACES = re.compile(r"(?<=\d)[ \u00a0\u2007\u2009\u202f'](?=\d{3}(?:\D|$))")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\uff0d": "-"})
_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$")
_ENGLISH = re.compile(r"^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$")
_CONTINENTAL = re.compile(r"^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_EITHER = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")


def number(text: str, unit: str = "") -> str:
    """Return a number as plain digits with a point: `1,5` and `1.50` give `1.5` and `1.50`.

    A trailing `unit` is taken off. `1,234` is refused: it is 1234 to some and 1.234 to others.

    Raises:
        CellFault: it is no number, or could be two.
    """
    bare = _bare(text, unit)
    if _EITHER.match(bare):
        raise CellFault(
            f"'{text}' could be {bare.replace(',', '')} or {bare.replace(',', '.')}", "Write it with a point."
        )
    return _plain(_decimal(text, _pointed(bare), unit))


def integer(text: str, unit: str = "") -> str:
    """Return a whole number; `1,234` and `12.0` are taken as 1234 and 12.

    Raises:
        CellFault: it is no whole number.
    """
    bare = _bare(text, unit)
    value = _decimal(text, bare.replace(",", "") if _ENGLISH.match(bare) else _pointed(bare), unit, "a whole number")
    if value != value.to_integral_value():
        raise CellFault(f"'{text}' is not a whole number", "Write a whole number, or NR where the report gives none.")
    return _plain(value.to_integral_value())


def percentage(text: str) -> str:
    """Return a percentage without its sign: `82 %` gives `82`. It is not a share: 0.82 stays 0.82 per cent.

    Raises:
        CellFault: it is no number, or could be two.
    """
    return number(text.strip().removesuffix("%").removesuffix("percent").removesuffix("per cent"))


def _bare(text: str, unit: str) -> str:
    bare = text.strip().translate(_MINUS)
    if unit and bare.casefold().endswith(unit.casefold()):
        bare = bare[: -len(unit)].strip()
    return _SPACES.sub("", bare)


def _pointed(bare: str) -> str:
    """Return the text with a decimal point and no thousands marks, where the marks leave no doubt."""
    if _PLAIN.match(bare):
        return bare
    if _ENGLISH.match(bare):
        return bare.replace(",", "")
    if _CONTINENTAL.match(bare):
        return bare.replace(".", "").replace(",", ".")
    if _COMMA.match(bare):
        return bare.replace(",", ".")
    return bare


def _decimal(text: str, pointed: str, unit: str, kind: str = "a number") -> Decimal:
    try:
        if not _PLAIN.match(pointed):
            raise InvalidOperation
        return Decimal(pointed)
    except InvalidOperation:
        alone = f" alone, in {unit}" if unit else " alone"
        raise CellFault(
            f"'{text}' is not {kind}", f"Write the number{alone}, such as 12.5; or NR, n/a, unclear."
        ) from None


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return "0" if text in ("-0", "+0") else text
