"""What every format offers, and what a reader gives for each stretch of a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, BinaryIO, Protocol

from evidence_review.errors import FormatError
from evidence_review.model.record import Parsed, Record, Rejected


@dataclass(frozen=True, slots=True)
class Aside:
    """A stretch of a file that is no record start: a preamble, an ordinal, a page break, an unknown tag, a stray line.

    `line` counts from 1 in the decoded file.
    """

    line: int
    kind: str
    text: str = ""


Item = Parsed | Rejected | Aside

PREAMBLE, ORDINAL, PAGE_BREAK = "preamble", "ordinal", "page break"
UNKNOWN_TAG, UNKNOWN_COLUMN, STRAY, COMMENT = "unknown tag", "column not read", "stray line", "comment"
INDENTED = "indentation"


# Characters. What is longer is no record that a database writes, and is not kept in memory to find that out.
MOST_IN_A_RECORD = 16 << 20
# Longer lines are read in pieces of so many characters.
_PIECE = 1 << 20

# Four times this much memory is taken where the text is no ASCII, and as much again by what is made of it.
_MOST_WHOLE = 200_000_000


@dataclass(frozen=True, slots=True)
class Text:
    """The bytes of one file with what is known about them: its `name`, `encoding`, and how to `open` them again.

    `columns` maps our field names to a table's headings, where the protocol gives such a mapping; `ids` are headings
    (as `columns.key` writes them) whose cells name a table's records. `indent` is what stands before each of its lines,
    where these are tagged.
    """

    name: str
    encoding: str
    open: Callable[[], BinaryIO]
    columns: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    indent: str = ""

    def stream(self, offset: int = 0) -> io.TextIOWrapper:
        """Return the decoded text; line ends stay as they are, damaged bytes become U+FFFD (and are reported apart).

        It begins `offset` bytes after the file's beginning.
        """
        file = self.open()
        encoding = self.encoding
        if offset:
            file.seek(offset)
            encoding = encoding.replace("-sig", "")
        return io.TextIOWrapper(
            io.BufferedReader(RawStream(file), 1 << 18), encoding=encoding, errors="replace", newline=""
        )

    def text(self) -> str:
        """Return the whole decoded text, for a format that can only be read as a whole.

        Raises:
            FormatError: it is more than fits in memory in any comfort.
        """
        with self.stream() as stream:
            text = stream.read(_MOST_WHOLE + 1)
        if len(text) > _MOST_WHOLE:
            raise FormatError(
                f"{self.name} has more than {_MOST_WHOLE // 1_000_000} million characters, and its format can only be "
                "read as a whole. Export it in parts, or as RIS."
            )
        return text


def lines(stream: io.TextIOBase, number: int = 1) -> Iterator[tuple[int, str, bool]]:
    """Yield number and text of each line, and whether that is its beginning: a very long one comes in pieces.

    `number` is that of the first.
    """
    begins = True
    for line in iter(partial(stream.readline, _PIECE), ""):
        yield number, line, begins
        begins = len(line) < _PIECE or line[-1] in "\r\n"
        number += begins


def too_long(size: int, line: int) -> str:
    """Return why a record of `size` characters, which passes the limit on a line, is none."""
    return (
        f"it has {size:,} characters (those beyond {MOST_IN_A_RECORD:,} begin on line {line}), which no database "
        "writes: the file is damaged there, or a line end is missing"
    )


class RawStream(io.RawIOBase):
    """A binary stream of any kind as a raw one, so that every kind can be decoded by the same wrapper."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than Buffer
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class Format(Protocol):
    """A bibliographic file format that can be read."""

    @property
    def name(self) -> str:
        """The key in `FORMATS`."""
        ...

    @property
    def label(self) -> str:
        """What people call it."""
        ...

    @property
    def suffix(self) -> str:
        """The usual extension, with its dot."""
        ...

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield one item for each record start, and one for each stretch that is none."""
        ...


class Writer(Protocol):
    """A bibliographic file format that can be written.

    `holds` names the citation fields that it has room for; with `single_url` it has room for one address only.
    """

    name: str
    label: str
    suffix: str
    holds: frozenset[str]
    single_url: bool

    @property
    def types(self) -> Collection[str] | None:
        """The CSL types that it can tell apart; None: all."""
        ...

    def entry(self, record: Record) -> Any:
        """Return what a record becomes, whatever others stand beside it: text, or what a row or an entry is made of.

        It is made in any process, so it consists of plain values.
        """
        ...

    def assemble(self, entries: Iterable[Any]) -> Iterator[bytes]:
        """Yield the file of these entries in pieces: a record that came in this format goes out as it came."""
        ...

    def write(self, records: Iterable[Record]) -> Iterator[bytes]:
        """Yield the file in pieces."""
        return self.assemble(map(self.entry, records))
