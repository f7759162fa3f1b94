"""What a protocol's parts must agree on: names that one part uses and another defines, files, dates, plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from evidence_review.errors import Problem, suggest
from evidence_review.model.form import Form, FormField
from evidence_review.model.protocol import Protocol, StagePlan
from evidence_review.sheets.form_layout import clashes
from evidence_review.state.displays import unknown_fields
from evidence_review.state.tables import STUDY_ROWS, column_names

Place = Callable[..., str]


def check(protocol: Protocol, path: Path, place: Place) -> Iterator[Problem]:
    """Yield every disagreement in `protocol`, read from `path`; `place` turns a path of keys into file and line."""
    if protocol.review != path.stem:
        yield Problem(
            place("review"),
            f"review is '{protocol.review}' but the file is named '{path.name}'",
            f"Rename the file to {protocol.review}.yml, or write 'review: {path.stem}'.",
        )
    yield from _twice(protocol, place)
    yield from _sources(protocol, path.with_suffix(""), place)
    yield from _people(protocol, place)
    yield from _dates(protocol, place)
    if protocol.extraction.form is not None:
        yield from _form(protocol.extraction.form, place)
    yield from _tables(protocol, place)
    for steps, name, names in unknown_fields(protocol):
        yield Problem(place("synthesis", *steps), f"the form has no '{name}'", suggest(name, names))
    if protocol.known_items and not (path.with_suffix("") / protocol.known_items).is_file():
        yield Problem(
            place("known_items"),
            f"there is no file '{protocol.known_items}' in {path.with_suffix('').name}/",
            "Put it beside the protocol, or take the line out.",
        )


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _twice(protocol: Protocol, place: Place) -> Iterator[Problem]:
    lists: list[tuple[tuple[str, ...], str, list[str]]] = [
        (("sources",), "id", [source.id for source in protocol.sources]),
        (("team",), "id", [member.id for member in protocol.team]),
        (("eligibility", "include"), "id", [item.id for item in protocol.eligibility.include]),
        (("eligibility", "exclude"), "code", [item.code for item in protocol.eligibility.exclude]),
    ]
    for where, key, names in lists:
        for name in _repeated(names):
            second = [index for index, other in enumerate(names) if other == name][1]
            yield Problem(
                place(*where, second, key), f"{key} '{name}' stands twice in {'.'.join(where)}", "Give each its own."
            )


def _sources(protocol: Protocol, folder: Path, place: Place) -> Iterator[Problem]:
    for index, source in enumerate(protocol.sources):
        if source.strategy is not None and source.strategy not in protocol.strategies:
            yield Problem(
                place("sources", index, "strategy"),
                f"there is no strategy '{source.strategy}'",
                suggest(source.strategy, protocol.strategies) or "Write it under 'strategies'.",
            )
        if source.via == "api" and source.strategy is None:
            yield Problem(
                place("sources", index, "via"),
                f"source '{source.id}' is searched by the program but names no strategy",
                "Add 'strategy: NAME' with a name from 'strategies'.",
            )
        for number, name in enumerate(source.files):
            if not _inside(folder, name):
                yield Problem(
                    place("sources", index, "files", number),
                    f"'{name}' does not lie in {folder.name}/",
                    "Name files relative to the folder beside the protocol.",
                )
            elif not (folder / name).is_file():
                present = sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []
                yield Problem(
                    place("sources", index, "files", number),
                    f"there is no file '{name}' in {folder.name}/",
                    suggest(name, present) or "Put the export there, or take the line out until you have it.",
                )


def _inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _people(protocol: Protocol, place: Place) -> Iterator[Problem]:
    team = [member.id for member in protocol.team]

    def unknown(person: str | None, *where: str | int) -> Iterator[Problem]:
        if person is not None and person not in team:
            yield Problem(
                place(*where), f"'{person}' is not in the team", suggest(person, team) or "Add them to 'team'."
            )

    for stage in ("title_abstract", "full_text"):
        plan: StagePlan = getattr(protocol.screening, stage)
        for index, person in enumerate(plan.screeners):
            yield from unknown(person, "screening", stage, "screeners", index)
        yield from unknown(plan.arbiter, "screening", stage, "arbiter")
        if plan.screeners and plan.mode != "single" and len(set(plan.screeners)) < 2:
            yield Problem(
                place("screening", stage, "mode"),
                f"mode '{plan.mode}' needs two screeners and the plan names {len(set(plan.screeners))}",
                "Name a second screener, or choose 'mode: single' and declare the shortcut.",
            )
    for index, person in enumerate(protocol.extraction.extractors):
        yield from unknown(person, "extraction", "extractors", index)
    for index, person in enumerate(protocol.appraisal.appraisers):
        yield from unknown(person, "appraisal", "appraisers", index)
    for part in ("extraction", "appraisal"):
        for role in ("verifier", "arbiter"):
            yield from unknown(getattr(getattr(protocol, part), role), part, role)
    for index, person in enumerate(protocol.report.authors):
        yield from unknown(person, "report", "authors", index)
    yield from unknown(protocol.report.corresponding, "report", "corresponding")


def _dates(protocol: Protocol, place: Place) -> Iterator[Problem]:
    limits, timeline = protocol.limits, protocol.timeline
    if limits.published_from and limits.published_to and limits.published_from > limits.published_to:
        yield Problem(
            place("limits", "published_to"), "published_to lies before published_from", "Exchange or correct the dates."
        )
    if timeline.started and timeline.deadline and timeline.started > timeline.deadline:
        yield Problem(place("timeline", "deadline"), "the deadline lies before the start", "Correct one of the dates.")


def _form(form: Form, place: Place) -> Iterator[Problem]:
    base = ("extraction", "form")
    yield from _fields(form.fields, place, *base, "fields")
    for name in _repeated(group.id for group in form.groups):
        yield Problem(place(*base, "groups"), f"group '{name}' stands twice", "Give each group its own id.")
    for index, group in enumerate(form.groups):
        yield from _fields(group.fields, place, *base, "groups", index, "fields")
    for problem in clashes(form):
        yield Problem(place(*base), problem.what, problem.remedy)


def _tables(protocol: Protocol, place: Place) -> Iterator[Problem]:
    form = protocol.extraction.form
    groups = [group.id for group in form.groups] if form else []
    for index, table in enumerate(protocol.synthesis.tables):
        where = ("synthesis", "tables", index)
        if table.rows not in (STUDY_ROWS, *groups):
            known = suggest(table.rows, [STUDY_ROWS, *groups])
            yield Problem(place(*where, "rows"), f"the form has no group '{table.rows}'", known)
            continue
        names = column_names(protocol, table.rows)
        asked: list[tuple[tuple[str | int, ...], str]] = [
            (("columns", number), name) for number, name in enumerate(table.columns)
        ]
        asked += [((key,), name) for key in ("group_by", "sort_by") if (name := getattr(table, key))]
        for steps, name in asked:
            if name not in names:
                yield Problem(place(*where, *steps), f"there is no field '{name}' for a table", suggest(name, names))


def _fields(fields: tuple[FormField, ...], place: Place, *where: str | int) -> Iterator[Problem]:
    names = [field.id for field in fields]
    for name in _repeated(names):
        second = [index for index, other in enumerate(names) if other == name][1]
        yield Problem(place(*where, second, "id"), f"field '{name}' stands twice", "Give each field its own id.")
    for index, field in enumerate(fields):
        if field.type in ("choice", "choices") and not field.options:
            yield Problem(
                place(*where, index, "type"),
                f"field '{field.id}' is a choice without options",
                "Add 'options: [a, b]'.",
            )
        if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
            yield Problem(
                place(*where, index, "minimum"), f"field '{field.id}': minimum is above maximum", "Exchange them."
            )
