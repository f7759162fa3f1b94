"""RIS, in every vendor's dialect.

Tags by https://en.wikipedia.org/wiki/RIS_(file_format) and what exporters really write: the same tag means different
things with different vendors, so `_finish` mends by what stands beside it.
"""

from __future__ import annotations

import re

from evidence_review import text
from evidence_review.formats.layout import Layout, Ordinary, Roles, Tags
from evidence_review.formats.normalise import Bag
from evidence_review.formats.types import RIS as TYPES
from evidence_review.formats.types import from_word

_ROLES = Roles(
    first={
        "title": ("TI", "T1", "CT", "BT", "ST"),
        "title_original": ("TT", "OP"),
        "container": ("T2", "JF", "JO", "JA", "J2", "J1", "BT", "SO"),
        "container_abbrev": ("J2", "JA", "JO", "J1", "J9", "JI", "NL", "TA"),
        "volume": ("VL",),
        "issue": ("IS", "CP", "NO"),
        "page_first": ("SP", "PG"),
        "page_last": ("EP",),
        "article_number": ("C7",),
        "doi": ("DO", "DI"),
        "abstract": ("AB", "N2"),
        "language": ("LA", "LG"),
        "publisher": ("PB", "PU"),
        "place": ("CY", "PP"),
        "database": ("DB", "DP"),
    },
    every={
        "year": ("PY", "YR"),
        "date": ("DA", "Y1"),
        "number": ("SN",),
        "keywords": ("KW", "DE"),
        "terms": ("MH", "SH"),
        "urls": ("UR", "L1", "L2", "LK"),
        "notes": ("N1", "RN"),
        "editors": ("ED",),
    },
)

# Tags of the format and of the dialects seen; what is in none of them is reported.
_TAGS = """
TY ER TI T1 T2 T3 TT CT BT ST OP AU A1 A2 A3 A4 A5 A6 ED PY Y1 Y2 DA VL VO IS CP SP EP SE C1 C2 C3 C4 C5 C6 C7 C8 DO
DI AB N2 N1 LA LG PB CY PP DB DP SN KW DE MH SH UR L1 L2 L3 L4 LK JF JO JA J1 J2 J9 JI NL TA AN ID U1 U2 U3 U4 U5 M1
M2 M3 M4 AD AV CA CC CN ET H1 H2 LB NV OL PA PT RI RN RP SO SR TS UT XL FD FT IN CR FU PMID A7 NO ZZ RT PMCID OA OI
EM PN PI SV WE WP RL VN FX G1 SI BN GR NR TC Z9 WC SC GA CS LT PM HE PG OS CD XT XP DC I1 I2 I3 I4 PD NS AI PU MA JP
YR XR US
"""
_KNOWN = frozenset(_TAGS.split())

_EBSCO = re.compile(r"ebsco(?:host)?\.com|openurl\.ebsco", re.IGNORECASE)
_PMID_WORDS = re.compile(r"\b(?:PMID|PUBMED|MEDLINE)\b[:\s#]*(?:NLM)?(\d{1,9})\b", re.IGNORECASE)
_BRACKETED_PMID = re.compile(r"\b(\d{1,9})\s*\[PMID\]", re.IGNORECASE)
_EMBASE = re.compile(r"L\d{6,12}")
_EID = re.compile(r"\b2-s2\.0-\d+\b")
_LENS = re.compile(r"\d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX]")
_CENTRAL = re.compile(r"CN-\d{6,9}")
_WOS = re.compile(r"(?:WOS|MEDLINE|BIOSIS|ZOOREC|KJD|SCIELO|CABI|BCI|RSCI|DIIDW|INSPEC|CCC|PPRN):[A-Z0-9]+")
_DIMENSIONS = re.compile(r"pub\.\d{8,12}")


def _finish(tags: Tags, bag: Bag, dialect: str) -> None:
    word = tags["TY"][0].upper() if "TY" in tags else ""
    kinds = tags.of("M3", "PT")
    csl = TYPES.get(word) or from_word(word)
    if csl in ("", "document") and kinds:
        csl = from_word(*kinds) or csl or "document"
    if csl == "manuscript" and "preprint" in map(str.lower, kinds):
        csl = "article"
    bag["type"] = [csl or "document"]
    bag["kind"] = [*kinds, "Abstract"] if word == "ABST" else kinds
    _people(tags, bag, csl)
    _container(tags, bag, csl)
    _dates(tags, bag)
    _pages(tags, bag, dialect)
    _identifiers(tags, bag)
    if (
        "issue" not in bag
        and csl == "article-journal"
        and "M1" in tags
        and re.fullmatch(r"[\w./ -]{1,6}", tags["M1"][0])
    ):
        # Reference Manager and EndNote put the issue of a journal article into M1.
        bag["issue"] = [tags["M1"][0]]
    if "volume" not in bag and "VO" in tags:
        bag["volume"] = tags.of("VO")
    if not _NOTES.isdisjoint(tags):
        bag["notes"] += [
            f"{name}: {value}" for name in _NOTED
            for value in tags.of(name) if name not in _USED or not _is_identifier(value)
        ]  # fmt: skip


# Tags whose meaning each vendor makes up; kept with their names where they hold no identifier.
_NOTED = ("U1", "U2", "U3", "U4", "U5", "C1", "C2", "C3", "C4", "C6", "C8", "CA")
_NOTES = frozenset(_NOTED)
_USED = frozenset({"U1", "U2", "C2", "C3"})


def _is_identifier(value: str) -> bool:
    return bool(_EMBASE.fullmatch(value) or value.isdecimal() or _PMID_WORDS.search(value) or "[PM" in value)


# In these types A2 holds editors; in others it is a sponsor, an institution, a performer …
_EDITED = frozenset(
    {"article-journal", "article-magazine", "article-newspaper", "periodical", "book", "chapter", "paper-conference",
     "entry-encyclopedia", "entry-dictionary", "classic", "document"}
)  # fmt: skip


def _people(tags: Tags, bag: Bag, csl: str) -> None:
    """Authors stand in AU or A1, mostly in one of them; where both are used their order in the file counts."""
    if "A1" in tags and "AU" in tags:
        again = set(tags["A1"]) <= set(tags["AU"])
        bag["authors"] = tags["AU"] if again else [value for _, value in tags.placed("AU", "A1")]
    elif "AU" in tags or "A1" in tags:
        bag["authors"] = tags.of("AU", "A1")
    # Ovid's PsycINFO writes the authors of the references into A2: a list is no editor.
    second = [value for value in tags.of("A2") if value.count(",") < 4] if "A2" in tags else []
    if second and csl in _EDITED:
        bag["editors"] += second
    elif second and "authors" not in bag and csl not in _EDITED:
        bag["authors"] = second


def _container(tags: Tags, bag: Bag, csl: str) -> None:
    if csl == "book":
        # For a whole book, T2 is the series and BT the title again.
        bag.pop("container", None)
        if "TI" not in tags and "T1" not in tags and "BT" in tags:
            bag["title"] = tags.of("BT")
    elif csl == "article-journal" and "JF" in tags and "T2" in tags and "JO" not in tags:
        return
    elif csl == "paper-conference" and "C3" in tags and "T2" in tags and "PUBMED" not in tags["C3"][0]:
        # T2 names the conference, C3 its proceedings.
        bag["container"] = tags.of("C3")
    elif csl in {"chapter", "paper-conference"} and "BT" in tags and "T2" not in tags:
        bag["container"] = tags.of("BT")
    if bag.get("container") and bag.get("container_abbrev") == bag["container"]:
        longer = [value for name in ("T2", "JF", "JO", "JA", "J2") for value in tags.of(name)]
        if len(set(longer)) > 1:
            bag["container"] = [max(longer, key=len)]
        else:
            del bag["container_abbrev"]


def _dates(tags: Tags, bag: Bag) -> None:
    """PY says the year; DA and then Y1 may say it more closely."""
    if bag["year"] and "/" in bag["year"][0]:
        bag["date"] = [*bag["date"], *bag["year"]]
    if not bag["year"] and not bag["date"]:
        bag["date"] = [value for value in tags.of("FD", "YR") if text.year(value)]


def _pages(tags: Tags, bag: Bag, dialect: str) -> None:
    first, last = bag.get("page_first", []), bag.get("page_last", [])
    backwards = first and last and text.pages_run_backwards(f"{first[0]}-{last[0]}")
    if backwards and (dialect == "ebsco" or any(_EBSCO.search(url) for url in bag["urls"])):
        # EBSCO writes the number of pages into EP.
        bag["page_last"] = []
    if "article_number" not in bag and not first:
        number = [value for value in tags.of("M4", "SE") if text.is_article_number(value)]
        if number:
            bag["article_number"] = number


# Tags that may hold an identifier beside the DOI; most records have none of them.
_IDENTIFYING = frozenset({"PMID", "PM", "C1", "C2", "C3", "C5", "U1", "U2", "U3", "AN", "ID", "UT", "N1", "SI"})


def _identifiers(tags: Tags, bag: Bag) -> None:
    if "doi" not in bag or "10." not in bag["doi"][0]:
        bag["doi"] = [
            value for value in tags.of("DO", "L3", "UR", "L2", "M3", "N1", "ID", "AN", "U1") if "10." in value
        ]
    if not _IDENTIFYING & tags.keys() and not any("pubmed" in url or "scopus" in url for url in bag["urls"]):
        bag["trial"] = [value for value in (*bag.get("title", ()), *bag.get("abstract", ())) if "NCT" in value]
        return
    database = " ".join(tags.of("DB", "DP")).lower()
    pmids: list[str] = tags.of("PMID", "PM")
    others: list[tuple[str, str]] = []
    for value in tags.of("C5"):
        if value.isdecimal():
            pmids.append(value)
    for value in tags.of("C2"):
        if value.isdecimal() and len(value) <= 8 and "scopus" in database + " ".join(bag["urls"]).lower():
            pmids.append(value)
    for value in tags.of("C3", "U1", "AN", "N1", "ID", "UR", "C2", "C1"):
        for pattern in (_PMID_WORDS, _BRACKETED_PMID):
            if match := pattern.search(value):
                pmids.append(match.group(1))
        if "pubmed" in value and (match := re.search(r"pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{1,9})\b", value)):
            pmids.append(match.group(1))
        if "PMC" in value and (found := text.pmcid(value)):
            bag.setdefault("pmcid", []).append(found)
        if match := _EID.search(value):
            others.append(("scopus", match.group()))
    for value in tags.of("AN", "U2", "ID", "UT", "UR"):
        if _EMBASE.fullmatch(value):
            others.append(("embase", value))
        elif match := _CENTRAL.search(value):
            others.append(("central", match.group()))
        elif match := _WOS.search(value):
            others.append(("wos", match.group()))
        elif _LENS.fullmatch(value):
            others.append(("lens", value))
        elif value.startswith("rayyan-"):
            others.append(("rayyan", value))
        elif match := _DIMENSIONS.fullmatch(value):
            others.append(("dimensions", match.group()))
    if "medline" in database or "pubmed" in database or database == "nlm":
        pmids += [value for value in tags.of("AN", "ID") if value.isdecimal() and 5 <= len(value) <= 8]
    if "eric" in database:
        others += [("eric", value) for value in tags.of("AN", "ID") if re.fullmatch(r"E[JD]\d+", value)]
    if "psycinfo" in database or "psyc" in database:
        others += [("psycinfo", value) for value in tags.of("AN", "ID") if re.fullmatch(r"[\d-]{10,}", value)]
    bag["pmid"] = pmids
    bag["other_ids"] = others
    bag["trial"] = tags.of("SI", "N1", "AN", "U1", "U2", "U3", "UR", "TI", "AB", "N2")


LAYOUT = Layout(
    name="ris",
    # What follows the dash without a blank is a type: one word in capitals.
    start=re.compile(r"(?:TY|ty|Ty)\s{0,3}-(?:\s|$|[A-Z]{3,8}\s*$)"),
    end=re.compile(r"(?:ER|er|Er)\s{0,3}-\s*$|ER\s*$"),
    line=re.compile(
        r"^\ufeff?(?:([A-Z][A-Z0-9](?=  -| ?-(?: |$))|TY(?=[ \t]{0,3}-(?:[ \t]|$|[A-Z]{3,8}\s*$))|[a-z][a-z0-9](?=  -)|"
        r"PMID(?= ?-))\s*-[ \t]?)?(.*)$",
        re.MULTILINE,
    ),
    heads=frozenset({"TY", "ty", "Ty", "ER", "er", "Er", "\ufeffT"}),
    roles=Roles(_ROLES.first, _ROLES.every, finish=_finish),
    frame=frozenset({"TY", "ER"}),
    known=_KNOWN,
    one_a_line=frozenset({"KW"}),
    ordinary=Ordinary(
        opening="TY  - ",
        gap="  - ",
        closing="\nER  -",
        tags=frozenset(tag for tag in _KNOWN if len(tag) == 2) - {"ER"},
        one_of=frozenset({"AU", "A1"}),
    ),
    cut=tuple(tag + b" " * blanks + b"- " for tag in (b"TY", b"ty", b"Ty") for blanks in (2, 1, 0, 3)),
    trailing=re.compile(r"(?:NL|XL|LK|UR)  - |Link to the Ovid|[ \t\r\n]*$"),
    tagged=re.compile(r"[A-Z][A-Z0-9]\s{0,2}- "),
)
