"""Every file of a report, made from folded material: the page, Markdown, diagram, checklists, numbers, documents."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from evidence_review.commands.report import (
    answers,
    checklists,
    conduct,
    figures,
    flow_boxes,
    flow_diagram,
    known,
    lists,
    material,
    prisma_csv,
    written,
)
from evidence_review.commands.report.appraisal import appraisal_tables
from evidence_review.commands.report.checklists import Checklist, completeness
from evidence_review.commands.report.conditions import conditions
from evidence_review.commands.report.labels import DEFAULT, Labels, labels
from evidence_review.commands.report.markdown import from_html
from evidence_review.commands.report.material import Material
from evidence_review.commands.report.numbers import Number, Numbers
from evidence_review.commands.report.page import page
from evidence_review.commands.report.references import STYLES
from evidence_review.commands.report.render import environment, helpers, render
from evidence_review.drawing.svg import allowed
from evidence_review.errors import UsageError, suggest
from evidence_review.state import identities
from evidence_review.state.flow import Count
from evidence_review.state.printed import printed
from evidence_review.workspace.workspace import Workspace

if TYPE_CHECKING:
    from evidence_review.commands.report import documents

# Layout → file stem. Each is a template in templates/layouts/.
LAYOUTS = {
    "full": "report",
    "1-3-25": "report-1-3-25",
    "brief": "brief",
    "slides": "slides",
    "annexes": "annexes",
    "checklists": "checklists",
}
# What is made beside HTML and Markdown where it is asked for.
FORMATS = ("docx", "odt", "pdf", "png")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the report: `place` is its file beside the report, `alt` says it in words."""

    name: str
    place: str
    svg: str
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, 0 where it does not say."""
        return figures.size_of(self.svg)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the report shall look. `formats` are those of `FORMATS`; HTML and Markdown are always written.

    `hide` are the parts of the diagram to leave out, beside those that the protocol hides; `language` "" is the
    protocol's.
    """

    language: str = ""
    layout: str = "full"
    references: str = "vancouver"
    formats: tuple[str, ...] = ()
    reference_doc: Path | None = None
    csl: Path | None = None
    hide: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise UsageError for a word that does not exist."""
        for word, valid in ((self.layout, LAYOUTS), (self.references, STYLES)):
            if word not in valid:
                raise UsageError(f"There is no '{word}'. {suggest(word, valid)}")
        for word in self.hide:
            if word not in flow_boxes.PARTS:
                raise UsageError(f"The diagram has no part '{word}'. {suggest(word, flow_boxes.PARTS)}")
        for word in self.formats:
            if word not in FORMATS:
                raise UsageError(f"There is no format '{word}'. {suggest(word, FORMATS)}")


@dataclass(frozen=True, slots=True)
class Rendition:
    """Every file of the report by its name in the report's folder, its checklists, and what its makers should know."""

    files: Mapping[str, bytes]
    checklists: tuple[Checklist, ...]
    notes: tuple[str, ...] = ()


def make(workspace: Workspace, found: Material, wishes: Wishes) -> Rendition:
    """Render a report."""
    plan = found.snapshot.protocol.report
    words = labels(wishes.language or plan.language or DEFAULT)
    hidden = frozenset((*wishes.hide, *plan.diagram.hide))
    numbers = Numbers(words)
    world = environment(workspace.layout.own_templates)
    given = material.context(found, words, numbers, STYLES[wishes.references])
    given |= _counting(numbers)
    answered = answers.read_answers(workspace.layout.checklist_answers).given
    given["checklists"] = checklists.fill(conditions(found), given["headings"], found.snapshot.protocol.kind, answered)
    given["appraisals"] = appraisal_tables(found, workspace.layout.beside_protocol / "tools")
    listed, _ = known.items(workspace)
    given["known_items"] = known.told(listed, found.snapshot, numbers)
    given["figures"] = figures.placed(workspace.layout, found.snapshot.ledger)
    given["methods"] = conduct.paragraphs(found, given["appraisals"], numbers)
    folded = {table.title for table in found.tables}
    given["written_tables"] = written.tables(workspace.layout, found.snapshot.ledger, folded)
    for table in given["written_tables"]:
        for place, row in enumerate(table.rows, start=1):
            for column, cell in zip(table.columns, row, strict=False):
                numbers.figure(f"table.{table.name}.{place}.{column}", cell)
    draft = _draft_line(found, words)

    given = {**given, **helpers(given), "picture": _picking(given["figures"])}
    text = _living_links(allowed(render(world, f"layouts/{wishes.layout}.html.j2", given)))

    def drawn(*, links: bool) -> str:
        return flow_diagram.draw(
            found.flow, words, found.snapshot.protocol.title, adjustments=found.snapshot.protocol.adjustments,
            draft=draft, options=flow_boxes.Options(hidden, links),
        )  # fmt: skip

    told = flow_diagram.describe(found.flow, words, flow_boxes.Options(hidden))
    flow = Picture("flow", "flow.svg", drawn(links=False), told)
    pictures = (flow, *(Picture(one.name, one.place, one.svg, one.alt) for one in given["figures"]))
    stem = LAYOUTS[wishes.layout]
    files = {
        f"{stem}.md": from_html(_with(text, {one.name: _image(one.place, one.alt) for one in pictures})),
        f"{stem}.html": page(world, given, _with(text, _inside(drawn(links=True), pictures)), found),
        "flow.svg": flow.svg,
    }
    data = {name: text.encode("utf-8", "replace") for name, text in files.items()}
    data["flow.csv"] = prisma_csv.write(found.flow)
    for checklist in given["checklists"]:
        data[f"checklists/{checklist.id}.csv"] = checklist.to_csv()
    data["checklists/completeness.csv"] = completeness(given["checklists"])
    data["numbers.json" if wishes.layout == "full" else f"{stem}.numbers.json"] = _lines(_numbers(found, numbers))
    notes = _unused(answered, given["checklists"])
    if not wishes.formats:
        return Rendition(data, given["checklists"], notes)
    made = _documents(found, wishes, text, pictures, words("draft") if draft else "")
    data |= {("flow.png" if kind == "png" else f"{stem}.{kind}"): file for kind, file in made.files.items()}
    return Rendition(data, given["checklists"], (*notes, *made.notes))


def _unused(answered: Iterable[tuple[str, str]], filled: Sequence[Checklist]) -> tuple[str, ...]:
    """Say which checklists the authors answered although this kind of review does not fill them."""
    idle = dict.fromkeys(name for name, _ in answered if name not in {one.id for one in filled})
    return tuple(
        f"The answers to {checklists.CHECKLISTS[name][0]} are not used: by its kind this review is none."
        for name in idle
    )


def _documents(
    found: Material, wishes: Wishes, text: str, pictures: Sequence[Picture], draft: str
) -> documents.Documents:
    """Return the documents that need the extra."""
    from evidence_review.commands.report import documents  # loaded only where they are asked for

    protocol = found.snapshot.protocol
    team = {member.id: member.name or member.id for member in protocol.team}
    studies = lists.included(found.snapshot, found.standing)
    source = documents.Source(
        {
            kind: _with(text, {one.name: _image(f"{one.name}.{ending}", one.alt, one.size) for one in pictures})
            for kind, ending in (("pdf", "svg"), ("docx", "png"))
        },
        {one.name: one.svg for one in pictures},
        protocol.title,
        tuple(team.get(author, author) for author in protocol.report.authors),
        "en",  # the running text is English whatever the language of the labels
        found.as_of,
        draft,
        tuple((one.key, printed(found.snapshot, found.standing, one.key)) for one in lists.references(studies)),
        wishes.layout == "slides",
    )
    return documents.make(wishes.formats, source, documents.Style(wishes.reference_doc, wishes.csl))


def _picking(placed: Sequence[figures.Figure]) -> Callable[[str], Markup]:
    """Return the function by which templates place a picture; a name that is none is a fault of the template."""
    names = {"flow", *(figure.name for figure in placed)}

    def picture(name: str) -> Markup:
        if name not in names:
            raise KeyError(f"there is no picture '{name}'")
        return _place_of(name)

    return picture


def _place_of(name: str) -> Markup:
    """Return the mark of a picture's place. No text can hold it, for text has no tags."""
    return Markup('<x-picture name="{}"></x-picture>').format(name)


# Pixels. A diagram that is wider is printed on a page that lies on its side.
_UPRIGHT = 900
_LINK = re.compile(r'<a(?: class="cite")? href="#(?P<to>[^"]*)">(?P<words>.*?)</a>', re.DOTALL)
_ID = re.compile(r'\sid="([^"]*)"')


def _living_links(text: str) -> str:
    """Return the text without links to sections that this layout or this review does not have."""
    there = set(_ID.findall(text))
    return _LINK.sub(lambda link: link.group(0) if link["to"] in there else link["words"], text)


def _with(text: str, pictures: Mapping[str, str]) -> str:
    """Return the text with the picture of each name in its place."""
    for name, picture in pictures.items():
        text = text.replace(_place_of(name), picture)
    return text


def _inside(flow: str, pictures: Sequence[Picture]) -> dict[str, str]:
    """Return pictures for the page: the diagram as elements that can be clicked, the others as images, which no
    script in them can leave.
    """
    made = {}
    for one in pictures:
        data = base64.b64encode(one.svg.encode("utf-8", "replace")).decode("ascii")
        inner = flow if one.name == "flow" else _image(f"data:image/svg+xml;base64,{data}", one.alt)
        wide = " wide" if one.name == "flow" and one.size[0] > _UPRIGHT else ""
        made[one.name] = f'<div class="scroll{wide}" tabindex="0">{inner}</div>'
    return made


def _image(name: str, alt: str, size: tuple[int, int] = (0, 0)) -> str:
    """Return an image element; `size` in pixels is for documents, whose pages have a size of their own."""
    sides = Markup("").join(
        Markup(' {}="{}"').format(*side) for side in zip(("width", "height"), size, strict=True) if all(side)
    )
    return str(Markup('<img src="{}" alt="{}"{}>').format(name, alt, sides))


def _draft_line(found: Material, words: Labels) -> str:
    waits = len(found.waiting) + len(identities.hard(found.failures))
    if not waits:
        return ""
    return f"{words('draft')}: " + "; ".join(
        [f"{item.what} ({words.number(item.count)})" for item in found.waiting]
        + [f"{failure.identity} does not hold" for failure in identities.hard(found.failures)]
    )


def _counting(numbers: Numbers) -> dict[str, Any]:
    """Return the functions by which templates make numbers of several boxes, counted lists and figures."""

    def total(key: str, boxes: tuple[str, ...]) -> Number:
        parts = [number.count for box in boxes if (number := numbers.get(box)) is not None]
        ids = tuple(record for part in parts for record in part.ids or ())
        unit = parts[0].unit if parts else "records"
        return numbers.add(
            f"sum.{key}", Count(f"sum.{key}", unit, sum(part.n for part in parts), ids, note=" + ".join(boxes))
        )

    def tally(key: str, n: int) -> Number:
        return numbers.add(f"tally.{key}", Count(f"tally.{key}", "items", n))

    return {"total": total, "counted": tally, "figure": numbers.figure}


def _numbers(found: Material, numbers: Numbers) -> dict[str, Any]:
    return {
        "review": found.snapshot.protocol.review,
        "final": not found.waiting and not identities.hard(found.failures),
        "waiting": [{"what": item.what, "n": item.count, "ids": list(item.ids)} for item in found.waiting],
        "identities": [
            {
                "identity": failure.identity, "box": failure.box, "statement": failure.statement,
                "expected": failure.expected, "found": failure.found, "warning": failure.soft,
                "ids": list(failure.ids),
            }
            for failure in found.failures
        ],
        "adjustments": [item.model_dump() for item in found.snapshot.protocol.adjustments],
        "studies": [
            {"id": study.id, "label": study.label, "reports": list(study.reports)} for study in found.standing.studies
        ],
        **numbers.to_json(),
    }  # fmt: skip


_encode = json.JSONEncoder(ensure_ascii=False).encode
# What JSON writes otherwise than it is.
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


def _lines(data: Mapping[str, Any]) -> bytes:
    """Return JSON with one number a line, so that a comparison of two renderings shows which changed."""

    def encode(value: Any) -> str:
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{_encode(str(name))}: {encode(item)}" for name, item in value.items()) + "}"
        if isinstance(value, list) and set(map(type, value)) == {str}:
            # Record ids, of which there are hundreds of thousands, hold nothing that would have to be escaped.
            text = "".join(value)
            if text.isalnum() or not _ESCAPED.search(text):
                return '["' + '", "'.join(value) + '"]'
        return _encode(value)

    parts = []
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            inner = ",\n".join(f"  {encode(name)}: {encode(item)}" for name, item in value.items())
            parts.append(f"{encode(key)}: {{\n{inner}\n}}")
        elif isinstance(value, list) and value:
            inner = ",\n".join(f"  {encode(item)}" for item in value)
            parts.append(f"{encode(key)}: [\n{inner}\n]")
        else:
            parts.append(f"{encode(key)}: {encode(value)}")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    return text.encode("utf-8", "replace")
