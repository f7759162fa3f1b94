"""Where what was done differs from the protocol: logged amendments, changes nobody logged, and plans the data belie.

Most reviews depart from their protocol and few say so; here each departure is found by comparing the plan with the
records, whether anyone noted it or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evidence_review.model.events import FULL_TEXT, RETRIEVED, TITLE_ABSTRACT
from evidence_review.model.search_run import COMPLETE
from evidence_review.state import screening, values
from evidence_review.state import standing as places
from evidence_review.state.calibration import measured, waiver
from evidence_review.state.lost_codes import lost_codes
from evidence_review.state.names import reason_code, reason_label
from evidence_review.state.protocol_changes import differences, flat
from evidence_review.state.raters import stage_agreement
from evidence_review.state.renumbered import decisions_today
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.state.told import Told, literal, some
from evidence_review.text.languages import language_name

AMENDED, UNLOGGED, FOUND = "logged amendment", "change nobody logged", "found in the data"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One departure. `section` is a path in the protocol such as `screening.full_text.mode`."""

    section: str
    planned: str
    done: Told
    kind: str
    date: str = ""
    reason: str = ""
    stage: str = ""


def find(
    snapshot: Snapshot, standing: Standing, versions: Mapping[str, Mapping[str, Any]], current: str = ""
) -> tuple[Deviation, ...]:
    """Return every departure from the protocol.

    Args:
        versions: the protocol as plain values, by the sha256 of its file, as far as copies were kept.
        current: the sha256 of the protocol as it stands.
    """
    return (
        *_amended(snapshot),
        *_unlogged(snapshot, versions, current),
        *_sources(snapshot),
        *_dates(snapshot),
        *_people(snapshot, standing),
        *_limits(snapshot, standing),
        *_agreement(snapshot, standing),
        *_forms(snapshot, standing),
        *_undone(snapshot, standing),
        *_cut_off(snapshot, standing),
    )


def _amended(snapshot: Snapshot) -> Iterator[Deviation]:
    for item in snapshot.amendments:
        yield Deviation(item.section, item.old, Told(item.new), AMENDED, item.date, item.reason, item.stage)


def _unlogged(snapshot: Snapshot, versions: Mapping[str, Mapping[str, Any]], current: str) -> Iterator[Deviation]:
    """Yield each change of the protocol's file between two runs that no amendment leads to."""
    logged = {(item.section, item.new) for item in snapshot.amendments}
    amended = {item.sha256 for item in snapshot.amendments}
    seen: list[tuple[str, str, str]] = []
    for entry in snapshot.ledger:
        if entry.verb == "report":
            continue  # a rendering does nothing under the protocol, and must say the same when it is done again
        for path, digest in entry.inputs.items():
            if path == f"protocols/{snapshot.protocol.review}.yml" and (not seen or seen[-1][0] != digest):
                seen.append((digest, entry.run, entry.when[:10]))
    if current and seen and seen[-1][0] != current:
        seen.append((current, "", ""))
    for (before, _, _), (after, run, date) in pairwise(seen):
        since = f"before run {run}" if run else "since the last run"
        old, new = versions.get(before), versions.get(after)
        changes = list(_changed_unlogged(old, new, logged)) if old is not None and new is not None else []
        if old is not None and new is not None and not changes:
            continue  # comments or spacing only
        if not changes and after not in amended:
            yield Deviation("", "", Told(f"The protocol was changed {since}."), UNLOGGED, date)
        for path, was, now in changes:
            yield Deviation(path, was, Told(now), UNLOGGED, date, f"changed {since} without an entry in the amendments")


def _changed_unlogged(
    old: Mapping[str, Any], new: Mapping[str, Any], logged: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Yield each change that no amendment names; where some are logged, the others in the amendments' detail."""
    parts = differences(flat(old), flat(new))
    rest = [part for part in parts if (part[0], part[2]) not in logged]
    if len(rest) == len(parts):
        yield from changed(old, new)
    for where, was, now in rest if len(rest) < len(parts) else ():
        yield where, was or "not there", now or "not there"


def changed(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (path, old, new) for each part in which two protocols differ."""
    for key in dict.fromkeys((*old, *new)):
        where = f"{path}.{key}" if path else str(key)
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from changed(was, now, where)
        else:
            yield where, _shown(was), _shown(now)


def _shown(value: object) -> str:
    """Return a part of a protocol in short."""
    if value is None:
        return "not there"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_shown(item) for item in value)
    return str(value)


def _found(section: str, planned: str, done: Told | str) -> Deviation:
    return Deviation(section, planned, done if isinstance(done, Told) else Told(done), FOUND)


def _sources(snapshot: Snapshot) -> Iterator[Deviation]:
    searched = {run.source: run for run in snapshot.runs}
    for source in snapshot.protocol.sources:
        if source.id not in searched:
            yield _found(f"sources.{source.id}", f"{source.name} is searched", "It was not searched.")
    planned = {source.id for source in snapshot.protocol.sources}
    for name in searched:
        if name not in planned:
            ids = [record.id for record in snapshot.records.values() if record.source == name]
            done = Told(f"{literal(name)} brought {{n:record}}.", {"n": some(f"{name}", ids)})
            yield _found("sources", f"{name} is not among the sources", done)
    for run in snapshot.runs:
        if run.state != COMPLETE:
            yield _found(
                f"sources.{run.source}", "the search is complete", f"Run {run.id} is {run.state}: {run.reason}"
            )


def _dates(snapshot: Snapshot) -> Iterator[Deviation]:
    """Yield searches on another day than planned, and work after the day on which the answer was needed."""
    for source in snapshot.protocol.sources:
        days = sorted({run.searched_on[:10] for run in snapshot.runs if run.source == source.id and run.searched_on})
        if source.searched_on and days and source.searched_on not in days:
            yield _found(f"sources.{source.id}.searched_on", source.searched_on, f"Searched on {', '.join(days)}.")
    deadline = snapshot.protocol.timeline.deadline
    late = [item.record for item in snapshot.decisions if deadline and item.when[:10] > deadline]
    if late:
        done = Told("Decided after that day: {n:record}.", {"n": some("late-decisions", list(dict.fromkeys(late)))})
        yield _found("timeline.deadline", deadline, done)


def _people(snapshot: Snapshot, standing: Standing) -> Iterator[Deviation]:
    """Yield who screened without being planned to, and records that fewer people judged than planned."""
    for stage, outcomes, name, unit in (
        (TITLE_ABSTRACT, standing.title_abstract, "title_abstract", "records"),
        (FULL_TEXT, standing.full_text, "full_text", "reports"),
    ):
        plan = snapshot.protocol.stage(stage)
        section = f"screening.{name}"
        known = {*plan.screeners, *([plan.arbiter] if plan.arbiter else [])}
        others: dict[str, list[str]] = {}
        for decision in snapshot.decisions:
            if decision.stage != stage or decision.screener in known or not known:
                continue
            # Who agreed with whom on a conflict stands there as reviewer-1+reviewer-2.
            planned = known.issuperset(decision.screener.split("+")) or decision.role == screening.AUTOMATION
            if not planned and decision.record in standing.clusters.keeper_of:
                others.setdefault(decision.screener, []).append(decision.record)
        for person, ids in others.items():
            done = Told(
                f"{literal(person)} judged {{n:{unit[:-1]}}}.", {"n": some(person, list(dict.fromkeys(ids)), unit)}
            )
            yield _found(f"{section}.screeners", ", ".join(sorted(known)), done)
        short = [
            keeper
            for keeper, outcome in outcomes.items()
            if outcome.state in (screening.INCLUDED, screening.EXCLUDED)
            and not outcome.automation
            and len(outcome.readers) < 2
            and len(outcome.readers)
            < screening.people_needed(plan, keeper, {item.verdict for item in outcome.decisions})
        ]
        if short:
            words = f"Fewer people than the mode asks for judged {{n:{unit[:-1]}}}."
            yield _found(f"{section}.mode", plan.mode, Told(words, {"n": some("short", short, unit)}))
    codes = sorted(reason.code for reason in snapshot.protocol.eligibility.exclude)
    for code, ids in lost_codes(snapshot).items():
        label = reason_label(snapshot, code)
        words = f" ({literal(label)})" if label != code else ""
        today = reason_code(snapshot, code)
        now = f"; it counts as {literal(today)}" if today != code else ""
        done = Told(f"The reason '{literal(code)}'{words} was given for {{n:record}}{now}.", {"n": some(code, ids)})
        yield _found("eligibility.exclude", ", ".join(codes), done)


def _limits(snapshot: Snapshot, standing: Standing) -> Iterator[Deviation]:
    """Yield included reports from outside the limits of date and language."""
    limits = snapshot.protocol.limits
    included = standing.having(places.INCLUDED)
    citation = {keeper: snapshot.records[keeper].citation for keeper in included}
    early = [
        keeper
        for keeper, item in citation.items()
        if item.year is not None
        and (
            (limits.published_from and item.year < int(limits.published_from[:4]))
            or (limits.published_to and item.year > int(limits.published_to[:4]))
        )
    ]
    if early:
        planned = " to ".join(date for date in (limits.published_from, limits.published_to) if date)
        words = "Published outside these dates: {n:included report}."
        yield _found("limits", planned, Told(words, {"n": some("dates", early, "reports")}))
    wanted = {language.split("-")[0].casefold() for language in limits.languages}
    foreign = [
        keeper
        for keeper, item in citation.items()
        if wanted and item.language and _language(item.language) not in wanted
    ]
    if foreign:
        words = "In another language: {n:included report}."
        planned = ", ".join(map(language_name, limits.languages))
        yield _found("limits.languages", planned, Told(words, {"n": some("language", foreign, "reports")}))


def _language(tag: str) -> str:
    return tag.split("-")[0].casefold()


def _agreement(snapshot: Snapshot, standing: Standing) -> Iterator[Deviation]:
    """Yield targets of agreement that were missed, or never looked at, though people judged records alone."""
    stages = (
        (TITLE_ABSTRACT, "title_abstract", standing.title_abstract, "record"),
        (FULL_TEXT, "full_text", standing.full_text, "report"),
    )
    for stage, name, outcomes, unit in stages:
        plan = snapshot.protocol.stage(stage)
        if plan.agreement is None:
            continue
        found = measured(plan, stage_agreement(standing.clusters, decisions_today(snapshot), stage))
        waived = waiver(snapshot, stage)
        alone = [
            keeper
            for keeper, outcome in outcomes.items()
            if outcome.state in (screening.INCLUDED, screening.EXCLUDED) and len(outcome.readers) == 1
        ]
        if (found.met and waived is None) or (found.reached is None and not alone):
            continue
        done = f"{str(found)[:1].upper()}{str(found)[1:]}."
        if waived is not None:
            done += f" Screening went on by {waived.by}'s word: {waived.reason}."
        counts = {"alone": some("alone", alone, f"{unit}s")} if alone else {}
        words = literal(done) + (f" One person judged {{alone:{unit}}} alone." if alone else "")
        yield _found(f"screening.{name}.agreement", f"{plan.agreement:.0%} of equal verdicts", Told(words, counts))


def _forms(snapshot: Snapshot, standing: Standing) -> Iterator[Deviation]:
    """Yield forms used in another version than the protocol has, and people who extracted unplanned."""
    form = snapshot.protocol.extraction.form
    if form is None:
        return
    other: dict[str, list[str]] = {}
    for value in snapshot.values:
        name, _, version = value.form.partition("@")
        if name == form.id and version != form.version:
            other.setdefault(version, []).append(value.study)
    for version, studies in other.items():
        ids = list(dict.fromkeys(studies))
        done = Told(
            f"Version {literal(version)} was used for {{n:study|studies}}.", {"n": some(version, ids, "studies")}
        )
        yield _found("extraction.form.version", f"version {form.version}", done)
    folded = values.fold(snapshot.values, standing)
    planned = {*snapshot.protocol.extraction.extractors, snapshot.protocol.extraction.verifier}
    planned.add(snapshot.protocol.extraction.arbiter)
    strangers: dict[str, list[str]] = {}
    for study in standing.studies:
        for person in folded.people(study.id, form.id):
            if snapshot.protocol.extraction.extractors and person not in planned:
                strangers.setdefault(person, []).append(study.id)
    for person, ids in strangers.items():
        done = Told(f"{literal(person)} extracted {{n:study|studies}}.", {"n": some(person, ids, "studies")})
        yield _found("extraction.extractors", ", ".join(snapshot.protocol.extraction.extractors), done)


def _undone(snapshot: Snapshot, standing: Standing) -> Iterator[Deviation]:
    """Yield studies that were not extracted, or not appraised, though the protocol plans it."""
    folded, studies = values.fold(snapshot.values, standing), [study.id for study in standing.studies]
    form, tools = snapshot.protocol.extraction.form, tuple(dict.fromkeys(snapshot.protocol.appraisal.tools.values()))
    if form is not None and (empty := folded.without(studies, [form.id])):
        done = Told("Nothing was extracted from {n:study|studies}.", {"n": some("not-extracted", empty, "studies")})
        yield _found("extraction.form", f"the form {form.id} is filled in for each study", done)
    if tools and (unrated := folded.without(studies, tools)):
        done = Told("Nobody appraised {n:study|studies}.", {"n": some("not-appraised", unrated, "studies")})
        yield _found("appraisal.tools", f"each study is appraised with {', '.join(tools)}", done)


def _cut_off(snapshot: Snapshot, standing: Standing) -> Iterator[Deviation]:
    cut_off = snapshot.protocol.full_text.cut_off
    late = [
        keeper
        for keeper, event in standing.retrieval.items()
        if cut_off and event.outcome == RETRIEVED and event.when[:10] > cut_off
    ]
    if late:
        done = Told("Obtained later and used: {n:report}.", {"n": some("late", late, "reports")})
        yield _found("full_text.cut_off", cut_off, done)
