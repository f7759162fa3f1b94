"""The protocol: what a team planned to do. People write it as YAML; these classes say what may stand in it.

Every class refuses unknown keys, so that a misspelt one is named instead of being ignored. Reading the file, with
line numbers and cross-checks, is the work of `evidence_review.workspace.protocol_file`.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from evidence_review.model.form import Appraisal, Extraction
from evidence_review.model.part import Date, Key, Part, Text
from evidence_review.model.synthesis import Synthesis

Framework = Literal["PICO", "PICOS", "SPICE", "SPIDER", "PCC", "PEO", "other"]
FRAMEWORKS = get_args(Framework)


class Question(Part):
    """What the review asks, and how the question is taken apart."""

    text: Text
    framework: Framework = "other"
    parts: dict[str, Text | list[Text]] = {}
    key_questions: dict[Key, Text] = {}


class Member(Part):
    """One person of the team. `id` is what stands in sheets and decisions; `credit` uses CRediT role names."""

    id: Key
    name: Text = ""
    affiliation: Text = ""
    orcid: Text = ""
    credit: tuple[Text, ...] = ()


class Criterion(Part):
    """An inclusion criterion."""

    id: Key
    criterion: Text


class Reason(Part):
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


class Eligibility(Part):
    """Who and what is in, who and what is out."""

    include: tuple[Criterion, ...] = ()
    exclude: tuple[Reason, ...] = ()


class Limits(Part):
    """Limits of the search. Each is a shortcut unless the question itself demands it."""

    published_from: Date = ""
    published_to: Date = ""
    languages: tuple[Text, ...] = ()
    justification: Text = ""


class Source(Part):
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

    @property
    def in_zotero(self) -> bool:
        """Whether it says of itself that it is a Zotero library."""
        return "zotero" in f"{self.platform} {self.url}".lower()


Mode = Literal["single", "dual", "dual-share", "verify-excludes"]
MODES = get_args(Mode)


class StagePlan(Part):
    """How one stage is screened.

    `mode`: single (one person), dual (two, independently), dual-share (two for a `share` drawn with `seed`, then one),
    verify-excludes (one; a second looks at each exclude). `agreement` is the share of equal verdicts that people
    must reach, on a pilot round or on the share for two, before one of them screens alone.
    """

    mode: Mode = "dual"
    screeners: tuple[Key, ...] = ()
    arbiter: Key | None = None
    share: float = Field(default=0.2, gt=0, le=1)
    seed: int = 1
    batch: int = Field(default=0, ge=0, description="records in one sheet; 0 for all in one")
    agreement: float | None = Field(default=None, ge=0, le=1)


class Screening(Part):
    """The screening plan, with the words that screeners may use beside include, exclude and maybe."""

    title_abstract: StagePlan = StagePlan()
    full_text: StagePlan = StagePlan()
    words: dict[Literal["include", "exclude", "maybe"], tuple[Text, ...]] = {}


class FullText(Part):
    """How long full texts are waited for. After `cut_off` what is missing counts as not retrieved."""

    cut_off: Date = ""
    note: Text = ""


Step = Literal["question", "search", "screening", "full-text", "extraction", "appraisal", "synthesis", "report"]
SHORTCUT_STEPS = get_args(Step)


class Shortcut(Part):
    """A step that a full systematic review would do and this one shortens or leaves out."""

    step: Step
    what: Text
    reason: Text = ""
    effect: Text = ""


class Previous(Part):
    """The review that this one updates. The counts are that review's own, taken from where `source` says."""

    reference: Text
    doi: Text = ""
    studies: int | None = Field(default=None, ge=0)
    reports: int | None = Field(default=None, ge=0)
    source: Text = ""
    note: Text = ""


class Adjustment(Part):
    """A declared difference between two boxes of the flow diagram that the records cannot show.

    `identity` is an id such as I3 or I5 (see `evidence_review.state.identities`); `count` is added to the expected
    side. Each one is printed under the diagram.
    """

    identity: Text
    count: int
    reason: Text


class Timeline(Part):
    """When the work began and when the answer is needed."""

    started: Date = ""
    deadline: Date = ""


class Diagram(Part):
    """How the flow diagram is drawn: `hide` are the parts to leave out. What they count stays in `numbers.json`."""

    hide: tuple[
        Literal[
            "sources", "totals", "reasons", "title-abstract-reasons", "automation", "unscreened", "awaiting",
            "appraisal", "synthesis", "adjustments",
        ],
        ...,
    ] = ()  # fmt: skip


class ReportPlan(Part):
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


class Protocol(Part):
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
