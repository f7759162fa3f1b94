"""`dedup files`: export files in, what is unique out; no review folder is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_review.commands.dedup import collecting, engines, rules
from evidence_review.commands.dedup.cluster import Edge
from evidence_review.commands.dedup.find import Found, edges, find
from evidence_review.commands.dedup.normalise import match_forms
from evidence_review.csv_text import csv_text
from evidence_review.errors import InputError, StorageError
from evidence_review.formats import open_file
from evidence_review.model.ids import record_id, record_key
from evidence_review.model.record import Parsed, Record
from evidence_review.sheets.guard import guard
from evidence_review.state.clusters import ENGINE
from evidence_review.state.composed import composed_citation
from evidence_review.summary import Summary, counted

DUPLICATES, DOUBTFUL, LINKED, UNIQUE = "duplicates.csv", "doubtful.csv", "linked.csv", "unique.ris"
_COLUMNS = ("record_id", "source_file", "source_id", "kept_id", "rule", "score", "decided_by")
_PAIR = (
    "record_1", "source_file_1", "source_id_1", "title_1", "record_2", "source_file_2", "source_id_2", "title_2",
    "rule", "score", "grades", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Records:
    """Records of all files in order, and how many record starts were rejected, by file."""

    records: list[Record]
    source_ids: list[str]
    rejected: dict[str, list[tuple[int, str]]]


@collecting.paused()
def run(paths: Sequence[Path], out: Path, engine: str = "embedded") -> Summary:
    """Deduplicate the records of `paths` and write the results into the folder `out`.

    Raises:
        FormatError: a file is in no format that is known.
        InputError: a file holds no record, or is named twice.
    """
    files = read(paths)
    ids = [record.id for record in files.records]
    forms = match_forms(record.citation for record in files.records)
    judged = edges(engines.ENGINES[engine](forms), ids)
    found = find(forms, ids, judged)
    _write(out, files, found)
    copies = len(found.merges)
    lines = [
        f"{counted(len(ids), 'record')} in {counted(len(paths), 'file')}: "
        f"{counted(copies, 'copy', 'copies')}, {counted(len(ids) - copies, 'unique record')} in {out / UNIQUE}.",
        f"{counted(len(found.doubts), 'doubtful pair')} to look at in {out / DOUBTFUL}; "
        f"{counted(len(found.links), 'pair')} of versions of one work in {out / LINKED}.",
    ]
    for name, problems in files.rejected.items():
        lines.append(f"{name}: {counted(len(problems), 'record')} not read: line {problems[0][0]}, {problems[0][1]}.")
    for key, count in found.capped.left_out.items():
        lines.append(f"Not compared: at most {counted(count, 'pair')} that share only '{key}', with very many others.")
    data = {
        "records": len(ids),
        "copies": copies,
        "unique": len(ids) - copies,
        "doubtful": len(found.doubts),
        "linked": len(found.links),
        "rejected": {name: len(problems) for name, problems in files.rejected.items()},
        "compared": found.compared,
        "left_out": dict(found.capped.left_out),
        "rules": dict(sorted(Counter(merge.edge.rule for merge in found.merges).items())),
        "files": {name: str(out / name) for name in (DUPLICATES, DOUBTFUL, LINKED, UNIQUE)},
    }
    return Summary(tuple(lines), data)


@collecting.paused()
def read(paths: Sequence[Path]) -> Records:
    """Read the records of files, with the ids that they have there.

    Raises:
        FormatError: a file is in no format that is known.
        InputError: a file holds no record, or is named twice.
    """
    found = Records([], [], {})
    names = Counter(path.name for path in paths)
    doubled = [path for path, times in Counter(path.resolve() for path in paths).items() if times > 1]
    if doubled:
        raise InputError(f"{doubled[0]} is named twice. Name each file once.")
    taken: Counter[str] = Counter()
    for path in paths:
        name = path.name if names[path.name] == 1 else str(path)
        reading = open_file(path, name=name, ids=_ID_HEADINGS)
        before = len(found.records)
        for item in reading:
            if not isinstance(item, Parsed):
                found.rejected.setdefault(name, []).append((item.line, item.reason))
                continue
            position = len(found.records) - before + 1
            identity = item.native_id or item.raw
            taken[f"{name}\0{identity}"] += 1
            again = taken[f"{name}\0{identity}"]
            key = record_key(name, identity if again == 1 else f"{identity}\0{again}")
            found.records.append(
                Record(record_id(key, 12), name, "", position, item.citation, item.native_id, reading.format, item.line)
            )
            found.source_ids.append(item.native_id or f"#{position}")
        if len(found.records) == before:
            raise InputError(f"{name} holds no record that could be read. Check that it is the export itself.")
    return found


# A column called ID means nothing in a review, where every table counts from 1; here it is what people look for.
_ID_HEADINGS = ("id", "record id", "recordid", "key")


def _write(out: Path, read: Records, found: Found) -> None:
    records = read.records
    rows = []
    edge_of = {merge.record: merge.edge for merge in found.merges}
    for place, record in enumerate(records):
        kept = records[found.keeper_of[place]].id
        edge = edge_of.get(place)
        said = [edge.rule, f"{edge.points:g}", ENGINE] if edge else ["", "", ""]
        rows.append([record.id, record.source, read.source_ids[place], kept, *said])
    why = {rule.name: rule.why for rule in rules.RULES}
    doubts = [_pair(read, edge, reason or why[edge.rule]) for edge, reason in found.doubts]
    links = [_pair(read, edge, why[edge.rule]) for edge in found.links]
    try:
        out.mkdir(parents=True, exist_ok=True)
        _replace(out / DUPLICATES, [csv_text([_COLUMNS, *rows]).encode("utf-8", "surrogatepass")])
        _replace(out / DOUBTFUL, [csv_text([_PAIR, *doubts]).encode("utf-8", "surrogatepass")])
        _replace(out / LINKED, [csv_text([_PAIR, *links]).encode("utf-8", "surrogatepass")])
        _replace(out / UNIQUE, _unique(records, found))
    except OSError as fault:
        raise StorageError(f"{out} could not be written ({fault.strerror or fault}). Choose another folder.") from fault


def _replace(path: Path, parts: Iterator[bytes] | Sequence[bytes]) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as stream:
        for part in parts:
            stream.write(part)
    draft.replace(path)


def _pair(read: Records, edge: Edge, why: str) -> list[str]:
    sides = []
    for place in (edge.one, edge.two):
        record = read.records[place]
        sides += [record.id, record.source, read.source_ids[place], guard(record.citation.title)]
    return [*sides, edge.rule, f"{edge.points:g}", edge.scores, why]


def _unique(records: Sequence[Record], found: Found) -> Iterator[bytes]:
    from evidence_review.formats.write import WRITERS

    members: dict[int, list[Record]] = {}
    for place, keeper in enumerate(found.keeper_of):
        members.setdefault(keeper, []).append(records[place])

    def composed() -> Iterator[Record]:
        for keeper in dict.fromkeys(found.keeper_of):
            record = records[keeper]
            copies = [record, *(one for one in members[keeper] if one is not record)]
            yield replace(record, citation=composed_citation(copies))

    return iter(WRITERS["ris"].write(composed()))
