"""`--dry-run`: what the program understands of a file, beside the raw lines; no review is needed or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from evidence_review.errors import EXIT_INPUT, FormatError, InputError
from evidence_review.formats.base import INDENTED, STRAY, UNKNOWN_COLUMN, UNKNOWN_TAG
from evidence_review.formats.doubts import Doubts
from evidence_review.formats.inputs import Member, members
from evidence_review.formats.reading import Reading
from evidence_review.model.record import Citation, Draft, Parsed, Rejected, citation_to_dict, facts_to_dict
from evidence_review.summary import Summary, counted

_SHOWN = 3
_WIDTH = 100


def look(
    files: Sequence[Path], form: str = "", columns: Mapping[str, str] | None = None, *, full: bool = False
) -> Summary:
    """Read files and say how; with `full`, every record is in the data, else the first few.

    A file that cannot be read is told and does not stop the others; the exit code is then 1.
    """
    data: list[dict[str, Any]] = []
    lines: list[str] = []
    failed = False
    for member in members(files):
        try:
            entry, words = _one(member, form, columns or {}, full)
        except (FormatError, InputError) as fault:
            failed = True
            entry = {"file": member.name, "error": str(fault), "starts": 0, "records": 0, "rejected": [], "preview": []}
            said = str(fault)
            words = [said if said.startswith(member.name) else f"{member.name}: {said}"]
        data.append(entry)
        lines += words
    return Summary(
        lines=tuple(lines),
        data=data[0] if len(data) == 1 else {"files": data},
        exit_code=EXIT_INPUT if failed else 0,
    )


def _one(member: Member, form: str, columns: Mapping[str, str], full: bool) -> tuple[dict[str, Any], list[str]]:
    reading = member.open(format=form, columns=columns)
    shown = _first(reading)
    given = list(reading.each(preview_of)) if full else list(reading.each(_flagged))
    rejected = [{"line": item.line, "reason": item.reason} for item in given if isinstance(item, Rejected)]
    preview = [item for item in given if isinstance(item, dict)] if full else [preview_of(parsed) for parsed in shown]
    doubts = Doubts()
    for item in given:
        if isinstance(item, dict):
            doubts.note(item["line"], item["flags"])
        elif isinstance(item, tuple):
            doubts.note(*item)
    entry = {
        "file": member.name,
        "format": reading.format,
        "dialect": reading.dialect,
        "encoding": str(reading.encoding),
        "starts": reading.starts,
        "records": reading.loaded,
        "rejected": rejected,
        "undecodable": [str(bad) for bad in reading.encoding.bad],
        "doubts": dict(doubts.counts),
        "asides": dict(reading.asides),
        "not_understood": [
            {"line": aside.line, "kind": aside.kind, "text": aside.text}
            for aside in reading.places if aside.kind in {STRAY, UNKNOWN_TAG, UNKNOWN_COLUMN}
        ],
        "preview": preview,
    }  # fmt: skip
    vendor = f" ({reading.dialect.strip(':')})" if reading.dialect.strip(":") else ""
    words = [
        f"{member.name}: {reading.format}{vendor}, "
        f"{reading.encoding}: {counted(reading.starts, 'record start')} = {counted(reading.loaded, 'record')} + "
        f"{reading.rejected:,} rejected"
    ]
    words += [f"    line {item['line']} rejected: {item['reason']}" for item in rejected[:20]]
    words += [f"    {bad} is not {reading.encoding.main}" for bad in reading.encoding.bad]
    words += [f"    {reading.encoding.advice}"] if reading.encoding.advice else []
    words += [f"    {aside.text}" for aside in reading.places if aside.kind == INDENTED]
    words += [
        f"    {kind}: {count}"
        for kind, count in sorted(reading.asides.items())
        if kind not in {UNKNOWN_COLUMN, INDENTED}
    ]
    if unread := [aside.text for aside in reading.places if aside.kind == UNKNOWN_COLUMN]:
        words.append(f"    columns not read: {', '.join(unread)}")
    words += [f"    {doubt}" for doubt in doubts.told()]
    for parsed in shown:
        words += side_by_side(parsed)
    return entry, words


def _first(reading: Reading) -> list[Parsed]:
    """Return the first records, without reading on."""
    return list(islice((item for item in reading.again() if isinstance(item, Parsed)), _SHOWN))


def _flagged(record: Parsed | Draft) -> tuple[int, Sequence[str]] | None:
    """What a dry run wants of the records that it does not show: that they can be read, and their flags."""
    return (record.line, record.flags) if record.flags else None


def preview_of(parsed: Parsed | Draft) -> dict[str, Any]:
    """Return a record as data: its normalised fields, where each was read, and the raw text."""
    return {
        "line": parsed.line,
        "native_id": parsed.native_id,
        **facts_to_dict(parsed.facts),
        "flags": list(parsed.flags),
        "trace": [list(item) for item in parsed.trace],
        "raw": parsed.raw,
    }


def side_by_side(parsed: Parsed) -> list[str]:
    """Return what is understood of a record beside the lines that it stands on."""
    raw = parsed.raw.splitlines()
    lines = ["", f"  record at line {parsed.line}" + (f"  [{'; '.join(parsed.flags)}]" if parsed.flags else "")]
    for name, value in _shown(parsed.citation):
        lines.append(f"    {name:<18}{value[:_WIDTH]}{'…' if len(value) > _WIDTH else ''}")
    lines.append("    --- as it stands in the file")
    lines += [f"    {parsed.line + place:>6}  {text[:_WIDTH]}" for place, text in enumerate(raw[:25])]
    if len(raw) > 25:
        lines.append(f"            … {len(raw) - 25} more lines")
    return lines


def _shown(citation: Citation) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in citation_to_dict(citation).items():
        if name in {"authors", "editors"}:
            text = "; ".join(str(person) for person in getattr(citation, name))
        elif isinstance(value, list):
            text = "; ".join(": ".join(item) if isinstance(item, list) else str(item) for item in value)
        else:
            text = str(value)
        pairs.append((name, text))
    return pairs
