"""The methods as sentences, composed from what really ran: who did what to how many, on what day, by which rule.

A plan that was kept needs no second sentence; one that was not kept stands among the deviations. So nothing here says
what was planned, unless nothing has been done yet.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from evidence_review.commands.report.appraisal import AppraisalTable
from evidence_review.commands.report.material import Material
from evidence_review.commands.report.numbers import Numbers
from evidence_review.model.events import ASKED, FULL_TEXT, KEPT, LOCATED, RETRIEVED, TITLE_ABSTRACT, Copy
from evidence_review.model.protocol import Protocol, StagePlan
from evidence_review.model.search_run import SearchRun
from evidence_review.state import standing as places
from evidence_review.state.flow import Count
from evidence_review.state.names import source_name
from evidence_review.state.screening import CONFLICT, SETTLING_ROLES, Outcome, decide
from evidence_review.state.shortcuts import judged
from evidence_review.state.told import Told, literal, some

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day(text: str) -> str:
    """Return `2026-11-23` as `23 November 2026`; what is no such date stays as it is."""
    try:
        date = datetime.date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{date.day}\u00a0{_MONTHS[date.month - 1]} {date.year}"


def listed(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""


def names(protocol: Protocol, ids: Iterable[str]) -> str:
    """Return people by their names, as far as the protocol has them. `a+b` are two who agreed on one verdict."""
    team = {member.id: member.name or member.id for member in protocol.team}
    return listed([team.get(one, one) for one in dict.fromkeys(one for joined in ids for one in joined.split("+"))])


def searching(material: Material) -> Iterator[Told]:
    """Yield how the sources were searched: when, and in whose syntax."""
    snapshot = material.snapshot
    sources = dict.fromkeys(run.source for run in snapshot.runs)
    if not sources:
        return
    count = Count("sources", "sources", len(sources))
    when = _when(run.searched_on for run in snapshot.runs)
    yield Told(f"Records were sought in {{sources:source}}{when}.", {"sources": count})
    asked = _named(material, lambda run: run.via == "api" and bool(run.translated or run.strategy))
    if asked:
        yield Told(
            f"The strategy was written in PubMed's syntax and sent to {literal(asked)} by the program, translated "
            "where the source has a syntax of its own; what a translation could not carry over stands with it in the "
            "annex."
        )
    loaded = _named(material, lambda run: run.via == "file")
    if loaded:
        yield Told(f"Records from {literal(loaded)} were loaded from files.")
    by_hand = _named(material, lambda run: run.via == "manual")
    if by_hand:
        yield Told(f"What was found in {literal(by_hand)} was noted by hand.")


def _when(moments: Iterable[str]) -> str:
    """Return ` on 23 November 2026`, or between which days; "" where no day is known."""
    days = sorted({moment[:10] for moment in moments if moment})
    if not days:
        return ""
    return f" on {day(days[0])}" if len(days) == 1 else f" between {day(days[0])} and {day(days[-1])}"


def _named(material: Material, wanted: Callable[[SearchRun], bool]) -> str:
    snapshot = material.snapshot
    ids = dict.fromkeys(run.source for run in snapshot.runs if wanted(run))
    return listed([source_name(snapshot.protocol, one, snapshot.runs) for one in ids])


_STAGES = {
    TITLE_ABSTRACT: ("titles and abstracts", "records", "record"),
    FULL_TEXT: ("full texts", "reports", "report"),
}


def screening(material: Material, stage: str) -> Iterator[Told]:
    """Yield who judged how many at a stage, alone or independently of each other, and who settled conflicts."""
    snapshot, standing = material.snapshot, material.standing
    what, unit, one = _STAGES[stage]
    outcomes = standing.title_abstract if stage == TITLE_ABSTRACT else standing.full_text
    by_role: dict[str, list[str]] = {}
    for decision in snapshot.decisions:
        if decision.stage == stage:
            by_role.setdefault(decision.role, []).append(decision.screener)
    if not by_role.get("screener"):
        return
    yield Told(
        f"{what[:1].upper()}{what[1:]} were screened by {literal(names(snapshot.protocol, by_role['screener']))}."
    )
    done = judged(standing, stage)
    readers = {keeper: len(outcomes[keeper].readers) for keeper in done}
    double = [keeper for keeper, count in readers.items() if count > 1]
    alone = [keeper for keeper, count in readers.items() if count == 1]
    machine = [keeper for keeper in done if outcomes[keeper].automation]
    if double:
        words = f"Two people judged {{double:{one}}} independently of each other"
        counts = {"double": some("double", double, unit)}
        if alone:
            words += f", one person {{alone:{one}}}"
            counts["alone"] = some("alone", alone, unit)
        yield Told(f"{words}.", counts)
    elif alone:
        yield Told(f"One person judged {{alone:{one}}}.", {"alone": some("alone", alone, unit)})
    if machine:
        yield Told(f"A rule excluded {{machine:{one}}} that nobody read.", {"machine": some("machine", machine, unit)})
    if by_role.get("verifier"):
        yield Told(f"Exclusions were verified by {literal(names(snapshot.protocol, by_role['verifier']))}.")
    settled = [keeper for keeper in done if outcomes[keeper].settled]
    disputed = [keeper for keeper in settled if _disputed(snapshot.protocol.stage(stage), stage, outcomes[keeper])]
    if disputed:
        yield Told(
            f"Conflicts over {{settled:{one}}} were settled by {_settlers(material, outcomes, disputed)}.",
            {"settled": some("settled", disputed, unit)},
        )
    if moved := [keeper for keeper in settled if keeper not in set(disputed)]:
        yield Told(
            f"{{moved:{one}}} went by the word of {_settlers(material, outcomes, moved)}, without a conflict between "
            "screeners.",
            {"moved": some("moved", moved, unit)},
        )
    if stage == FULL_TEXT:
        yield Told("Each exclusion carries one reason.")


def retrieving(material: Material) -> Iterator[Told]:
    """Yield how full texts were found: which services were asked for open copies, and how many came from where."""
    snapshot, standing = material.snapshot, material.standing
    copies = [(standing.clusters.keeper_of[one.record], one) for one in snapshot.copies
              if one.record in standing.clusters.keeper_of]  # fmt: skip
    copies = [(report, one) for report, one in copies if report in standing.full_text]

    def reports(wanted: Callable[[Copy], bool]) -> list[str]:
        return list(dict.fromkeys(report for report, one in copies if wanted(one)))

    asked = reports(lambda one: one.event == ASKED)
    if asked:
        # Here and not above: it brings all that speaks with the network, and most reports do not ask for it.
        from evidence_review.sources.locate import LOCATORS

        questions = [one for _, one in copies if one.event == ASKED]
        services = listed([locator.name for locator in LOCATORS.values()
                           if any(one.by == locator.id for one in questions)])  # fmt: skip
        named = reports(lambda one: one.event == LOCATED)
        verb = "was" if len(asked) == 1 else "were"
        found = "one was named for {named:report}" if named else "none was named"
        yield Told(
            f"Open copies of {{asked:report}} {verb} sought with {services}"
            f"{_when(one.when for one in questions)}; {found}.",
            {"asked": some("asked", asked, "reports"), "named": some("named", named, "reports")},
        )
    fetched = reports(lambda one: one.event == KEPT and bool(one.address))
    added = [one for one in reports(lambda one: one.event == KEPT) if one not in fetched]
    by_hand = [
        report for report, event in standing.retrieval.items()
        if event.outcome == RETRIEVED and report in standing.full_text and report not in (*fetched, *added)
    ]  # fmt: skip
    other = "other report" if fetched or added else "report"
    for name, ids, words in (
        ("fetched", fetched, "Open copies of {fetched:report} were downloaded and recognised by title or DOI."),
        ("added", added, "Copies of {added:report} were got elsewhere and filed."),
        ("noted", by_hand, f"The retrieval sheets note {{noted:{other}}} as obtained."),
    ):
        if ids:
            yield Told(words, {name: some(name, ids, "reports")})


# What `screen stopping --stop` writes with each record that it leaves unscreened.
_RULE = re.compile(r"stopping rule: hypergeometric, target (?P<target>[\d.]+)(?:, confidence (?P<confidence>[\d.]+))?")
_TEST = re.compile(r"p (?P<p>[\d.]+) after (?P<read>\d+) of (?P<all>\d+)")


def _disputed(plan: StagePlan, stage: str, outcome: Outcome) -> bool:
    """Whether a settled record was in conflict before: a person may also move one on which nobody differed."""
    own = [item for item in outcome.decisions if item.role not in SETTLING_ROLES]
    return decide(plan, stage, "", own).state == CONFLICT


def _settlers(material: Material, outcomes: Mapping[str, Outcome], keepers: Iterable[str]) -> str:
    who = [item.screener for keeper in keepers for item in outcomes[keeper].decisions if item.role in SETTLING_ROLES]
    return literal(names(material.snapshot.protocol, who))


def stopping(material: Material) -> Iterator[Told]:
    """Yield why screening stopped before everything was read, with what the rule guarantees."""
    standing = material.standing
    left = standing.having(places.UNSCREENED)
    grounds: dict[tuple[str, str], list[str]] = {}
    for keeper in left:
        decisions = standing.title_abstract[keeper].decisions
        last = decisions[-1] if decisions else None
        grounds.setdefault((last.reason, last.note) if last else ("", ""), []).append(keeper)
    for place, ((reason, note), ids) in enumerate(grounds.items(), start=1):
        counts = {f"left{place}": some(f"left{place}", ids)}
        verb = "was" if len(ids) == 1 else "were"
        head = f"Screening stopped before every record was read; {{left{place}:record}} {verb} left unscreened"
        rule, test = _RULE.match(reason), _TEST.search(note)
        if rule is None or test is None:
            because = "; ".join(part for part in (reason, note) if part)
            yield Told(f"{head} ({literal(because)})." if because else f"{head}.", counts)
            continue
        counts |= {f"read{place}": Count("read", "records", int(test["read"])),
                   f"all{place}": Count("all", "records", int(test["all"]))}  # fmt: skip
        confidence = f" with {_percent(rule['confidence'])} confidence" if rule["confidence"] else ""
        yield Told(
            f"{head}. The stopping rule is a hypergeometric test (Callaghan and Müller-Hansen 2020, "
            f"doi:10.1186/s13643-020-01521-4): after {{read{place}}} of {{all{place}:record}} it rejected "
            f"that fewer than {_percent(rule['target'])} of the eligible records had been found{confidence} "
            f"(p = {test['p']}).",
            counts,
        )


def _percent(share: str) -> str:
    return f"{100 * float(share):g}%"


def extraction(material: Material) -> Iterator[Told]:
    """Yield from how many studies values were taken, with which form, by how many people."""
    snapshot, folded = material.snapshot, material.values
    form = snapshot.protocol.extraction.form
    if form is None:
        yield Told("No form for extraction is in the protocol, and no data were extracted with one.")
        return
    title = literal(form.title or form.id)
    studies = [study.id for study in material.standing.studies]
    filled = [study for study in studies if folded.of_study(study, form.id)]
    if not studies and not material.waiting:
        yield Told("No study was included, so no data were extracted.")
        return
    if not filled:
        yield Told(
            f"Data were to be extracted with the form “{title}”, version {literal(form.version)}; none have been."
        )
        return
    counts = {"filled": some("filled", filled, "studies"), "all": some("all", studies, "studies")}
    who = names(snapshot.protocol, (person for study in filled for person in folded.people(study, form.id)))
    yield Told(
        f"Data were extracted from {{filled}} of {{all:study|studies}} with the form “{title}”, version "
        f"{literal(form.version)}, by {literal(who)}.",
        counts,
    )
    yield from _by_how_many(material, filled, {form.id}, "extracted")
    yield from _settled(material, filled, {form.id})


def appraising(material: Material, tables: Sequence[AppraisalTable]) -> Iterator[Told]:
    """Yield how many studies were appraised with which tool, by how many people."""
    protocol, folded = material.snapshot.protocol, material.values
    planned = set(protocol.appraisal.tools.values())
    if not planned:
        yield Told("The studies were not appraised.")
        return
    studies = [study.id for study in material.standing.studies]
    if not studies and not material.waiting:
        yield Told("No study was included, so none was appraised.")
        return
    rated = [study for study in studies if planned & set(folded.forms(study))]
    if not rated or not tables:
        yield Told(f"No study has been appraised; {literal(listed(sorted(planned)))} was planned.")
        return
    counts = {"rated": some("rated", rated, "studies"), "all": some("all", studies, "studies")}
    parts = []
    judged: dict[str, dict[str, None]] = {}
    for table in tables:
        judged.setdefault(table.title, {}).update(dict.fromkeys(row.study for row in table.rows))
    for place, (title, rows) in enumerate(judged.items(), start=1):
        counts[f"tool{place}"] = some(f"tool{place}", list(rows), "studies")
        parts.append(f"{{tool{place}}} with {literal(title)}")
    verb = "was" if len(rated) == 1 else "were"
    if len(judged) == 1:
        del counts["tool1"]
        how = f" with {literal(tables[0].title)}"
    else:
        how = f": {listed(parts)}"
    yield Told(f"Of {{all:study|studies}}, {{rated}} {verb} appraised{how}.", counts)
    yield from _by_how_many(material, rated, planned, "appraised")
    yield from _settled(material, rated, planned)


def _by_how_many(material: Material, studies: Sequence[str], forms: set[str], verb: str) -> Iterator[Told]:
    """Yield how many people looked at each study: two on their own, one checked by another, or one alone."""
    folded = material.values
    double, verified, alone = [], [], []
    for study in studies:
        cells = [cell for form in forms for cell in folded.of_study(study, form)]
        if any(len(cell.people) > 1 for cell in cells):
            double.append(study)
        elif any(cell.checked is not None for cell in cells):
            verified.append(study)
        else:
            alone.append(study)
    for name, ids, words in (
        ("double", double, f"Two people {verb} {{double:study|studies}} independently of each other."),
        ("verified", verified, f"One person {verb} {{verified:study|studies}} and another checked the values."),
        ("alone", alone, f"One person {verb} {{alone:study|studies}}, and nobody checked what was found."),
    ):
        if ids:
            yield Told(words, {name: some(name, ids, "studies")})


def _settled(material: Material, studies: Sequence[str], forms: set[str]) -> Iterator[Told]:
    cells = [
        cell for study in studies for form in forms for cell in material.values.of_study(study, form)
        if cell.settled is not None
    ]  # fmt: skip
    if cells:
        who = names(material.snapshot.protocol, (cell.settled.by for cell in cells if cell.settled is not None))
        count = Count("settled", "values", len(cells))
        yield Told(f"The {{settled:value}} on which they differed {'was' if len(cells) == 1 else 'were'} settled by "
                   f"{literal(who)}.", {"settled": count})  # fmt: skip


def paragraphs(material: Material, appraisals: Sequence[AppraisalTable], numbers: Numbers) -> dict[str, Markup]:
    """Return each part of the methods as one paragraph ("" where there is nothing to say), its numbers registered."""
    parts = {
        "searching": searching(material),
        TITLE_ABSTRACT: screening(material, TITLE_ABSTRACT),
        FULL_TEXT: screening(material, FULL_TEXT),
        "stopping": stopping(material),
        "retrieval": retrieving(material),
        "extraction": extraction(material),
        "appraisal": appraising(material, appraisals),
    }
    return {
        name: Markup(" ").join(
            numbers.told(f"methods.{name}.{place}", told) for place, told in enumerate(said, start=1)
        )
        for name, said in parts.items()
    }
