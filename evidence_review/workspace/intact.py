"""Whether the files that the program keeps are still what it wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from evidence_review.errors import Problem
from evidence_review.model.ledger import LedgerEntry
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import LIBRARY, REPORTS, Layout


def written(entries: Iterable[LedgerEntry], *parts: str) -> dict[str, tuple[str, str]]:
    """Return, for each file below `parts` of the folder, the last run that wrote it and its sha256 then."""
    last: dict[str, tuple[str, str]] = {}
    for entry in entries:
        for name, digest in entry.outputs.items():
            if name.split("/", 1)[0] in parts:
                last[name] = (entry.run, digest)
    return last


def library_faults(
    layout: Layout, entries: Iterable[LedgerEntry], missed: Collection[str] = frozenset()
) -> Iterator[Problem]:
    """Yield each file of the library that is gone, or differs from what the last run that wrote it left.

    `missed` are those that need not be there.
    """
    expected = {name: last for name, last in written(entries, LIBRARY).items() if name not in missed}
    yield from _faults(layout, expected, "Put it back from a backup.")


def absent_copies(layout: Layout, entries: Iterable[LedgerEntry]) -> frozenset[str]:
    """Return the copies of full texts that were kept and are not here: no bundle has them, and no count needs them."""
    names = written(entries, LIBRARY)
    return frozenset(
        name
        for name in names
        if layout.fulltext in (layout.folder / name).parents and not (layout.folder / name).exists()
    )


def report_faults(layout: Layout, entries: Iterable[LedgerEntry]) -> Iterator[Problem]:
    """Yield each rendered file that is gone or was edited. Own templates lie there too, but nobody renders those."""
    yield from _faults(layout, written(entries, REPORTS), "Render it again with 'evidence-review report'.")


def _faults(layout: Layout, expected: dict[str, tuple[str, str]], remedy: str) -> Iterator[Problem]:
    for name, (run, digest) in expected.items():
        path = layout.folder / name
        if not path.exists():
            yield Problem(name, f"is gone; run {run} wrote it", remedy)
        elif sha256_file(path) != digest:
            yield Problem(name, f"was changed after run {run} wrote it", remedy)
