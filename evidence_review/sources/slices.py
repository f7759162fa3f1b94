"""More than a source gives for one query: the same search cut along an axis (years, days) until every slice fits."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from evidence_review.net.exchange import Request
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Found, Got, Steps, by_offset


@dataclass(frozen=True, slots=True)
class Axis:
    """What a search is cut along: whole numbers `first`…`last`, such as years.

    `limit` writes the condition for a span in the source's syntax; `without` the one that chooses records which have no
    place on the axis, "" where there are none.
    """

    name: str
    first: int
    last: int
    limit: Callable[[int, int], str]
    without: str = ""


@dataclass(frozen=True, slots=True)
class _Cutter:
    cap: int
    size: int
    page: Callable[[str, int, int], Request]
    limits: str

    def counted(self, text: str) -> Generator[Request, Got, Got]:
        """Ask for one record, whose answer reports the hits."""
        return (yield replace(self.page(text, 0, 1), carries=False, total=True))

    def pages(self, text: str) -> Steps:
        """Yield all pages of what a query gives at most."""
        return by_offset(lambda start: self.page(text, start, self.size), self.limits, cap=self.cap)

    def cut(self, text: str, axes: Sequence[Axis], hits: int) -> Generator[Request, Got, list[Found]]:
        """Return what the slices of a search came to; where no axis is left it is fetched as far as it goes."""
        if hits <= self.cap or not axes:
            return [(yield from self.pages(text))]
        axis = axes[0]
        found = yield from self._halved(text, axes, axis.first, axis.last, hits)
        if axis.without and sum(part.hits_at_end for part in found) < hits:
            rest = _limited(text, axis.without)
            got = yield from self.counted(rest)
            found += (yield from self.cut(rest, axes[1:], got.hits)) if got.hits else []
        return found

    def _halved(
        self, text: str, axes: Sequence[Axis], first: int, last: int, hits: int
    ) -> Generator[Request, Got, list[Found]]:
        """Halve a span until its parts fit; a single place that does not fit is cut along the next axis."""
        axis = axes[0]
        if hits <= self.cap or first == last:
            return (yield from self.cut(_limited(text, axis.limit(first, last)), axes[1:], hits))
        middle = _middle(first, last)
        spans = ((first, middle), (middle + 1, last))
        counts = []
        for span in spans:
            got = yield from self.counted(_limited(text, axis.limit(*span)))
            counts.append(got.hits or 0)
        # A few may have been added since the whole was counted.
        if sum(counts) > hits + max(100, hits // 10):
            raise Failure("clamped", f"only {self.cap:,} of {hits:,} can be had: limits by {axis.name} are ignored")
        found: list[Found] = []
        for span, count in zip(spans, counts, strict=True):
            found += (yield from self._halved(text, axes, *span, count)) if count else []
        return found


def sliced(
    text: str,
    axes: Sequence[Axis],
    most: tuple[int, int],
    page: Callable[[str, int, int], Request],
    limits: str = "",
) -> Steps:
    """Yield the requests of a whole search: at once where it fits under the cap of one query, else slice by slice.

    `most` is (that cap, the size of a page); `page` gives the request for a query's page from the number of records
    before it and its size.

    Raises:
        Failure: the source ignores the conditions that a slice is made with.
    """
    cutter = _Cutter(*most, page, limits)
    whole = yield from cutter.counted(text)
    hits = whole.hits or 0
    if hits <= cutter.cap:
        return (yield from cutter.pages(text))
    parts = yield from cutter.cut(text, axes, hits)
    starts = sum(part.hits_at_end for part in parts)
    missing = [words for part in parts for words in part.missing]
    if starts < hits:
        missing.append(f"{hits - starts:,} of {hits:,} lie in no {axes[0].name}")
    return Found(
        hits=hits,
        hits_at_end=max(hits, starts),
        distinct=sum(part.distinct for part in parts),
        understood=whole.understood,
        missing=tuple(missing),
        limits=limits,
        notes=tuple(dict.fromkeys((*whole.notes, *(note for part in parts for note in part.notes)))),
    )


def _limited(text: str, condition: str) -> str:
    return f"({text}) {condition}" if condition.startswith("NOT ") else f"({text}) AND {condition}"


def _middle(first: int, last: int) -> int:
    """Return where to cut. Most of what is published is young: the last part of a long span goes first."""
    return first + (last - first) * 3 // 4 if last - first > 3 else (first + last) // 2
