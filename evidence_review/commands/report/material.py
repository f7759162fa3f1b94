"""What a report is made from, folded once: the counts, the lists, the shortcuts, and what still waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evidence_review import __version__
from evidence_review.commands.report import after_inclusion, lists, searches
from evidence_review.commands.report.labels import Labels
from evidence_review.commands.report.numbers import Numbers, register_flow
from evidence_review.commands.report.references import Style
from evidence_review.model.events import FULL_TEXT, TITLE_ABSTRACT
from evidence_review.state import deviations, identities, shortcuts, values
from evidence_review.state import standing as places
from evidence_review.state.counting import count
from evidence_review.state.deviations import Deviation
from evidence_review.state.flow import Flow
from evidence_review.state.identities import Failure
from evidence_review.state.raters import StageAgreement, stage_agreement
from evidence_review.state.renumbered import decisions_today
from evidence_review.state.shortcuts import Shortcut
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.state.tables import Table, study_tables
from evidence_review.state.waiting import Waiting, waiting
from evidence_review.text.languages import language_name

# The sections, in the order of the report; the catalogue of labels has the heading of each.
ANCHORS = (
    "title",
    "messages",
    "summary",
    "introduction",
    "question",
    "methods",
    "eligibility",
    "sources",
    "selection",
    "extraction",
    "appraisal-methods",
    "synthesis-methods",
    "shortcuts",
    "deviations",
    "results",
    "flow",
    "known-items",
    "agreement",
    "characteristics",
    "appraisal",
    "synthesis",
    "findings",
    "discussion",
    "limitations",
    "conclusions",
    "other",
    "references",
    "strategies",
    "excluded",
    "not-retrieved",
    "checklists",
)


_NOTHING_YET = Waiting("records (there are none yet)", 0, (), "evidence-review load, or evidence-review search")


@dataclass(frozen=True, slots=True)
class Material:
    """Everything folded from a snapshot, before a template sees it."""

    snapshot: Snapshot
    standing: Standing
    flow: Flow
    failures: tuple[Failure, ...]
    waiting: tuple[Waiting, ...]
    shortcuts: tuple[Shortcut, ...]
    deviations: tuple[Deviation, ...]
    agreement: Mapping[str, StageAgreement]
    tables: tuple[Table, ...]
    values: values.Values
    prose: Mapping[str, str]

    @property
    def as_of(self) -> str:
        """The date of the last thing that was done, from the data and not from a clock."""
        moments = [
            *(item.when[:10] for item in self.snapshot.decisions),
            *(item.when[:10] for item in self.snapshot.retrievals),
            *(item.when[:10] for item in self.snapshot.values),
            *(item.when[:10] for item in self.snapshot.duplicates),
            *(run.searched_on[:10] for run in self.snapshot.runs),
        ]
        return max(moments, default="")


def gather(
    snapshot: Snapshot,
    versions: Mapping[str, Mapping[str, Any]],
    current: str,
    prose: Mapping[str, str],
    pooled: Iterable[str] = (),
    tools: Mapping[str, str] | None = None,
) -> Material:
    """Fold a snapshot.

    `versions` and `current` are those of `deviations.find`, `pooled` and `tools` those of `after_inclusion.extended`.
    """
    standing = stand(snapshot)
    folded = values.fold(snapshot.values, standing)
    decisions = decisions_today(snapshot)
    flow = after_inclusion.extended(
        count(snapshot, standing), snapshot.protocol, standing.studies, folded, pooled, tools
    )
    return Material(
        snapshot,
        standing,
        flow,
        identities.check(flow, snapshot.protocol.adjustments),
        waiting(snapshot, standing) if snapshot.records else (_NOTHING_YET,),
        shortcuts.taken(snapshot, standing),
        deviations.find(snapshot, standing, versions, current),
        {stage: stage_agreement(standing.clusters, decisions, stage) for stage in (TITLE_ABSTRACT, FULL_TEXT)},
        study_tables(snapshot, standing),
        folded,
        prose,
    )


def context(material: Material, labels: Labels, numbers: Numbers, style: Style) -> dict[str, Any]:
    """Return what templates are given; `style` writes references."""
    snapshot, standing = material.snapshot, material.standing
    register_flow(numbers, material.flow)
    studies = lists.included(snapshot, standing, style)
    headings = {anchor: labels(f"heading.{anchor}") for anchor in ANCHORS}
    return {
        "protocol": snapshot.protocol,
        "labels": labels,
        "headings": headings,
        "numbers": numbers,
        "flow": material.flow,
        "as_of": material.as_of,
        "waiting": material.waiting,
        "warnings": [failure for failure in material.failures if failure.soft],
        "failures": identities.hard(material.failures),
        "sources": searches.told(snapshot, material.flow, numbers),
        "taken_back": searches.taken_back(snapshot),
        "limited_runs": any(run.limits for run in snapshot.runs),
        "languages": " or ".join(map(language_name, snapshot.protocol.limits.languages)),
        "deciders": list(dict.fromkeys(event.by for event in snapshot.duplicates if event.by != "dedup")),
        "team": {member.id: member.name or member.id for member in snapshot.protocol.team},
        "studies": studies,
        "numbered": style.cite is None,
        "references": tuple(lists.references(studies)),
        "excluded": lists.excluded(snapshot, standing, style),
        "awaiting_classification": lists.excluded(snapshot, standing, style, places.AWAITING_CLASSIFICATION),
        "not_retrieved": lists.not_retrieved(snapshot, standing, style),
        "shortcuts": [
            {"item": item, "what": numbers.told(f"shortcut.{item.rule or place}", item.what)}
            for place, item in enumerate(material.shortcuts, start=1)
        ],
        "deviations": [
            {"item": item, "part": part(item.section), "done": numbers.told(f"deviation.{place}", item.done)}
            for place, item in enumerate(material.deviations, start=1)
        ],
        "agreement": _agreement(material, numbers),
        "tables": material.tables,
        "prose": material.prose,
        "versions": sorted({__version__, *(entry.version for entry in snapshot.ledger)}),
        "dedup_runs": [entry.run for entry in snapshot.ledger if entry.verb == "dedup"],
    }


# Parts of a protocol whose names say little to a reader.
_PARTS = {
    "full_text": "full texts", "title_abstract": "titles and abstracts", "cut_off": "cut-off date",
    "exclude": "reasons for exclusion", "include": "criteria for inclusion", "tables": "tables", "maps": "gap maps",
}  # fmt: skip


def part(path: str) -> str:
    """Return the name of a part of the protocol in words: `full_text.cut_off` is "Full texts: cut-off date"."""
    words = ": ".join(_PARTS.get(step, step.replace("_", " ")) for step in path.split(".")) if path else "the protocol"
    return words[:1].upper() + words[1:]


def _agreement(material: Material, numbers: Numbers) -> list[dict[str, Any]]:
    """Return the agreement of each stage at which two people judged the same records."""
    told = []
    for stage, found in material.agreement.items():
        overall = found.overall
        if not overall.n or overall.percent is None:
            continue
        key = f"agreement.{stage}"
        row = {
            "stage": "title and abstract" if stage == TITLE_ABSTRACT else "full text",
            "pairs": numbers.figure(f"{key}.records", numbers_text(overall.n)),
            "percent": numbers.figure(f"{key}.percent", f"{100 * overall.percent:.1f}%"),
            "kappa": "",
        }
        for name, figure in (("kappa", overall.kappa), ("ac1", overall.ac1)):
            if figure.value is not None:
                interval = (
                    f" (95% CI {figure.low:.2f} to {figure.high:.2f})"
                    if figure.low is not None and figure.high is not None
                    else ""
                )
                row[name] = numbers.figure(f"{key}.{name}", f"{figure.value:.2f}{interval}")
        row["pabak"] = numbers.figure(f"{key}.pabak", f"{overall.pabak:.2f}") if overall.pabak is not None else ""
        told.append(row)
    return told


def numbers_text(value: int) -> str:
    """Return a whole number with its thousands parted."""
    return f"{value:,}"
