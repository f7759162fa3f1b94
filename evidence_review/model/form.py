"""What is extracted from studies and how they are appraised: forms of typed fields, and who fills them in."""

from __future__ import annotations

from typing import Literal, get_args

from evidence_review.model.part import Key, Part, Text

FieldType = Literal[
    "text", "integer", "number", "date", "yes-no", "choice", "choices", "country", "percentage", "estimate"
]
FIELD_TYPES = get_args(FieldType)


class FormField(Part):
    """One thing that is extracted. `options` are the answers of a choice; `unit`, `minimum`, `maximum` of a number.

    What lies outside `minimum` to `maximum` is refused; what lies outside `plausible` (lowest, highest) is taken and
    pointed out. A `quoted` field has its own columns for page and quote; the others share those of their row.
    `prefill` names what a trial register says that may stand in new sheets until a person has checked it.
    """

    id: Key
    label: Text = ""
    type: FieldType = "text"
    options: tuple[Text, ...] = ()
    unit: Text = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    plausible: tuple[float, float] | None = None
    quoted: bool = False
    help: Text = ""
    prefill: Literal[
        "", "registration", "country", "enrolment", "start", "sponsor", "arm.name", "arm.kind", "arm.what",
        "outcome.measure", "outcome.weeks",
    ] = ""  # fmt: skip


class FormGroup(Part):
    """Fields that repeat under one study: a partnership, an arm, an outcome, a finding."""

    id: Key
    label: Text = ""
    fields: tuple[FormField, ...]
    help: Text = ""


class FormCheck(Part):
    """What the values of one row should fulfil; where they do not, it is pointed out.

    sum: `parts` add up to `total`; percent: `parts[0]` of `total` is `percent`; order: `parts` do not decrease.
    """

    kind: Literal["sum", "percent", "order"]
    parts: tuple[Key, ...]
    total: Key | None = None
    percent: Key | None = None
    group: Text = ""


class Form(Part):
    """An extraction form. A changed form gets a new `version`."""

    id: Key
    version: Text = "1"
    title: Text = ""
    fields: tuple[FormField, ...] = ()
    groups: tuple[FormGroup, ...] = ()
    checks: tuple[FormCheck, ...] = ()

    def fields_of(self, group: str) -> tuple[FormField, ...]:
        """Return the fields of a repeating group, or those at study level ("")."""
        if not group:
            return self.fields
        return next((part.fields for part in self.groups if part.id == group), ())


class Extraction(Part):
    """How values are extracted. `mode`: single, verified (a second person checks) or dual (two, then consensus).

    In the file `form` may also be the id of a ready-made form.
    """

    mode: Literal["single", "verified", "dual"] = "verified"
    extractors: tuple[Key, ...] = ()
    verifier: Key | None = None
    arbiter: Key | None = None
    form: Form | None = None


class Appraisal(Part):
    """How studies are appraised. `tools` maps a study design (or `any`) to the id of a tool."""

    tools: dict[str, Key] = {}
    mode: Literal["single", "verified", "dual"] = "verified"
    appraisers: tuple[Key, ...] = ()
    verifier: Key | None = None
    arbiter: Key | None = None
    use: Text = ""
