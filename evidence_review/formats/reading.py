"""Reading one file: its bytes hashed and its encoding found in a first pass, its records given in a second."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from evidence_review.errors import FormatError, InputError, suggest
from evidence_review.formats import encodings, enw, nbib, ovid, refworks, ris, tagged, wos
from evidence_review.formats.base import INDENTED, Aside, Format, Item, Text, Writer
from evidence_review.formats.bibtex import Bibtex
from evidence_review.formats.crossref_xml import CrossrefXml
from evidence_review.formats.detect import SAMPLE, detect_text, refuse_binary, tagged_dialect
from evidence_review.formats.encodings import Encoding
from evidence_review.formats.endnote_xml import EndnoteXml
from evidence_review.formats.ictrp_xml import IctrpXml
from evidence_review.formats.indented import described, indentation, indented, unindented
from evidence_review.formats.json_records import CslJson, OpenalexJson
from evidence_review.formats.layout import Layout
from evidence_review.formats.processes import in_order, processors
from evidence_review.formats.pubmed_xml import PubmedXml
from evidence_review.formats.slices import Rest, Slice
from evidence_review.formats.table import Entry, Table
from evidence_review.formats.table import items as rows_items
from evidence_review.formats.xlsx import Xlsx, is_workbook
from evidence_review.formats.zotero_item import ZoteroJson
from evidence_review.model.record import Draft, Parsed, Rejected


@dataclass(frozen=True, slots=True)
class Tagged:
    """A format of tagged lines."""

    name: str
    label: str
    suffix: str
    layout: Layout

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for item in self.drafts(source, dialect):
            yield item.parsed() if isinstance(item, Draft) else item

    def drafts(self, source: Text, dialect: str) -> Iterator[tagged.Drafted]:
        """Yield what the file holds, citations not made."""
        if source.indent:
            yield Aside(1, INDENTED, described(source.indent))
            yield from tagged.drafts(source, indented(self.layout, source.indent), dialect)
        else:
            yield from tagged.drafts(source, self.layout, dialect)

    def slices(self, source: Text) -> Iterator[Slice | Rest] | None:
        """Return the file in slices for `read_slice`, or None where it cannot be cut."""
        return None if source.indent else tagged.cut(source, self.layout)

    def read_slice(self, part: Slice, encoding: str, dialect: str) -> Iterator[tagged.Drafted]:
        """Yield what a slice holds, citations not made."""
        return tagged.read_slice(part, encoding, self.layout, dialect)

    def read_rest(self, part: Rest, source: Text, dialect: str) -> Iterator[tagged.Drafted]:
        """Yield what the rest of a file holds, citations not made."""
        return tagged.read_rest(part, source, self.layout, dialect)


FORMATS: dict[str, Format] = {
    "ris": Tagged("ris", "RIS", ".ris", ris.LAYOUT),
    "nbib": Tagged("nbib", "PubMed (NBIB, MEDLINE)", ".nbib", nbib.LAYOUT),
    "wos": Tagged("wos", "Web of Science", ".ciw", wos.LAYOUT),
    "ovid-tagged": Tagged("ovid-tagged", "Ovid tagged", ".txt", ovid.LAYOUT),
    "ovid-reprint": ovid.Reprint(),
    "refworks": Tagged("refworks", "RefWorks tagged", ".txt", refworks.LAYOUT),
    "enw": Tagged("enw", "EndNote tagged (refer)", ".enw", enw.LAYOUT),
    "bibtex": Bibtex(),
    "pubmed-xml": PubmedXml(),
    "endnote-xml": EndnoteXml(),
    "crossref-xml": CrossrefXml(),
    "ictrp-xml": IctrpXml(),
    "csl-json": CslJson(),
    "openalex-json": OpenalexJson(),
    "zotero-json": ZoteroJson(),
    "csv": Table(),
    "xlsx": Xlsx(),
}

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


def open_file(
    path: Path,
    *,
    format: str = "",
    columns: Mapping[str, str] | None = None,
    name: str = "",
    ids: Sequence[str] = (),
) -> Reading:
    """Open a file of records.

    Args:
        format: a key of `FORMATS`, to overrule what the content says.
        columns: our field names to a table's headings.
        name: what the file is called in messages; its path by default.
        ids: headings whose cells name the records, where it is a table; the first that has anything.

    Raises:
        FormatError: it is empty, binary, a web page, or in no known format.
        InputError: it cannot be opened.
    """
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is no file" if path.exists() else "does not exist"
            raise InputError(f"{path} {what}. Name the export file.")
        return _open(name or str(path), lambda: path.open("rb"), format, columns or {}, tuple(ids))
    except PermissionError:
        raise InputError(f"{path} may not be read: check its permissions.") from None


def open_bytes(data: bytes, name: str, *, format: str = "", columns: Mapping[str, str] | None = None) -> Reading:
    """Open the bytes of a file of records; see `open_file`."""
    return _open(name, lambda: io.BytesIO(data), format, columns or {})


def open_stream(
    opener: Callable[[], BinaryIO],
    name: str,
    *,
    format: str = "",
    columns: Mapping[str, str] | None = None,
    ids: Sequence[str] = (),
) -> Reading:
    """Open what `opener` gives, again and again, as a file of records; see `open_file`."""
    return _open(name, opener, format, columns or {}, tuple(ids))


def read_written(data: bytes, writer: Writer) -> list[Parsed | Rejected]:
    """Return what a file holds that `writer` has just made, so that its format and encoding need not be found out."""
    head = data[: 4 * SAMPLE].decode("utf-8", "replace")
    dialect = "comma:" if writer.name == "csv" else tagged_dialect(writer.name, head)
    text = Text(f"written{writer.suffix}", "utf-8-sig", lambda: io.BytesIO(data))
    return [item for item in FORMATS[writer.name].read(text, dialect) if not isinstance(item, Aside)]


def _open(
    name: str, opener: Callable[[], BinaryIO], form: str, columns: Mapping[str, str], ids: tuple[str, ...] = ()
) -> Reading:
    with opener() as stream:
        head = stream.read(4 * SAMPLE)
    if is_workbook(head):
        # A workbook is XML inside: there is no encoding to find.
        digest, size, _ = _hashed(opener)
        text = Text(name, "utf-8", opener, columns, ids)
        return Reading(name, "xlsx", "", Encoding("utf-8"), digest, size, text)
    if form and form not in FORMATS:
        raise InputError(f"There is no format '{form}'. {suggest(form, FORMATS)}")
    refuse_binary(head, name)
    with ThreadPoolExecutor(1) as beside:
        # Hashing leaves the interpreter to others.
        hashing = beside.submit(_hashed, opener)
        with opener() as stream:
            encoding = encodings.sniff(stream)
        digest, size, zeros = hashing.result()
    if zeros:
        _refuse_two_widths(opener, encoding, name)
    sample = head.decode(encoding.name, "replace")
    indent = indentation(sample)
    found, dialect = _detected(unindented(sample, indent) if indent else sample, name, form, columns)
    text = Text(name, encoding.name, opener, columns, ids, indent if found == "ris" else "")
    return Reading(name, found, dialect, encoding, digest, size, text)


def _refuse_two_widths(opener: Callable[[], BinaryIO], encoding: Encoding, name: str) -> None:
    """Refuse a file of which a part is in UTF-16 and another is not: read as one, the other's records are lost."""
    with opener() as stream:
        at = encodings.where_width_changes(stream, encoding.name)
    if at >= 0:
        raise FormatError(
            f"{name} holds two files in different encodings, one of them UTF-16: near byte {at:,} it changes from one "
            "to the other. Read as either, the records of the other are lost: export each again, and load them apart."
        )


def _hashed(opener: Callable[[], BinaryIO]) -> tuple[str, int, bool]:
    """Return the sha256 of a file's bytes, how many there are, and whether any of them is zero."""
    digest = hashlib.sha256()
    size = 0
    zeros = False
    with opener() as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
            zeros = zeros or b"\0" in chunk
    return digest.hexdigest(), size, zeros


def _detected(sample: str, name: str, form: str, columns: Mapping[str, str]) -> tuple[str, str]:
    try:
        found, dialect = detect_text(sample, name)
    except FormatError:
        if form and sample.strip("\ufeff \r\n\t"):
            return form, ""
        if columns:
            return "csv", f"{_likely_separator(sample)}:"
        raise
    if form and form != found:
        return form, ""
    return found, dialect


def _likely_separator(sample: str) -> str:
    first = next((line for line in sample.splitlines() if line.strip()), "")
    counts = {
        "comma": first.count(","),
        "semicolon": first.count(";"),
        "tab": first.count("\t"),
        "pipe": first.count("|"),
    }
    return max(counts, key=lambda word: counts[word])
