"""What made this review rapid: what the protocol declares, and what was done, whether declared or not.

Each rule looks at records and decisions, not at plans. The likely effects follow the interim guidance on rapid reviews
(Garritty et al. 2024, 10.1136/bmj-2023-076335; Nussbaumer-Streit et al. 2023, 10.1136/bmjebm-2022-112185).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence_review.model.events import FULL_TEXT, NOT_RETRIEVED, TITLE_ABSTRACT
from evidence_review.model.protocol import SHORTCUT_STEPS
from evidence_review.state import certainty, screening, values
from evidence_review.state import standing as places
from evidence_review.state.screening import STOPPED_BY_RULE
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.state.told import Told, literal, some
from evidence_review.text.languages import language_name

DECLARED, FOUND = "declared in the protocol", "found in what was done"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One way in which a step was shortened. `origin` is DECLARED or FOUND; `rule` names it for ever."""

    step: str
    what: Told
    effect: str
    origin: str
    reason: str = ""
    rule: str = ""


def taken(snapshot: Snapshot, standing: Standing) -> tuple[Shortcut, ...]:
    """Return every shortcut in the order of the steps, the declared ones first in each."""
    declared = [
        Shortcut(item.step, Told(item.what[:1].upper() + item.what[1:]), item.effect, DECLARED, item.reason)
        for item in snapshot.protocol.shortcuts
    ]
    found = [
        *_search(snapshot),
        *_screening(snapshot, standing),
        *_full_text(snapshot, standing),
        *_extraction(snapshot, standing),
        *_appraisal(snapshot, standing),
        *_synthesis(snapshot, standing),
    ]
    return tuple(sorted([*declared, *found], key=lambda item: SHORTCUT_STEPS.index(item.step)))


def _found(step: str, rule: str, what: Told | str, effect: str) -> Shortcut:
    return Shortcut(step, what if isinstance(what, Told) else Told(what), effect, FOUND, rule=rule)


def _search(snapshot: Snapshot) -> Iterator[Shortcut]:
    routes: dict[str, str] = {run.source: run.route for run in snapshot.runs}
    routes.update({item.id: item.route for item in snapshot.protocol.sources if item.id in routes})
    if not routes:
        return
    databases = [source for source, route in routes.items() if route == "database"]
    declared = " ".join(item.what.casefold() for item in snapshot.protocol.shortcuts if item.step == "search")
    if len(databases) == 1 and not _ONE_DATABASE.search(declared):
        yield _found("search", "one-database", "One bibliographic database was searched.",
                     "Studies indexed only elsewhere are missed.")  # fmt: skip
    if not databases:
        yield _found("search", "no-database", "No bibliographic database was searched.",
                     "Most published studies may be missed.")  # fmt: skip
    for route, words, effect in (
        ("register", "No study register was searched.", "Studies that are unpublished or under way are missed."),
        ("citation", "References and citing articles were not followed.",
         "Studies that the search terms do not find stay unfound."),
    ):  # fmt: skip
        if route not in routes.values():
            yield _found("search", f"no-{route}", words, effect)
    if not {"website", "organisation", "other"} & set(routes.values()):
        yield _found("search", "no-grey", "Grey literature was not searched for.",
                     "Reports outside journals are missed, and with them some unfavourable results.")  # fmt: skip
    limits = snapshot.protocol.limits
    if limits.languages and "language" not in declared:
        names = literal(", ".join(map(language_name, limits.languages)))
        yield _found("search", "language", f"The search or selection was limited by language ({names}).",
                     "Studies in other languages are missed.")  # fmt: skip
    if (limits.published_from or limits.published_to) and not any(
        word in declared for word in ("date", "publi", "year")
    ):
        dates = _between(limits.published_from, limits.published_to)
        yield _found("search", "date", f"Only publications {dates} count.", "Other evidence is left out.")


_ONE_DATABASE = re.compile(r"\b(?:one|single)\b[^.;]*\bdatabase\b")


def _between(first: str, last: str) -> str:
    if first and last:
        return f"from {first} to {last}"
    return f"from {first} on" if first else f"up to {last}"


def judged(standing: Standing, stage: str) -> list[str]:
    """Return what is included or excluded at a stage; a report that was not obtained was not read at full text."""
    outcomes = standing.title_abstract if stage == TITLE_ABSTRACT else standing.full_text
    return [
        keeper
        for keeper, outcome in outcomes.items()
        if outcome.state in (screening.INCLUDED, screening.EXCLUDED)
        and (stage == TITLE_ABSTRACT or standing.state_of[keeper] in _READ)
    ]


def _screening(snapshot: Snapshot, standing: Standing) -> Iterator[Shortcut]:
    stages = (
        ("screening", TITLE_ABSTRACT, standing.title_abstract, "records", "title and abstract"),
        ("full-text", FULL_TEXT, standing.full_text, "reports", "full text"),
    )
    for step, stage, outcomes, unit, words in stages:
        done = judged(standing, stage)
        machine = [keeper for keeper in done if outcomes[keeper].automation]
        alone = [keeper for keeper in done if len(outcomes[keeper].readers) < 2 and not outcomes[keeper].automation]
        if alone:
            counts = {"alone": some("alone", alone, unit), "all": some("all", done, unit)}
            yield _found(step, f"{stage}-one-person",
                         Told(f"One person judged {{alone}} of {{all:{unit[:-1]}}} at {words}.", counts),
                         "One person alone overlooks more eligible studies than two do.")  # fmt: skip
        if machine:
            counts = {"machine": some("machine", machine, unit), "all": some("all", done, unit)}
            yield _found(step, f"{stage}-automation",
                         Told(f"A rule, and nobody else, excluded {{machine}} of {{all:{unit[:-1]}}}.", counts),
                         "What the rule gets wrong, nobody sees.")  # fmt: skip
    yield from _unread(standing)


def _unread(standing: Standing) -> Iterator[Shortcut]:
    """Yield what was left unscreened, apart by a rule that promises a recall and on a person's word alone."""
    unread = standing.having(places.UNSCREENED)
    by_rule = [keeper for keeper in unread if standing.title_abstract[keeper].reason.startswith(STOPPED_BY_RULE)]
    if by_rule:
        yield _found("screening", "unscreened",
                     Told("A stopping rule left {unread:record} unscreened.", {"unread": some("unread", by_rule)}),
                     "Some eligible studies may be among them; the rule's guarantee says how few.")  # fmt: skip
    others = [keeper for keeper in unread if keeper not in set(by_rule)]
    if others:
        why = " ".join(dict.fromkeys(f"({standing.title_abstract[keeper].reason})" for keeper in others))
        words = f"Screening stopped before a rule allowed it {literal(why)}; {{unread:record}} stayed unscreened."
        yield _found("screening", "unscreened-anyway", Told(words, {"unread": some("unread", others)}),
                     "Nobody can say how many eligible studies are among them.")  # fmt: skip


_READ = (places.EXCLUDED_ELIGIBILITY, places.AWAITING_CLASSIFICATION, places.INCLUDED)


def _full_text(snapshot: Snapshot, standing: Standing) -> Iterator[Shortcut]:
    missing = standing.having(places.NOT_OBTAINED)
    cut = [
        keeper
        for keeper in missing
        if keeper not in standing.retrieval or standing.retrieval[keeper].outcome != NOT_RETRIEVED
    ]
    if cut:
        words = f"Still missing on {snapshot.protocol.full_text.cut_off}, and counted as not retrieved: {{cut:report}}."
        told = Told(words, {"cut": some("cut", cut, "reports")})
        yield _found("full-text", "cut-off", told, "Eligible studies may be among them.")
    awaiting = standing.having(places.AWAITING_CLASSIFICATION)
    if awaiting:
        words = "Awaiting classification, for what is known does not tell whether they are eligible: {awaiting:report}."
        told = Told(words, {"awaiting": some("awaiting", awaiting, "reports")})
        yield _found("full-text", "awaiting-classification", told, "Eligible studies may be among them.")


def _extraction(snapshot: Snapshot, standing: Standing) -> Iterator[Shortcut]:
    form = snapshot.protocol.extraction.form
    if form is None or not standing.studies:
        return
    folded = values.asked(values.fold(snapshot.values, standing), [form])
    cells = {study.id: folded.of_study(study.id, form.id) for study in standing.studies}
    empty = folded.without(cells, [form.id])
    if empty:
        counts = {"empty": some("empty", empty, "studies"), "all": some("all", list(cells), "studies")}
        yield _found("extraction", "not-extracted",
                     Told("No values were extracted from {empty} of {all:study|studies}.", counts),
                     "Their findings are not in the tables.")  # fmt: skip
    alone = [study for study, found in cells.items() if found and all(cell.state == values.SINGLE for cell in found)]
    if alone:
        counts = {"alone": some("alone", alone, "studies"), "all": some("all", list(cells), "studies")}
        words = "One person extracted the values of {alone} of {all:study|studies}; nobody checked them."
        yield _found("extraction", "one-extractor", Told(words, counts), "Errors of extraction stay unseen.")


def _appraisal(snapshot: Snapshot, standing: Standing) -> Iterator[Shortcut]:
    if not standing.studies:
        return
    folded = values.fold(snapshot.values, standing)
    tools = set(snapshot.protocol.appraisal.tools.values())
    studies = [study.id for study in standing.studies]
    if not tools:
        yield _found("appraisal", "no-tool", "The studies were not appraised.",
                     "How far the findings can be trusted is not known.")  # fmt: skip
        return
    unrated = folded.without(studies, tools)
    if unrated:
        counts = {"unrated": some("unrated", unrated, "studies"), "all": some("all", studies, "studies")}
        yield _found("appraisal", "not-appraised",
                     Told("No appraisal was made of {unrated} of {all:study|studies}.", counts),
                     "How far their findings can be trusted is not known.")  # fmt: skip
    alone = [
        study
        for study in studies
        if (found := [cell for tool in tools for cell in folded.of_study(study, tool)])
        and all(cell.state == values.SINGLE for cell in found)
    ]
    if alone:
        counts = {"alone": some("alone", alone, "studies"), "all": some("all", studies, "studies")}
        yield _found("appraisal", "one-appraiser",
                     Told("One person appraised {alone} of {all:study|studies}; nobody checked it.", counts),
                     "One person's judgement of quality stands unchecked.")  # fmt: skip


def _synthesis(snapshot: Snapshot, standing: Standing) -> Iterator[Shortcut]:
    sure = any(
        scheme.level in cells
        for scheme in certainty.SCHEMES.values()
        for cells in certainty.judged(scheme, snapshot.values).values()
    )
    if standing.studies and not snapshot.protocol.synthesis.certainty and not sure:
        yield _found("synthesis", "no-certainty", "The certainty of the evidence was not assessed.",
                     "Strong and weak findings stand side by side.")  # fmt: skip
