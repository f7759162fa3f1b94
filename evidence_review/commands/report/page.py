"""One self-contained HTML file: no network, a content security policy by hashes, data that scripts show as text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from evidence_review.commands.report.flow_boxes import BOXES
from evidence_review.commands.report.labels import Labels
from evidence_review.commands.report.material import Material
from evidence_review.commands.report.render import render
from evidence_review.model.record import Record, short_reference
from evidence_review.state.flow import Flow, reason_label, source_name

_TEMPLATES = resources.files("evidence_review.commands.report") / "templates"
_OUTER_TABLE = re.compile(r"(<table\b.*?</table>)", re.DOTALL)


def page(world: ImmutableSandboxedEnvironment, given: Mapping[str, Any], body: str, material: Material) -> str:
    """Return the whole page around `body`."""
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "page.js.j2").read_text(encoding="utf-8")
    data = _json(records_of_boxes(material, given["labels"]))
    scrolling = _OUTER_TABLE.sub(r'<div class="scroll" tabindex="0">\1</div>', body)
    present = [
        (anchor, heading)
        for anchor, heading in given["headings"].items()
        if f'id="{anchor}"' in body and anchor != "title"
    ]
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return render(
        world,
        "page.html.j2",
        {
            **given,
            "policy": policy,
            "style": Markup(style),  # noqa: S704 - packaged
            "script": Markup(script),  # noqa: S704 - packaged
            "data": Markup(data),  # noqa: S704 - every < > & of it is escaped for scripts
            "contents": present,
            "body": Markup(scrolling),  # noqa: S704 - rendered with autoescape
        },
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _json(data: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.replace("\0", "\\ufffd")


def records_of_boxes(material: Material, labels: Labels) -> dict[str, Any]:
    """Return the records behind each box: [id, title, who, where, source, what was decided], each record once."""
    flow: Flow = material.flow
    reports = {study.id: study.reports for study in material.standing.studies}
    wanted = {
        key: [record for name in names for one in _ids(flow, name) for record in reports.get(one, (one,))]
        for key, names in BOXES.items()
    }
    runs = material.snapshot.runs
    sources = {record.source for record in material.snapshot.records.values()}
    names = {source: source_name(material.snapshot.protocol, source, runs) for source in sources}
    order = {record: place for place, record in enumerate(dict.fromkeys(r for ids in wanted.values() for r in ids))}
    return {
        "records": [_told(material, material.snapshot.records[record], names) for record in order],
        "boxes": {
            key: {"title": labels(f"list.{key}"), "records": [order[record] for record in ids]}
            for key, ids in wanted.items()
            if ids
        },
    }


def _ids(flow: Flow, name: str) -> tuple[str, ...]:
    number = flow.get(name)
    return number.ids or () if number is not None else ()


def _told(material: Material, record: Record, names: Mapping[str, str]) -> list[str]:
    snapshot, standing = material.snapshot, material.standing
    citation = record.citation
    keeper = standing.clusters.keeper_of[record.id]
    if keeper != record.id:
        said = f"copy of {keeper}"
    else:
        said = standing.state_of[keeper]
        outcome = standing.full_text.get(keeper) or standing.title_abstract.get(keeper)
        first = standing.title_abstract.get(keeper)
        reason = (outcome.reason if outcome else "") or (first.reason if first else "")
        if reason and "excluded" in said:
            said += f": {reason} {reason_label(snapshot.protocol, reason)}"
    where = " ".join(part for part in (citation.container, str(citation.year or "")) if part)
    return [
        record.id,
        citation.title,
        short_reference(citation),
        where,
        names[record.source],
        said,
    ]
