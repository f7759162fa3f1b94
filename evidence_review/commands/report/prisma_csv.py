"""The CSV template of the R package PRISMA2020: flow numbers typed elsewhere, read to be checked; ours, written.

The template (https://github.com/prisma-flowdiagram/PRISMA2020, inst/extdata/PRISMA.csv) has a row for each box: `data`
is its key and `n` its number. Where a box is split, `n` reads "Scopus, 828; PubMed, 317". A box that is not used keeps
the template's 0 or "xxx". Only `data` and `n` are needed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence_review.errors import InputError, Problem, suggest
from evidence_review.model.protocol import Adjustment
from evidence_review.state.flow import OWN_BOXES, RECORDS, REPORTS, STUDIES, Count, Flow
from evidence_review.state.identities import check

# key → box of the template, its node, its words, and what is counted. The order is the template's.
TEMPLATE = (
    ("previous_studies", "box1", "node5", "Studies included in previous version of review", STUDIES),
    ("previous_reports", "box1", "", "Reports of studies included in previous version of review", REPORTS),
    ("database_results", "box2", "node7", "Databases", RECORDS),
    ("database_specific_results", "box2", "", "Specific Databases", RECORDS),
    ("register_results", "box2", "", "Registers", RECORDS),
    ("register_specific_results", "box2", "", "Specific Registers", RECORDS),
    ("website_results", "box11", "node17", "Websites", RECORDS),
    ("organisation_results", "box11", "", "Organisations", RECORDS),
    ("citations_results", "box11", "", "Citation searching", RECORDS),
    ("duplicates", "box3", "node8", "Duplicate records", RECORDS),
    ("excluded_automatic", "box3", "", "Records marked as ineligible by automation tools", RECORDS),
    ("excluded_other", "box3", "", "Records removed for other reasons", RECORDS),
    ("records_screened", "box4", "node9", "Records screened", RECORDS),
    ("records_excluded", "box5", "node10", "Records excluded", RECORDS),
    ("dbr_sought_reports", "box6", "node11", "Reports sought for retrieval", REPORTS),
    ("dbr_notretrieved_reports", "box7", "node12", "Reports not retrieved", REPORTS),
    ("other_sought_reports", "box12", "node18", "Reports sought for retrieval", REPORTS),
    ("other_notretrieved_reports", "box13", "node19", "Reports not retrieved", REPORTS),
    ("dbr_assessed", "box8", "node13", "Reports assessed for eligibility", REPORTS),
    ("dbr_excluded", "box9", "node14", "Reports excluded", REPORTS),
    ("other_assessed", "box14", "node20", "Reports assessed for eligibility", REPORTS),
    ("other_excluded", "box15", "node21", "Reports excluded", REPORTS),
    ("new_studies", "box10", "node15", "New studies included in review", STUDIES),
    ("new_reports", "box10", "", "Reports of new included studies", REPORTS),
    ("total_studies", "box16", "node22", "Total studies included in review", STUDIES),
    ("total_reports", "box16", "", "Reports of total included studies", REPORTS),
    ("total_studies_ma", "box17", "", "Total studies included in meta-analysis", STUDIES),
    ("total_reports_ma", "box17", "", "Reports of total included studies in meta-analysis", REPORTS),
)
_UNIT = {key: unit for key, _, _, _, unit in TEMPLATE}
_SPLIT = {
    "database_specific_results": "database_results",
    "register_specific_results": "register_results",
    "database_specific": "database_results",
    "register_specific": "register_results",
    "dbr_excluded": "dbr_excluded",
    "other_excluded": "other_excluded",
    "records_excluded": "records_excluded",
}
_TITLES = frozenset({"identification", "screening", "included", "prevstud", "newstud", "othstud", "na", ""})
_KNOWN = frozenset({*_UNIT, *_SPLIT, *OWN_BOXES})

_UNKNOWN = re.compile(r"^(?:|x+|na|n/a|nr|none|null|-|–|\?)$", re.IGNORECASE)
_NUMBER = re.compile(
    r"^\(?\s*(?:n\s*=\s*)?(\d{1,3}(?:[,. '’\u00a0\u2009\u202f]\d{3})+|\d+)(?:\.0+)?\s*\)?$", re.IGNORECASE
)
_PART = re.compile(r"^(?P<label>.*?)\s*[,:=(\t]\s*(?P<n>(?:n\s*=\s*)?\d[^,:=(]*?|x+)\)?$", re.IGNORECASE | re.DOTALL)
_ADJUSTMENT = re.compile(r"^\s*(?P<identity>I\d{1,2}(?:\s+\S+)?)\s*[=:]\s*(?P<count>[+-]?\d+)\s*$", re.IGNORECASE)
_HIGHEST = 10**12


@dataclass(frozen=True, slots=True)
class FlowFile:
    """What a file of flow numbers says, with remarks on rows that no box is for and the differences it declares."""

    flow: Flow
    remarks: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


def read(data: bytes, name: str) -> FlowFile:
    """Read a file in the template's form.

    Raises:
        InputError: it has no columns `data` and `n`, or a number in it is none; every such row is named.
    """
    rows = _rows(data, name)
    numbers: dict[str, int] = {}
    parts: dict[str, dict[str, Count]] = {}
    seen: dict[str, int] = {}
    problems: list[Problem] = []
    remarks: list[str] = []
    adjustments: list[Adjustment] = []
    for number, key, cell, declared in rows:
        where = f"{name} row {number}"
        if key in _TITLES:
            continue
        if key not in _KNOWN:
            near = suggest(key, _KNOWN)
            if near.startswith("Did you mean"):
                problems.append(Problem(where, f"'{key}' is no box of the flow diagram", near))
            elif not _UNKNOWN.match(cell):
                remarks.append(f"{where}: '{key}' is no box of the flow diagram and was not checked.")
            continue
        if key in seen:
            problems.append(Problem(where, f"'{key}' stands in row {seen[key]} already", "Keep one of the two."))
            continue
        seen[key] = number
        try:
            if declared:
                adjustments.append(adjustment(declared, f"{name} row {number}"))
            _take(key, cell, numbers, parts)
        except ValueError as fault:
            remedy = "Write a whole number; for several, 'Scopus, 828; PubMed, 317'."
            problems.append(Problem(f"{where}, column n", str(fault), remedy))
    if problems:
        raise InputError(f"{name} cannot be checked as it stands.", problems)
    if not numbers and not parts:
        raise InputError(f"{name} has no numbers: fill in the column 'n'.")
    return FlowFile(_flow(numbers, parts), tuple(remarks), tuple(adjustments))


def adjustment(text: str, reason: str) -> Adjustment:
    """Return the declared difference that `I3=2` says. Raises ValueError where it says none."""
    match = _ADJUSTMENT.match(text)
    if not match:
        raise ValueError(f"'{text}' is no adjustment: write an identity and a number, such as I3=2")
    return Adjustment(identity=match["identity"], count=int(match["count"]), reason=reason)


def _rows(data: bytes, name: str) -> list[tuple[int, str, str, str]]:
    """Return (row number, key, cell of n, declared adjustment) of each row of the file."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if text.startswith("PK") or "\0" in text:
        raise InputError(f"{name} is no CSV file. In a spreadsheet program, save it as CSV first.")
    for delimiter in (",", ";", "\t"):
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        header = [cell.strip().lower() for cell in table[0]] if table else []
        if "data" in header and "n" in header:
            found = []
            for number, row in enumerate(table[1:], start=2):
                cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
                key = re.sub(r"\s+", "_", cells.get("data", "").lower())
                found.append((number, key, cells.get("n", ""), cells.get("adjustment", "")))
            return found
    raise InputError(
        f"{name} row 1: there are no columns 'data' and 'n'. "
        "Use the template of the R package PRISMA2020; these two columns of it are enough."
    )


def _take(key: str, cell: str, numbers: dict[str, int], parts: dict[str, dict[str, Count]]) -> None:
    """Put one row's number or parts where they belong. Raises ValueError where a number is none."""
    if _UNKNOWN.match(cell):
        return
    whole = _SPLIT.get(key)
    if whole is not None and not _NUMBER.match(cell):
        found = dict(_split(cell, whole))
        if found:
            parts[whole] = found
            if key == whole:
                numbers[key] = sum(part.n for part in found.values())
        return
    if key in ("database_specific_results", "register_specific_results", "database_specific", "register_specific"):
        parts[whole or key] = {"": Count(key, RECORDS, _number(cell))}
        return
    numbers[key] = _number(cell)


def _number(cell: str) -> int:
    match = _NUMBER.match(cell.strip())
    if not match:
        raise ValueError(f"'{cell[:60]}' is not a whole number")
    number = int(re.sub(r"\D", "", match.group(1)))
    if number > _HIGHEST:
        raise ValueError(f"'{cell[:60]}' is more than any search can find")
    return number


def _split(cell: str, key: str) -> Iterator[tuple[str, Count]]:
    """Yield the parts of 'Reason, 31; Other reason, 19'; a label may hold commas, the last one parts the number."""
    labels: dict[str, int] = {}
    for piece in re.split(r"[;\n]+", cell):
        if not piece.strip():
            continue
        match = _PART.match(piece.strip())
        if not match:
            raise ValueError(f"'{piece.strip()[:60]}' has no number")
        if _UNKNOWN.match(match["n"]):
            continue
        label = match["label"].strip()
        labels[label] = labels.get(label, 0) + 1
        name = label if labels[label] == 1 else f"{label} ({labels[label]})"
        yield name, Count(key, _UNIT[key], _number(match["n"]), label=label)


def _flow(numbers: dict[str, int], parts: dict[str, dict[str, Count]]) -> Flow:
    for unit in (STUDIES, REPORTS):
        # The template's zeros in a part that is not used: a review that is no update has no totals of one.
        if not numbers.get(f"previous_{unit}") and not numbers.get(f"total_{unit}"):
            numbers.pop(f"previous_{unit}", None)
            numbers.pop(f"total_{unit}", None)
    for whole, split in parts.items():
        numbers.setdefault(whole, sum(part.n for part in split.values()))
    return Flow({
        key: Count(key, _UNIT.get(key, RECORDS), n, parts=parts.get(key, {})) for key, n in numbers.items()
    })  # fmt: skip


def write(flow: Flow) -> bytes:
    """Return a flow as a file that the R package draws.

    What the template has no box for goes where it comes nearest: records that a stopping rule left unscreened to those
    removed by automation, what other methods found by no named route to the websites. The template has no boxes for
    duplicates and screening of the other methods; that difference stands in the column `adjustment`, which the R
    package passes over and `read` takes into account.
    """
    numbers = {key: flow.having(key) for key, *_ in TEMPLATE if not key.endswith("_ma") or flow.get(key) is not None}
    numbers["excluded_automatic"] += flow.having("unscreened")
    numbers["website_results"] += flow.having("other_results")
    bare = Flow({key: Count(key, _UNIT[key], n) for key, n in numbers.items() if "specific" not in key})
    declared = {
        failure.box: f"{failure.identity}={failure.found - failure.expected:+d}"
        for failure in check(bare)
        if isinstance(failure.expected, int)
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("data", "node", "box", "description", "boxtext", "tooltips", "url", "n", "adjustment", "reason"))
    for key, box, node, words, _ in TEMPLATE:
        if key not in numbers:
            continue
        number = flow.get(_SPLIT.get(key, key))
        cell: str | int = numbers[key]
        if key in _SPLIT and key != "records_excluded":
            parts = number.parts if number else {}
            cell = "; ".join(f"{_plain(part.label or name)}, {part.n}" for name, part in parts.items())
        adjustment = declared.get(key, "")
        reason = _unboxed(flow) if adjustment else ""
        writer.writerow((key, node or "NA", box, words, words, words, "NA", cell, adjustment, reason))
    return text.getvalue().encode("utf-8")


def _unboxed(flow: Flow) -> str:
    """Return the numbers that the template has no box for."""
    boxes = (key for key in OWN_BOXES if key.startswith(("other_", "awaiting")) and key not in _SHOWN_ELSEWHERE)
    return ", ".join(f"{key.replace('_', ' ')} {flow.n(key)}" for key in boxes if flow.n(key))


_SHOWN_ELSEWHERE = frozenset({
    "other_results", "other_records_screened", "other_included", "other_records_excluded_human",
    "other_records_excluded_automation",
})  # fmt: skip


def _plain(label: str) -> str:
    """Return a label without the marks that part labels and numbers, or that begin a formula in a spreadsheet."""
    return re.sub(r"^[\s=+\-@]+", "", re.sub(r"[\s;,]+", " ", label)).strip()
