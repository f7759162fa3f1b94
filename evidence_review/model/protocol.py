"""The protocol: what a team planned to do. People write it as YAML; these classes say what may stand in it.

Every class refuses unknown keys, so that a misspelt one is named instead of being ignored. Reading the file, with
line numbers and cross-checks, is the work of `evidence_review.workspace.protocol_file`.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _as_date(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str) and value:
        try:
            return datetime.date.fromisoformat(value.strip()).isoformat()
        except ValueError:
            raise ValueError("is not a date; write it as year-month-day, such as 2026-03-31") from None
    return value


def _as_text(value: object) -> object:
    """Accept a bare number or date where text is meant: `version: 1.0`, `code: 7`."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, datetime.date)):
        return str(value)
    return value


Text = Annotated[str, BeforeValidator(_as_text)]
Date = Annotated[str, BeforeValidator(_as_date)]
Key = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64)]

FRAMEWORKS = ("PICO", "PICOS", "SPICE", "SPIDER", "PCC", "PEO", "other")


class Question(_Part):
    """What the review asks, and how the question is taken apart."""

    text: Text
    framework: Literal["PICO", "PICOS", "SPICE", "SPIDER", "PCC", "PEO", "other"] = "other"
    parts: dict[str, Text | list[Text]] = {}
    key_questions: dict[Key, Text] = {}


class Member(_Part):
    """One person of the team. `id` is what stands in sheets and decisions; `credit` uses CRediT role names."""

    id: Key
    name: Text = ""
    affiliation: Text = ""
    orcid: Text = ""
    credit: tuple[Text, ...] = ()


class Criterion(_Part):
    """An inclusion criterion."""

    id: Key
    criterion: Text


class Reason(_Part):
    """An exclusion criterion with the code that screeners write. `stages` limits where it may be used.

    With `awaiting` a report is not excluded but awaits classification: it cannot be judged until, say, its authors
    have answered. The review may be final all the same, and counts and names such reports apart.
    """

    code: Key
    label: Text
    note: Text = ""
    stages: tuple[Literal["title-abstract", "full-text"], ...] = ("title-abstract", "full-text")
    awaiting: bool = False

    @model_validator(mode="after")
    def _awaits_at_full_text(self) -> Reason:
        if self.awaiting and self.stages != ("full-text",):
            raise ValueError("only a report can await classification: write stages: [full-text]")
        return self


class Eligibility(_Part):
    """Who and what is in, who and what is out."""

    include: tuple[Criterion, ...] = ()
    exclude: tuple[Reason, ...] = ()


class Limits(_Part):
    """Limits of the search. Each is a shortcut unless the question itself demands it."""

    published_from: Date = ""
    published_to: Date = ""
    languages: tuple[Text, ...] = ()
    justification: Text = ""


class Source(_Part):
    """One place where records are looked for.

    `via`: api (the program searches), file (an export is loaded), manual (searched by hand; `files` may hold what was
    found). `strategy` names an entry of `strategies`; `files` lie in `protocols/<review>/`; `columns` maps our field
    names to a table's headings where the program does not know the table.
    """

    id: Key
    name: Text
    route: Literal["database", "register", "website", "organisation", "citation", "other"] = "database"
    via: Literal["api", "file", "manual"] = "file"
    platform: Text = ""
    strategy: Key | None = None
    files: tuple[Text, ...] = ()
    format: Text = ""
    columns: dict[str, Text] = {}
    searched_on: Date = ""
    searched_by: Text = ""
    hits: int | None = Field(default=None, ge=0)
    limits: Text = ""
    terms: Text = ""
    url: Text = ""
    note: Text = ""


MODES = ("single", "dual", "dual-share", "verify-excludes")


class StagePlan(_Part):
    """How one stage is screened.

    `mode`: single (one person), dual (two, independently), dual-share (two for a `share` drawn with `seed`, then one),
    verify-excludes (one; a second looks at each exclude). `agreement` is the share of equal verdicts that people
    must reach, on a pilot round or on the share for two, before one of them screens alone.
    """

    mode: Literal["single", "dual", "dual-share", "verify-excludes"] = "dual"
    screeners: tuple[Key, ...] = ()
    arbiter: Key | None = None
    share: float = Field(default=0.2, gt=0, le=1)
    seed: int = 1
    batch: int = Field(default=0, ge=0, description="records in one sheet; 0 for all in one")
    agreement: float | None = Field(default=None, ge=0, le=1)


class Screening(_Part):
    """The screening plan, with the words that screeners may use beside include, exclude and maybe."""

    title_abstract: StagePlan = StagePlan()
    full_text: StagePlan = StagePlan()
    words: dict[Literal["include", "exclude", "maybe"], tuple[Text, ...]] = {}


class FullText(_Part):
    """How long full texts are waited for. After `cut_off` what is missing counts as not retrieved."""

    cut_off: Date = ""
    note: Text = ""


FIELD_TYPES = (
    "text", "integer", "number", "date", "yes-no", "choice", "choices", "country", "percentage", "estimate",
)  # fmt: skip


class FormField(_Part):
    """One thing that is extracted. `options` are the answers of a choice; `unit`, `minimum`, `maximum` of a number.

    What lies outside `minimum` to `maximum` is refused; what lies outside `plausible` (lowest, highest) is taken and
    pointed out. A `quoted` field has its own columns for page and quote; the others share those of their row.
    `prefill` names what a trial register says that may stand in new sheets until a person has checked it.
    """

    id: Key
    label: Text = ""
    type: Literal[
        "text", "integer", "number", "date", "yes-no", "choice", "choices", "country", "percentage", "estimate"
    ] = "text"
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


class FormGroup(_Part):
    """Fields that repeat under one study: a partnership, an arm, an outcome, a finding."""

    id: Key
    label: Text = ""
    fields: tuple[FormField, ...]
    help: Text = ""


class FormCheck(_Part):
    """What the values of one row should fulfil; where they do not, it is pointed out.

    sum: `parts` add up to `total`; percent: `parts[0]` of `total` is `percent`; order: `parts` do not decrease.
    """

    kind: Literal["sum", "percent", "order"]
    parts: tuple[Key, ...]
    total: Key | None = None
    percent: Key | None = None
    group: Text = ""


class Form(_Part):
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


class Extraction(_Part):
    """How values are extracted. `mode`: single, verified (a second person checks) or dual (two, then consensus).

    In the file `form` may also be the id of a ready-made form.
    """

    mode: Literal["single", "verified", "dual"] = "verified"
    extractors: tuple[Key, ...] = ()
    verifier: Key | None = None
    arbiter: Key | None = None
    form: Form | None = None


class Appraisal(_Part):
    """How studies are appraised. `tools` maps a study design (or `any`) to the id of a tool."""

    tools: dict[str, Key] = {}
    mode: Literal["single", "verified", "dual"] = "verified"
    appraisers: tuple[Key, ...] = ()
    verifier: Key | None = None
    arbiter: Key | None = None
    use: Text = ""


class Table(_Part):
    """A table of the report: which extracted fields become columns, and how its rows are ordered and grouped.

    `rows` is `study`, or a repeating group that gives one row for each of its entries. A field of a group is written
    `group.field`.
    """

    title: Text
    columns: tuple[Text, ...]
    rows: Text = "study"
    group_by: Text = ""
    sort_by: Text = ""


class CrossTab(_Part):
    """How many studies have each answer of `rows` with each answer of `columns`; without `columns`, answers counted.

    Where a field belongs to a repeating group, its entries are counted instead of studies.
    """

    title: Text
    rows: Text
    columns: Text = ""


class SideBySide(_Part):
    """What each side says of the same thing: entries of `group` put together by `about`, a column for each answer of
    `by`, and in the cells the fields `show`."""

    title: Text
    group: Key
    about: Key
    by: Key
    show: tuple[Key, ...]


class Matrix(_Part):
    """A framework matrix: studies by themes. Entries of `group` stand under the answer of `theme`, with `text`.

    `show` names further fields that stand in brackets. Themes that are no option of the field come last, as emergent.
    """

    title: Text
    group: Key
    theme: Key
    text: Key
    show: tuple[Key, ...] = ()


class Directions(_Part):
    """An effect direction table and a harvest plot: studies by answers of `about`, with the direction of their entries.

    `positive` and `negative` are the answers of `direction` that count in the sign test. In the plot a bar is as high
    as `heights` says of the study's answer to `height` (a field of the study), 1 to 3; without them all are alike.
    """

    title: Text
    group: Key
    about: Key
    direction: Key
    positive: Text = "positive"
    negative: Text = "negative"
    height: Text = ""
    heights: dict[Text, Annotated[int, Field(ge=1, le=3)]] = {}


class GapMap(_Part):
    """An evidence gap map: answers of `rows` by answers of `columns`, sized by studies.

    `colour` is a field, or an appraisal tool whose overall judgement colours the studies; empty for none.
    """

    title: Text
    rows: Text
    columns: Text
    colour: Text = ""


class Pooling(_Part):
    """Effects that the protocol allows to pool: entries of `group` whose fields have the answers in `where`.

    `designs` are the study designs that may stand together; `columns` maps the measure's columns (`ai`, `m1`, `yi` …,
    see `synthesise pool --help`, or `estimate` for one field with its interval) to fields of the group; `least` is the
    number of studies below which nothing is pooled.
    """

    title: Text
    group: Key
    where: dict[Key, Text] = {}
    designs: tuple[Text, ...] = ()
    measure: Literal["RR", "OR", "RD", "MD", "SMD", "GEN", "PLO", "IRLN", "IRR", "ZCOR"]
    method: Literal["FE", "DL", "PM", "REML"] = "REML"
    knapp_hartung: bool = False
    columns: dict[Key, Key]
    least: int = Field(default=2, ge=1)


class Synthesis(_Part):
    """How the findings are brought together, and in which displays."""

    approach: Text = ""
    tables: tuple[Table, ...] = ()
    crosstabs: tuple[CrossTab, ...] = ()
    perspectives: tuple[SideBySide, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    directions: tuple[Directions, ...] = ()
    maps: tuple[GapMap, ...] = ()
    pooling: tuple[Pooling, ...] = ()
    certainty: Text = ""
    note: Text = ""


SHORTCUT_STEPS = (
    "question", "search", "screening", "full-text", "extraction", "appraisal", "synthesis", "report",
)  # fmt: skip


class Shortcut(_Part):
    """A step that a full systematic review would do and this one shortens or leaves out."""

    step: Literal["question", "search", "screening", "full-text", "extraction", "appraisal", "synthesis", "report"]
    what: Text
    reason: Text = ""
    effect: Text = ""


class Previous(_Part):
    """The review that this one updates. The counts are that review's own, taken from where `source` says."""

    reference: Text
    doi: Text = ""
    studies: int | None = Field(default=None, ge=0)
    reports: int | None = Field(default=None, ge=0)
    source: Text = ""
    note: Text = ""


class Adjustment(_Part):
    """A declared difference between two boxes of the flow diagram that the records cannot show.

    `identity` is an id such as I3 or I5 (see `evidence_review.state.identities`); `count` is added to the expected
    side. Each one is printed under the diagram.
    """

    identity: Text
    count: int
    reason: Text


class Timeline(_Part):
    """When the work began and when the answer is needed."""

    started: Date = ""
    deadline: Date = ""


class Diagram(_Part):
    """How the flow diagram is drawn: `hide` are the parts to leave out. What they count stays in `numbers.json`."""

    hide: tuple[
        Literal[
            "sources", "totals", "reasons", "title-abstract-reasons", "automation", "unscreened", "awaiting",
            "appraisal", "synthesis", "adjustments",
        ],
        ...,
    ] = ()  # fmt: skip


class ReportPlan(_Part):
    """What only the authors can say, and how the report looks where the command line does not say otherwise.

    `language` is that of the diagram's labels and the headings: en, fr, es or pt.
    """

    authors: tuple[Key, ...] = ()
    corresponding: Key | None = None
    contact: Text = ""
    commissioner: Text = ""
    funding: Text = ""
    interests: Text = ""
    acknowledgements: Text = ""
    knowledge_users: Text = ""
    peer_review: Text = ""
    registration: Text = ""
    protocol_access: Text = ""
    data_availability: Text = ""
    disclaimer: Text = ""
    language: Text = ""
    diagram: Diagram = Diagram()


class Protocol(_Part):
    """One review's protocol.

    `strategies` holds search strategies in PubMed syntax by name; `headings` gives, for a MeSH heading, words that
    stand for it (synonyms, narrower terms) where a source has no headings or does not explode them.
    """

    review: Key
    title: Text
    kind: Text = "rapid evidence review"
    version: Text = "1"
    question: Question
    eligibility: Eligibility
    sources: tuple[Source, ...] = ()
    team: tuple[Member, ...] = ()
    strategies: dict[Key, Text] = {}
    headings: dict[Text, tuple[Text, ...]] = {}
    limits: Limits = Limits()
    known_items: Text = ""
    updates: Previous | None = None
    screening: Screening = Screening()
    full_text: FullText = FullText()
    extraction: Extraction = Extraction()
    appraisal: Appraisal = Appraisal()
    synthesis: Synthesis = Synthesis()
    shortcuts: tuple[Shortcut, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    timeline: Timeline = Timeline()
    report: ReportPlan = ReportPlan()

    def source(self, identifier: str) -> Source | None:
        """Return the source with this id, or None."""
        return next((source for source in self.sources if source.id == identifier), None)

    def stage(self, stage: str) -> StagePlan:
        """Return the plan of a screening stage (`title-abstract` or `full-text`)."""
        return self.screening.title_abstract if stage == "title-abstract" else self.screening.full_text
