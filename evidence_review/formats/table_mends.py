"""What a table's headings cannot say alone: where a vendor puts something else into a column than its name tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evidence_review import text
from evidence_review.formats.normalise import Bag
from evidence_review.formats.people import split_people
from evidence_review.formats.types import from_word
from evidence_review.model.record import Name

# Columns that hold what a document is part of where the journal's is empty, as Dimensions' is for chapters.
_HOMES = ("anthology title", "book title", "booktitle", "proceedings title", "host publication", "conference title")
# Columns that are read here, by name.
USED = frozenset(
    {"key", "asreview label", "included", "covidence", "id", "is retracted", "published month", "month", "day",
     "source", "document type", "publication type", "author full names", "citation", *_HOMES}
)  # fmt: skip
_IS_DATABASE = re.compile(
    r"(?:ovid )?(?:medline|embase|pubmed|scopus|cinahl|psyc\w+|web of science|eric|crossref|lens|openalex|dimensions|"
    r"google scholar|semantic scholar|cochrane|central|global health|proquest|ebsco|ieee|dblp|arxiv|core)\b(?! j)",
    re.IGNORECASE,
)
# Whose table it is says where its records come from.
_DATABASES = {
    "embase": "Embase", "scopus": "Scopus", "lens": "Lens.org", "openalex": "OpenAlex", "ieee": "IEEE Xplore",
    "dimensions": "Dimensions", "central": "CENTRAL", "wos-sheet": "Web of Science", "pubmed": "PubMed",
}  # fmt: skip
# What people type into a column for both: `12(3)`.
_VOLUME_ISSUE = re.compile(r"(\w+)\s*\(([^()]+)\)")
_PMID = re.compile(r"\bPMID:\s*(\d{1,9})\b|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{1,9})\b", re.IGNORECASE)


def mend(bag: Bag, cells: Mapping[str, str], dialect: str) -> None:
    """Say what headings alone cannot."""
    if dialect == "wos-sheet":
        _mend_wos_kind(bag, cells)
    if bag.get("subtitle") and bag.get("title"):
        bag["title"] = [f"{bag['title'][0]}: {bag['subtitle'][0]}"]
    kinds = bag.get("kind", [])
    # A type of many words (Ovid's, Lens') names the most telling first; the whole cell is tried before its parts.
    csl = from_word(*kinds)
    bag["type"] = [csl or ("article-journal" if bag.get("container") and not kinds else "document")]
    _mend_container(bag, cells, dialect)
    others: list[tuple[str, str]] = []
    for role in [role for role in bag if role.startswith("id ")]:
        others += [
            (role.removeprefix("id "), value.rsplit("/", 1)[-1].removeprefix("EMBASE ").strip()) for value in bag[role]
        ]
    for value in bag.get("accession", []):
        if found := _accession(value):
            others.append(found)
        elif text.pmid(value) == value and "pubmed" in " ".join(bag.get("database", [])).lower():
            bag.setdefault("pmid", []).append(value)
    if not bag.get("issue") and (match := _VOLUME_ISSUE.fullmatch("".join(bag.get("volume", [])))):
        bag["volume"], bag["issue"] = [match.group(1)], [match.group(2)]
    if dialect == "publish-or-perish":
        # It writes 0 for what it does not know.
        for role in ("volume", "issue", "page_first", "page_last", "year"):
            bag[role] = [value for value in bag.get(role, []) if value != "0"]
    for value in bag.get("trial", []):
        others += [(scheme, rest) for scheme, rest in _OWN_ID.findall(value) if scheme != "nct"]
        others += [("nct", number) for number in re.findall(r"NCT\d{8}", value)]
    bag["other_ids"] = others
    _mend_people(bag, cells, dialect)
    _mend_dates(bag, cells, dialect)
    if "status" in bag:
        bag["status"] = [word.strip() for value in bag["status"] for word in value.split(";")]
    for role in ("keywords", "terms"):
        if role in bag:
            bag[role] = [part.strip() for value in bag[role] for part in _split_words(value, dialect)]
    if dialect == "rayyan":
        key = cells.get("key", "")
        others += [("rayyan", key)] if key else []
        _mend_rayyan(bag)
    if cells.get("asreview label", "").strip() in {"0", "1"}:
        bag.setdefault("notes", []).append(f"ASREVIEW-LABEL: {cells['asreview label'].strip()}")
    if dialect == "eppi" and cells.get("included"):
        bag.setdefault("notes", []).append(f"EPPI-INCLUDED: {cells['included']}")
    if dialect == "covidence" and cells.get("covidence"):
        others.append(("covidence", cells["covidence"]))
    if dialect == "openalex" and "openalex.org/W" in cells.get("id", ""):
        others.append(("openalex", cells["id"].rsplit("/", 1)[-1]))
    if bag.get("pmid") == ["0"]:
        del bag["pmid"]
    if cells.get("is retracted", "").strip().lower() == "true":
        bag["status"] = ["retracted"]
    if dialect in _DATABASES:
        bag["database"] = [_DATABASES[dialect]]
    if not bag.get("pmid"):
        # Zotero keeps it in Extra; others only as the address of the record in PubMed.
        said = " ".join([*bag.get("notes", []), *bag.get("urls", [])])
        bag["pmid"] = [one or two for one, two in _PMID.findall(said)]
    if not bag.get("pmcid") and "PMC" in (said := " ".join(bag.get("notes", []))):
        bag["pmcid"] = [said]
    if dialect.startswith("ctgov"):
        bag["type"] = ["document"]
        bag["database"] = ["ClinicalTrials.gov"]
        bag.pop("kind", None)


def _mend_container(bag: Bag, cells: Mapping[str, str], dialect: str) -> None:
    """Find what a document is part of where the column for it is empty or means something else."""
    if dialect == "embase" and "Source title" not in bag and not bag.get("container"):
        _mend_embase(bag, cells)
    if not bag.get("container"):
        bag["container"] = [cells[name] for name in _HOMES if cells.get(name, "").strip()][:1]
    if (
        not bag["container"]
        and bag.get("database") == [cells.get("source", "").strip()]
        and not _IS_DATABASE.match(bag["database"][0])
    ):
        # With some `Source` is the journal, with others the database; a table without a journal means the journal.
        bag["container"] = bag.pop("database")
        bag["type"] = ["article-journal"] if bag["type"] == ["document"] and not bag.get("kind") else bag["type"]
    if dialect == "central":
        _mend_central(bag)
    elif dialect == "pubmed":
        _mend_pubmed(bag, cells)


_WOS_TYPES = {"J": "Journal Article", "B": "Book", "S": "Book Chapter", "P": "Patent", "C": "Conference Paper"}


def _mend_wos_kind(bag: Bag, cells: Mapping[str, str]) -> None:
    """Web of Science's sheet has a letter for the kind of publication, and says in another column what the work is."""
    said = cells.get("document type", "").strip()
    letter = cells.get("publication type", "").strip()
    bag["kind"] = [*([said] if said else []), *([_WOS_TYPES[letter]] if letter in _WOS_TYPES else [])]


# `Health Policy Plan. 2018 May 1;33(4):500-512. doi: 10.1093/heapol/czy001. Epub 2018 Feb 3.`
_CITED = re.compile(
    r"\.\s(?P<date>\d{4}(?:\s[A-Z][a-z]{2}\b[^;:.]*)?)"
    r"(?:;(?P<volume>[^():;.]+)?(?:\((?P<issue>[^()]+)\))?(?::(?P<pages>[^:;.]+))?)?\."
)


def _mend_pubmed(bag: Bag, cells: Mapping[str, str]) -> None:
    """PubMed's table gives volume, issue and pages only inside the whole citation."""
    if match := _CITED.search(cells.get("citation", "")):
        for role, value in match.groupdict().items():
            if value and not bag.get(role):
                bag[role] = [value.strip()]


def _mend_central(bag: Bag) -> None:
    """CENTRAL gives a registry's record its address as journal, and its number as title or author."""
    addresses = [value for value in bag.get("container", []) if "://" in value]
    if addresses:
        bag["container"] = [value for value in bag["container"] if value not in addresses]
        bag.setdefault("urls", []).extend(addresses)
    said = (*bag.get("title", []), *bag.get("authors", []), *addresses)
    bag.setdefault("trial", []).extend(value for value in said if "NCT" in value)


# Our own tables hold other ids as `scheme:value; scheme:value`.
_OWN_ID = re.compile(r"(?:^|;\s)([a-z][a-z0-9-]*):([^;]+)")


def _accession(value: str) -> tuple[str, str] | None:
    for scheme, pattern in (
        ("wos", r"(?:WOS|BIOSIS|ZOOREC|MEDLINE|CABI|SCIELO|INSPEC):\S+"), ("central", r"CN-\d+"),
        ("embase", r"L\d{6,}"),
        ("eric", r"E[JD]\d{5,}"),
    ):  # fmt: skip
        if re.fullmatch(pattern, value.strip()):
            return scheme, value.strip()
    return None


_SEMICOLON_ID = re.compile(r"\s*\(\d{6,}\)")


def _mend_people(bag: Bag, cells: Mapping[str, str], dialect: str) -> None:
    if several := bag.pop("author of several", []):
        bag.setdefault("authors", ["; ".join(several)])
    for role in ("authors", "editors"):
        if role in bag:
            bag[role] = split_people(bag[role][0], dialect)
    if names := _from_halves(bag):
        bag["names"] = names
    full = cells.get("author full names", "")
    if dialect in {"scopus", "wos-sheet"} and full.strip():
        # Scopus gives full names with its own author ids.
        bag["authors"] = [_SEMICOLON_ID.sub("", name).strip() for name in full.split(";") if name.strip()]
    if dialect == "refworks" and "authors" in bag:
        bag["names"] = [_refworks_name(name) for name in bag["authors"]]


def _from_halves(bag: Bag) -> list[Name]:
    """Return the names that stand in two columns, and of which these hold one author or as many as each other."""
    numbers = sorted({int(role.split()[1]) for role in bag if role.startswith(("family ", "given "))})
    names: list[Name] = []
    for number in numbers:
        family, given = ("".join(bag.pop(f"{half} {number}", [])) for half in ("family", "given"))
        families, others = family.split(";"), given.split(";")
        if len(families) != len(others):
            families, others = [family.replace(";", ",")], [given.replace(";", ",")]
        names += [_joined(one.strip(), other.strip()) for one, other in zip(families, others, strict=True)]
    return [name for name in names if name != Name()]


def _joined(family: str, given: str) -> Name:
    if not family or not given:
        return Name(literal=family or given)
    name = text.person(f"{family}, {given}")
    return Name(family, given) if name.literal else name


def _refworks_name(value: str) -> Name:
    return text.person(re.sub(r",\s*null$", "", value))


def _mend_dates(bag: Bag, cells: Mapping[str, str], dialect: str) -> None:
    month, day = cells.get("month") or cells.get("published month") or "", cells.get("day", "")
    year = bag.get("year", [""])[0]
    # Rayyan fills an unknown month and day with 1.
    filler = dialect == "rayyan" and month.strip() in {"1", ""} and day.strip() in {"1", ""}
    if year and month and not filler and not bag.get("date"):
        ending = f"-{day.strip().zfill(2)}" if day.strip().isdecimal() and month.isdecimal() else ""
        bag["date"] = [f"{year}-{month.zfill(2)}{ending}" if month.isdecimal() else f"{year} {month}"]
    bag.pop("month", None)
    if "date" in bag and "year" not in bag:
        return
    if year and text.year(year) is None and re.fullmatch(r"\d{4}\.0", year):
        bag["year"] = [year[:4]]


def _split_words(value: str, dialect: str) -> list[str]:
    if ";" in value:
        return value.split(";")
    if "|" in value:
        return value.split("|")
    if "\n" in value:
        return value.split("\n")
    return value.split(",") if value.count(",") >= 2 or dialect in {"rayyan", "embase", "abstrackr"} else [value]


_RAYYAN_URL_TAIL = re.compile(r"\s{2,}[A-Z][A-Z0-9]\s{2}- .*", re.DOTALL)


def _mend_rayyan(bag: Bag) -> None:
    """Rayyan swallows the RIS tag after an address into it: `https://…     U2  - L2029880245`."""
    for value in bag.get("urls", []):
        if match := re.search(r"\s[A-Z]\d\s{2}- (L\d{6,})", value):
            bag["other_ids"].append(("embase", match.group(1)))
    bag["urls"] = [_RAYYAN_URL_TAIL.sub("", value) for value in bag.get("urls", [])]


_EMBASE_SOURCE = re.compile(
    r"(?P<journal>.+?)\s*\((?P<year>\d{4})\)\s*(?P<volume>[^:\s(]+)?(?::(?P<issue>[^\s(]+))?\s*"
    r"(?:(?:Article Number:\s*(?P<article>\S+?)\.?)|(?:\((?P<pages>[^)]+)\)))?(?:\.|$|\s)"
)


def _mend_embase(bag: Bag, cells: Mapping[str, str]) -> None:
    """Older Embase exports have one column: `Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 2014`."""
    match = _EMBASE_SOURCE.match(cells.get("source", ""))
    if match is None:
        return
    bag["container"] = [match.group("journal")]
    bag.setdefault("year", [match.group("year")])
    for role, name in (("volume", "volume"), ("issue", "issue"), ("pages", "pages"), ("article_number", "article")):
        if match.group(name):
            bag.setdefault(role, [match.group(name)])
    bag["database"] = ["Embase"]
    if bag["type"] == ["document"]:
        bag["type"] = ["article-journal"]
