"""How findings are brought together: the tables, matrices, plots, maps and pooled effects that a protocol asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evidence_review.model.part import Key, Part, Text


class Table(Part):
    """A table of the report: which extracted fields become columns, and how its rows are ordered and grouped.

    `rows` is `study`, or a repeating group that gives one row for each of its entries. A field of a group is written
    `group.field`.
    """

    title: Text
    columns: tuple[Text, ...]
    rows: Text = "study"
    group_by: Text = ""
    sort_by: Text = ""


class CrossTab(Part):
    """How many studies have each answer of `rows` with each answer of `columns`; without `columns`, answers counted.

    Where a field belongs to a repeating group, its entries are counted instead of studies.
    """

    title: Text
    rows: Text
    columns: Text = ""


class SideBySide(Part):
    """What each side says of the same thing: entries of `group` put together by `about`, a column for each answer of
    `by`, and in the cells the fields `show`."""

    title: Text
    group: Key
    about: Key
    by: Key
    show: tuple[Key, ...]


class Matrix(Part):
    """A framework matrix: studies by themes. Entries of `group` stand under the answer of `theme`, with `text`.

    `show` names further fields that stand in brackets. Themes that are no option of the field come last, as emergent.
    """

    title: Text
    group: Key
    theme: Key
    text: Key
    show: tuple[Key, ...] = ()


class Directions(Part):
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


class GapMap(Part):
    """An evidence gap map: answers of `rows` by answers of `columns`, sized by studies.

    `colour` is a field, or an appraisal tool whose overall judgement colours the studies; empty for none.
    """

    title: Text
    rows: Text
    columns: Text
    colour: Text = ""


# What measures of effect and ways of pooling are called.
MEASURES = {
    "RR": "risk ratio", "OR": "odds ratio", "RD": "risk difference", "MD": "mean difference",
    "SMD": "standardised mean difference (Hedges' g)", "GEN": "effect as given", "PLO": "proportion (logit)",
    "IRLN": "rate", "IRR": "rate ratio", "ZCOR": "correlation (Fisher's z)",
}  # fmt: skip
_METHODS = {
    "FE": "one common effect", "DL": "random effects by DerSimonian and Laird",
    "PM": "random effects by Paule and Mandel", "REML": "random effects by restricted maximum likelihood",
}  # fmt: skip


class Pooling(Part):
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

    @property
    def measure_name(self) -> str:
        """The measure in words."""
        return MEASURES[self.measure]

    @property
    def method_name(self) -> str:
        """The way of pooling in words."""
        return _METHODS[self.method] + (", Knapp-Hartung intervals" if self.knapp_hartung else "")


class Synthesis(Part):
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
