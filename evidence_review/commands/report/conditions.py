"""What a checklist's items depend on: whether the report really holds the text that an item asks for.

A sentence that stands in every report whatever was done, such as "nothing differs from the protocol" before anything
was done, meets no item; neither does a part of the protocol that still says TO FILL IN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evidence_review.commands.report.material import Material
from evidence_review.workspace.protocol_file import PLACEHOLDER

# What meets an item, in words, by the condition in the checklist's file.
EVIDENCE = {
    "title": "title in the protocol",
    "question": "question in the protocol",
    "eligibility": "criteria in the protocol",
    "searched": "recorded searches",
    "dates": "date of every recorded search",
    "platforms": "platform of every recorded search",
    "strategies": "strategies of the recorded searches, or terms in the protocol",
    "decisions": "recorded decisions",
    "dedup": "recorded run of deduplication",
    "extraction": "form in the protocol",
    "extracted": "extracted values",
    "appraisal": "tools in the protocol",
    "appraised": "recorded judgements",
    "not-appraised": "no tool in the protocol and no judgement, which the report says",
    "tables": "study tables",
    "measures": "measure of each pooling in the protocol",
    "pooled": "pooled effects",
    "excluded": "reports excluded at full text",
    "included": "included studies",
    "none-included": "no study was included, which the report says",
    "agreement": "pairs of verdicts on one record",
    "compared": "protocol compared with what was done",
    "limitations": "shortcuts and departures, with their likely effect",
}

_KIND_WORDS = ("rapid", "systematic", "evidence review", "scoping", "evidence synthesis", "evidence map")


def evidence(condition: str) -> str:
    """Return by what an item is met, in words."""
    kind, _, name = condition.partition(":")
    if kind == "prose":
        return f"{name}.md, written by the authors; what it says is not checked"
    if kind == "route":
        return f"recorded search of the route '{name}'"
    if kind == "field":
        return f"'{name}' in the protocol"
    if kind == "shortcut":
        return f"shortcut of the step '{name}' in the register"
    return EVIDENCE[condition]


def said(text: object) -> bool:
    """Whether somebody wrote something: neither nothing nor a placeholder."""
    return bool(text) and PLACEHOLDER not in str(text)


def conditions(material: Material) -> Callable[[str], bool]:
    """Return the test of a checklist's conditions: does the report hold what the item asks for?"""
    snapshot, flow, studies = material.snapshot, material.flow, material.standing.studies
    protocol = snapshot.protocol
    screened = bool(snapshot.decisions)
    routes = {run.route for run in snapshot.runs}
    shortened = {item.step for item in material.shortcuts if said(item.what)}
    tools = set(protocol.appraisal.tools.values())
    appraised = any(tools & set(material.values.forms(study.id)) for study in studies)
    facts = {
        "author": False,
        "title": said(protocol.title) and any(word in protocol.title.casefold() for word in _KIND_WORDS),
        "question": said(protocol.question.text),
        "eligibility": any(said(item.criterion) for item in protocol.eligibility.include),
        "searched": bool(snapshot.runs),
        "dates": bool(snapshot.runs) and all(run.searched_on for run in snapshot.runs),
        "platforms": bool(snapshot.runs) and all(run.platform for run in snapshot.runs),
        "strategies": any(run.strategy or run.translated for run in snapshot.runs)
        or (bool(snapshot.runs) and any(source.terms for source in protocol.sources)),
        "decisions": screened,
        "dedup": any(entry.verb == "dedup" for entry in snapshot.ledger),
        "extraction": protocol.extraction.form is not None and bool(snapshot.values),
        "extracted": bool(snapshot.values),
        "appraisal": appraised,
        "appraised": appraised,
        "not-appraised": bool(studies) and not tools,
        "tables": any(table.rows for table in material.tables),
        "measures": bool(protocol.synthesis.pooling),
        "pooled": bool(flow.having("total_studies_ma")),
        "excluded": bool(flow.having("dbr_excluded") or flow.having("other_excluded")),
        "included": bool(studies),
        "none-included": screened and not studies and not material.waiting,
        "agreement": any(found.overall.n for found in material.agreement.values()),
        "compared": bool(snapshot.runs) or screened,
        "limitations": screened and bool(material.deviations or any(said(item.effect) for item in material.shortcuts)),
    }  # fmt: skip

    def known(condition: str) -> bool:
        kind, _, name = condition.partition(":")
        if kind == "prose":
            return said(material.prose.get(name))
        if kind == "route":
            return name in routes
        if kind == "shortcut":
            return name in shortened
        if kind == "field":
            part: Any = protocol
            for step in name.split("."):
                part = getattr(part, step)
            return said(part)
        return facts[condition]

    return known
