"""`screen simulate`: what ranking and stopping would have done on records whose labels are known.

Figures: ATD, the average share of the records read when an include is found; WSS@95, the work saved over reading in
random order when 95 % are found (Cohen et al. 2006, 10.1197/jamia.M1929); recall after a tenth of the records.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evidence_review.commands.screen.chance import chance
from evidence_review.commands.screen.features import Features, features
from evidence_review.commands.screen.labelled import read_labelled
from evidence_review.commands.screen.rank import rank
from evidence_review.commands.screen.rules import RULES, Rule, Stopped, first_stop
from evidence_review.errors import InputError
from evidence_review.summary import Summary, counted


@dataclass(frozen=True, slots=True)
class Plan:
    """How to simulate. `warm` begins with one include and one exclude that are known, which do not count."""

    batch: int = 50
    seed: int = 1
    warm: bool = False
    grow: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one simulated screening; shares from 0 to 1, seconds for ranking, features included."""

    atd: float
    wss95: float
    recall10: float
    seconds: float


def run(path: Path, protocol_text: str, plan: Plan, curve: Path | None = None) -> Summary:
    """Simulate screening a labelled file.

    Raises:
        SheetError: the file cannot be read or has labels that mean nothing known.
        InputError: it has no include or nothing else, or only the one that a warm start knows.
    """
    labelled = read_labelled(path)
    if plan.warm and sum(labelled.labels) < 2:
        raise InputError(f"{path.name} has one include only: a warm start knows it, and none is left to find.")
    begun = time.perf_counter()
    known = features(labelled.titles, labelled.abstracts, protocol_text)
    found, priors = screen(known, labelled.labels, plan)
    seconds = time.perf_counter() - begun
    measured = measure(found, seconds)
    stops = [_stopped(name, rule, found, plan.batch) for name, rule in RULES.items()]
    data: dict[str, Any] = {
        **asdict(measured),
        "records": len(found),
        "without_label": labelled.without,
        "included": sum(found),
        "batch": plan.batch,
        "seed": plan.seed,
        "start": "warm" if plan.warm else "cold",
        "priors": priors,
        "curve": recall_curve(found),
        "stopping": [asdict(stop) for stop in stops],
    }
    if curve is not None:
        from evidence_review.commands.screen.curve import draw

        try:
            curve.write_text(draw(found, path.stem, stops), encoding="utf-8")
        except OSError as fault:
            raise InputError(f"The curve cannot be written to {curve}: {fault.strerror}.") from None
        data["svg"] = str(curve)
    lines = [
        f"{counted(len(found), 'record')}, {counted(sum(found), 'include')}; batches of {plan.batch}, "
        f"seed {plan.seed}, {data['start']} start",
        f"ATD {measured.atd:.3f}   WSS@95 {measured.wss95:.3f}   recall@10% {measured.recall10:.3f}   {seconds:.1f} s",
        "Stopping rule: screened, recall",
        *(f"  {stop.rule}: {100 * stop.screened:.0f} %, {100 * stop.recall:.0f} %" for stop in stops),
    ]
    if labelled.without:
        lines.insert(1, f"{counted(labelled.without, 'row')} without a label left out.")
    return Summary((*lines, *labelled.notes), data)


def screen(known: Features, labels: Sequence[int], plan: Plan) -> tuple[list[int], list[int]]:
    """Screen by rank, batch by batch; return the labels in the order read, and the records known at a warm start.

    Once every include is found the rest is excludes in whatever order, and no longer ranked.
    """
    shuffled = list(range(len(labels)))
    chance(plan.seed).shuffle(shuffled)
    priors: list[int] = []
    if plan.warm:
        priors = [next(index for index in shuffled if labels[index] == wanted) for wanted in (1, 0)]
    judged = list(priors)
    found = [labels[index] for index in judged]
    size = min(10, plan.batch) if plan.grow else plan.batch
    while sum(found) < sum(labels):
        judged += rank(known, judged, found, shuffled).order[:size]
        found += [labels[index] for index in judged[len(found) :]]
        size = min(plan.batch, size * 2)
    return [*found[len(priors) :], *[0] * (len(labels) - len(found))], priors


def measure(found: Sequence[int], seconds: float = 0.0) -> Measured:
    """Return the figures of labels in the order read."""
    total = len(found)
    places = [place for place, label in enumerate(found, start=1) if label]
    at_95 = places[math.ceil(0.95 * len(places) - 1e-9) - 1]
    tenth = sum(place <= 0.1 * total for place in places)
    return Measured(sum(places) / len(places) / total, 0.95 - at_95 / total, tenth / len(places), round(seconds, 3))


def recall_curve(found: Sequence[int], points: int = 20) -> list[list[float]]:
    """Return (share read, recall) at equal steps."""
    total = sum(found)
    steps = sorted({round(step * len(found) / points) for step in range(points + 1)})
    return [[round(step / len(found), 4), round(sum(found[:step]) / total, 4)] for step in steps]


def _stopped(name: str, rule: Rule, found: Sequence[int], batch: int) -> Stopped:
    """Return where a rule, asked after each batch, would have stopped, and what had been found."""
    stop = first_stop(rule, found, batch)
    return Stopped(
        name,
        rule.statistical,
        screened=round(stop / len(found), 4),
        recall=round(sum(found[:stop]) / sum(found), 4),
        work_saved=round(1 - stop / len(found), 4),
    )
