"""PubMed's filters as what they stand for: `english[Filter]` is `english[la]`, `humans[Filter]` the heading.

Source: PubMed User Guide, "Filters" (https://pubmed.ncbi.nlm.nih.gov/help/#help-filters).
"""

from __future__ import annotations

import re
from dataclasses import replace

from evidence_review.commands.search.strategy.tree import Term
from evidence_review.sources.languages import KNOWN

_LANGUAGES = {name.lower() for _, name in KNOWN.values()}
_NAMES = dict(KNOWN.values())
_HEADINGS = {
    "humans": "Humans", "animals": "Animals", "otheranimals": "Animals", "female": "Female", "male": "Male",
    "alladult": "Adult", "adult": "Adult", "youngadult": "Young Adult", "middleaged": "Middle Aged", "aged": "Aged",
    "80andover": "Aged, 80 and over", "adolescent": "Adolescent", "child": "Child",
    "preschoolchild": "Child, Preschool", "infant": "Infant", "newborn": "Infant, Newborn",
}  # fmt: skip
_TYPES = {
    "randomizedcontrolledtrial": "Randomized Controlled Trial", "clinicaltrial": "Clinical Trial", "review": "Review",
    "controlledclinicaltrial": "Controlled Clinical Trial", "metaanalysis": "Meta-Analysis",
    "systematicreview": "Systematic Review", "observationalstudy": "Observational Study", "letter": "Letter",
    "editorial": "Editorial", "comment": "Comment", "casereports": "Case Reports", "guideline": "Guideline",
    "practiceguideline": "Practice Guideline", "multicenterstudy": "Multicenter Study", "preprint": "Preprint",
    "journalarticle": "Journal Article", "news": "News", "congress": "Congress",
}  # fmt: skip


def spelt_out(term: Term) -> Term:
    """Return a filter as the language, heading or type that it stands for, and a language's code as its name.

    Other terms stay as they are.
    """
    if term.field == "la":
        return replace(term, text=_NAMES.get(term.text.lower(), term.text))
    if term.field != "filter":
        return term
    name = re.sub("[ -]", "", term.text.lower())
    if name in _LANGUAGES:
        return replace(term, field="la")
    if name in _HEADINGS:
        return replace(term, field="mh", text=_HEADINGS[name], quoted=True)
    if name in _TYPES:
        return replace(term, field="pt", text=_TYPES[name], quoted=True)
    return term
