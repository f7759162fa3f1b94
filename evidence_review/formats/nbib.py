"""PubMed's NBIB (MEDLINE): tags by https://www.nlm.nih.gov/bsd/mms/medlineelements.html."""

from __future__ import annotations

import re

from evidence_review import text
from evidence_review.formats.normalise import Bag
from evidence_review.formats.tagged import Layout, Roles, Tags
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
        bag["container"] = [value for value, _ in tags["BTI"]]
    if "TI" in tags and len(tags["TI"]) > 1:
        bag["title"] = [" ".join(value for value, _ in tags["TI"] if value)]
    elif bag.get("title") and not any(bag["title"]):
        del bag["title"]
    bag["names"] = _authors(tags)
    bag["truncated"] = [value for tag in ("AU", "FAU") for value, _ in tags.get(tag, []) if text.is_et_al(value)]
    bag["editor_names"] = _names(tags, "FED", "ED")
    bag["date"] = _dates(tags)
    found = [value for name in ("LID", "AID") for value, _ in tags.get(name, [])]
    bag["doi"] = [value for value in found if "10." in value]
    pages = [value for value, _ in tags.get("PG", []) if value]
    bag["pages"] = pages
    for value in (_PII.sub("", item).strip() for item in found if "[pii]" in item or "[" not in item):
        if (text.is_article_number(value) and len(value) <= 10) or (not pages and value.isdecimal() and len(value) < 7):
            bag.setdefault("article_number", []).append(value)
    if any(name in tags for name in ("RIN", "CRI")):
        bag.setdefault("status", []).extend(["retracted"] if "RIN" in tags else [])
    for tag, status in (("ROF", "retraction-notice"), ("EFR", "erratum"), ("UOF", "update")):
        if tag in tags:
            bag.setdefault("status", []).append(status)
    bag["native"] = [number for value, _ in tags.get("PMID", []) if (number := text.pmid(value))]


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
    entries = [(line, name) for name, line in _lined(tags, "FAU", "AU")]
    entries += [(line, Name(literal=text.clean(value))) for value, line in tags.get("CN", []) if value]
    return [name for _, name in sorted(entries, key=lambda entry: entry[0])]


def _lined(tags: Tags, full: str, short: str) -> list[tuple[Name, int]]:
    values = [(value, line) for value, line in tags.get(full, []) if value and not text.is_et_al(value)]
    shorts = [(value, line) for value, line in tags.get(short, []) if value and not text.is_et_al(value)]
    if len(values) < len(shorts):
        values = shorts
    return [(text.person(text.clean(value)), line) for value, line in values]


def _names(tags: Tags, full: str, short: str) -> list[Name]:
    return [name for name, _ in _lined(tags, full, short)]


def _dates(tags: Tags) -> list[str]:
    for name in ("DP", "DEP", "EDAT"):
        found = [value for value, _ in tags.get(name, []) if text.year(value) is not None]
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
