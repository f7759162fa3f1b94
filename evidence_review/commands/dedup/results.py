"""What `dedup files` leaves in its folder: a row for each record, pairs to look at, and the unique records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from evidence_review.commands.dedup import rules
from evidence_review.commands.dedup.cluster import Edge
from evidence_review.commands.dedup.find import Found
from evidence_review.commands.dedup.gather import Gathered, Waiting
from evidence_review.csv_text import csv_text
from evidence_review.formats.processes import in_order, processors
from evidence_review.formats.write import WRITERS
from evidence_review.sheets.guard import guard
from evidence_review.state.clusters import ENGINE
from evidence_review.state.composed import composed_citation

DUPLICATES, DOUBTFUL, LINKED, UNIQUE = "duplicates.csv", "doubtful.csv", "linked.csv", "unique.ris"
NAMES = (DUPLICATES, DOUBTFUL, LINKED, UNIQUE)
_COLUMNS = ("record_id", "source_file", "source_id", "kept_id", "rule", "score", "decided_by")
_PAIR = (
    "record_1", "source_file_1", "source_id_1", "title_1", "record_2", "source_file_2", "source_id_2", "title_2",
    "rule", "score", "grades", "why",
)  # fmt: skip
_UNFINISHED, _LOCK = "unfinished-", ".evidence-review.lock"
# So many rows are made into text together, and so many clusters into entries.
_BATCH, _CLUSTERS = 10_000, 500
# Below this, starting another process takes longer than it saves.
_MANY = 20_000


def ours(out: Path) -> bool:
    """Whether what stands under the names of the results in a folder was written here: by the headings of its rows."""
    headings = csv_text([_COLUMNS]).encode()
    try:
        with (out / DUPLICATES).open("rb") as stream:
            return stream.read(len(headings)) == headings
    except OSError:
        return False


def write(out: Path, records: Gathered, found: Found) -> None:
    """Write all files of the results into the folder `out`, each whole, and none unless all could be written.

    Raises:
        OSError: the folder does not take them.
    """
    why = {rule.name: rule.why for rule in rules.RULES}
    doubts = (_pair(records, edge, reason or why[edge.rule]) for edge, reason in found.doubts)
    links = (_pair(records, edge, why[edge.rule]) for edge in found.links)
    parts = {
        DUPLICATES: _table(_COLUMNS, _rows(records, found)),
        DOUBTFUL: _table(_PAIR, doubts),
        LINKED: _table(_PAIR, links),
        UNIQUE: _unique(records, found),
    }
    _clear(out)
    # In a folder of its own, for anything may lie here under any name.
    with TemporaryDirectory(prefix=_UNFINISHED, dir=out) as drafts, FileLock(Path(drafts, _LOCK)):
        for name, content in parts.items():
            with Path(drafts, name).open("wb") as stream:
                stream.writelines(content)
        for name in parts:
            Path(drafts, name).replace(out / name)


def _clear(out: Path) -> None:
    """Take away the drafts of runs that were killed: none that is being written, nothing that is somebody else's."""
    for drafts in out.glob(f"{_UNFINISHED}*"):
        lock = drafts / _LOCK
        if not lock.is_file() or {path.name for path in drafts.iterdir()} - {_LOCK, *NAMES}:
            continue
        # One that is held is being written; what cannot be taken away today is in nobody's way.
        with suppress(Timeout, OSError):
            with FileLock(lock, timeout=0):
                for name in NAMES:
                    (drafts / name).unlink(missing_ok=True)
            lock.unlink(missing_ok=True)
            drafts.rmdir()


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    rest = chain([columns], rows)
    while batch := list(islice(rest, _BATCH)):
        # Half a character, as damaged files have it, would keep every reader from the rest of the table.
        yield csv_text(batch).encode("utf-8", "backslashreplace")


def _rows(records: Gathered, found: Found) -> Iterator[Sequence[str]]:
    edge_of = {merge.record: merge.edge for merge in found.merges}
    for place, keeper in enumerate(found.keeper_of):
        edge = edge_of.get(place)
        said = (edge.rule, f"{edge.points:g}", ENGINE) if edge else ("", "", "")
        yield records.ids[place], records.sources[place], records.source_ids[place], records.ids[keeper], *said


def _pair(records: Gathered, edge: Edge, why: str) -> list[str]:
    sides = []
    for place in (edge.one, edge.two):
        title = records.waiting(place).record().citation.title
        sides += [records.ids[place], records.sources[place], records.source_ids[place], guard(title)]
    return [*sides, edge.rule, f"{edge.points:g}", edge.scores, why]


def _unique(records: Gathered, found: Found) -> Iterator[bytes]:
    """Yield the file of unique records; the work on many is shared among processes."""
    copies: dict[int, list[int]] = {}
    for merge in found.merges:
        copies.setdefault(merge.kept, []).append(merge.record)
    keepers = dict.fromkeys(found.keeper_of)
    clusters = ([records.waiting(place) for place in (keeper, *copies.get(keeper, ()))] for keeper in keepers)
    batches = iter(lambda: list(islice(clusters, _CLUSTERS)), [])
    return in_order(_composed, batches, processors()) if len(keepers) > _MANY else map(_composed, batches)


def _composed(clusters: Sequence[Sequence[Waiting]]) -> bytes:
    """Return the entries of clusters, each composed of its copies; the record that is kept comes first among them."""
    copies = ([waiting.record() for waiting in cluster] for cluster in clusters)
    unique = (replace(records[0], citation=composed_citation(records)) for records in copies)
    return b"".join(WRITERS["ris"].write(unique))
