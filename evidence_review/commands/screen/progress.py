"""What was read so far, in the order in which it was given out, and what chance put among it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evidence_review.commands.screen.review import StageView
from evidence_review.model.events import EXCLUDE
from evidence_review.state.agreement import Z95
from evidence_review.state.screening import AUTOMATION
from evidence_review.workspace.issued import Issued


@dataclass(frozen=True, slots=True)
class Drawn:
    """Records that chance put into sheets and that were judged: `judged` of them, `included` among these."""

    judged: int
    included: int

    @property
    def share(self) -> tuple[float, float, float]:
        """The share of includes with its 95 % interval (Wilson 1927, 10.1080/01621459.1927.10502953)."""
        n, share = self.judged, self.included / self.judged
        middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 / (1 + Z95**2 / n) * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
        return share, max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Sample:
    """An elusion sample that was judged whole: of `unread` records at its time `size` were drawn, `included` found."""

    unread: int
    size: int
    included: int


def labels_of(view: StageView) -> dict[str, int]:
    """Return 1 or 0 for each record that somebody judged; a doubt counts as 1.

    They stand in the order in which they were given out, for a person may sort a sheet by their answers: in the order
    of the rows a rule would then see the excludes come last and take that for the end of the includes.
    """
    first: dict[str, tuple[int, int]] = {}
    runs = _runs(view.of_stage())
    for run, sheet in runs:
        for place, record in enumerate(sheet.records):
            keeper = view.keeper(record)
            first[keeper] = min(first.get(keeper, (run, place)), (run, place))
    labels: dict[str, int] = {}
    for decision in view.snapshot.decisions:
        keeper = view.keeper(decision.record)
        if decision.stage == view.stage and decision.role != AUTOMATION and keeper in view.outcomes:
            outcome = view.outcomes[keeper]
            if all(one.role == AUTOMATION for one in outcome.decisions):
                continue  # what somebody settled was withdrawn, and nobody had judged it
            excluded = outcome.state == "excluded" or {one.verdict for one in outcome.decisions} == {EXCLUDE}
            labels.setdefault(keeper, 0 if excluded else 1)
            first.setdefault(keeper, (len(runs), len(first)))
    return {record: labels[record] for record in sorted(labels, key=first.__getitem__)}


def _runs(issued: list[Issued]) -> list[tuple[int, Issued]]:
    """Number the runs in which sheets were given out: the sheets of one run share its records, place by place."""
    runs: list[tuple[int, Issued]] = []
    number, when, given = 0, "", set[tuple[str, str]]()
    for sheet in issued:
        if sheet.when != when or (sheet.screener, sheet.kind) in given:
            number, when, given = number + 1, sheet.when, set()
        given.add((sheet.screener, sheet.kind))
        runs.append((number, sheet))
    return runs


def given_order(view: StageView) -> int:
    """Return how many judged records came in sheets that were neither ranked nor drawn by chance."""
    by_merit = {
        view.keeper(record)
        for sheet in view.of_stage()
        for record in (sheet.records if sheet.order == "ranked" or sheet.kind == "pilot" else sheet.drawn)
    }
    return sum(record not in by_merit for record in labels_of(view))


def drawn(view: StageView) -> Drawn | None:
    """Return what chance put among the sheets of a stage and was judged; None where there is nothing."""
    labels = labels_of(view)
    chosen = {view.keeper(record) for sheet in view.of_stage() for record in sheet.drawn}
    found = [labels[record] for record in chosen if record in labels]
    return Drawn(len(found), sum(found)) if found else None


def sample(view: StageView) -> Sample | None:
    """Return the last elusion sample of a stage, once every record of it is judged."""
    whole = [(run, sheet) for run, sheet in _runs(view.of_stage()) if is_sample(sheet)]
    if not whole:
        return None
    last = [sheet for run, sheet in whole if run == whole[-1][0]]
    records = {view.keeper(record) for sheet in last for record in sheet.records} - view.snapshot.gone.keys()
    labels = labels_of(view)
    if not records <= set(labels):
        return None
    return Sample(last[0].drawn_from, len(records), sum(labels[record] for record in records))


def is_sample(sheet: Issued) -> bool:
    """Whether a sheet holds nothing but records drawn by chance, from a known number."""
    return sheet.drawn_from > 0 and set(sheet.drawn) == set(sheet.records)
