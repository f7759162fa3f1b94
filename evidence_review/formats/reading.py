"""The records of one file, counted, and worked on in several processes where the file is large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeVar

from evidence_review.formats.base import Aside, Item, Text
from evidence_review.formats.encodings import Encoding
from evidence_review.formats.processes import in_order, processors
from evidence_review.formats.readers import FORMATS, Tagged
from evidence_review.formats.slices import Rest, Slice
from evidence_review.formats.table import Entry, Table
from evidence_review.formats.table import items as rows_items
from evidence_review.model.record import Draft, Parsed, Rejected

_MOST_NOTED = 200
# Below this, starting another process takes longer than it saves.
_LARGE = 16_000_000
# So many records are handed on together where a file is not cut.
_BATCH = 500
Result = TypeVar("Result")
Given = TypeVar("Given", bound=Parsed | Draft | Rejected)
Made = TypeVar("Made", Parsed, Draft)
Part = TypeVar("Part")
# What a part of a file gives: results and rejections in order, how many asides of each kind, the first of them.
Worked = tuple[list[Result | Rejected], Counter[str], list[Aside]]


@dataclass
class Reading:
    """One file on its way through a format. Iterate once; the counts are right when the iteration has ended.

    `starts` = `loaded` + `rejected`. `asides` counts what is no record, by kind; `places` has the first of them.
    """

    name: str
    format: str
    dialect: str
    encoding: Encoding
    sha256: str
    size: int
    _text: Text = field(repr=False)
    loaded: int = 0
    rejected: int = 0
    asides: Counter[str] = field(default_factory=Counter)
    places: list[Aside] = field(default_factory=list)

    @property
    def starts(self) -> int:
        """Record starts seen so far."""
        return self.loaded + self.rejected

    def again(self) -> Reading:
        """Return the same file, not yet read."""
        return Reading(self.name, self.format, self.dialect, self.encoding, self.sha256, self.size, self._text)

    def __iter__(self) -> Iterator[Parsed | Rejected]:
        return self._counted(FORMATS[self.format].read(self._text, self.dialect))

    def _counted(self, items: Iterable[Given | Aside]) -> Iterator[Given]:
        for item in items:
            if isinstance(item, Aside):
                self.asides[item.kind] += 1
                if len(self.places) < _MOST_NOTED:
                    self.places.append(item)
                continue
            if isinstance(item, Rejected):
                self.rejected += 1
            else:
                self.loaded += 1
            yield item

    def each(self, work: Callable[[Parsed | Draft], Result], processes: int = 0) -> Iterator[Result | Rejected]:
        """Yield `work(record)` for each record, and each rejection, in the order of the file.

        A large file that can be cut is shared among processes, as many as there are processors or as `processes` says;
        `work` must then be importable: a function of a module, or a partial of one.
        """
        processes = processes or (processors() if self.size >= _LARGE else 1)
        form = FORMATS[self.format]
        if isinstance(form, Table) and processes > 1:
            yield from self._shared(partial(_rows_worked, work), form.stretches(self._text, self.dialect), processes)
            return
        parts = form.slices(self._text) if isinstance(form, Tagged) and processes > 1 else None
        items: Iterable[Item | Draft]
        if parts is None:
            items = (form.drafts if isinstance(form, Tagged) else form.read)(self._text, self.dialect)
            for given in self._counted(items):
                yield given if isinstance(given, Rejected) else work(given)
            return
        job = partial(_worked, self.format, self._text.encoding, self.dialect, work)
        left: list[Rest] = []
        yield from self._shared(job, _until_rest(parts, left), processes)
        for given in self._counted(self._drafts_of(left)):
            yield given if isinstance(given, Rejected) else work(given)

    def _shared(
        self, job: Callable[[Part], Worked[Result]], parts: Iterable[Part], processes: int
    ) -> Iterator[Result | Rejected]:
        """Yield what `job` makes of the parts in several processes, counted."""
        for done, asides, places in in_order(job, parts, processes):
            self.asides.update(asides)
            self.places += places[: _MOST_NOTED - len(self.places)]
            for item in done:
                if isinstance(item, Rejected):
                    self.rejected += 1
                else:
                    self.loaded += 1
                yield item

    def _drafts_of(self, left: Sequence[Rest]) -> Iterator[Draft | Rejected | Aside]:
        """Yield what the rest of a file holds in which one stretch is too long to be shared."""
        form = FORMATS[self.format]
        for part in left:
            assert isinstance(form, Tagged)
            yield from form.read_rest(part, self._text, self.dialect)

    def batches(self, work: Callable[[list[Parsed | Rejected]], Result], processes: int = 0) -> Iterator[Result]:
        """Yield `work(items)` for one stretch of the file after the other, shared among processes as `each` does."""
        processes = processes or (processors() if self.size >= _LARGE else 1)
        form = FORMATS[self.format]
        parts = form.slices(self._text) if isinstance(form, Tagged) and processes > 1 else None
        if parts is None:
            yield from map(work, _batched(self))
            return
        job = partial(_worked_whole, self.format, self._text.encoding, self.dialect, work)
        left: list[Rest] = []
        for result, loaded, rejected, asides, places in in_order(job, _until_rest(parts, left), processes):
            self.loaded += loaded
            self.rejected += rejected
            self.asides.update(asides)
            self.places += places[: _MOST_NOTED - len(self.places)]
            yield result
        rest = self._counted(self._drafts_of(left))
        yield from map(work, _batched(item.parsed() if isinstance(item, Draft) else item for item in rest))


def _batched(items: Iterable[Parsed | Rejected]) -> Iterator[list[Parsed | Rejected]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _until_rest(parts: Iterable[Slice | Rest], left: list[Rest]) -> Iterator[Slice]:
    """Yield the slices; put what is no slice into `left`."""
    for part in parts:
        if isinstance(part, Slice):
            yield part
        else:
            left.append(part)


def _worked_whole(
    form: str, encoding: str, dialect: str, work: Callable[[list[Parsed | Rejected]], Result], part: Slice
) -> tuple[Result, int, int, Counter[str], list[Aside]]:
    """Return what all items of a slice give together, and how many are records, rejections and asides."""
    items, asides, places = _worked(form, encoding, dialect, Draft.parsed, part)
    rejected = sum(isinstance(item, Rejected) for item in items)
    return work(items), len(items) - rejected, rejected, asides, places


def _worked(form: str, encoding: str, dialect: str, work: Callable[[Draft], Result], part: Slice) -> Worked[Result]:
    """Return what a slice gives, in any process."""
    tagged_format = FORMATS[form]
    assert isinstance(tagged_format, Tagged)
    return _sorted_out(tagged_format.read_slice(part, encoding, dialect), work)


def _rows_worked(work: Callable[[Parsed], Result], rows: Sequence[Entry]) -> Worked[Result]:
    """Return what rows of a table give, in any process."""
    return _sorted_out(rows_items(rows), work)


def _sorted_out(given: Iterable[Made | Rejected | Aside], work: Callable[[Made], Result]) -> Worked[Result]:
    """Return results and rejections in their order, how many asides there are of each kind, and the first of them."""
    items: list[Result | Rejected] = []
    asides: Counter[str] = Counter()
    places: list[Aside] = []
    for item in given:
        if isinstance(item, Aside):
            asides[item.kind] += 1
            if len(places) < _MOST_NOTED:
                places.append(item)
        elif isinstance(item, Rejected):
            items.append(item)
        else:
            items.append(work(item))
    return items, asides, places
