"""How far extraction or appraisal is: by person and study, with agreement, corrections and changed forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence_review.forms.work import View, fingerprint
from evidence_review.model.form import Form
from evidence_review.state.agreement import between
from evidence_review.state.values import Cell, FieldAgreement, agreement, differences, shown
from evidence_review.summary import Summary, counted

_NEEDED = {"single": 1, "verified": 1, "dual": 2}


def progress(seen: View) -> Summary:
    """Return where the work stands, and the command that goes on."""
    lines: list[str] = []
    data: dict[str, Any] = {"forms": {}}
    todo = ""
    for form in seen.desk.forms.values():
        facts = _of_form(seen, form)
        data["forms"][form.id] = facts
        lines += _words(seen, form, facts)
        todo = todo or _next(seen, facts)
    if not any(seen.desk.subjects.values()):
        lines = ["No study is included yet."]
    return Summary(tuple(lines), data, todo)


def _of_form(seen: View, form: Form) -> dict[str, Any]:
    subjects = seen.desk.subjects[form.id]
    values = seen.values
    people = {one.id: values.people(one.id, form.id) for one in subjects}
    needed = _NEEDED.get(seen.desk.mode, 1)
    waiting = [study for study, who in people.items() if len(who) < needed]
    cells = [cell for one in subjects for cell in values.of_study(one.id, form.id)]
    unverified = [
        one.id
        for one in subjects
        if people[one.id]
        and any(cell.checked is None and cell.settled is None for cell in values.of_study(one.id, form.id))
    ]
    return {
        "version": form.version,
        "studies": len(subjects),
        "by_person": {person: sum(person in who for who in people.values()) for person in _everyone(people)},
        "waiting": waiting,
        "unverified": unverified if seen.desk.mode == "verified" else [],
        "differences": len(differences(values, form.id)),
        "agreement": [
            {"group": one.group, "field": one.field, "both": one.both, "same": one.same, "kappa": _kappa(form, one)}
            for one in agreement(values, form.id)
        ],
        "corrected": [_corrected(cell) for cell in cells if cell.corrected],
        "quotes_without_page": [_place(cell) for cell in cells if _pageless(cell)],
        "other_version": sorted(_other_versions(cells, form)),
        "changed_in_place": _changed_in_place(seen, form),
    }


def _kappa(form: Form, found: FieldAgreement) -> float | None:
    """Return Cohen's kappa of a field with given answers; None for text and numbers, or where it is not defined."""
    field = next((one for one in form.fields_of(found.group) if one.id == found.field), None)
    if field is None or field.type not in ("choice", "yes-no", "choices"):
        return None
    return between("", "", found.pairs, "", "").kappa.value


def _everyone(people: Mapping[str, list[str]]) -> list[str]:
    return list(dict.fromkeys(person for who in people.values() for person in who))


def _pageless(cell: Cell) -> bool:
    """Whether what holds is a quote that traces to no page."""
    return cell.final is not None and bool(cell.final.quote) and not cell.final.page


def _place(cell: Cell) -> str:
    place = cell.place
    return f"{place.study} {place.group} {place.item} {place.field}" if place.group else f"{place.study} {place.field}"


def _corrected(cell: Cell) -> dict[str, str]:
    place = cell.place
    return {
        "study": place.study, "group": place.group, "item": place.item, "field": place.field,
        "was": shown(cell.found), "is": shown(cell.checked), "by": cell.checked.by if cell.checked else "",
    }  # fmt: skip


def _other_versions(cells: list[Cell], form: Form) -> set[str]:
    """Return the studies whose values were all extracted with another version of the form."""
    now: set[str] = set()
    before: set[str] = set()
    for cell in cells:
        for value in (*cell.people.values(), *([cell.checked] if cell.checked else [])):
            (now if value.form == f"{form.id}@{form.version}" else before).add(cell.place.study)
    return before - now


def _changed_in_place(seen: View, form: Form) -> bool:
    """Whether values were collected with another form of the same id and version."""
    name = f"{form.id}@{form.version}"
    used = [
        entry.counts["forms"][name]
        for entry in seen.snapshot.ledger
        if entry.verb == f"{seen.desk.verb}-collect" and name in entry.counts.get("forms", {})
    ]
    return bool(used) and fingerprint(form) != used[-1]


def _words(seen: View, form: Form, facts: Mapping[str, Any]) -> list[str]:
    done = facts["studies"] - len(facts["waiting"])
    lines = [f"{form.title or form.id}, version {form.version}: {done} of {facts['studies']} studies done."]
    lines += [f"  {person}: {counted(count, 'study', 'studies')}" for person, count in facts["by_person"].items()]
    if facts["unverified"]:
        lines.append(f"  not verified by a second person: {counted(len(facts['unverified']), 'study', 'studies')}")
    if facts["corrected"]:
        lines.append(f"  values that the second person changed: {len(facts['corrected'])}")
    if facts["differences"]:
        lines.append(f"  cells at which people differ: {facts['differences']}")
    both, same = (sum(one[key] for one in facts["agreement"]) for key in ("both", "same"))
    if both:
        lines.append(f"  agreement before consensus: {same} of {both} cells ({100 * same / both:.0f} %)")
        worst = sorted(facts["agreement"], key=lambda one: (one["same"] / one["both"], one["field"]))[:3]
        named = [
            f"{_dotted(one)} {one['same']}/{one['both']}"
            + (f" (κ {one['kappa']:.2f})" if one["kappa"] is not None else "")
            for one in worst
            if one["same"] < one["both"]
        ]
        lines += [f"  least agreed: {', '.join(named)}"] if named else []
    if facts["quotes_without_page"]:
        listed = ", ".join(facts["quotes_without_page"][:5])
        lines.append(f"  quotes that trace to no page: {len(facts['quotes_without_page'])} ({listed})")
    if facts["other_version"]:
        listed = ", ".join(facts["other_version"][:10])
        lines.append(f"  extracted with another version of the form, look again: {listed}")
    if facts["changed_in_place"]:
        lines.append("  the form has changed since values were collected, but its version has not: raise the version")
    return lines


def _dotted(one: Mapping[str, Any]) -> str:
    return f"{one['group']}.{one['field']}" if one["group"] else str(one["field"])


def _next(seen: View, facts: Mapping[str, Any]) -> str:
    verb = f"evidence-review {seen.desk.verb}"
    if facts["waiting"]:
        return f"{verb} sheet, then {verb} collect"
    if facts["differences"]:
        return f"{verb} differences, then {verb} collect"
    return f"{verb} verify, then {verb} collect" if facts["unverified"] else ""
