"""`dedup explain A B`: every key, every field, every point, and the rule that decides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evidence_review.commands.dedup import grades, keys, review, rules, score
from evidence_review.commands.dedup.cluster import contradiction
from evidence_review.commands.dedup.columns import columns
from evidence_review.commands.dedup.form import Form
from evidence_review.commands.dedup.review import Review
from evidence_review.errors import UsageError
from evidence_review.model.record import short_reference
from evidence_review.state.clusters import cluster, standing_events
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

_SHOWN = 60
# What of a form each compared field looks at.
_VALUES: dict[grades.Field, Callable[[Form], str]] = {
    grades.TITLE: lambda form: form.title,
    grades.NUMBERS: lambda form: form.numbers,
    grades.AUTHORS: lambda form: form.families,
    grades.YEAR: lambda form: str(form.year or ""),
    grades.VENUE: lambda form: form.venue,
    grades.VOLUME: lambda form: form.volume,
    grades.ISSUE: lambda form: form.issue,
    grades.PAGES: lambda form: "-".join(page for page in (form.first_page, form.last_page) if page),
    grades.DOI: lambda form: form.doi,
    grades.PMID: lambda form: form.pmid,
    grades.ABSTRACT: lambda form: form.abstract,
}


def run(workspace: Workspace, one: str, two: str) -> Summary:
    """Explain what the rules make of two records, and what holds between them today. Nothing is changed.

    Raises:
        InputError: there is no such record.
        UsageError: one record is named twice.
    """
    now = review.read(workspace)
    first, second = now.record(one), now.record(two)
    if first.id == second.id:
        raise UsageError(f"{first.id} is named twice: name two records.")
    places = now.place_of
    left, right = sorted((places[first.id], places[second.id]))
    table = columns(now.forms)
    pair = np.array([left]), np.array([right])
    scored = score.score(table, *pair)
    rule = rules.RULES[int(rules.decide(table, scored)[0])]
    forms = now.forms[left], now.forms[right]
    shared = _shared_keys(*forms)
    compared = bool(shared) and bool(score.promising(table, *pair)[0])
    fields = [_field(field, int(code), *forms) for field, code in zip(grades.FIELDS, scored.grades[0], strict=True)]
    points = float(scored.points[0])
    lines = [f"{now.records[place].id}  {_cited(now, place)}" for place in (left, right)]
    lines.append(f"Keys in common: {'; '.join(shared) or 'none'}.")
    lines += [_line(field) for field in fields if field["grade"] != "unknown"]
    unknown = [str(field["field"]) for field in fields if field["grade"] == "unknown"]
    if unknown:
        lines.append(f"Neutral, because one or both records lack it: {', '.join(unknown)}.")
    lines.append(f"Points: {points:g} (merged from {grades.MERGE:g}, looked at from {grades.LOOK:g}).")
    lines.append(f"Rule '{rule.name}': {rule.outcome}. {rule.why[0].upper()}{rule.why[1:]}.")
    if not compared:
        lines.append("They have too little in common to be compared when duplicates are looked for.")
    against = contradiction(*forms)
    if against:
        lines.append(f"Between them no chain is made: {against}.")
    held = _held(now, left, right)
    lines += held
    data = {
        "records": [now.records[left].id, now.records[right].id],
        "keys": shared,
        "fields": fields,
        "points": points,
        "rule": rule.name,
        "outcome": rule.outcome,
        "compared": compared,
        "today": held,
    }
    return Summary(tuple(lines), data)


def _cited(now: Review, place: int) -> str:
    citation = now.records[place].citation
    return f"{short_reference(citation)}: {citation.title or '(no title)'}"


def _shared_keys(one: Form, two: Form) -> list[str]:
    pairs = zip(keys.KEYS, keys.hashes(one), keys.hashes(two), strict=True)
    return [key.name for key, left, right in pairs if left and left == right]


def _field(field: grades.Field, code: int, one: Form, two: Form) -> dict[str, object]:
    value = _VALUES[field]
    return {
        "field": field.name,
        "values": [value(one), value(two)],
        "grade": field.word(code),
        "points": field.points()[code],
    }


def _line(field: dict[str, object]) -> str:
    values = field["values"]
    assert isinstance(values, list)
    short = [value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…" for value in values]
    told = f"'{short[0]}'" if values[0] == values[1] else f"'{short[0]}' | '{short[1]}'"
    return f"  {field['field']:18} {field['grade']:9} {field['points']:+5.1f}  {told}"


def _held(now: Review, left: int, right: int) -> list[str]:
    """Return what holds between the two today: the last word on the pair, and their cluster."""
    one, two = now.records[left].id, now.records[right].id
    lines = []
    event = standing_events(now.events).get(frozenset((one, two)))
    if event is not None:
        note = f" ({event.note})" if event.note else ""
        lines.append(f"Today: {event.event} by {event.by} on {event.when}, {event.rule}{note}.")
    clusters = cluster(now.ids, now.events)
    if clusters.keeper_of[one] == clusters.keeper_of[two]:
        members = clusters.members_of[clusters.keeper_of[one]]
        lines.append(f"Both are in one cluster: {', '.join(members)}; {members[0]} stands for it.")
    elif event is None:
        lines.append("Today: nothing holds between them; both stand for themselves or their clusters.")
    return lines
