"""Ovid's tagged export and its "citation" or "reprint" export, which writes the fields' names in full.

Both keep most of the bibliography in one source statement, in one of several patterns that differ by database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence_review import text
from evidence_review.formats.base import Aside, Item, Text
from evidence_review.formats.blocks import aside, blocks, line_pieces
from evidence_review.formats.layout import Layout, Roles, Tags
from evidence_review.formats.normalise import Bag
from evidence_review.formats.tagged import draft
from evidence_review.formats.types import from_word
from evidence_review.model.record import Draft, Name

_ROLES = Roles(
    first={
        "title": ("TI",),
        "title_original": ("TO", "OT", "FT"),
        "container": ("JN", "JT", "CF"),
        "container_abbrev": ("JA",),
        "volume": ("VO", "VI"),
        "issue": ("IP",),
        "pages": ("PG",),
        "article_number": ("AR",),
        "doi": ("DO", "DI"),
        "abstract": ("AB",),
        "language": ("LG", "LA"),
        "publisher": ("PU", "PB"),
        "place": ("LC", "CY"),
        "database": ("DB",),
    },
    every={
        "year": ("YR",),
        "date": ("DP",),
        "number": ("IS", "IB"),
        "keywords": ("KW", "ID", "OT"),
        "terms": ("MH", "SH", "HW", "DE"),
        "kind": ("PT", "DT"),
        "urls": ("XL", "UR", "JL", "IU"),
        "notes": ("NT", "CM"),
        "trial": ("SI",),
    },
    split={"keywords": r";\s+"},
)
_TAGS = """
VN DB AN RO AU IN CY TI SO JL PT IS PN DG CL PC PA CC LG AB MC DS CB YR UP XL BC ST TN OR MQ MI IB PI TT DE JC DT SB DI
KW IU PB BT BR SY DD NT DP OL PU ON OU FO ID MH PO MD JN VO IP PG IA XP SCORE ED ET LC TS RN NM SA ES DO UI PM SH HW TO
OT JA CF CP CO EM ER FT AR FS CM SI UR LA JT RF CR CA NO TR DA DC DN DU EC EI EZ FG GC GE GI GR KP LM LR LS MB MF MN MV
OB OD OM OS OX PE PH PL PM PR PS PY QI RL RP RT RU SC SD SF SG SL SN SP SR SS SU SW TA TC TM UI US VI VT WA WI XS
"""
_KNOWN = frozenset(_TAGS.split())

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Spring|Summer|Autumn|Fall|Winter)[a-z]*\.?"
_DATE = rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTH}(?:\s*[-/&]\s*{_MONTH})?(?:\s+\d{{1,2}})?,?\s+)?\d{{4}}"
_ISSUE = r"\s?(?:\((?P<issue>[^)]*)\))?"
_PAGES = r"(?P<pages>[\w.,+ -]+?)"
# Source statements, by how databases write them; the first that fits counts.
_STATEMENTS = (
    # Kamp, Roza Maria [Editor], Calvete, Juan J. [Editor]. Methods in proteome analysis.:371-397, 2004. Series …
    rf"(?P<editors>.+\[(?:Ed|Editor)[^\]]*\])\.\s+(?P<journal>.+?)\.:(?P<pages>[\w-]+),\s*(?P<date>{_DATE}).*$",
    # Ecohydrology.  8(6):1048-1064, September 2015.
    rf"(?P<journal>.+?)\.\s+(?P<volume>[\w]+)?{_ISSUE}(?:\s?:\s?{_PAGES})?,\s*(?P<date>{_DATE}.*?)\.?$",
    # American Journal Of Industrial Medicine June 2015;58(6):688-696
    rf"(?P<journal>.+?)[.,]?\s+(?P<date>{_DATE})\s*;\s*(?P<volume>\w+)?{_ISSUE}:?(?:{_PAGES})?\.?$",
    # Very Long Title. Vol.75(2-A(E)),2014, pp. 103-106.
    rf"(?P<journal>.+?)\.\s+Vol\.?\s?(?P<volume>\w+)\s?(?:\((?P<issue>[^,]*?)\))?,?\s*(?P<date>{_DATE})[,.]?\s*"
    rf"(?:Art(?:icle)? (?:ID )?(?P<article>\w+),?\s*)?(?:pp?\.\s*)?(?:{_PAGES})?\.?$",
    # Journal of Political Studies 12, Winter 2007: 7-14.
    rf"(?P<journal>.+?)\s+(?P<volume>\d+){_ISSUE},\s*(?P<date>{_DATE})\s*:\s*{_PAGES}\.?$",
    # Journal of Current Southeast Asian Affairs, 2013(1): 3-28.
    rf"(?P<journal>.+?),\s+(?P<volume>\d{{4}})\((?P<issue>[^)]*)\)\s*:\s*{_PAGES}\.?$",
    # Hydrobiologia. 2006 Aug 15; 568(1): 1-10, also without volume and with the day before the month.
    rf"(?P<journal>.+?)\.\s+(?P<date>\d{{4}}(?:\s+\d{{1,2}})?(?:\s+{_MONTH}(?:\s+\d{{1,2}})?)?)\s*;\s*"
    rf"(?:(?P<volume>\w+)?{_ISSUE}\s*:\s*)?(?:{_PAGES})?\.*$",
    # Name [Ed]; Name [Ed]. (2012). Book. (pp. 11-31). x, 230 pp. Place: Publisher.
    r"(?P<editors>.+?)?\s*\((?P<date>\d{4})\)\.\s+(?P<journal>.+?)[.,]?\s*\(pp?\.\s*(?P<pages>[\w. -]+)\)\.?.*$",
    # (2014). Title. 58 pp. Place: Publisher
    r"(?P<editors>.+?)?\s*\((?P<date>\d{4})\)\.\s+(?P<journal>.+?)\.?\s+(?P<count>[ivxlc\d, ]+pp)\.?.*$",
)
_SOURCES = tuple(re.compile(pattern, re.DOTALL) for pattern in _STATEMENTS)
_BOOK_PAGES = re.compile(r"(?:Chapter pagination|pp?\.)[:\s]*(\d+-\d+)")
_DEGREE_WORDS = (
    r"M\.?D\.?|Ph\.?\s?D\.?|D\.?Phil\.?|MPH|MSc|M\.?Sc\.?|BSc|MS|MA|BA|BS|RN|DrPH|DO|DDS|DVM|EdD|PsyD|JD|MBA|MBBS|"
    r"FACSM|FAAN|FRCP|FRCS|FACP|FACS|FAHA|MRCP|PT|DPT|OTR|CNM|BScN|MScN|MHS|MHA|MHSc|ScD|PharmD|BPharm|LLB|Dr\.?|Prof\.?"
)
_DEGREES = re.compile(rf"(?:,?\s+(?:{_DEGREE_WORDS})(?=[\s,;.]|$))+")
_MARK = r"(?:\d{1,3}|[*+#\u2020\u2021]+)"
_AFFILIATION = re.compile(rf"\s+{_MARK}(?:\s*,\s*{_MARK})*\s*$")
_BETWEEN = re.compile(r";(?![^\[]*\])|(?<=\]),\s")
_ROLE = re.compile(r"\s*[\[(](?P<role>[^\])]*)[\])]")
_KINDS = (
    r"Article|Miscellaneous|Review|Editorial|Letter|References|Report|Erratum|Comment\w*|Abstract|Case Reports?|News|"
    r"Announcement|Book Review"
)
_TITLE_KIND = re.compile(rf"\s*\[(?:{_KINDS})[^\]]*\]\.?", re.IGNORECASE)


def people_in(values: list[str]) -> tuple[list[Name], list[Name]]:
    """Return (authors, editors): names without degrees and the numbers of affiliations; several may share a line."""
    authors: list[Name] = []
    editors: list[Name] = []
    for value in values:
        for part in _BETWEEN.split(value):
            roles = " ".join(match.group("role") for match in _ROLE.finditer(part)).lower()
            bare = _ROLE.sub("", part).strip()
            for _ in range(2):
                bare = _DEGREES.sub("", _AFFILIATION.sub("", bare)).strip(" ,.")
            if not bare or text.is_null(bare) or bare.upper() in _LONE_DEGREES:
                continue
            given_dot = re.search(r"[\s.][A-Z]$", bare)
            name = text.person(bare + "." if given_dot and part.strip().rstrip("*0123456789 ").endswith(".") else bare)
            (editors if re.search(r"\bed", roles) else authors).append(name)
    return authors, editors


_PAGE_COUNT = re.compile(r"\d+pp?")
_LONE_DEGREES = frozenset({"PHD", "MD", "RN", "FAAN", "MPH", "MSC", "MS", "MA", "MBBS", "FACSM", "PH.D", "M.D", "DO"})


def _finish(tags: Tags, bag: Bag, dialect: str) -> None:
    authors, editors = people_in(tags.of("AU"))
    bag["names"] = authors
    bag["editor_names"] = [*editors, *(name for names in people_in(tags.of("ED")) for name in names)]
    kinds = [kind.rstrip(".").strip() for value in bag["kind"] for kind in value.split(":")[:1]]
    bag["kind"] = kinds
    title = bag.get("title", [""])[0]
    bag["title"] = [_without_stop(_TITLE_KIND.sub("", title).strip())]
    for value in tags.of("SO")[:1]:
        source_statement(value, bag)
    if "BT" in tags and not bag.get("container"):
        _book_statement(tags.of("BT")[0], bag)
    bag["type"] = [_type(kinds, bag, tags)]
    if bag.get("pages") and text.is_article_number(bag["pages"][0]):
        bag["article_number"] = bag.pop("pages")
    _identifiers(tags, bag)


def _without_stop(title: str) -> str:
    """Return a title without the full stop with which Ovid ends each."""
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def _type(kinds: list[str], bag: Bag, tags: Tags) -> str:
    words = " ".join(kinds).lower()
    if "patent" in words:
        return "patent"
    if "dissertation" in words or "thesis" in words:
        return "thesis"
    if "chapter" in words:
        return "chapter"
    if (re.search(r"\bbooks?\b", words) and "review" not in words) or "text/reference" in words:
        return "book"
    if re.search(r"conference|meeting|proceeding", words):
        return "article-journal" if bag.get("volume") or bag.get("number") else "paper-conference"
    return from_word(*kinds) or ("book" if "IB" in tags and not bag.get("container") else "article-journal")


# Embase at Ovid: `BMC Public Health.  19(1) (no pagination), 2019. Article Number: 345. Date of Publication: ...`
_ARTICLE_NUMBER = re.compile(r"\.?\s+Article Number:\s*([\w./-]*\w)\b.*", re.DOTALL)
_NO_PAGES = re.compile(r"\s*\(no pagination\)", re.IGNORECASE)


def source_statement(statement: str, bag: Bag) -> None:
    """Read a source statement into whatever the record does not say by itself."""
    statement = " ".join(statement.split())
    if match := _ARTICLE_NUMBER.search(statement):
        bag.setdefault("article_number", [match.group(1)])
        statement = statement[: match.start()]
    statement = _NO_PAGES.sub("", statement)
    for pattern in _SOURCES:
        match = pattern.match(statement)
        if match is None:
            continue
        found = match.groupdict()
        roles = {
            "journal": "container",
            "volume": "volume",
            "issue": "issue",
            "pages": "pages",
            "article": "article_number",
        }
        for group, role in roles.items():
            value = (found.get(group) or "").strip(" ,.")
            if value and not bag.get(role):
                bag[role] = [value]
        if _PAGE_COUNT.fullmatch("".join(bag.get("volume", []))):
            del bag["volume"]
        if found.get("date"):
            bag.setdefault("date", []).append(found["date"])
        if found.get("editors") and not bag.get("editor_names"):
            bag["editor_names"] = people_in([found["editors"]])[1]
        return
    if not bag.get("container"):
        bag["container"] = [statement.rstrip(" .")]
    if not bag.get("year") and not bag.get("date"):
        bag["date"] = [statement]


_ZOOLOGICAL = re.compile(
    r"(?:(?P<editors>.+?\[Eds?\.?\])\.\s+)?(?P<journal>\[[^\]]+\]|[^.]+)\.?\s+(?:\[[^\]]+\]\s+)?(?P<rest>.*)$",
    re.DOTALL,
)


def _book_statement(statement: str, bag: Bag) -> None:
    """Read `Name [Ed.]. [Title in English.] [Title.] Publisher, Place. 2002: 1-234. Chapter pagination: 214-218.`"""
    found = _ZOOLOGICAL.match(" ".join(statement.split()))
    if found and found.group("editors"):
        bag["container"] = [found.group("journal").strip("[]").rstrip(".")]
        bag["editor_names"] = bag["editor_names"] or people_in(re.split(r"(?<=\]),\s", found.group("editors")))[1]
    if match := _BOOK_PAGES.search(statement):
        bag.setdefault("pages", [match.group(1)])


def _identifiers(tags: Tags, bag: Bag) -> None:
    database = " ".join(bag.get("database", [])).lower()
    accession = (tags.of("UI", "AN") or [""])[0].rstrip(".")
    others: list[tuple[str, str]] = []
    # A reprint export names its database above the records; only MEDLINE has unique identifiers that are numbers.
    medline = not database and "UI" in tags and len(accession) <= 8 and text.pmid(accession) == accession != ""
    if medline or "medline" in database or "pubmed" in database or "PM" in tags:
        bag["pmid"] = [*tags.of("PM"), accession]
    elif accession.isdecimal() and "embase" in database:
        others.append(("embase", accession))
    elif accession:
        others.append(("ovid", accession.split(": ", 1)[-1]))
    bag["other_ids"] = others
    bag["native"] = [f"{database} {accession}"] if accession and database else []


LAYOUT = Layout(
    name="ovid-tagged",
    start=re.compile(r"\s*<\s?\d+\s?\.\s?>\s*$"),
    end=None,
    line=re.compile(r"^ ?(?:(?:XP {1,2}- )?([A-Z][A-Z0-9]|SCORE)\s{1,2}- ?)?(.*)$", re.MULTILINE),
    heads=frozenset(f"<{digit}" for digit in "0123456789 ") | frozenset({" <"}),
    roles=Roles(_ROLES.first, _ROLES.every, _ROLES.split, _finish),
    known=_KNOWN,
    one_a_line=frozenset({"AU"}),
    tagged=re.compile(r"[A-Z]{2}\s{1,2}- "),
)

# The reprint export's labels, as the tags of the other.
_LABELS = {
    "author": "AU", "authors": "AU", "title": "TI", "chapter title": "TI", "source": "SO", "abstract": "AB",
    "accession number": "AN", "publication type": "PT", "document type": "DT", "institution": "IN", "language": "LG",
    "doi number": "DO", "digital object identifier": "DO", "issn": "IS", "isbn": "IB", "year of publication": "YR",
    "author keywords": "KW", "keywords": "KW", "keyword": "KW", "subject headings": "SH", "mesh subject headings": "MH",
    "key concepts": "ID", "publisher": "PU", "database": "DB", "publication date": "DP", "journal name": "JN",
    "journal": "JN", "date of publication": "DP", "year": "YR", "book title": "CF", "unique identifier": "UI",
    "link to the ovid full text or citation": "XL", "url": "UR", "editor": "ED", "editors": "ED", "pmid": "PM",
    "heading word": "HW", "country of publication": "CP", "author e-mail": "EM", "status": "ST", "references": "RF",
}  # fmt: skip
_LABEL = re.compile(r"[A-Z][A-Za-z()/ -]{2,60}$")
_REPRINT = Layout(
    name="ovid-reprint",
    start=re.compile(r"\s*<\s?\d+\s?\.?\s?>\s*$"),
    end=None,
    line=re.compile(r"^()(.*)$", re.MULTILINE),
    heads=LAYOUT.heads,
    roles=LAYOUT.roles,
    known=_KNOWN,
)


class Reprint:
    """Ovid's citation (reprint) export: a label on its own line, its value indented below."""

    name = "ovid-reprint"
    label = "Ovid citation (reprint)"
    suffix = ".txt"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        with source.stream() as stream:
            for block in blocks(line_pieces(stream, _REPRINT), _REPRINT):
                if isinstance(block, Aside):
                    yield block
                    continue
                tags = Tags()
                strays: list[Item] = []
                tag = ""
                lines = block.raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")
                for number, line in enumerate(lines[1:], start=block.number + 1):
                    bare = line.strip()
                    if not bare:
                        continue
                    if not line[0].isspace() and (bare.lower() in _LABELS or _LABEL.match(bare)):
                        tag = _LABELS.get(bare.lower(), f"({bare})")
                    elif not tag:
                        strays.append(aside(number, line))
                    elif tag in tags and tag not in {"AU", "KW"}:
                        tags[tag][-1] += f" {bare}"
                    else:
                        tags.add(tag, bare, number)
                yield from strays
                made = draft(block, tags, _REPRINT, dialect)
                yield made.parsed() if isinstance(made, Draft) else made
