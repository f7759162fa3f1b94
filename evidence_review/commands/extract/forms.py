"""The ready-made extraction forms: a list, or one of them to look at or to copy into a protocol."""

from __future__ import annotations

from evidence_review.errors import UsageError, suggest
from evidence_review.model.form import Form, FormField
from evidence_review.summary import Summary
from evidence_review.workspace import ready_forms


def run(identifier: str) -> Summary:
    """List the forms, or show the fields of one.

    Raises:
        UsageError: there is no such form.
    """
    names = ready_forms.names()
    if not identifier:
        known = [Form.model_validate(ready_forms.load(name)) for name in names]
        width = max(map(len, names))
        lines = [f"{form.id:{width}}  {form.title}: {_size(form)}" for form in known]
        lines.append("Use one in the protocol with 'extraction: {form: ID}'; show one with 'extract forms ID'.")
        return Summary(tuple(lines), {form.id: {"title": form.title, "version": form.version} for form in known})
    if identifier not in names:
        raise UsageError(f"There is no ready-made form '{identifier}'. {suggest(identifier, names)}".strip())
    form = Form.model_validate(ready_forms.load(identifier))
    lines = [f"{form.title} ({form.id}, version {form.version})", *map(_line, form.fields)]
    for group in form.groups:
        lines += ["", f"{group.label or group.id}, one row each:", *map(_line, group.fields)]
    return Summary(tuple(lines), form.model_dump())


def _size(form: Form) -> str:
    groups = f", {_counted(len(form.groups), 'repeating group')}" if form.groups else ""
    return _counted(len(form.fields), "field") + groups


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _line(field: FormField) -> str:
    answers = f": {', '.join(field.options)}" if field.options else ""
    unit = f" in {field.unit}" if field.unit else ""
    return f"  {field.id} ({field.type}{unit}) {field.label}{answers}"
