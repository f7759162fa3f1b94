"""Where the fields of a form stand in a sheet: one sheet for the study level, one for each repeating group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evidence_review.errors import Problem
from evidence_review.model.form import Form, FormField
from evidence_review.sheets import fold

STUDY_ID, STUDY, REPORT_ID, REPORT, ITEM = "study_id", "study", "report_id", "report", "item"
PAGES, QUOTES, CHECKED, BY, ROLE, FORM = "pages", "quotes", "checked", "by", "role", "form"
# Who filled in a row before a person saw it: a trial register.
PREFILLED = "prefilled"
OWN = (STUDY_ID, STUDY, REPORT_ID, REPORT, ITEM, PAGES, QUOTES, PREFILLED, CHECKED, BY, ROLE, FORM)
NOTE = "note"


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet's worth of a form: its study level (`group` is "") or one repeating group."""

    form: Form
    group: str

    @property
    def name(self) -> str:
        """What stands in the sheet's `form` column: `characteristics@1` or `characteristics@1/outcome`."""
        return f"{self.version}/{self.group}" if self.group else self.version

    @property
    def version(self) -> str:
        """The form's id with its version, as values carry it."""
        return f"{self.form.id}@{self.form.version}"

    @property
    def title(self) -> str:
        """The name of the worksheet."""
        return self.group or "study"

    @property
    def fields(self) -> tuple[FormField, ...]:
        """The fields in order."""
        return self.form.fields_of(self.group)

    def columns(self, *, checked: bool = False, prefilled: bool = False) -> tuple[str, ...]:
        """Return the headings in order. A quoted field is followed by its page and its quote."""
        keys = (STUDY_ID, STUDY, REPORT_ID, REPORT, *((ITEM,) if self.group else ()))
        shared = (PAGES, QUOTES) if any(not field.quoted for field in self.fields) else ()
        fields = [name for field in self.fields for name in headings(field)]
        marks = (*((PREFILLED,) if prefilled else ()), *((CHECKED,) if checked or prefilled else ()))
        return (*keys, *fields, *shared, *marks, BY, ROLE, FORM)


def is_note(heading: str) -> bool:
    """Whether a column is the team's own (`note`, `notes`, `note to self`): it is left alone."""
    return fold(heading).split()[:1] in ([NOTE], [f"{NOTE}s"])


def headings(field: FormField) -> tuple[str, ...]:
    """Return the columns of one field."""
    return (field.id, page_column(field), quote_column(field)) if field.quoted else (field.id,)


def page_column(field: FormField) -> str:
    """Return the heading of a quoted field's page."""
    return f"{field.id} page"


def quote_column(field: FormField) -> str:
    """Return the heading of a quoted field's quote."""
    return f"{field.id} quote"


def parts(form: Form) -> tuple[Part, ...]:
    """Return the sheets of a form: the study level first."""
    return tuple(Part(form, group) for group in ("", *(group.id for group in form.groups)) if form.fields_of(group))


def clashes(form: Form) -> Iterable[Problem]:
    """Yield every field whose name would make two columns of one sheet alike."""
    for part in parts(form):
        taken = {fold(name): f"the column '{name}' of every sheet" for name in OWN}
        for field in part.fields:
            for heading in headings(field):
                holder = taken.get(fold(heading))
                if holder or is_note(heading):
                    what = holder or "a column for notes"
                    yield Problem(f"form {part.name}", f"field '{field.id}' is named like {what}", "Rename the field.")
                taken[fold(heading)] = f"field '{field.id}'"
