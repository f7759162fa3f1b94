"""RefWorks' tagged format: https://refworks.com, "RefWorks Tagged Format"."""

from __future__ import annotations

import re

from evidence_review import text
from evidence_review.formats.layout import Layout, Roles, Tags
from evidence_review.formats.normalise import Bag
from evidence_review.formats.types import from_word

_ROLES = Roles(
    first={
        "title": ("T1",),
        "title_original": ("OT", "TO"),
        "container": ("JF", "JO", "T2"),
        "container_abbrev": ("JO",),
        "volume": ("VO",),
        "issue": ("IS",),
        "page_first": ("SP",),
        "page_last": ("OP",),
        "doi": ("DO",),
        "abstract": ("AB",),
        "publisher": ("PB",),
        "place": ("PP",),
        "database": ("DB", "DS"),
        "language": ("LA", "OL"),
        "authors": ("A1",),
        "editors": ("A2", "A3"),
    },
    every={
        "year": ("YR",),
        "date": ("FD",),
        "number": ("SN",),
        "keywords": ("K1",),
        "urls": ("UL", "LK", "L1"),
        "notes": ("NO",),
    },
)
_TAGS = """
RT SR ID A1 T1 JF JO YR FD VO IS SP OP K1 AB NO A2 T2 ED PB PP A3 A4 A5 T3 SN AV AD AN LA CL SF OT LK DO CN DB DS IP RD
ST U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 U11 U12 U13 U14 U15 UL SL LL CR WT WV WP OL PMID PMCID PM TO L1 ER GS
"""
_BOOKS = {"book, section": "chapter", "book, whole": "book", "book, edited": "book"}
_ISBN_WORDS = re.compile(r"\([^)]*\)")


def _finish(tags: Tags, bag: Bag, dialect: str) -> None:
    word = tags["RT"][0] if "RT" in tags else ""
    csl = _BOOKS.get(word.lower()) or from_word(word) or "document"
    bag["type"] = [csl]
    if csl == "book":
        bag.pop("container", None)
    accession = tags.of("AN")
    database = " ".join(bag.get("database", [])).lower()
    bag["pmid"] = tags.of("PMID", "PM")
    if "medline" in database or "pubmed" in database:
        bag["pmid"] += [value for value in accession if text.pmid(value) == value]
    bag["pmcid"] = tags.of("PMCID")
    if not bag.get("doi"):
        bag["doi"] = [value for value in tags.of("NO") if "10." in value]
    bag["number"] = [_ISBN_WORDS.sub(" ", value) for value in bag["number"]]


LAYOUT = Layout(
    name="refworks",
    start=re.compile(r"RT \S"),
    end=re.compile(r"ER\s*$"),
    line=re.compile(r"^\ufeff?(?:([A-Z][A-Z0-9]|U1[0-5]|PMID|PMCID)(?: |$))?(.*)$", re.MULTILINE),
    heads=frozenset({"RT", "ER", "\ufeffR"}),
    roles=Roles(_ROLES.first, _ROLES.every, _ROLES.split, _finish),
    frame=frozenset({"RT", "ER"}),
    known=frozenset(_TAGS.split()),
    tagged=re.compile(r"[A-Z][A-Z0-9] \S"),
)
