"""Pooling 2 × 2 tables directly: Mantel-Haenszel (RR, OR, RD) and Peto (OR), for rare events; no half units added.

Variances: Greenland and Robins 1985 (RR, RD), Robins, Breslow and Greenland 1986 (OR), Yusuf et al. 1985 (Peto).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from evidence_review.errors import InputError

Cells = Sequence[Mapping[str, float]]
_Table = tuple[float, float, float, float]


def tables(rows: Cells) -> list[_Table]:
    """Return (a, b, c, d) of each study: events and non-events in the one group and the other."""
    return [
        (
            one["ai"],
            one["bi"] if "bi" in one else one["n1i"] - one["ai"],
            one["ci"],
            one["di"] if "di" in one else one["n2i"] - one["ci"],
        )
        for one in rows
    ]


def mantel_haenszel(measure: str, rows: Cells) -> tuple[float, float]:
    """Return the pooled effect (log scale for RR and OR) and its standard error.

    Raises:
        InputError: one group has no event, or no non-event, in any study.
    """
    parts = [(a, b, c, d, a + b, c + d, a + b + c + d) for a, b, c, d in tables(rows)]
    try:
        return {"RR": _mh_rr, "OR": _mh_or, "RD": _mh_rd}[measure](parts)
    except (ZeroDivisionError, ValueError):
        raise InputError(f"Mantel-Haenszel gives no {measure}: one group has no event in any study. Use RD.") from None
    except KeyError:
        raise InputError(f"Mantel-Haenszel is for RR, OR and RD, not {measure}.") from None


_Parts = Sequence[tuple[float, float, float, float, float, float, float]]


def _mh_rr(parts: _Parts) -> tuple[float, float]:
    r = math.fsum(a * n2 / n for a, _, _, _, _, n2, n in parts)
    s = math.fsum(c * n1 / n for _, _, c, _, n1, _, n in parts)
    p = math.fsum((n1 * n2 * (a + c) - a * c * n) / n**2 for a, _, c, _, n1, n2, n in parts)
    return math.log(r / s), math.sqrt(p / (r * s))


def _mh_or(parts: _Parts) -> tuple[float, float]:
    r = [a * d / n for a, _, _, d, _, _, n in parts]
    s = [b * c / n for _, b, c, _, _, _, n in parts]
    p = [(a + d) / n for a, _, _, d, _, _, n in parts]
    q = [(b + c) / n for _, b, c, _, _, _, n in parts]
    big_r, big_s = math.fsum(r), math.fsum(s)
    variance = 0.5 * (
        math.fsum(x * y for x, y in zip(p, r, strict=True)) / big_r**2
        + math.fsum(x * y + z * w for x, y, z, w in zip(p, s, q, r, strict=True)) / (big_r * big_s)
        + math.fsum(x * y for x, y in zip(q, s, strict=True)) / big_s**2
    )
    return math.log(big_r / big_s), math.sqrt(variance)


def _mh_rd(parts: _Parts) -> tuple[float, float]:
    total = math.fsum(n1 * n2 / n for _, _, _, _, n1, n2, n in parts)
    difference = math.fsum((a * n2 - c * n1) / n for a, _, c, _, n1, n2, n in parts) / total
    variance = math.fsum((a * b / n1 * n2**2 / n**2 + c * d / n2 * n1**2 / n**2) for a, b, c, d, n1, n2, n in parts)
    # Sato, Greenland and Robins 1989 is what metafor uses; it differs in the last digits where groups are small.
    p = math.fsum((n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2 for a, _, c, _, n1, n2, n in parts)
    q = math.fsum((a * (n2 - c) + c * (n1 - a)) / (2 * n) for a, _, c, _, n1, n2, n in parts)
    sato = (difference * p + q) / total**2
    return difference, math.sqrt(sato if sato > 0 else variance / total**2)


def weights(method: str, measure: str, rows: Cells) -> tuple[float, ...]:
    """Return what each study weighs in the pooled effect, in per cent."""
    found = []
    for a, b, c, d in tables(rows):
        n1, n2, n = a + b, c + d, a + b + c + d
        if method == "PETO":
            found.append(n1 * n2 * (a + c) * (b + d) / (n**2 * (n - 1)) if n > 1 else 0.0)
        else:
            found.append({"RR": c * n1, "OR": b * c, "RD": n1 * n2}[measure] / n)
    whole = math.fsum(found)
    return tuple(100 * one / whole for one in found)


def peto(rows: Cells) -> tuple[float, float]:
    """Return the pooled log odds ratio and its standard error.

    Raises:
        InputError: no study has both an event and a non-event.
    """
    differences, variances = [], []
    for a, b, c, d in tables(rows):
        n1, n2, n = a + b, c + d, a + b + c + d
        if n > 1:
            differences.append(a - (a + c) * n1 / n)
            variances.append(n1 * n2 * (a + c) * (b + d) / (n**2 * (n - 1)))
    total = math.fsum(variances)
    if total <= 0:
        raise InputError("Peto's method gives no odds ratio: no study has both an event and a non-event.")
    return math.fsum(differences) / total, math.sqrt(1 / total)
