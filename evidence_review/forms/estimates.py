"""Estimates with an interval, in the spellings of papers: `0.63 (95% CI 0.59 to 0.69)`."""

from __future__ import annotations

import re

from evidence_review.forms.fault import CellFault
from evidence_review.forms.numbers import number

_NUMBER = r"[+\-\u2212]?\d(?:[\d.,]*\d)?"
_ESTIMATE = re.compile(
    rf"""^(?P<point>{_NUMBER})\s*
    (?:[(\[,;]?\s*(?:(?P<level>\d{{2}}(?:\.\d+)?)\s*%\s*(?:CI|CrI|PI)?\s*[:,]?)?\s*
    (?P<low>{_NUMBER})\s*(?:to|-|–|—|;|,)\s*(?P<high>{_NUMBER})\s*[)\]]?)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_HOW = "Write it as 0.63 (0.59 to 0.69) or 0.63 (95% CI 0.59 to 0.69); the estimate alone will do."


def estimate(text: str) -> str:
    """Return `point`, `point (low to high)` or `point (95% CI low to high)`.

    Raises:
        CellFault: it is no estimate, or the point lies outside its interval.
    """
    bare = " ".join(text.replace("\u00a0", " ").split())
    found = _ESTIMATE.match(bare)
    if not found:
        raise CellFault(f"'{text}' is not an estimate with its interval", _HOW)
    point = number(found["point"].rstrip(",;"))
    if not found["low"]:
        return point
    low, high = number(found["low"]), number(found["high"])
    if not float(low) <= float(point) <= float(high):
        raise CellFault(f"in '{text}' the estimate does not lie between the limits {low} and {high}", _HOW)
    level = f"{found['level']}% CI " if found["level"] else ""
    return f"{point} ({level}{low} to {high})"


def parts(text: str) -> tuple[float, float | None, float | None]:
    """Return (point, low, high) of an estimate as `estimate` returns it; the limits are None where it has none."""
    found = _ESTIMATE.match(text)
    if not found:
        raise ValueError(text)
    low, high = found["low"], found["high"]
    return float(found["point"]), float(low) if low else None, float(high) if high else None


def confidence(text: str) -> float:
    """Return the level of an estimate's interval as a share: 0.95 where it says none."""
    found = _ESTIMATE.match(text)
    return float(found["level"]) / 100 if found and found["level"] else 0.95
