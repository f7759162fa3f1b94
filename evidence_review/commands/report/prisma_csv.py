"""The CSV template of the R package PRISMA2020, and our own numbers in it. `flow_file` reads it.

The template (https://github.com/prisma-flowdiagram/PRISMA2020, inst/extdata/PRISMA.csv) has a row for each box: `data`
is its key and `n` its number. Where a box is split, `n` reads "Scopus, 828; PubMed, 317". A box that is not used keeps
the template's 0 or "xxx". Only `data` and `n` are needed.
"""

from __future__ import annotations

import csv
import io
import re

from evidence_review.state.boxes import OWN_BOXES, RECORDS, REPORTS, STUDIES
from evidence_review.state.flow import Count, Flow
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
UNIT = {key: unit for key, _, _, _, unit in TEMPLATE} | {key: STUDIES for key in OWN_BOXES if key.endswith("_studies")}
# What lists the parts of a box → the box.
SPLIT = {
    "database_specific_results": "database_results",
    "register_specific_results": "register_results",
    "database_specific": "database_results",
    "register_specific": "register_results",
    "dbr_excluded_reasons": "dbr_excluded",
    "other_excluded_reasons": "other_excluded",
    "records_excluded_reasons": "records_excluded",
}
# Every name that a row may have: the template's, and of the boxes that it lacks.
KEYS = frozenset({*UNIT, *SPLIT, *OWN_BOXES})


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
    bare = Flow({key: Count(key, UNIT[key], n) for key, n in numbers.items() if "specific" not in key})
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
        number = flow.get(SPLIT.get(key, key))
        cell: str | int = numbers[key]
        if key in SPLIT or key in ("dbr_excluded", "other_excluded"):
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
