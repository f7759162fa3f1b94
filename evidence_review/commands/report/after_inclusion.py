"""What became of the included studies: how many were appraised, brought into the synthesis, and pooled.

PRISMA 2020 ends its diagram at inclusion; many readers ask for these three boxes. They are counted from the recorded
values and the last pooling, and stand in no identity but I10: a study that was appraised or pooled is an included one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from evidence_review.model.ledger import LedgerEntry
from evidence_review.model.protocol import Protocol
from evidence_review.state.boxes import STUDIES
from evidence_review.state.flow import Count, Flow
from evidence_review.state.standing import Study
from evidence_review.state.values import Values
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.intact import written
from evidence_review.workspace.layout import LIBRARY, REPORTS, Layout

# What a pooling is made from: where one of these was written later, the pooling is of other data than the report.
_POOLED_FROM = ("values.csv", "studies.csv", "decisions.csv")


def extended(
    flow: Flow,
    protocol: Protocol,
    studies: Iterable[Study],
    values: Values,
    pooled: Iterable[str] = (),
    tools: Mapping[str, str] | None = None,
) -> Flow:
    """Return the flow with the studies appraised, those with extracted data, and those of `pooled`.

    `tools` has what each tool is called by its id.
    """
    ids = [study.id for study in studies]
    form = protocol.extraction.form
    names = {tool: tool for tool in protocol.appraisal.tools.values()} | dict(tools or {})
    used = {study: set(values.forms(study)) for study in ids}
    appraised = {tool: tuple(study for study in ids if tool in used[study]) for tool in names}
    parts = {
        tool: Count("appraised_studies", STUDIES, len(those), those, label=names[tool])
        for tool, those in appraised.items()
        if those
    }
    anyone = tuple(study for study in ids if used[study] & set(names))
    extracted = tuple(study for study in ids if form is not None and form.id in used[study])
    together = set(pooled)
    pooled_here = tuple(study for study in ids if study in together)
    for number in (
        Count("appraised_studies", STUDIES, len(anyone), anyone, parts=parts),
        Count("synthesised_studies", STUDIES, len(extracted), extracted),
        Count("total_studies_ma", STUDIES, len(pooled_here), pooled_here),
    ):
        if number.n:
            flow = flow.with_count(number)
    return flow


def pooled(layout: Layout, ledger: Iterable[LedgerEntry]) -> tuple[str, ...]:
    """Return the ids of the studies in the pooled effects that the last runs of `synthesise` left, where these are
    unchanged and younger than the values.
    """
    entries = tuple(ledger)
    changed = max(
        (entry.seq for entry in entries for path in entry.outputs if path.startswith(f"{LIBRARY}/")
         and path.rsplit("/", 1)[-1] in _POOLED_FROM),
        default=0,
    )  # fmt: skip
    recent = [entry for entry in entries if entry.seq > changed]
    return tuple(dict.fromkeys(study for one in _poolings(layout, recent) for study in one))


def _poolings(layout: Layout, entries: Iterable[LedgerEntry]) -> Iterator[list[str]]:
    folder = f"{layout.inside(layout.reports)}/pooling/"
    for name, (_, digest) in written(entries, REPORTS).items():
        path = layout.folder / name
        if not (name.startswith(folder) and name.endswith(".json")) or not path.is_file():
            continue
        if sha256_file(path) == digest:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["pooled"] is not None:
                yield [effect["study"] for effect in found["effects"]]
