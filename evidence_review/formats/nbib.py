"""PubMed's NBIB (MEDLINE): tags by https://www.nlm.nih.gov/bsd/mms/medlineelements.html."""

from __future__ import annotations

import re

from evidence_review import text
from evidence_review.formats.layout import Layout, Roles, Tags
from evidence_review.formats.normalise import Bag
from evidence_review.formats.types import from_word
from evidence_review.model.record import Name

_ROLES = Roles(
    first={
        "title": ("TI", "BTI", "CTI"),
        "title_original": ("TT",),
        "container": ("JT", "TA"),
        "container_abbrev": ("TA",),
        "volume": ("VI",),
        "issue": ("IP",),
        "publisher": ("PB",),
        "place": ("PL", "CY"),
        "database": ("DB",),
    },
    every={
        "pmid": ("PMID",),
        "pmcid": ("PMC", "OID"),
        "number": ("IS", "ISBN", "ISSN"),
        "abstract": ("AB",),
        "keywords": ("OT",),
        "terms": ("MH", "RN", "NM"),
        "language": ("LA",),
        "kind": ("PT",),
        "trial": ("SI",),
        "notes": ("GN", "CON"),
    },
)
_TAGS = """
PMID OWN STAT DA DCOM LR IS VI IP DP TI PG LID AB CI FAU AU AD AUID LA PT PL TA JT JID SB MH RN OT OTO EDAT MHDA
CRDT PHST AID PST SO PMC PMCR MID OID OAB OABL CN FED ED CIN CON EIN EFR RIN ROF CRI CRF UIN UOF RPF RPI SPIN ORI
OCI DDIN DRIN ECI ECF PRIN PROF GR SI TT BTI CTI VTI ISBN CY PB DEP NM PS FPS IR FIR IRAD GN GS CP EN COI DRDT JC ID
RF IRID CDAT CTDT MIRID UOIN UOUT ROIN ERIN NI GENE CLAS URL DB PUBM ETOC COIS SFM NR ISSN
"""
_KNOWN = frozenset(_TAGS.split())
_PII = re.compile(r"\[(?:pii|bookaccession|doi)\]", re.IGNORECASE)
_BOOK = {"book": "book", "book chapter": "chapter", "books and documents": "book", "dataset": "dataset"}
_ARTICLE_KINDS = frozenset({"preprint"})


def _finish(tags: Tags, bag: Bag, dialect: str) -> None:
    kinds = bag["kind"]
    bag["type"] = [_type(tags, kinds)]
    if bag["type"][0] in {"book", "chapter"} and "BTI" in tags and "TI" in tags:
        bag["container"] = tags.of("BTI")
    if "TI" in tags and len(tags["TI"]) > 1:
        bag["title"] = [" ".join(tags["TI"])]
    elif bag.get("title") and not any(bag["title"]):
        del bag["title"]
    bag["names"] = _authors(tags)
    bag["truncated"] = [value for value in tags.of("AU", "FAU") if text.alone(value) != value]
    bag["editor_names"] = _names(tags, "FED", "ED")
    bag["date"] = _dates(tags)
    found = tags.of("LID", "AID")
    bag["doi"] = [value for value in found if "10." in value]
    pages = tags.of("PG")
    bag["pages"] = pages
    for value in (_PII.sub("", item).strip() for item in found if "[pii]" in item or "[" not in item):
        if (text.is_article_number(value) and len(value) <= 10) or (not pages and value.isdecimal() and len(value) < 7):
            bag.setdefault("article_number", []).append(value)
    if any(name in tags for name in ("RIN", "CRI")):
        bag.setdefault("status", []).extend(["retracted"] if "RIN" in tags else [])
    for tag, status in (("ROF", "retraction-notice"), ("EFR", "erratum"), ("UOF", "update")):
        if tag in tags:
            bag.setdefault("status", []).append(status)
    bag["native"] = [number for value in tags.of("PMID") if (number := text.pmid(value))]


def _type(tags: Tags, kinds: list[str]) -> str:
    lower = [kind.lower() for kind in kinds]
    for kind in lower:
        if kind in _BOOK:
            return "chapter" if _BOOK[kind] == "book" and "TI" in tags and "BTI" in tags else _BOOK[kind]
    if "BTI" in tags and "JT" not in tags:
        return "chapter" if "TI" in tags else "book"
    if any(kind in _ARTICLE_KINDS for kind in lower):
        return "article"
    if "newspaper article" in lower:
        return "article-newspaper"
    if any("congress" in kind or kind == "meeting abstract" for kind in lower):
        return "paper-conference" if "JT" not in tags else "article-journal"
    if "JT" in tags or "TA" in tags or not kinds:
        return "article-journal"
    return from_word(*kinds) or "article-journal"


def _authors(tags: Tags) -> list[Name]:
    """Pair FAU with AU by position; corporate authors (CN) stand where they stand among the others."""
    entries = _lined(tags, "FAU", "AU")
    entries += [(line, Name(literal=text.clean(value))) for line, value in tags.placed("CN")]
    return [name for _, name in sorted(entries, key=lambda entry: entry[0])]


def _lined(tags: Tags, full: str, short: str) -> list[tuple[int, Name]]:
    values = [(line, value) for line, value in tags.placed(full) if not text.is_et_al(value)]
    shorts = [(line, value) for line, value in tags.placed(short) if not text.is_et_al(value)]
    if len(values) < len(shorts):
        values = shorts
    return [(line, text.person(text.clean(text.alone(value)))) for line, value in values]


def _names(tags: Tags, full: str, short: str) -> list[Name]:
    return [name for _, name in _lined(tags, full, short)]


def _dates(tags: Tags) -> list[str]:
    for name in ("DP", "DEP", "EDAT"):
        found = [value for value in tags.of(name) if text.year(value) is not None]
        if found:
            return found[-1:] if name == "DP" and len(found) > 1 else found
    return []


LAYOUT = Layout(
    name="nbib",
    start=re.compile(r"PMID\s?-|PMC -\s*(?:PMC)?\d"),
    end=None,
    line=re.compile(r"^\ufeff?(?:([A-Z][A-Z0-9]{1,3})\s{0,3}- ?)?(.*)$", re.MULTILINE),
    heads=frozenset({"PM", "\ufeffP"}),
    roles=Roles(_ROLES.first, _ROLES.every, finish=_finish),
    known=_KNOWN,
    gap=True,
    tagged=re.compile(r"[A-Z]{2}[A-Z0-9 ]{2}-(?: |\s*$)|[A-Z]{2,4}\s?-\s|PMID-"),
)
