"""Every number that a report shows, by key: the templates print these, and `numbers.json` says where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from evidence_review.commands.report.labels import Labels
from evidence_review.drawing.svg import escape
from evidence_review.state.flow import Count, Flow
from evidence_review.state.identities import INCLUDED_BY_ARM, MAIN_ARM, OTHER_ASSESSED, OTHER_SCREENED, OTHER_SOUGHT
from evidence_review.state.told import Told, noun


class Number:
    """A count as it stands in a document: formatted, and marked with its key where the format can hold a mark."""

    def __init__(self, key: str, count: Count, labels: Labels) -> None:
        self.key = key
        self.count = count
        self._labels = labels

    @property
    def n(self) -> int:
        """The bare number."""
        return self.count.n

    def __bool__(self) -> bool:
        """Whether it is not 0."""
        return self.count.n != 0

    def __str__(self) -> str:
        """The number, its thousands parted."""
        return self._labels.number(self.count.n)

    def __html__(self) -> Markup:
        """The number as an element that carries its key."""
        return Markup('<data class="n" value="{}" data-key="{}">{}</data>').format(self.count.n, self.key, str(self))

    def __html_format__(self, spec: str) -> Markup:
        """The number for `{n}`, with its noun for `{n:record|records}`."""
        return self.of(*spec.split("|", 1)) if spec else self.__html__()

    def of(self, one: str, many: str = "") -> Markup:
        """Return `1 record` or `2,000 records`."""
        return Markup("{}\u00a0{}").format(self, noun(f"{one}|{many}", self.count.n))


class Numbers:
    """The register of a report's numbers."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._numbers: dict[str, Number] = {}
        self._figures: dict[str, str] = {}

    def add(self, key: str, count: Count) -> Number:
        """Register a count under a key and return it for printing."""
        number = Number(key, count, self._labels)
        self._numbers[key] = number
        return number

    def figure(self, key: str, text: str) -> str:
        """Register a figure that is no count: a share, a kappa, a date in words."""
        self._figures[key] = text
        return text

    def told(self, key: str, told: Told) -> Markup:
        """Return a sentence with its numbers registered under `key`."""
        if not told.counts:
            return Markup(escape(told.words))  # noqa: S704 - escaped here
        shown = {name: self.add(f"{key}.{name}", count) for name, count in told.counts.items()}
        return Markup(escape(told.words)).format(**shown)  # noqa: S704 - escaped here, the numbers by format

    def __getitem__(self, key: str) -> Number:
        """Return the number of a key; one that is not known is a fault of a template."""
        return self._numbers[key]

    def get(self, key: str) -> Number | None:
        """Return the number of a key, None where it is not known."""
        return self._numbers.get(key)

    def __contains__(self, key: object) -> bool:
        """Whether a number is known."""
        return key in self._numbers

    def __iter__(self) -> Iterator[str]:
        """Yield the keys."""
        return iter(self._numbers)

    def to_json(self) -> dict[str, Any]:
        """Return everything as it stands in `numbers.json`."""
        return {
            "numbers": {key: _plain(key, number.count) for key, number in self._numbers.items()},
            "figures": self._figures,
        }


def identities_of(key: str) -> list[str]:
    """Return the identities in which a box of the flow takes part."""
    found = [
        identity.id
        for identity in (*MAIN_ARM, OTHER_SCREENED, OTHER_SOUGHT, OTHER_ASSESSED, *INCLUDED_BY_ARM)
        if key in (identity.box, *identity.terms)
    ]
    more = {
        "new_reports": ["I7", "I8"], "new_studies": ["I8", "I9"], "dbr_excluded": ["I11"], "other_excluded": ["I11"],
        "database_results": ["I1"], "register_results": ["I1"], "total_studies": ["I9"], "total_reports": ["I9"],
        "previous_studies": ["I9"], "previous_reports": ["I9"], "appraised_studies": ["I10"],
        "synthesised_studies": ["I10"], "total_studies_ma": ["I10"],
    }.get(key, [])  # fmt: skip
    return sorted({*found, *more, "I12"}, key=lambda name: int(name[1:]))


def _plain(key: str, count: Count) -> dict[str, Any]:
    data: dict[str, Any] = {"n": count.n, "unit": count.unit}
    if count.label:
        data["label"] = count.label
    if key == count.key and count.ids is not None:
        data["identities"] = identities_of(key)
    if count.note:
        data["note"] = count.note
    if count.ids is not None:
        data["ids"] = list(count.ids)
    if count.parts:
        data["parts"] = {name: _part(part) for name, part in count.parts.items()}
    if count.runs:
        data["runs"] = list(count.runs)
    if count.files:
        data["files"] = [{"name": name, "sha256": digest} for name, digest in count.files]
    return data


def _part(part: Count) -> dict[str, Any]:
    return {name: value for name, value in _plain("", part).items() if name != "unit"}


def register_flow(numbers: Numbers, flow: Flow) -> None:
    """Register every box of a flow under its key."""
    for key, count in flow.counts.items():
        numbers.add(key, count)


def shown(numbers: Numbers) -> Mapping[str, Number]:
    """Return the numbers as templates address them."""
    return {key: numbers[key] for key in numbers}
