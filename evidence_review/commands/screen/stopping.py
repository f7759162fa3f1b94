"""`screen stopping` on a row of labels: what the rule says, what it would cost to go on, what a sample bounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evidence_review.commands.screen.hypergeometric import left_at_most, p_value
from evidence_review.commands.screen.rules import RULES, Hypergeometric
from evidence_review.errors import InputError, UsageError
from evidence_review.summary import Summary, counted


def read_labels(text: str) -> list[int]:
    """Return labels written as `0100`, with spaces, commas or line ends between them or without.

    Raises:
        InputError: something else than 0 and 1 stands there; the message says where.
    """
    digits = re.sub(r"[\s,;\ufeff]+", "", text)
    odd = re.search("[^01]", digits)
    if odd:
        what = f"'{odd.group()}' is the {odd.start() + 1:,}. label of {len(digits):,}"
        raise InputError(f"{what}: labels are 1 for an include and 0 for an exclude, in the order screened.")
    return [int(digit) for digit in digits]


def to_certify(labels: Sequence[int], total: int, rule: Hypergeometric) -> int:
    """Return how many further records must be read before the rule stops, if none of them is an include."""
    low, high = 0, total - len(labels)
    while low < high:
        middle = (low + high) // 2
        if rule.stops([*labels, *[0] * middle], total):
            high = middle
        else:
            low = middle + 1
    return low


def run(labels: Sequence[int], total: int, rule: Hypergeometric, elusion: tuple[int, int] | None = None) -> Summary:
    """Tell whether screening may stop.

    Raises:
        UsageError: target or confidence is no probability.
        InputError: more labels than records.
    """
    if not (0 < rule.target <= 1 and 0 < rule.confidence < 1):
        raise UsageError("Target and confidence are shares, such as 0.95: above 0, and the confidence below 1.")
    if len(labels) > total:
        raise InputError(f"{len(labels):,} labels for {total:,} records: the total must count every record.")
    p = 0.0 if len(labels) == total else p_value(labels, total, rule.target)
    stop = rule.stops(labels, total)
    more = 0 if stop else to_certify(labels, total, rule)
    found = sum(labels)
    data: dict[str, Any] = {
        "stop": stop,
        "decision": "stop" if stop else "go on",
        "p": p,
        "records_to_certify": more,
        "screened": len(labels),
        "found": found,
        "total": total,
        "unscreened": total - len(labels),
        **{name: value for name, value in asdict(rule).items() if name != "statistical"},
        "rule": "hypergeometric",
        "heuristics": {name: one.stops(labels, total) for name, one in RULES.items() if not one.statistical},
    }
    words = f"a recall of {100 * rule.target:g} % with {100 * rule.confidence:g} % confidence"
    lines = [
        f"{'Stop' if stop else 'Go on'}: {counted(found, 'include')} in {len(labels):,} of {total:,} records; "
        f"{words} is {'certified' if stop else 'not certified yet'} (p = {p:.4f})."
    ]
    if not stop:
        lines.append(f"If none of them is included, {counted(more, 'more record')} must be read to certify it.")
    if elusion is not None:
        data["elusion"], words = eluded(total - len(labels), *elusion, rule)
        lines.append(words)
    lines.append(_heuristics(data["heuristics"]))
    return Summary(tuple(lines), data)


def eluded(unread: int, sample: int, found: int, rule: Hypergeometric) -> tuple[dict[str, int], str]:
    """Return what an elusion sample bounds, as data and in words: how many includes the unread hold at most.

    `left_at_most` counts those of the sample too, `beyond_sample` what is left when the sample is read.
    """
    left = left_at_most(unread, sample, found, 1 - rule.confidence)
    data = {"unread": unread, "sample": sample, "found": found, "left_at_most": left, "beyond_sample": left - found}
    words = (
        f"Elusion sample: {counted(sample, 'record')} drawn from {unread:,} unread held {counted(found, 'include')}; "
        f"with {100 * rule.confidence:g} % confidence at most {left - found:,} are left in the other "
        f"{unread - sample:,}."
    )
    return data, words


def _heuristics(say: dict[str, bool]) -> str:
    """Return what rules without a promise say, as such."""
    stopping = [name.removeprefix("heuristic: ") for name, stops in say.items() if stops]
    told = f"would stop: {', '.join(stopping)}" if stopping else "none would stop"
    return f"Heuristics, which certify nothing ({told})."
