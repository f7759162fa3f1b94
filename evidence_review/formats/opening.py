"""Opening a file of records: its bytes hashed, its encoding and its format found, nothing of it read yet."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from evidence_review.errors import FormatError, InputError, suggest
from evidence_review.formats import encodings
from evidence_review.formats.base import Aside, Text, Writer
from evidence_review.formats.detect import SAMPLE, detect_text, refuse_binary, tagged_dialect
from evidence_review.formats.encodings import Encoding
from evidence_review.formats.indented import indentation, unindented
from evidence_review.formats.readers import FORMATS
from evidence_review.formats.reading import Reading
from evidence_review.formats.xlsx import is_workbook
from evidence_review.model.record import Parsed, Rejected


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
