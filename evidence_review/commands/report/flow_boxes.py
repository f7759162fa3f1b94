"""What stands in each box of the PRISMA 2020 flow diagram, and which boxes the data call for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evidence_review.commands.report.labels import Labels
from evidence_review.drawing.boxes import Box, Words
from evidence_review.state.flow import NO_REASON, Count, Flow

# Box of the diagram → the counts whose records it stands for.
BOXES = {
    "identified": ("database_results", "register_results"),
    "removed": ("duplicates", "excluded_automatic", "excluded_other", "unscreened"),
    "records_screened": ("records_screened",),
    "records_excluded": ("records_excluded", "awaiting_screening"),
    "dbr_sought_reports": ("dbr_sought_reports",),
    "dbr_notretrieved_reports": ("dbr_notretrieved_reports", "awaiting_retrieval"),
    "dbr_assessed": ("dbr_assessed",),
    "dbr_excluded": ("dbr_excluded", "awaiting_eligibility"),
    "other_identified": ("website_results", "organisation_results", "citations_results", "other_results"),
    "other_removed": ("other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened"),
    "other_records_screened": ("other_records_screened",),
    "other_records_excluded": ("other_records_excluded", "other_awaiting_screening"),
    "other_sought_reports": ("other_sought_reports",),
    "other_notretrieved_reports": ("other_notretrieved_reports", "other_awaiting_retrieval"),
    "other_assessed": ("other_assessed",),
    "other_excluded": ("other_excluded", "other_awaiting_eligibility"),
    "awaiting_classification": ("awaiting_classification",),
    "other_awaiting_classification": ("other_awaiting_classification",),
    "included": ("new_reports",),
    "appraised": ("appraised_studies",),
    "synthesised": ("synthesised_studies",),
}


# What can be left out of the diagram; the numbers stay in numbers.json.
PARTS = {
    "sources": "the records of each source",
    "totals": "the totals in the heads of boxes that list what they hold",
    "reasons": "the reasons for exclusion at full text",
    "title-abstract-reasons": "the reasons for exclusion at title and abstract",
    "automation": "how many records people and automation tools excluded",
    "unscreened": "what was left unscreened when screening stopped",
    "awaiting": "what waits for a decision, a full text, an assessment or classification",
    "appraisal": "the box of the studies appraised",
    "synthesis": "the box of the studies in the synthesis",
    "adjustments": "the differences that the protocol declares, below the diagram",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the diagram leaves out (keys of PARTS).

    `links` makes each box lead to `#list-<key>`; `whole` keeps names and reasons that are too long for a box whole.
    """

    hidden: frozenset[str] = frozenset()
    links: bool = False
    whole: bool = False

    def show(self, part: str) -> bool:
        """Whether a part is shown."""
        return part not in self.hidden


def columns(*, update: bool, other: bool) -> dict[str, int]:
    """Return the places of the columns of boxes by name."""
    names = [*(["previous"] if update else []), "main", "side", *(["other", "other_side"] if other else [])]
    return {name: place for place, name in enumerate(names)}


def boxes(flow: Flow, labels: Labels, shown: Options) -> Iterator[Box]:
    """Yield every box that the data call for."""
    update, other = flow.is_update, other_way(flow)
    column = columns(update=update, other=other)

    def box(key: str, row: int, where: str, words: Iterable[Words], kind: str = "", fill: str = "#ffffff") -> Box:
        link = f"#list-{key}" if shown.links and _has_records(flow, key) else ""
        return Box(key, row, column[where], tuple(words), fill, link, kind)

    if update:
        yield box("previous", 1, "previous", _previous(flow, labels), "er-previous")
    others = ("website_results", "organisation_results", "citations_results", "other_results")
    # Where a published diagram screens the records of other methods with the rest, they stand in one box.
    routes = ("database_results", "register_results", *(() if other else (*others, "pooled_results")))
    yield box("identified", 1, "main", _identified(flow, labels, shown, routes))
    yield box("removed", 1, "side", _removed(flow, labels, shown, ""), "er-side")
    yield box("records_screened", 2, "main", [_head(labels, "box.screened", flow.get("records_screened"))])
    yield box("records_excluded", 2, "side", _excluded(flow, labels, shown, "records_excluded"), "er-side")
    yield box("dbr_sought_reports", 3, "main", [_head(labels, "box.sought", flow.get("dbr_sought_reports"))])
    yield box("dbr_notretrieved_reports", 3, "side", _missing(flow, labels, shown, ""), "er-side")
    yield box("dbr_assessed", 4, "main", [_head(labels, "box.assessed", flow.get("dbr_assessed"))])
    yield box("dbr_excluded", 4, "side", _reasons(flow, labels, shown, "dbr_excluded"), "er-side")
    if other:
        yield box("other_identified", 1, "other", _identified(flow, labels, shown, others))
        if other_removed(flow):
            yield box("other_removed", 1, "other_side", _removed(flow, labels, shown, "other_"), "er-side")
        if other_screening(flow):
            screened = flow.get("other_records_screened")
            yield box("other_records_screened", 2, "other", [_head(labels, "box.screened", screened)])
            words = _excluded(flow, labels, shown, "other_records_excluded")
            yield box("other_records_excluded", 2, "other_side", words, "er-side")
        yield box("other_sought_reports", 3, "other", [_head(labels, "box.sought", flow.get("other_sought_reports"))])
        yield box("other_notretrieved_reports", 3, "other_side", _missing(flow, labels, shown, "other_"), "er-side")
        yield box("other_assessed", 4, "other", [_head(labels, "box.assessed", flow.get("other_assessed"))])
        yield box("other_excluded", 4, "other_side", _reasons(flow, labels, shown, "other_excluded"), "er-side")
    for key, where in (("awaiting_classification", "side"), ("other_awaiting_classification", "other_side")):
        if flow.having(key) and shown.show("awaiting") and where in column:
            yield box(key, 5, where, [_head(labels, "box.awaiting_classification", flow.get(key))], "er-side")
    yield box("included", 6, "main", _included(flow, labels, update=update), "er-included")
    if update and (flow.get("total_studies") or flow.get("total_reports")):
        yield box("total", 7, "main", _total(flow, labels), "er-included")
    told = (
        ("appraised", "appraisal", _appraised(flow, labels)),
        ("synthesised", "synthesis", _synthesised(flow, labels)),
    )
    afterwards = [(key, lines) for key, part, lines in told if lines and shown.show(part)]
    for where, (key, lines) in zip(("main", "side"), afterwards, strict=False):
        yield box(key, 8, where, lines, "er-included")


def other_way(flow: Flow) -> bool:
    """Whether records of other methods went a way of their own."""
    steps = ("other_sought_reports", "other_assessed", "other_records_screened")
    return flow.has_other_arm and any(flow.get(key) is not None for key in steps)


def _has_records(flow: Flow, key: str) -> bool:
    return any((number := flow.get(name)) is not None and number.ids for name in BOXES.get(key, ()))


def _head(labels: Labels, key: str, number: Count | None) -> Words:
    return Words(f"{labels(key)} {labels.n(number.n)}" if number else labels(key), bold=True)


# Longer names and reasons are cut in the drawing; its description and the report's annex have them whole.
_LONGEST = 150


def _short(text: str, shown: Options) -> str:
    """Return a text as it fits a box: at most some five lines, cut between words where it can be."""
    if shown.whole or len(text) <= _LONGEST:
        return text
    head = text[: _LONGEST - 1]
    return (head.rpartition(" ")[0] if " " in head[_LONGEST // 2 :] else head).rstrip(" ,;:.") + "…"


def _item(labels: Labels, text: str, n: int, indent: float = 8.0) -> Words:
    return Words(f"{text} {labels.n(n)}", indent=indent, hang=8)


_ROUTE_WORDS = {
    "database_results": "item.databases",
    "register_results": "item.registers",
    "website_results": "item.websites",
    "organisation_results": "item.organisations",
    "citations_results": "item.citations",
    "other_results": "item.other",
    "pooled_results": "item.other",
}


def _identified(flow: Flow, labels: Labels, shown: Options, keys: Sequence[str]) -> Iterator[Words]:
    """The box of identified records: its total in the head, each route, and each source where there are several."""
    known = shown.show("totals") and any(flow.get(key) is not None for key in keys)
    total = labels.n(sum(flow.having(key) for key in keys)) if known else ""
    yield Words(f"{labels('box.identified')} {total}".rstrip(), bold=True)
    for key in keys:
        number = flow.get(key)
        if number is None or (number.n == 0 and not number.parts):
            continue
        yield _item(labels, labels(_ROUTE_WORDS[key]), number.n)
        if shown.show("sources"):
            for name, part in number.parts.items():
                yield _item(labels, _short(part.label or name, shown), part.n, 20.0)


def _removed(flow: Flow, labels: Labels, shown: Options, arm: str) -> Iterator[Words]:
    keys = {
        f"{arm}duplicates": "item.duplicates",
        f"{arm}excluded_automatic": "item.automation",
        f"{arm}excluded_other": "item.removed_other",
        f"{arm}unscreened": "item.unscreened",
    }
    known = flow.get(f"{arm}duplicates") is not None
    total = labels.n(sum(flow.having(key) for key in keys)) if known and shown.show("totals") else ""
    yield Words(f"{labels('box.removed')} {total}".rstrip(), bold=True)
    for key, words in keys.items():
        if key == f"{arm}unscreened" and not shown.show("unscreened"):
            continue
        if flow.having(key) or (key == "duplicates" and known):
            yield _item(labels, labels(words), flow.having(key))


def _excluded(flow: Flow, labels: Labels, shown: Options, key: str) -> Iterator[Words]:
    """The box of records excluded at title and abstract: by whom, by what reason, and what still waits."""
    yield _head(labels, "box.excluded", flow.get(key))
    machine = flow.having(f"{key}_automation")
    both = shown.show("automation") and machine
    if both:
        yield _item(labels, labels("item.by_people"), flow.having(f"{key}_human"))
        yield _item(labels, labels("item.by_automation"), machine)
    number = flow.get(key)
    if shown.show("title-abstract-reasons") and number and set(number.parts) - {NO_REASON}:
        if both:
            yield Words(labels("item.reasons"), indent=8)
        yield from _parts(number, labels, shown, 20.0 if both else 8.0)
    waiting = flow.having("awaiting_screening" if key == "records_excluded" else "other_awaiting_screening")
    if waiting and shown.show("awaiting"):
        yield _item(labels, labels("item.awaiting"), waiting, 0)


def _missing(flow: Flow, labels: Labels, shown: Options, arm: str) -> Iterator[Words]:
    key = f"{arm}notretrieved_reports" if arm else "dbr_notretrieved_reports"
    yield _head(labels, "box.not_retrieved", flow.get(key))
    if flow.having(f"{arm}awaiting_retrieval") and shown.show("awaiting"):
        yield _item(labels, labels("item.awaiting_retrieval"), flow.having(f"{arm}awaiting_retrieval"), 0)


def _reasons(flow: Flow, labels: Labels, shown: Options, key: str) -> Iterator[Words]:
    number = flow.get(key)
    yield _head(labels, "box.reports_excluded", number)
    if number and shown.show("reasons"):
        yield from _parts(number, labels, shown)
    waiting = flow.having("awaiting_eligibility" if key == "dbr_excluded" else "other_awaiting_eligibility")
    if waiting and shown.show("awaiting"):
        yield _item(labels, labels("item.awaiting_assessment"), waiting, 0)


def _parts(number: Count, labels: Labels, shown: Options, indent: float = 8.0) -> Iterator[Words]:
    for code, part in number.parts.items():
        label = labels("item.no_reason") if code == NO_REASON else part.label or code
        yield _item(labels, _short(label, shown), part.n, indent)


def _previous(flow: Flow, labels: Labels) -> Iterator[Words]:
    yield Words(labels("box.previous"), bold=True)
    yield from _units(flow, labels, "previous")


def _included(flow: Flow, labels: Labels, *, update: bool) -> Iterator[Words]:
    yield Words(labels("box.included.new" if update else "box.included"), bold=True)
    yield from _units(flow, labels, "new")
    if flow.get("other_included") and not other_way(flow):
        yield _item(labels, labels("item.added"), flow.having("other_included"), 20.0)


def _total(flow: Flow, labels: Labels) -> Iterator[Words]:
    yield Words(labels("box.total"), bold=True)
    yield from _units(flow, labels, "total")


def _appraised(flow: Flow, labels: Labels) -> list[Words]:
    """The box of the studies appraised, by tool; nothing where that is not known."""
    number = flow.get("appraised_studies")
    if number is None:
        return []
    tools = [_item(labels, part.label or name, part.n) for name, part in number.parts.items()]
    return [_head(labels, "box.appraised", number), *tools]


def _synthesised(flow: Flow, labels: Labels) -> list[Words]:
    """The box of the studies that the synthesis draws on, and how many of them, or of their reports, are pooled."""
    number = flow.get("synthesised_studies")
    pooled = {key: flow.get(f"total_{key}_ma") for key in ("studies", "reports")}
    if number is None and not any(pooled.values()):
        return []
    items = [_item(labels, labels(f"item.pooled.{key}"), one.n) for key, one in pooled.items() if one is not None]
    return [_head(labels, "box.synthesised", number), *items]


def _units(flow: Flow, labels: Labels, which: str) -> Iterator[Words]:
    studies, reports = flow.get(f"{which}_studies"), flow.get(f"{which}_reports")
    if studies is not None:
        yield _item(labels, labels("item.studies"), studies.n)
    if reports is not None:
        yield _item(labels, labels("item.reports" if studies is not None else "item.reports_alone"), reports.n)


def other_removed(flow: Flow) -> bool:
    """Whether records of other methods were removed before screening."""
    keys = ("other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened")
    return any(flow.having(key) for key in keys)


def other_screening(flow: Flow) -> bool:
    """Whether records of other methods were excluded on screening, or wait for it."""
    return bool(flow.having("other_records_excluded") or flow.having("other_awaiting_screening"))
