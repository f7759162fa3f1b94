"""Pictures that other commands drew for the report: gap maps, traffic lights, forest plots, as their runs left them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from evidence_review.model.ledger import LedgerEntry
from evidence_review.workspace import drawn
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import Layout

_SVG = "{http://www.w3.org/2000/svg}"
_OURS = ("flow.svg",)
_KINDS = {"-summary": "shares of studies by judgement", "-traffic-light": "judgements study by study"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture. `place` is its path beside the report; `run` drew it; `stale` where values were recorded since."""

    name: str
    place: str
    svg: str
    title: str
    description: str
    run: str
    stale: bool

    @property
    def wide(self) -> bool:
        """Whether it gets a page of its own; such pictures come last, lest they part a heading from what follows."""
        width, height = size_of(self.svg)
        return width > _ACROSS and width >= height

    @property
    def caption(self) -> str:
        """Its title, and which of the two pictures of an appraisal it is."""
        kind = next((words for end, words in _KINDS.items() if self.place.endswith(f"{end}.svg")), "")
        return f"{self.title} ({kind})" if kind and self.of_appraisal else self.title

    @property
    def of_appraisal(self) -> bool:
        """Whether it shows how studies were judged, and not what they found."""
        return self.place.startswith("appraisal/")

    @property
    def alt(self) -> str:
        """The picture in words."""
        return f"{self.title}. {self.description}" if self.description else self.title


_HEAD = re.compile(r"<svg\b[^>]*>")
_SIDE = r'\s{}="(\d+)(?:\.\d+)?(?:px)?"'
# Pixels from which on a picture gets a page across in the PDF (document.lua.j2 has the same number in points).
_ACROSS = 946


def size_of(svg: str) -> tuple[int, int]:
    """Return width and height of a picture in pixels, 0 where it does not say."""
    head = _HEAD.search(svg[:2000])
    width, height = (re.search(_SIDE.format(side), head.group()) if head else None for side in ("width", "height"))
    return int(width.group(1)) if width else 0, int(height.group(1)) if height else 0


def placed(layout: Layout, ledger: Iterable[LedgerEntry]) -> tuple[Figure, ...]:
    """Return the pictures in the report's folder that are still what a run wrote, in the order of their paths."""
    return tuple(_figures(layout, tuple(ledger)))


def _figures(layout: Layout, ledger: tuple[LedgerEntry, ...]) -> Iterator[Figure]:
    folder = f"{layout.inside(layout.reports)}/"
    written: dict[str, tuple[LedgerEntry, str]] = {}
    changed = drawn.last_change(ledger)
    for entry in ledger:
        for path, digest in entry.outputs.items():
            if path.startswith(folder) and path.endswith(".svg"):
                written[path] = (entry, digest)
    number = 0
    for path in sorted(written):
        entry, digest = written[path]
        file, place = layout.folder / path, path.removeprefix(folder)
        if place in _OURS or not file.is_file() or sha256_file(file) != digest:
            continue
        svg = file.read_text(encoding="utf-8")
        try:
            root = ElementTree.fromstring(svg)
        except (ParseError, DefusedXmlException):
            continue  # not a picture that any reader could show
        number += 1
        title = (root.findtext(f"{_SVG}title") or place).strip()
        description = (root.findtext(f"{_SVG}desc") or "").strip()
        yield Figure(f"figure-{number}", place, svg, title, description, entry.run, changed > entry.seq)
