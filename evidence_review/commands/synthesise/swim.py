"""The nine items of SWiM, answered from what ran: Campbell et al. 2020 (10.1136/bmj.l6890), in own short words."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_review.model.synthesis import Synthesis
from evidence_review.state.certainty import SCHEMES, judged
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.table_parts import Row, Table, label

AUTHORS = "for the authors to write"


def wanted(plan: Synthesis) -> bool:
    """Whether any quantitative result is brought together, pooled or not."""
    return bool(plan.pooling or plan.directions)


def table(snapshot: Snapshot) -> Table:
    """Return the items with what the protocol planned and the program did; what only authors can say is said so."""
    rows = tuple(Row("", (item, what, said or AUTHORS)) for item, what, said in _items(snapshot))
    open_items = [row.cells[0] for row in rows if row.cells[2] == AUTHORS]
    notes = (f"Items that only the authors can answer: {', '.join(open_items)}.",) if open_items else ()
    return Table("Synthesis without meta-analysis (SWiM)", ("Item", "What it asks", "What was done"), rows, notes)


def _items(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    plan = snapshot.protocol.synthesis
    yield "1a", "How studies were grouped, and why", _grouping(snapshot)
    changes = [one for one in snapshot.amendments if one.section.startswith("synthesis")]
    said = "; ".join(f"{one.date}: {one.section}, {one.reason}" for one in changes)
    yield "1b", "Changes of the grouping after the protocol", said or "none logged"
    yield "2", "The metric of each outcome, and transformations", _metrics(plan)
    yield "3", "The method of synthesis, and why", _methods(plan)
    yield "4", "By what results were put first", snapshot.protocol.appraisal.use
    yield "5", "How differences between results were looked into", _differences(plan)
    yield "6", "How certainty was judged", _certainty(snapshot)
    yield "7", "Tables and pictures, and what orders them", "; ".join(_displays(plan))
    titles = [*(one.title for one in plan.pooling), *(one.title for one in plan.directions)]
    yield (
        "8",
        "The result of each comparison, its studies and its certainty",
        f"see {', '.join(titles)}" if titles else "",
    )
    limits = [one.what for one in snapshot.protocol.shortcuts if one.step == "synthesis"]
    yield "9", "Limits of the synthesis", "; ".join(limits)


def _grouping(snapshot: Snapshot) -> str:
    plan, form = snapshot.protocol.synthesis, snapshot.protocol.extraction.form
    said = [
        f"{one.title}: {', '.join(f'{key} = {answer}' for key, answer in one.where.items()) or 'all entries'}"
        + (f", designs {', '.join(one.designs)}" if one.designs else "")
        for one in plan.pooling
    ]
    said += [f"{one.title}: by {label(form, f'{one.group}.{one.about}', one.group)}" for one in plan.directions]
    return "; ".join(said)


def _metrics(plan: Synthesis) -> str:
    said = [f"{one.title}: {one.measure}" for one in plan.pooling]
    said += [f"{one.title}: direction of effect, without regard to significance" for one in plan.directions]
    return "; ".join(said)


def _methods(plan: Synthesis) -> str:
    said = [plan.approach] if plan.approach else []
    said += [
        f"{one.title}: {one.method}{' with Knapp-Hartung interval' if one.knapp_hartung else ''}, "
        f"from {one.least} studies on"
        for one in plan.pooling
    ]
    said += [f"{one.title}: sign test, exact binomial" for one in plan.directions]
    return "; ".join(text.strip().rstrip(".") for text in said)


def _differences(plan: Synthesis) -> str:
    said = ["τ² with its interval, I², Q and prediction interval"] if plan.pooling else []
    said += ["effect directions side by side"] if plan.directions else []
    return "; ".join(said)


def _certainty(snapshot: Snapshot) -> str:
    said = [snapshot.protocol.synthesis.certainty] if snapshot.protocol.synthesis.certainty else []
    for scheme in SCHEMES.values():
        count = len(judged(scheme, snapshot.values))
        if count:
            said.append(f"{scheme.title}: {count} judged")
    return "; ".join(said)


def _displays(plan: Synthesis) -> Iterator[str]:
    for one in plan.tables:
        order = [
            word for word in (one.group_by and f"by {one.group_by}", one.sort_by and f"sorted by {one.sort_by}") if word
        ]
        yield f"{one.title} ({', '.join(order) or 'in the order of identification'})"
    for kind in (plan.crosstabs, plan.perspectives, plan.matrices, plan.directions, plan.maps):
        yield from (one.title for one in kind)
    yield from (f"{one.title} (harvest plot)" for one in plan.directions)
    yield from (f"{one.title} (forest plot)" for one in plan.pooling)
