"""Flow numbers typed elsewhere, read to be checked: CSV in any spreadsheet's manner, or XLSX.

The form is the CSV template of the R package PRISMA2020 (see `prisma_csv`), of which the columns `data` and `n` are
enough, in any order and beside others. A box that is not there, or has no number, is unknown and not 0.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from evidence_review import sheets
from evidence_review.commands.report import flow_cells
from evidence_review.commands.report.prisma_csv import KEYS, SPLIT, TEMPLATE, UNIT
from evidence_review.errors import InputError, Problem
from evidence_review.model.protocol import Adjustment
from evidence_review.sheets.encoding import decode
from evidence_review.state.boxes import RECORDS, REPORTS, STUDIES
from evidence_review.state.flow import Count, Flow
from evidence_review.state.identities import CORE, check, hard

# What stands in the template for titles and stages, which have no number.
_TITLES = frozenset({"identification", "screening", "included", "prevstud", "newstud", "othstud", "na", ""})
# What diagrams call a box, beside the template's own words for it.
_SAID = {
    "databases": "database_results", "records_identified": "database_results",
    "records_identified_from_databases": "database_results",
    "records_identified_through_database_searching": "database_results",
    "registers": "register_results", "records_identified_from_registers": "register_results",
    "websites": "website_results", "organisations": "organisation_results", "organizations": "organisation_results",
    "organization_results": "organisation_results", "citation_searching": "citations_results",
    "citation_results": "citations_results", "other_sources": "pooled_results", "other_records": "pooled_results",
    "additional_records_identified_through_other_sources": "pooled_results",
    "duplicates_removed": "duplicates", "duplicate_records_removed": "duplicates",
    "removed_by_automation": "excluded_automatic", "removed_for_other_reasons": "excluded_other",
    "screened": "records_screened", "reports_sought": "dbr_sought_reports", "sought": "dbr_sought_reports",
    "reports_not_retrieved": "dbr_notretrieved_reports", "not_retrieved": "dbr_notretrieved_reports",
    "reports_assessed": "dbr_assessed", "assessed": "dbr_assessed",
    "full_text_articles_assessed_for_eligibility": "dbr_assessed", "full_text_articles_excluded": "dbr_excluded",
    "full_text_articles_excluded,_with_reasons": "dbr_excluded",
    "studies_awaiting_classification": "awaiting_classification",
    "reports_awaiting_classification": "awaiting_classification",
    "studies_included": "new_studies", "studies_included_in_review": "new_studies",
    "reports_included": "new_reports", "reports_of_included_studies": "new_reports",
    "studies_included_in_meta_analysis": "total_studies_ma",
    "studies_included_in_quantitative_synthesis_(meta_analysis)": "total_studies_ma",
}  # fmt: skip
_ADJUSTMENT = re.compile(r"^\s*(?P<identity>I\d{1,2}(?:\s+\S+)?)\s*[=:]\s*(?P<count>[+-]?\d+)\s*$", re.IGNORECASE)
# Excel's own first line, which says what parts the cells.
_SEPARATOR_LINE = re.compile(r'\A"?sep=.?"?[ ,;\t]*(?=[\r\n])', re.IGNORECASE)
_OTHER_FOUND = ("website_results", "organisation_results", "citations_results")
_OTHER_STEPS = ("other_sought_reports", "other_notretrieved_reports", "other_assessed", "other_excluded")
_REMEDY = "Write a whole number; for several, 'Scopus, 828; PubMed, 317'."


@dataclass(frozen=True, slots=True)
class FlowFile:
    """What a file of flow numbers says, with remarks on rows that no box is for and the differences it declares."""

    flow: Flow
    remarks: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    key: str
    cell: str
    declared: str


def read(data: bytes, name: str) -> FlowFile:
    """Read a file of flow numbers.

    Raises:
        InputError: it has no columns `data` and `n`, or a number in it is none; every such row is named.
    """
    numbers: dict[str, int] = {}
    parts: dict[str, dict[str, Count]] = {}
    seen: dict[str, _Row] = {}
    problems: list[Problem] = []
    remarks: list[str] = []
    adjustments: list[Adjustment] = []
    gaps: dict[str, tuple[str, bool]] = {}
    for row in _rows(data, name):
        where = f"{name} row {row.number}"
        if row.key in _TITLES:
            continue
        if row.key not in KEYS:
            near = get_close_matches(row.key, sorted(KEYS), n=1, cutoff=0.85)
            if near:
                problems.append(Problem(where, f"'{row.key}' is no box of the flow diagram", f"Write '{near[0]}'."))
            elif not flow_cells.unknown(row.cell):
                remarks.append(f"{where}: '{row.key}' is no box of the flow diagram and was not checked.")
            continue
        first = seen.setdefault(row.key, row)
        if first is not row:
            if first.cell != row.cell:
                what = f"'{row.key}' stands in row {first.number} already, with another number"
                problems.append(Problem(where, what, "Keep one of the two."))
            continue
        try:
            if row.declared:
                adjustments.append(adjustment(row.declared, f"{name} row {row.number}"))
            found = _take(row, numbers, parts)
            if not found.whole:
                gaps[SPLIT.get(row.key, row.key)] = (where, found.said)
        except ValueError as fault:
            problems.append(Problem(f"{where}, column n", str(fault), _REMEDY))
    if problems:
        raise InputError(f"{name} cannot be checked as it stands.", problems)
    if not numbers and not parts:
        raise InputError(f"{name} has no numbers: fill in the column 'n'.")
    flow = _flow(numbers, parts)
    for key, (where, said) in gaps.items():
        filled = _with_gap(flow, key, adjustments, said=said)
        if filled is not flow:
            remarks.append(f"{where}: not every part has a number, so their sum was not checked.")
        flow = filled
    pooled = _pooled(flow, adjustments)
    if pooled is not flow:
        remarks.append("The records of other methods were screened with the others: only so do the numbers add up.")
    return FlowFile(pooled, tuple(remarks), tuple(adjustments))


def adjustment(text: str, reason: str) -> Adjustment:
    """Return the declared difference that `I3=2` says. Raises ValueError where it says none."""
    match = _ADJUSTMENT.match(text)
    if not match:
        raise ValueError(f"'{text}' is no adjustment: write an identity and a number, such as I3=2")
    return Adjustment(identity=match["identity"], count=int(match["count"]), reason=reason)


def _rows(data: bytes, name: str) -> Iterator[_Row]:
    if data.startswith(b"PK\x03\x04"):
        table = sheets.read(data, name, required=("data", "n"), optional=("adjustment",))
        for row in table.rows:
            yield _Row(row.number, _key(row.get("data")), row.get("n").strip(), row.get("adjustment").strip())
        return
    text = _SEPARATOR_LINE.sub("", decode(data, name).text.removeprefix("\ufeff"))
    for delimiter in (",", ";", "\t"):
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            continue  # with another delimiter the quotes may stand where they should
        start = next((place for place, line in enumerate(lines) if any(line)), 0)
        header = [cell.strip().lower() for cell in lines[start]] if lines else []
        if "data" in header and "n" in header:
            for number, line in enumerate(lines[start + 1 :], start=start + 2):
                cells = _cells(header, line, delimiter)
                yield _Row(number, _key(cells.get("data", "")), cells.get("n", ""), cells.get("adjustment", ""))
            return
    raise InputError(
        f"{name} row 1: there are no columns 'data' and 'n', or a quotation mark is left open. "
        "Use the template of the R package PRISMA2020; these two columns of it are enough."
    )


def _cells(header: Sequence[str], line: Sequence[str], delimiter: str) -> dict[str, str]:
    """Return a row's cells by column. A list of parts that nobody quoted runs on over the row's end: it is one cell."""
    if header[-1] == "n" and len(line) > len(header):
        line = [*line[: len(header) - 1], delimiter.join(line[len(header) - 1 :]).rstrip(delimiter)]
    return dict(zip(header, (cell.strip() for cell in line), strict=False))


def _plain(words: str) -> str:
    return re.sub(r"[\s_\-]+", "_", words.strip().lower()).strip("_:")


_BY_WORDS = {_plain(words): key for key, _, _, words, _ in reversed(TEMPLATE)} | _SAID


def _key(words: str) -> str:
    """Return the key of a box by its name: `records_screened`, `Records screened`, `Full-text articles excluded`."""
    key = _plain(words)
    return key if key in KEYS else _BY_WORDS.get(key, key)


def _take(row: _Row, numbers: dict[str, int], parts: dict[str, dict[str, Count]]) -> flow_cells.Split:
    """Put one row's number or parts where they belong; return the parts.

    Raises:
        ValueError: a number is none.
    """
    whole = SPLIT.get(row.key, row.key)
    if flow_cells.unknown(row.cell):
        return flow_cells.Split(())
    if flow_cells.is_number(row.cell):
        if row.key == whole:
            numbers[row.key] = flow_cells.number(row.cell)
        else:
            parts[whole] = {"": Count(whole, UNIT[whole], flow_cells.number(row.cell))}
        return flow_cells.Split(())
    found = flow_cells.split(row.cell)
    if found.parts:
        parts[whole] = {label: Count(whole, UNIT.get(whole, RECORDS), n, label=label) for label, n in found.parts}
    return found


def _flow(numbers: dict[str, int], parts: dict[str, dict[str, Count]]) -> Flow:
    for unit in (STUDIES, REPORTS):
        # The template's zeros in a part that is not used: a review that is no update has no totals of one.
        if not numbers.get(f"previous_{unit}") and not numbers.get(f"total_{unit}"):
            numbers.pop(f"previous_{unit}", None)
            numbers.pop(f"total_{unit}", None)
    for whole, split in parts.items():
        numbers.setdefault(whole, sum(part.n for part in split.values()))
    return Flow({
        key: Count(key, UNIT.get(key, RECORDS), n, parts=parts.get(key, {})) for key, n in numbers.items()
    })  # fmt: skip


def _with_gap(flow: Flow, key: str, adjustments: Sequence[Adjustment], *, said: bool) -> Flow:
    """Return the flow without the parts of a box, or without the box, where a part without a number makes it unknown.

    Mostly it is the template's `Reason3, xxx` that nobody deleted: then the others sum to what there is. Where it is
    `said` to be unknown, so is the sum.
    """
    number = flow.counts.get(key)
    if number is None or not hard(check(flow, adjustments)):
        return flow
    sum_known = sum(part.n for part in number.parts.values())
    if sum_known < number.n:
        return flow.with_count(replace(number, parts={}))
    unknown = replace(flow, counts={name: one for name, one in flow.counts.items() if name != key})
    return unknown if said and key in CORE and sum_known == number.n and not hard(check(unknown, adjustments)) else flow


def _pooled(flow: Flow, adjustments: Sequence[Adjustment]) -> Flow:
    """Return the flow without the template's zeros for the other methods' way, where they are only that.

    Records of other methods with a way of nothing but zeros were either lost or screened together with the rest, as
    in PRISMA 2009. It was the latter where, and only where, the numbers then add up.
    """
    if not any(flow.having(key) for key in _OTHER_FOUND) or any(flow.having(key) for key in _OTHER_STEPS):
        return flow
    if not any(flow.get(key) for key in _OTHER_STEPS):
        return flow
    together = replace(flow, counts={key: one for key, one in flow.counts.items() if key not in _OTHER_STEPS})
    return flow if hard(check(together, adjustments)) else together
