"""`dedup files`: export files in, what is unique out; no review folder is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from evidence_review.commands.dedup import collecting, engines, results
from evidence_review.commands.dedup.find import Found, edges, find
from evidence_review.commands.dedup.gather import Gathered, gather, writing
from evidence_review.errors import InputError
from evidence_review.summary import Summary, counted


@collecting.paused()
def run(paths: Sequence[Path], out: Path, engine: str = "embedded") -> Summary:
    """Deduplicate the records of `paths` (see `gather`) and write the results into the folder `out`.

    Raises:
        FormatError: a file is in no format that is known.
        InputError: a file holds no record, or is named twice; the results would overwrite what is not theirs.
        StorageError: the folder cannot be written.
    """
    _refuse_to_overwrite(out, paths)
    with _folder(out):
        records = gather(paths, out)
        judged = edges(engines.ENGINES[engine](records.forms), records.ids)
        found = find(records.forms, records.ids, judged)
        with writing(out):
            results.write(out, records, found)
    return _told(out, records, found)


def _refuse_to_overwrite(out: Path, paths: Sequence[Path]) -> None:
    """Refuse a folder in which files with the names of the results are somebody's: read now, or not written by us.

    Within a folder that is read they would be read as exports the next time.
    """
    around = next((path for path in paths if path.is_dir() and out.resolve().is_relative_to(path.resolve())), None)
    if around is not None:
        raise InputError(f"{out} lies in {around}, which is to be read. Name a folder outside of it for --out.")
    there = [out / name for name in results.NAMES if (out / name).exists()]
    given = {path.resolve() for path in paths}
    read = [path for path in there if path.resolve() in given]
    if read:
        raise InputError(f"{read[0]} is to be read, and the results would overwrite it. Name another folder for --out.")
    if there and not results.ours(out):
        names = ", ".join(path.name for path in there)
        raise InputError(
            f"{out} holds {names} of something else, which the results would overwrite. Name another folder for --out."
        )


@contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make a folder for the results, and take it away again where nothing comes of it."""
    made = [path for path in (out, *out.parents) if not path.exists()]
    try:
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        with suppress(OSError):
            for path in made:
                path.rmdir()


def _told(out: Path, records: Gathered, found: Found) -> Summary:
    count, copies = len(records), len(found.merges)
    untitled = Counter(name for name, form in zip(records.sources, records.forms, strict=True) if not form.title)
    lines = [
        f"{counted(count, 'record')} in {counted(len(set(records.sources)), 'file')}: "
        f"{counted(copies, 'copy', 'copies')}, {counted(count - copies, 'unique record')} in {out / results.UNIQUE}.",
        f"{counted(len(found.doubts), 'doubtful pair')} to look at in {out / results.DOUBTFUL}; "
        f"{counted(len(found.links), 'pair')} of versions of one work in {out / results.LINKED}.",
        *_notes(records, found, untitled),
    ]
    data = {
        "records": count,
        "copies": copies,
        "unique": count - copies,
        "doubtful": len(found.doubts),
        "linked": len(found.links),
        "rejected": {name: len(problems) for name, problems in records.rejected.items()},
        "untitled": dict(untitled),
        "compared": found.compared,
        "left_out": dict(found.capped.left_out),
        "rules": dict(sorted(Counter(merge.edge.rule for merge in found.merges).items())),
        "files": {name: str(out / name) for name in results.NAMES},
    }
    return Summary(tuple(lines), data)


def _notes(records: Gathered, found: Found, untitled: Mapping[str, int]) -> Iterator[str]:
    """Yield what was not read or not compared, and why."""
    for name, problems in records.rejected.items():
        yield f"{name}: {counted(len(problems), 'record')} not read: line {problems[0][0]}, {problems[0][1]}."
    for name, number in untitled.items():
        unread = f" Columns not read: {', '.join(records.unread[name])}." if records.unread[name] else ""
        yield f"{name}: {counted(number, 'record')} without a title, merged only by a DOI or PMID.{unread}"
    for key, pairs in found.capped.left_out.items():
        yield f"Not compared: at most {counted(pairs, 'pair')} that share only '{key}', with very many others."
