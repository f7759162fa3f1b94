"""Normal forms of what bibliographic files say: text, titles, names, identifiers, pages, dates, languages.

Pure functions, safe on any text. What cannot be understood becomes the empty value, never a guess; the raw record
stays beside its normal form, so nothing is lost by being strict here.
"""

from __future__ import annotations

from evidence_review.text.dates import date, year
from evidence_review.text.identifiers import doi, isbns, issns, nct, pmcid, pmid
from evidence_review.text.languages import language
from evidence_review.text.names import alone, is_et_al, is_particle, people, person, uncut
from evidence_review.text.page_ranges import is_article_number, pages, pages_run_backwards
from evidence_review.text.running import clean, is_null, mojibake, said, title_key

__all__ = [
    "alone",
    "clean",
    "date",
    "doi",
    "is_article_number",
    "is_et_al",
    "is_null",
    "is_particle",
    "isbns",
    "issns",
    "language",
    "mojibake",
    "nct",
    "pages",
    "pages_run_backwards",
    "people",
    "person",
    "pmcid",
    "pmid",
    "said",
    "title_key",
    "uncut",
    "year",
]
