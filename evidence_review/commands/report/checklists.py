"""Reporting checklists, filled: where each item is reported, what the authors answered, or TODO where they have not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from evidence_review.commands.report.conditions import evidence
from evidence_review.csv_text import csv_text

_FOLDER = resources.files("evidence_review.commands.report") / "data" / "checklists"

# File → title and where it comes from. The wording of the items is our own.
CHECKLISTS = {
    "prisma2020": ("PRISMA 2020", "Page et al. 2021, doi:10.1136/bmj.n71"),
    "prisma-abstracts": ("PRISMA 2020 for abstracts", "Page et al. 2021, doi:10.1136/bmj.n71"),
    "prisma-s": ("PRISMA-S", "Rethlefsen et al. 2021, doi:10.1186/s13643-020-01542-z"),
    "prisma-scr": ("PRISMA-ScR, for scoping reviews", "Tricco et al. 2018, doi:10.7326/M18-0850"),
    "swim": ("SWiM, for synthesis without meta-analysis", "Campbell et al. 2020, doi:10.1136/bmj.l6890"),
    "rapid": ("Rapid review items", "Stevens 2024; Tricco 2022; Nussbaumer-Streit 2023"),
}
REPORTED, ANSWERED, TODO = "reported", "answered by the authors", "TODO"
# Checklists that are for some kinds of review only, by a word in the protocol's `kind`.
_ONLY_FOR = {"prisma-scr": ("scoping", "map")}


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `place` is the anchor of the section ("" for a place outside the report), `title` its heading;
    `status` is REPORTED, ANSWERED or TODO; `evidence` says by what it is met, or what the authors answered.
    """

    id: str
    section: str
    topic: str
    text: str
    place: str
    title: str
    status: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the authors say of an item: where it is reported, in the report or elsewhere, and a note."""

    place: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist with its items."""

    id: str
    title: str
    source: str
    items: tuple[Item, ...]

    @property
    def done(self) -> tuple[Item, ...]:
        """The items that the program found reported."""
        return self._having(REPORTED)

    @property
    def answered(self) -> tuple[Item, ...]:
        """The items that are there on the authors' word alone."""
        return self._having(ANSWERED)

    @property
    def left(self) -> tuple[Item, ...]:
        """The items that are left for the authors."""
        return self._having(TODO)

    def _having(self, status: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.status == status)

    @property
    def share(self) -> str:
        """The share of items that the program found reported, as a percentage."""
        return f"{100 * len(self.done) / len(self.items):.0f}%"

    def to_csv(self) -> bytes:
        """Return the checklist as CSV."""
        head = ("item", "section", "topic", "what is asked", "status", "where", "evidence")
        rows = [
            (item.id, item.section, item.topic, item.text, item.status, item.title, item.evidence)
            if item.status != TODO
            else (item.id, item.section, item.topic, item.text, item.status, "", "")
            for item in self.items
        ]
        return csv_text([head, *rows]).encode("utf-8")


def completeness(lists: Iterable[Checklist]) -> bytes:
    """Return as CSV how much of each checklist the program found, what the authors answered, and what is left."""
    head = ("checklist", "reported", "items", "share", "left for the authors", ANSWERED)
    rows = [
        (one.title, str(len(one.done)), str(len(one.items)), one.share, " ".join(item.id for item in one.left),
         " ".join(item.id for item in one.answered))
        for one in lists
    ]  # fmt: skip
    return csv_text([head, *rows]).encode("utf-8")


def item_ids(name: str) -> tuple[str, ...]:
    """Return the items of a checklist."""
    return tuple(row["item"] for row in _rows(name))


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    text = (_FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))


def fill(
    known: Callable[[str], bool],
    headings: Mapping[str, str],
    kind: str,
    answers: Mapping[tuple[str, str], Answer] = MappingProxyType({}),
) -> tuple[Checklist, ...]:
    """Fill every checklist that is for this `kind` of review.

    Args:
        known: whether a condition such as `prose:summary` or `field:report.funding` holds.
        headings: the heading of each section, by anchor.
        answers: what the authors say, by checklist and item.
    """
    words = kind.casefold()
    fitting = (name for name in CHECKLISTS if any(word in words for word in _ONLY_FOR.get(name, ("",))))
    return tuple(
        _fill(name, known, headings, {item: one for (of, item), one in answers.items() if of == name})
        for name in fitting
    )


def _fill(
    name: str, known: Callable[[str], bool], headings: Mapping[str, str], answers: Mapping[str, Answer]
) -> Checklist:
    title, source = CHECKLISTS[name]
    items = []
    for row in _rows(name):
        met = next((condition for condition in row["check"].split("|") if known(condition)), "")
        # What stands in one of the authors' pieces is reported in that piece.
        place = met.removeprefix("prose:") if met.startswith("prose:") and row["place"] == "summary" else row["place"]
        # Without a study the sections on single results are not there; the one on included studies says why.
        if met == "none-included" and row["section"] == "Results":
            place = "characteristics"
        elif met == "pooled":
            place = "synthesis"
        status = REPORTED if met else TODO
        heading = headings.get(place, place)
        by = evidence(met) if met else ""
        answer = answers.get(row["item"])
        if answer is not None and not met:
            status, by = ANSWERED, answer.note
            place, heading = _named(answer.place, headings)
        elif answer is not None:
            words = "; ".join(word for word in (answer.place, answer.note) if word)
            by = f"{by}; the authors: {words}"
        items.append(Item(row["item"], row["section"], row["topic"], row["text"], place, heading, status, by))
    return Checklist(name, title, source, tuple(items))


def _named(place: str, headings: Mapping[str, str]) -> tuple[str, str]:
    """Return the anchor and the heading of a place that the authors named; a place outside the report has no anchor."""
    for anchor, heading in headings.items():
        if place.casefold() in (anchor.casefold(), heading.casefold()):
            return anchor, heading
    return "", place
