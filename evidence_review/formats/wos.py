"""Web of Science's tagged export (`savedrecs.txt`, `.ciw`, `.isi`) and its tab-delimited one, with the same tags.

Tags: https://webofscience.help.clarivate.com/en-us/Content/wos-core-collection/woscc-field-tags.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from evidence_review import text
from evidence_review.csv_text import csv_text
from evidence_review.formats.base import Item
from evidence_review.formats.layout import Layout, Roles, Tags
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.types import from_word
from evidence_review.model.record import Name, Parsed, Rejected

_ROLES = Roles(
    first={
        "title": ("TI",),
        "title_original": ("FT",),
        "container": ("SO", "CT"),
        "container_abbrev": ("JI", "J9"),
        "volume": ("VL",),
        "issue": ("IS",),
        "page_first": ("BP",),
        "page_last": ("EP",),
        "article_number": ("AR",),
        "doi": ("DI",),
        "pmid": ("PM",),
        "abstract": ("AB",),
        "language": ("LA",),
        "publisher": ("PU",),
        "place": ("PI",),
    },
    every={
        "year": ("PY",),
        "number": ("SN", "EI", "BN"),
        "keywords": ("DE",),
        "terms": ("ID",),
        "kind": ("DT",),
    },
    split={"keywords": r";\s", "terms": r";\s", "kind": ";"},
)
_TAGS = """
FN VR PT AU AF BA BF CA GP BE SO SE BS LA DT CT CY CL SP HO DE ID AB C1 C3 RP EM RI OI FU FP FX CR NR TC Z9 U1 U2 PU
PI PA SN EI BN J9 JI PD PY VL IS SI PN SU MA BP EP AR DI D2 EA EY PG P2 WC SC GA PM UT OA HC HP DA ER EF TI FT PS AN
MH TA OC CC AE RC FA CO PV BK S1 DC TN GE MC GC DS ST CN RF ED CH MI TM ME CB BR PE PR PC NM SS MQ AA PL EC HD DF ZR
ZB ZS ZA ZK Z8 Z1 Z2 Z3 Z4 TI1 TU AI PT1 GN JN JX
"""
_KNOWN = frozenset(_TAGS.split())
_TYPES = {"J": "article-journal", "B": "book", "S": "chapter", "P": "patent", "C": "paper-conference", "R": "report"}
_EMAIL = re.compile(r"\s*\([^()]*@[^()]*\)\s*")


def _finish(tags: Tags, bag: Bag, dialect: str) -> None:
    kinds = [kind.strip() for kind in bag["kind"]]
    word = tags["PT"][0][:1] if "PT" in tags else ""
    csl = from_word(*kinds) if word in {"", "J", "S", "B"} else ""
    if word == "S" and csl == "article-journal":
        csl = "paper-conference" if "CT" in tags else "article-journal"
    if word in {"B", "S"} and "book chapter" in (kind.lower() for kind in kinds):
        csl = "chapter"
    if word == "B" and csl in {"", "article-journal"}:
        # A title other than that of the book, on pages of it, is a chapter's.
        part = "BP" in tags and "SO" in tags and tags.of("SO") != tags.of("TI")
        csl = "chapter" if part else "book"
    bag["type"] = [csl or _TYPES.get(word, "article-journal")]
    if "FT" in tags and "TI" not in tags:
        bag["title"] = bag.pop("title_original")
    bag["names"] = _names(tags, "AF", "AU") + [Name(literal=text.clean(value)) for value in tags.of("CA", "GP")]
    bag["editor_names"] = _names(tags, "BE", "ED")
    if not bag["names"]:
        bag["names"] = _names(tags, "BF", "BA")
    day = tags.of("PD") or tags.of("EA")
    bag["date"] = day
    if not bag["year"]:
        bag["year"] = tags.of("EY")
        bag["date"] = day or tags.of("EA")
    if not bag.get("page_first"):
        bag["pages"] = tags.of("PS")
    if bag.get("pages") and text.is_article_number(bag["pages"][0]):
        bag["article_number"] = bag.pop("pages")
    unique = tags.of("UT")
    bag["other_ids"] = [("wos", value) for value in unique]
    for value in unique:
        if value.startswith("MEDLINE:") and "pmid" not in bag:
            bag["pmid"] = [value]
    bag["urls"] = []
    bag["native"] = unique
    if any(value.startswith("PPRN:") for value in unique):
        bag["status"] = ["preprint"]


def _names(tags: Tags, full: str, short: str) -> list[Name]:
    """Take the fuller of two lists of names; where one line holds several they are parted by semicolons."""
    chosen = tags.of(full)
    shorter = tags.of(short)
    if len(chosen) < len(shorter):
        chosen = shorter
    parts = [part.strip() for value in chosen for part in _EMAIL.sub(" ", value).split(";") if part.strip()]
    return [text.person(text.clean(part)) for part in parts]


LAYOUT = Layout(
    name="wos",
    start=re.compile(r"\ufeff?PT [A-Z]\b"),
    end=re.compile(r"ER\s*$"),
    line=re.compile(r"^\ufeff?(?:([A-Z][A-Z0-9])(?: |$))?(.*)$", re.MULTILINE),
    heads=frozenset({"PT", "ER", "\ufeffP"}),
    roles=Roles(_ROLES.first, _ROLES.every, _ROLES.split, finish=_finish),
    frame=frozenset({"PT", "ER"}),
    known=_KNOWN,
    one_a_line=frozenset({"AU", "AF", "CA", "GP", "BE", "BA", "BF", "CR", "C1", "RI", "OI", "C3", "ED"}),
    tagged=re.compile(r"[A-Z][A-Z0-9] \S"),
    header=re.compile(r"\ufeff?(?:FN|VR|EF)\b"),
)


def read_table(headings: Sequence[str], rows: Iterable[tuple[int, list[str]]], separator: str) -> Iterator[Item]:
    """Yield the records of a tab-delimited export, whose headings are the tags."""
    for number, row in rows:
        tags = Tags()
        for tag, cell in zip(headings, row, strict=False):
            if cell.strip():
                tags.add(tag, cell.strip(), number)
        raw = csv_text([row], separator)
        bag: Bag = {}
        trace: list[tuple[str, str, int]] = []
        for role, names in (*_ROLES.first.items(), *_ROLES.every.items()):
            found = [name for name in names if name in tags]
            bag[role] = tags.of(*found)
            trace.extend((role, name, number) for name in found[:1])
        for role, pattern in _ROLES.split.items():
            bag[role] = [part.strip() for value in bag[role] for part in re.split(pattern, value) if part.strip()]
        _finish(tags, bag, "table")
        made, flags = citation(bag)
        if not (made.title or made.authors or made.doi):
            yield Rejected(number, "the row has neither a title nor an identifier", raw)
            continue
        yield Parsed(made, raw, number, bag["native"][0] if bag["native"] else "", tuple(trace), flags)
