"""The boxes of the flow diagram: which there are, and in which of them a record stands.

Keys are those of the R package PRISMA2020's template (https://github.com/prisma-flowdiagram/PRISMA2020) where it has a
box, and our own, listed in `OWN_BOXES`, where it has none.
"""

from __future__ import annotations

from evidence_review.state import standing as places
from evidence_review.state.standing import MAIN, OTHER

# What is counted in a box.
RECORDS, REPORTS, STUDIES = "records", "reports", "studies"

# What the diagram of PRISMA 2020 has no box for: the steps that the other arm goes through as well, and what waits.
OWN_BOXES = (
    "other_results", "other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened",
    "other_awaiting_screening", "other_records_screened", "other_records_excluded", "other_awaiting_retrieval",
    "other_awaiting_eligibility", "other_included", "unscreened", "awaiting_screening", "awaiting_retrieval",
    "awaiting_eligibility", "dbr_included", "records_excluded_human", "records_excluded_automation",
    "other_records_excluded_human", "other_records_excluded_automation", "pooled_results", "appraised_studies",
    "synthesised_studies", "awaiting_classification", "other_awaiting_classification",
)  # fmt: skip

ROUTE_BOX = {
    "database": "database_results",
    "register": "register_results",
    "website": "website_results",
    "organisation": "organisation_results",
    "citation": "citations_results",
    "other": "other_results",
}

# For each arm: the box of each state in which a record stays.
MAIN_STATES = {
    "excluded_automatic": (places.REMOVED_AUTOMATION,),
    "excluded_other": (places.REMOVED_OTHER,),
    "unscreened": (places.UNSCREENED,),
    "awaiting_screening": (places.AWAITING_SCREENING, places.CONFLICT_SCREENING),
    "records_excluded": (places.EXCLUDED_SCREENING,),
    "dbr_notretrieved_reports": (places.NOT_OBTAINED,),
    "awaiting_retrieval": (places.AWAITING_RETRIEVAL,),
    "awaiting_eligibility": (places.AWAITING_ELIGIBILITY, places.CONFLICT_ELIGIBILITY),
    "dbr_excluded": (places.EXCLUDED_ELIGIBILITY,),
    "awaiting_classification": (places.AWAITING_CLASSIFICATION,),
    "dbr_included": (places.INCLUDED,),
}
OTHER_STATES = {
    "other_excluded_automatic": (places.REMOVED_AUTOMATION,),
    "other_excluded_other": (places.REMOVED_OTHER,),
    "other_unscreened": (places.UNSCREENED,),
    "other_awaiting_screening": (places.AWAITING_SCREENING, places.CONFLICT_SCREENING),
    "other_records_excluded": (places.EXCLUDED_SCREENING,),
    "other_notretrieved_reports": (places.NOT_OBTAINED,),
    "other_awaiting_retrieval": (places.AWAITING_RETRIEVAL,),
    "other_awaiting_eligibility": (places.AWAITING_ELIGIBILITY, places.CONFLICT_ELIGIBILITY),
    "other_excluded": (places.EXCLUDED_ELIGIBILITY,),
    "other_awaiting_classification": (places.AWAITING_CLASSIFICATION,),
    "other_included": (places.INCLUDED,),
}
STATE_BOXES = {MAIN: tuple(MAIN_STATES), OTHER: tuple(OTHER_STATES)}

_PASSED_SCREENING = (
    places.NOT_OBTAINED, places.AWAITING_RETRIEVAL, places.AWAITING_ELIGIBILITY, places.CONFLICT_ELIGIBILITY,
    places.EXCLUDED_ELIGIBILITY, places.AWAITING_CLASSIFICATION, places.INCLUDED,
)  # fmt: skip
_SCREENED = (places.EXCLUDED_SCREENING, *_PASSED_SCREENING)
_ASSESSED = (places.EXCLUDED_ELIGIBILITY, places.AWAITING_CLASSIFICATION, places.INCLUDED)

# The boxes that hold records in several states.
SPANS = {
    MAIN: {"records_screened": _SCREENED, "dbr_sought_reports": _PASSED_SCREENING, "dbr_assessed": _ASSESSED},
    OTHER: {
        "other_records_screened": _SCREENED,
        "other_sought_reports": _PASSED_SCREENING,
        "other_assessed": _ASSESSED,
    },
}

REPORT_BOXES = frozenset({
    "dbr_sought_reports", "dbr_notretrieved_reports", "awaiting_retrieval", "dbr_assessed", "awaiting_eligibility",
    "dbr_excluded", "dbr_included", "other_sought_reports", "other_notretrieved_reports", "other_awaiting_retrieval",
    "other_assessed", "other_awaiting_eligibility", "other_excluded", "other_included",
    "awaiting_classification", "other_awaiting_classification",
})  # fmt: skip
