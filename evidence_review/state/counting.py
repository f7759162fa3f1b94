"""The counts of the PRISMA 2020 flow diagram, folded from records and events; no number is ever typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evidence_review.state import standing as places
from evidence_review.state.boxes import (
    MAIN_STATES,
    OTHER_STATES,
    RECORDS,
    REPORT_BOXES,
    REPORTS,
    ROUTE_BOX,
    SPANS,
    STUDIES,
)
from evidence_review.state.flow import NO_REASON, Count, Flow
from evidence_review.state.names import reason_code, reason_label, source_name
from evidence_review.state.screening import Outcome
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import MAIN, OTHER, Standing, arms
from evidence_review.state.versions import Since, changed_since, is_new, place_of, since_last


def count(snapshot: Snapshot, standing: Standing) -> Flow:
    """Count a review as it stands; where it is a new version of itself, only what is new since the last one."""
    since = since_last(snapshot, standing)
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
    for route, key in ROUTE_BOX.items():
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
    boxes: dict[str, Sequence[str]] = {**(MAIN_STATES if arm == MAIN else OTHER_STATES), **SPANS[arm]}
    if not any(reason.awaiting for reason in snapshot.protocol.eligibility.exclude):
        boxes = {key: states for key, states in boxes.items() if not key.endswith("awaiting_classification")}
    counts = []
    for key, states in boxes.items():
        ids = tuple(keeper for state in states for keeper in by_state.get(state, ()))
        unit = REPORTS if key in REPORT_BOXES else RECORDS
        file = "retrievals.csv" if "retriev" in key else "decisions.csv"
        runs, files = _written(snapshot, file)
        counts.append(Count(key, unit, len(ids), ids, runs=runs, files=files))
    by_key = {number.key: number for number in counts}
    screened_out, read_out = ("records_excluded", "dbr_excluded")
    if arm == OTHER:
        screened_out, read_out = ("other_records_excluded", "other_excluded")
    out = by_key[screened_out]
    by_key[screened_out] = _split(out, standing.title_abstract, snapshot)
    by_key[read_out] = _split(by_key[read_out], standing.full_text, snapshot)
    for word, machine in (("human", False), ("automation", True)):
        ids = tuple(keeper for keeper in out.ids or () if standing.title_abstract[keeper].automation == machine)
        key = f"{screened_out}_{word}"
        by_key[key] = replace(out, key=key, n=len(ids), ids=ids)
    return list(by_key.values())


def _split(number: Count, outcomes: Mapping[str, Outcome], snapshot: Snapshot) -> Count:
    """Split a count by the reason for exclusion, the most frequent first."""
    ids_of: dict[str, list[str]] = {}
    for keeper in number.ids or ():
        ids_of.setdefault(reason_code(snapshot, outcomes[keeper].reason) or NO_REASON, []).append(keeper)
    order = [reason.code for reason in snapshot.protocol.eligibility.exclude]

    def place(code: str) -> tuple[int, int, str]:
        return -len(ids_of[code]), order.index(code) if code in order else len(order), code

    parts = {
        code: replace(number, n=len(ids_of[code]), ids=tuple(ids_of[code]), label=reason_label(snapshot, code))
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
