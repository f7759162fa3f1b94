"""The counts of the PRISMA 2020 flow diagram, folded from records and events; no number is ever typed.

Keys are those of the R package PRISMA2020's template (https://github.com/prisma-flowdiagram/PRISMA2020) where it has a
box, and our own, listed in `OWN_BOXES`, where it has none. Records are counted down to screening, reports from
retrieval on, studies at inclusion (Page et al. 2021, 10.1136/bmj.n71).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evidence_review.model.events import Edition
from evidence_review.model.ids import study_id
from evidence_review.model.protocol import Adjustment, Protocol
from evidence_review.model.search_run import SearchRun
from evidence_review.state import standing as places
from evidence_review.state.screening import Outcome
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import MAIN, OTHER, Standing, arms

RECORDS, REPORTS, STUDIES = "records", "reports", "studies"

# What the diagram of PRISMA 2020 has no box for: the steps that the other arm goes through as well, and what waits.
OWN_BOXES = (
    "other_results", "other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened",
    "other_awaiting_screening", "other_records_screened", "other_records_excluded", "other_awaiting_retrieval",
    "other_awaiting_eligibility", "other_included", "unscreened", "awaiting_screening", "awaiting_retrieval",
    "awaiting_eligibility", "dbr_included", "records_excluded_human", "records_excluded_automation",
    "other_records_excluded_human", "other_records_excluded_automation", "pooled_results", "appraised_studies",
    "synthesised_studies", "awaiting_classification", "other_awaiting_classification",
)  # fmt: skip

_ROUTE_BOX = {
    "database": "database_results",
    "register": "register_results",
    "website": "website_results",
    "organisation": "organisation_results",
    "citation": "citations_results",
    "other": "other_results",
}
NO_REASON = "no-reason"


@dataclass(frozen=True, slots=True)
class Count:
    """One number of the flow, with what it was counted from.

    `unit` is records, reports or studies; `ids` what was counted (None where only the number is known, as for a
    published flow or the previous version of a review); `parts` split it, by source id or reason code; `runs` and
    `files` (name, sha256) are the runs and files that it came from.
    """

    key: str
    unit: str
    n: int
    ids: tuple[str, ...] | None = None
    label: str = ""
    parts: Mapping[str, Count] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """The previous version of a living review: its `edition`, the ids of the records that it had (`old`), and which of
    its studies and reports are included no longer (`withdrawn`, by unit), or were not then and are now (`added`).
    `earlier` are the studies of now that have a report of then.
    """

    edition: Edition
    old: frozenset[str]
    withdrawn: Mapping[str, tuple[str, ...]]
    added: Mapping[str, tuple[str, ...]]
    earlier: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """The counts by key, and, for a folded flow, what they must account for.

    `records` are all record ids, `keeper_of` maps each to the one that stands for its cluster (both None for a flow
    that has numbers only); `loaded` is how many new records the runs of each source say they brought; `since` is set
    where only what is new since an earlier version of the same review was counted.
    """

    counts: Mapping[str, Count]
    records: tuple[str, ...] | None = None
    keeper_of: Mapping[str, str] | None = None
    loaded: Mapping[str, int] = field(default_factory=dict)
    since: Since | None = None

    def get(self, key: str) -> Count | None:
        """Return a count, or None where it is unknown."""
        return self.counts.get(key)

    def n(self, key: str) -> int | None:
        """Return a number, or None where it is unknown."""
        count = self.counts.get(key)
        return None if count is None else count.n

    def having(self, key: str) -> int:
        """Return a number, 0 where it is unknown."""
        return self.n(key) or 0

    def with_count(self, count: Count) -> Flow:
        """Return this flow with one count put in the place of the one with its key."""
        return replace(self, counts={**self.counts, count.key: count})

    @property
    def has_other_arm(self) -> bool:
        """Whether anything came from other methods than databases and registers."""
        return any(self.having(_ROUTE_BOX[route]) for route in ("website", "organisation", "citation", "other"))

    @property
    def is_update(self) -> bool:
        """Whether the review updates an earlier one whose size is known."""
        return bool(self.having("previous_studies") or self.having("previous_reports"))


# For each arm: the box of each state in which a record stays.
_MAIN_STATES = {
    "excluded_automatic": (places.REMOVED_AUTOMATION,),
    "excluded_other": (places.REMOVED_OTHER,),
    "unscreened": (places.UNSCREENED,),
    "awaiting_screening": (places.AWAITING_SCREENING, places.CONFLICT_SCREENING),
    "records_excluded": (places.EXCLUDED_SCREENING,),
    "dbr_notretrieved_reports": (places.NOT_OBTAINED,),
    "awaiting_retrieval": (places.AWAITING_RETRIEVAL,),
    "awaiting_eligibility": (places.AWAITING_ELIGIBILITY, places.CONFLICT_ELIGIBILITY),
    "dbr_excluded": (places.EXCLUDED_ELIGIBILITY,),
    "awaiting_classification": (places.AWAITING_CLASSIFICATION,),
    "dbr_included": (places.INCLUDED,),
}
_OTHER_STATES = {
    "other_excluded_automatic": (places.REMOVED_AUTOMATION,),
    "other_excluded_other": (places.REMOVED_OTHER,),
    "other_unscreened": (places.UNSCREENED,),
    "other_awaiting_screening": (places.AWAITING_SCREENING, places.CONFLICT_SCREENING),
    "other_records_excluded": (places.EXCLUDED_SCREENING,),
    "other_notretrieved_reports": (places.NOT_OBTAINED,),
    "other_awaiting_retrieval": (places.AWAITING_RETRIEVAL,),
    "other_awaiting_eligibility": (places.AWAITING_ELIGIBILITY, places.CONFLICT_ELIGIBILITY),
    "other_excluded": (places.EXCLUDED_ELIGIBILITY,),
    "other_awaiting_classification": (places.AWAITING_CLASSIFICATION,),
    "other_included": (places.INCLUDED,),
}
STATE_BOXES = {MAIN: tuple(_MAIN_STATES), OTHER: tuple(_OTHER_STATES)}

_PASSED_SCREENING = (
    places.NOT_OBTAINED, places.AWAITING_RETRIEVAL, places.AWAITING_ELIGIBILITY, places.CONFLICT_ELIGIBILITY,
    places.EXCLUDED_ELIGIBILITY, places.AWAITING_CLASSIFICATION, places.INCLUDED,
)  # fmt: skip
_SCREENED = (places.EXCLUDED_SCREENING, *_PASSED_SCREENING)
_ASSESSED = (places.EXCLUDED_ELIGIBILITY, places.AWAITING_CLASSIFICATION, places.INCLUDED)

# The boxes that hold records in several states.
_SPANS = {
    MAIN: {"records_screened": _SCREENED, "dbr_sought_reports": _PASSED_SCREENING, "dbr_assessed": _ASSESSED},
    OTHER: {
        "other_records_screened": _SCREENED,
        "other_sought_reports": _PASSED_SCREENING,
        "other_assessed": _ASSESSED,
    },
}

_REPORT_BOXES = frozenset({
    "dbr_sought_reports", "dbr_notretrieved_reports", "awaiting_retrieval", "dbr_assessed", "awaiting_eligibility",
    "dbr_excluded", "dbr_included", "other_sought_reports", "other_notretrieved_reports", "other_awaiting_retrieval",
    "other_assessed", "other_awaiting_eligibility", "other_excluded", "other_included",
    "awaiting_classification", "other_awaiting_classification",
})  # fmt: skip


def count(snapshot: Snapshot, standing: Standing) -> Flow:
    """Count a review as it stands; where it is a new version of itself, only what is new since the last one."""
    since = _since(snapshot, standing)
    old = since.old if since else frozenset()
    counts: dict[str, Count] = {}
    if since:
        news = {record: item for record, item in snapshot.records.items() if record not in old}
        runs = tuple(run for run in snapshot.runs if place_of(run.id) > place_of(since.edition.run))
        snapshot = replace(snapshot, records=news, runs=runs)

    def put(number: Count) -> None:
        counts[number.key] = number

    for number in (*_identified(snapshot, standing), *_duplicates(snapshot, standing, old)):
        put(number)
    for arm in (MAIN, OTHER):
        for number in _arm(snapshot, standing, arm, old):
            put(number)
    for number in _included(snapshot, standing, since):
        put(number)
    loaded: dict[str, int] = {}
    for run in snapshot.runs:
        loaded[run.source] = loaded.get(run.source, 0) + run.loaded
    return Flow(counts, tuple(snapshot.records), standing.clusters.keeper_of, loaded, since)


def place_of(run: str) -> int:
    """Return the place in the ledger of a run's name, such as `0003-load.1`."""
    return int(run.partition("-")[0])


def _since(snapshot: Snapshot, standing: Standing) -> Since | None:
    """Return the last version that ended, None where this is the first."""
    if not snapshot.editions:
        return None
    edition = snapshot.editions[-1]
    old = frozenset(list(snapshot.records)[: int(edition.records)])
    keeper_of = standing.clusters.keeper_of
    had = {keeper_of.get(report, report) for report in edition.reports.split()}
    included = standing.having(places.INCLUDED)
    # A study may have another id now, where its reports were joined anew: it is known by its reports.
    had_studies = set(edition.studies.split()) | {study_id(report) for report in had}
    named = {study.id: {study.id, *map(study_id, study.reports)} for study in standing.studies}
    still = {name for names in named.values() for name in names}
    earlier = [
        study for study in standing.studies if not all(is_new(report, standing, old) for report in study.reports)
    ]
    withdrawn = {
        STUDIES: tuple(study for study in edition.studies.split() if study not in still),
        REPORTS: tuple(report for report in sorted(had) if report not in included),
    }
    added = {
        STUDIES: tuple(study.id for study in earlier if not named[study.id] & had_studies),
        REPORTS: tuple(keeper for keeper in included if keeper not in had and not is_new(keeper, standing, old)),
    }
    return Since(edition, old, withdrawn, added, frozenset(study.id for study in earlier))


def is_new(keeper: str, standing: Standing, old: frozenset[str]) -> bool:
    """Whether no record of a cluster was there in the previous version."""
    return not old or not any(member in old for member in standing.clusters.members_of[keeper])


def source_name(protocol: Protocol, source: str, runs: Iterable[SearchRun] = ()) -> str:
    """Return what a source is called: by the protocol, else by the platform of its runs, else by its id."""
    planned = protocol.source(source)
    if planned is not None:
        return planned.name
    return next((run.platform for run in runs if run.source == source and run.platform), source)


def reason_label(protocol: Protocol, code: str) -> str:
    """Return the words of an exclusion code."""
    return next((reason.label for reason in protocol.eligibility.exclude if reason.code == code), code)


def _identified(snapshot: Snapshot, standing: Standing) -> list[Count]:
    """Count what each source gave, duplicates included; a source that gave nothing is a part with 0."""
    routes = {run.source: run.route for run in snapshot.runs}
    routes.update({source.id: source.route for source in snapshot.protocol.sources})
    ids_of: dict[str, list[str]] = {source.id: [] for source in snapshot.protocol.sources}
    for run in snapshot.runs:
        ids_of.setdefault(run.source, [])
    for record in snapshot.records.values():
        ids_of.setdefault(record.source, []).append(record.id)
    searched = {run.source for run in snapshot.runs}
    boxes = []
    for route, key in _ROUTE_BOX.items():
        parts: dict[str, Count] = {}
        for source, ids in ids_of.items():
            if routes.get(source, "database") != route or (not ids and source not in searched):
                continue
            runs = [run for run in snapshot.runs if run.source == source]
            parts[source] = Count(
                key, RECORDS, len(ids), tuple(ids), source_name(snapshot.protocol, source, runs),
                runs=tuple(run.id for run in runs),
                files=tuple(dict.fromkeys(item for run in runs for item in run.files)),
            )  # fmt: skip
        everything = tuple(record for part in parts.values() for record in part.ids or ())
        boxes.append(
            Count(
                key,
                RECORDS,
                len(everything),
                everything,
                parts=parts,
                runs=tuple(run for part in parts.values() for run in part.runs),
                files=tuple(dict.fromkeys(item for part in parts.values() for item in part.files)),
            )
        )
    return boxes


def _duplicates(snapshot: Snapshot, standing: Standing, old: frozenset[str]) -> list[Count]:
    """Count the records of each arm that do not stand for a cluster of that arm.

    A cluster with any member from a database or register belongs to the main arm, where its keeper counts, or its
    first main-arm member where another route's record was kept; its members of the other arm are all duplicates. Of a
    cluster that the previous version had (a record of `old` in it), every new record is a duplicate.
    """
    arm_of_record = arms(snapshot, standing.clusters)
    removed: dict[str, list[str]] = {MAIN: [], OTHER: []}
    for keeper, members in standing.clusters.members_of.items():
        arm = standing.arm_of[keeper]
        new = [member for member in members if member not in old]
        stands = (
            next((member for member in new if arm_of_record[member] == arm), "") if len(new) == len(members) else ""
        )
        for member in new:
            if member != stands:
                removed[arm_of_record[member]].append(member)
    runs, files = _written(snapshot, "duplicates.csv")
    return [
        Count(key, RECORDS, len(removed[arm]), tuple(removed[arm]), runs=runs, files=files)
        for key, arm in (("duplicates", MAIN), ("other_duplicates", OTHER))
    ]


def _arm(snapshot: Snapshot, standing: Standing, arm: str, old: frozenset[str]) -> list[Count]:
    """Count one arm from screening to eligibility."""
    by_state: dict[str, list[str]] = {}
    for keeper, state in standing.state_of.items():
        if standing.arm_of[keeper] == arm and is_new(keeper, standing, old):
            by_state.setdefault(state, []).append(keeper)
    boxes: dict[str, Sequence[str]] = {**(_MAIN_STATES if arm == MAIN else _OTHER_STATES), **_SPANS[arm]}
    if not any(reason.awaiting for reason in snapshot.protocol.eligibility.exclude):
        boxes = {key: states for key, states in boxes.items() if not key.endswith("awaiting_classification")}
    counts = []
    for key, states in boxes.items():
        ids = tuple(keeper for state in states for keeper in by_state.get(state, ()))
        unit = REPORTS if key in _REPORT_BOXES else RECORDS
        file = "retrievals.csv" if "retriev" in key else "decisions.csv"
        runs, files = _written(snapshot, file)
        counts.append(Count(key, unit, len(ids), ids, runs=runs, files=files))
    by_key = {number.key: number for number in counts}
    screened_out, read_out = ("records_excluded", "dbr_excluded")
    if arm == OTHER:
        screened_out, read_out = ("other_records_excluded", "other_excluded")
    out = by_key[screened_out]
    by_key[screened_out] = _split(out, standing.title_abstract, snapshot.protocol)
    by_key[read_out] = _split(by_key[read_out], standing.full_text, snapshot.protocol)
    for word, machine in (("human", False), ("automation", True)):
        ids = tuple(keeper for keeper in out.ids or () if standing.title_abstract[keeper].automation == machine)
        key = f"{screened_out}_{word}"
        by_key[key] = replace(out, key=key, n=len(ids), ids=ids)
    return list(by_key.values())


def _split(number: Count, outcomes: Mapping[str, Outcome], protocol: Protocol) -> Count:
    """Split a count by the reason for exclusion, the most frequent first."""
    ids_of: dict[str, list[str]] = {}
    for keeper in number.ids or ():
        ids_of.setdefault(outcomes[keeper].reason or NO_REASON, []).append(keeper)
    order = [reason.code for reason in protocol.eligibility.exclude]

    def place(code: str) -> tuple[int, int, str]:
        return -len(ids_of[code]), order.index(code) if code in order else len(order), code

    parts = {
        code: replace(number, n=len(ids_of[code]), ids=tuple(ids_of[code]), label=reason_label(protocol, code))
        for code in sorted(ids_of, key=place)
    }
    return replace(number, parts=parts)


def _included(snapshot: Snapshot, standing: Standing, since: Since | None) -> list[Count]:
    """Count studies and reports included, here and in all; an earlier review's numbers are cited, not counted."""
    old = since.old if since else frozenset()
    reports = tuple(keeper for keeper in standing.having(places.INCLUDED) if is_new(keeper, standing, old))
    studies = [study for study in standing.studies if all(is_new(report, standing, old) for report in study.reports)]
    runs, files = _written(snapshot, "studies.csv")
    deciding = _written(snapshot, "decisions.csv")
    found = [
        Count("new_studies", STUDIES, len(studies), tuple(study.id for study in studies), runs=runs, files=files),
        Count("new_reports", REPORTS, len(reports), reports, runs=deciding[0], files=deciding[1]),
    ]
    for unit, new in ((STUDIES, found[0].n), (REPORTS, found[1].n)):
        previous = _previous(snapshot, unit, since)
        if previous is None:
            continue
        found.append(previous)
        change = changed_since(snapshot.protocol.adjustments, unit, since)
        note = "previous and new together"
        for words, ids in (
            (("less {} included no longer", since.withdrawn[unit]), ("and {} taken in since", since.added[unit]))
            if since
            else ()
        ):
            if ids:
                note += f", {words.format(len(ids))}: {', '.join(ids)}"
        found.append(Count(f"total_{unit}", unit, previous.n + new + change, note=note))
    return found


def _previous(snapshot: Snapshot, unit: str, since: Since | None) -> Count | None:
    """Return what the previous version included: this review's own, or the earlier review that it updates."""
    if since is not None:
        edition = since.edition
        ids, n = (edition.studies, edition.all_studies) if unit == STUDIES else (edition.reports, edition.all_reports)
        own = tuple(ids.split())
        written = _written(snapshot, "editions.csv")
        return Count(
            f"previous_{unit}", unit, int(n), own if len(own) == int(n) else None, runs=written[0], files=written[1],
            note=f"version {edition.number}, ended {edition.when[:10]}",
        )  # fmt: skip
    before = snapshot.protocol.updates
    number = None if before is None else before.studies if unit == STUDIES else before.reports
    if before is None or number is None:
        return None
    return Count(f"previous_{unit}", unit, number, note=before.source or before.reference)


def changed_since(adjustments: Iterable[Adjustment], unit: str, since: Since | None) -> int:
    """Return by how much the total differs from previous and new together: a declared overlap with the earlier review,
    or, from version to version of this one, what of the old records is included no longer or taken in.
    """
    if since is not None:
        return len(since.added[unit]) - len(since.withdrawn[unit])
    return adjusted(adjustments, "I9", unit, whole=unit == STUDIES)


def adjusted(adjustments: Iterable[Adjustment], identity: str, subject: str, *, whole: bool = True) -> int:
    """Return the sum of the declared differences that speak of `identity` and `subject`, a box or unit.

    `I9 reports` names its subject; a bare `I9` speaks of the subject that is the `whole` of it (for I9: studies).
    """
    total = 0
    for item in adjustments:
        name, _, about = item.identity.strip().partition(" ")
        if name.upper() == identity and (about.strip() == subject or (whole and not about)):
            total += item.count
    return total


def _written(snapshot: Snapshot, name: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the runs that wrote to a file of the library, and the file with the hash it has since the last."""
    runs: list[str] = []
    files: dict[str, str] = {}
    for entry in snapshot.ledger:
        for path, digest in entry.outputs.items():
            if path.rsplit("/", 1)[-1] == name and path.startswith("library/"):
                runs.append(entry.run)
                files[path] = digest
    return tuple(runs), tuple(files.items())
