"""ClinicalTrials.gov: AREA[] before a term; synonyms are added by the service itself.

https://clinicaltrials.gov/find-studies/constructing-complex-search-queries
"""

from __future__ import annotations

from evidence_review.commands.search.strategy.fields import HEADINGS
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    NARROWER,
    URL_LIMIT,
    Rendering,
    Target,
    dropped,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_EXPANDS = "ClinicalTrials.gov adds synonyms of its own and looks in the whole entry"
_ANYWHERE = Into((), BROADER, _EXPANDS)
_FIELDS = Fielded(
    "ClinicalTrials.gov",
    {
        "tiab": _ANYWHERE,
        "ab": _ANYWHERE,
        "tw": _ANYWHERE,
        "": _ANYWHERE,
        "all": _ANYWHERE,
        "ti": Into(("BriefTitle", "OfficialTitle"), BROADER, "ClinicalTrials.gov adds synonyms of its own"),
        "ot": Into(("Keyword",)),
        "si": Into(("NCTId",)),
        "ad": Into(("LocationFacility", "OverallOfficialAffiliation", "LeadSponsorName")),
        "ir": Into(("OverallOfficialName", "ResponsiblePartyInvestigatorFullName")),
    },
    (),
    pattern="AREA[{field}]{value}",
    wildcard=False,
    gone={"pmid": "a register has no articles", "ta": "a register has no journals", "la": "entries are in English"},
)
_HEADING = ("ConditionMeshTerm", "InterventionMeshTerm")
_ANCESTOR = ("ConditionAncestorTerm", "InterventionAncestorTerm")
_HEADINGS = "only conditions and interventions carry headings here"
_DESIGNS = {
    "randomized controlled trial": "AREA[DesignAllocation]RANDOMIZED",
    "clinical trial": "AREA[StudyType]INTERVENTIONAL",
    "controlled clinical trial": "AREA[StudyType]INTERVENTIONAL",
    "observational study": "AREA[StudyType]OBSERVATIONAL",
}


def _term(term: Term) -> Rendering:
    if term.field in HEADINGS:
        areas = (*_HEADING, *_ANCESTOR) if term.explode else _HEADING
        into = Into(areas, NARROWER, _HEADINGS, "Add the concept as free text.")
        return render(Fielded(_FIELDS.name, {term.field: into}, (), pattern=_FIELDS.pattern, wildcard=False), term)
    if term.field == "pt":
        design = _DESIGNS.get(term.text.lower())
        if design:
            return Rendering(design, BROADER, "the design of the trial, whatever was published of it")
        return dropped("a register has no publication types", "Leave it out of the register's search.")
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    return dropped(
        "a trial that was registered before the range may have been published in it",
        "Search the register without dates, and look at the dates of results when screening.",
    )


TARGET = Target("ctgov", "ClinicalTrials.gov", _term, _dates, limit=URL_LIMIT)
