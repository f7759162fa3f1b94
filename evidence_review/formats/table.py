"""Tables of records: CSV, TSV and XLSX of databases, screening tools and people.

The header is looked for below preambles such as a printed search query. A cell that swallowed the rows after it, which
an unclosed quote does, is flagged instead of being believed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evidence_review import text
from evidence_review.csv_text import csv_text, long_cells
from evidence_review.errors import FormatError, Problem, suggest
from evidence_review.formats import columns
from evidence_review.formats.base import PREAMBLE, Aside, Item, Text
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.types import from_word
from evidence_review.model.record import Name, Parsed, Rejected
from evidence_review.sheets.guard import unguard
from evidence_review.sheets.table import CONTINUED

SEPARATORS = ",;\t|"
_HEADER_WITHIN = 40
_MOST_LINES_IN_A_CELL = 400

# A row with the line it begins on.
Row = tuple[int, list[str]]


def csv_rows(source: Text, separator: str) -> Iterator[Row]:
    """Yield the rows of a CSV file; a row that cannot be read raises FormatError with its line."""
    with source.stream() as stream:
        lines = (line.replace("\0", "") for line in stream)
        reader = csv.reader(lines, delimiter=separator)
        at = 1
        try:
            with long_cells():
                for row in reader:
                    yield at, [unguard(cell) for cell in row]
                    at = reader.line_num + 1
        except csv.Error as fault:
            raise FormatError(
                f"{source.name} cannot be read as a table.",
                [Problem(f"{source.name} line {at}", str(fault), "Look for a quote that is opened and never closed.")],
            ) from None


def find_header(rows: Iterable[Row], own: Mapping[str, str]) -> tuple[Row | None, list[Row]]:
    """Return the header row, None where no row is one, and the rows above it."""
    above: list[Row] = []
    wanted = {columns.key(heading) for heading in own.values()}
    best: Row | None = None
    best_known = 0
    for place, (number, row) in enumerate(rows):
        cells = [cell.strip().strip('"\ufeff').strip() for cell in row]
        count = columns.known(cells) + 3 * len(wanted & {columns.key(cell) for cell in cells})
        if set(cells) >= columns.WOS_TAGS:
            count += 20
        above.append((number, cells))
        if count > best_known:
            best, best_known = (number, cells), count
        if (best_known >= 2 and place >= 3) or place >= _HEADER_WITHIN:
            break
    if best is None or best_known < 1:
        return None, above
    return best, [row for row in above if row[0] < best[0]]


def read_rows(rows: Iterator[Row], source: Text, dialect: str, separator: str) -> Iterator[Item]:
    """Yield the records of a table's rows."""
    taken: list[Row] = []

    def remembered() -> Iterator[Row]:
        for row in rows:
            taken.append(row)
            yield row

    header, above = find_header(remembered(), source.columns)
    if header is None:
        raise FormatError(
            f"{source.name} has no heading that is known.",
            [Problem(
                f"{source.name} line 1", "found: " + ", ".join(cell for _, row in taken[:1] for cell in row)[:300],
                "Say which column is which in the protocol, under the source: columns: {title: HEADING, …}.",
            )],
        )  # fmt: skip
    for number, row in above:
        if any(row):
            yield Aside(number, PREAMBLE, separator.join(row).strip()[:200])
    headings = header[1]
    _check_own_columns(source, headings, header[0])
    if "TI" in headings and set(headings) >= columns.WOS_TAGS:
        from evidence_review.formats import wos

        yield from wos.read_table(headings, _below(header[0], taken, rows), separator)
        return
    roles = columns.assign(headings, source.columns)
    keys = [columns.key(heading) for heading in headings]
    rest = _continued(headings)
    for number, row in _below(header[0], taken, rows):
        if [cell.strip('\ufeff "') for cell in row] == headings:
            # Where files were put one after the other.
            yield Aside(number, PREAMBLE, "the headings again")
            continue
        yield _record(
            number, _joined(row, rest) if rest else row, headings, keys, roles, dialect, separator, source.ids
        )


def _continued(headings: Sequence[str]) -> list[tuple[int, int]]:
    """Return the columns that continue others, which hold what was too long for one cell, each with the column."""
    at = {heading: place for place, heading in enumerate(headings)}
    found = [
        (place, at[base])
        for place, heading in enumerate(headings)
        if CONTINUED in heading and (base := heading.partition(CONTINUED)[0]) in at
    ]
    return sorted(found, key=lambda pair: (len(headings[pair[0]]), headings[pair[0]]))


def _joined(row: list[str], rest: Sequence[tuple[int, int]]) -> list[str]:
    """Return a row with what its columns hold in several cells in one."""
    joined = list(row)
    for place, base in rest:
        if place < len(row):
            joined[base] += joined[place]
            joined[place] = ""
    return joined


def _check_own_columns(source: Text, headings: Sequence[str], number: int) -> None:
    """Refuse a mapping of columns that names a field or a heading that there is not."""
    where = f"{source.name} line {number}"
    known = {columns.key(heading) for heading in headings}
    problems = [
        Problem(f"columns: {name}", "is no field that is known", suggest(name, columns.FIELDS))
        for name in source.columns
        if not columns.role_of(name)
    ]
    problems += [
        Problem(where, f"there is no heading '{heading}'", suggest(heading, headings))
        for heading in source.columns.values()
        if columns.key(heading) not in known
    ]
    if problems:
        raise FormatError(f"The columns named for {source.name} do not fit it; nothing was read.", problems)


def _below(header: int, taken: Sequence[Row], rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in taken:
        if number > header and any(cell.strip() for cell in row):
            yield number, row
    for number, row in rows:
        if any(cell.strip() for cell in row):
            yield number, row


def _record(
    number: int,
    row: list[str],
    headings: Sequence[str],
    keys: Sequence[str],
    roles: Mapping[int, str],
    dialect: str,
    separator: str,
    ids: Sequence[str] = (),
) -> Parsed | Rejected:
    raw = csv_text([row], separator)
    bag: Bag = {}
    trace: list[tuple[str, str, int]] = []
    for place, role in roles.items():
        if place < len(row) and (cell := row[place].strip()):
            bag.setdefault(role, []).append(cell)
            trace.append((role, headings[place], number))
    if not bag:
        return Rejected(number, "none of the columns that are known has anything in this row", raw)
    cells = dict(zip(keys, row, strict=False))
    _mend(bag, cells, dialect)
    made, flags = citation(bag)
    extra = [place for place, cell in enumerate(row) if place >= len(headings) and cell.strip()]
    if extra:
        flags = (*flags, f"{len(extra)} cells beyond the last column")
    if any(cell.count("\n") > _MOST_LINES_IN_A_CELL for cell in row):
        flags = (*flags, "a cell spans very many lines: an unclosed quote?")
    if "\ufffd" in raw:
        flags = (*flags, "undecodable byte")
    native = bag["native"][0] if bag.get("native") else ""
    native = native or next((cells[name] for name in ids if cells.get(name, "").strip()), "")
    return Parsed(made, raw, number, native, tuple(trace), flags)


# Columns that hold what a document is part of where the journal's is empty, as Dimensions' is for chapters.
_HOMES = ("anthology title", "book title", "booktitle", "proceedings title", "host publication", "conference title")
_IS_DATABASE = re.compile(
    r"(?:ovid )?(?:medline|embase|pubmed|scopus|cinahl|psyc\w+|web of science|eric|crossref|lens|openalex|dimensions|"
    r"google scholar|semantic scholar|cochrane|central|global health|proquest|ebsco|ieee|dblp|arxiv|core)\b(?! j)",
    re.IGNORECASE,
)
# Whose table it is says where its records come from.
_DATABASES = {
    "embase": "Embase", "scopus": "Scopus", "lens": "Lens.org", "openalex": "OpenAlex", "ieee": "IEEE Xplore",
    "dimensions": "Dimensions", "central": "CENTRAL",
}  # fmt: skip
_PMID = re.compile(r"\bPMID:\s*(\d{1,9})\b|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{1,9})\b", re.IGNORECASE)


def _mend(bag: Bag, cells: Mapping[str, str], dialect: str) -> None:
    """Say what headings alone cannot."""
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
    for role in ("authors", "editors"):
        if role in bag:
            bag[role] = split_people(bag[role][0], dialect)
    full = cells.get("author full names", "")
    if dialect == "scopus" and full.strip():
        # Scopus gives full names with its own author ids.
        bag["authors"] = [_SEMICOLON_ID.sub("", name).strip() for name in full.split(";") if name.strip()]
    if dialect == "refworks" and "authors" in bag:
        bag["names"] = [_refworks_name(name) for name in bag["authors"]]


def _refworks_name(value: str) -> Name:
    return text.person(re.sub(r",\s*null$", "", value))


# How lists of names end that go on, and what DBLP puts after names of several people: "Wei Wang 0001".
_CUT = re.compile(r"[,;\s]*(?:\.\.\.|\u2026)\s*$")
_COUNTED_NAME = re.compile(r"(?<=\w)\s\d{4}(?=\s*(?:[,;|]|\sand\s|$))")
_QUOTED = re.compile(r"""(['"])(.*?)\1(?=\s*[,\]])""")
_ONLY_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,4}")


def split_people(cell: str, dialect: str = "") -> list[str]:
    """Take a cell of names apart: by semicolons, pipes, line ends or " and "; by commas only where nothing else is."""
    cell = cell.strip().strip(";").strip()
    if cell.startswith("[") and (quoted := _QUOTED.findall(cell)):
        # A list as programs print it: ['Emma Kelly', 'Kei Ito'].
        return [name.strip() for _, name in quoted if name.strip()]
    if _CUT.search(cell):
        return [*split_people(_CUT.sub("", cell), dialect), "et al."]
    cell = _COUNTED_NAME.sub("", cell)
    for separator in (";", "|", "\n"):
        if separator in cell:
            return [name.strip() for name in cell.split(separator) if name.strip()]
    if " & " in cell and "," in cell:
        cell = re.sub(r",?\s+&\s+", " and ", cell)
    if re.search(r"\s+and\s+", cell) and (
        dialect == "rayyan" or cell.count(",") > cell.count(" and ") or "," not in cell
    ):
        names = re.split(r"\s+and\s+", cell)
        # Among people with commas a group is one of them; alone it may have an "and" of its own.
        if all(map(_one_person, names)) or any("," in name and _one_person(name) for name in names):
            return [one for name in names if name.strip() for one in _in_turns(_parted(name)) or [name.strip()]]
    parts = _with_suffixes(_parted(cell))
    if len(parts) > 1 and all(_surname_initials(part) or _INITIALS_SURNAME.fullmatch(part) for part in parts):
        return parts
    groups = [part for part in parts if " " in part and text.person(part).literal]
    people = [part for part in parts if part not in groups]
    if groups and people and all(map(_surname_initials, people)):
        return parts
    if len(parts) > 2 and all(" " in part for part in parts) and len(people) > 2 * len(groups):
        return parts
    return _in_turns(parts) or ([cell] if cell else [])


def _parted(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


def _in_turns(parts: Sequence[str]) -> list[str]:
    """Return the names of a list in which family and given name take turns: Kelly, E.M., Ito, K."""
    last = parts[-1:] if parts and text.is_et_al(parts[-1]) else []
    parts = parts[: len(parts) - len(last)]
    families, given = parts[::2], parts[1::2]
    if len(parts) < 4 or len(parts) % 2 or text.person(", ".join(parts)).literal:
        return []
    # In full only where no family has two words: else these may be people, one between any two commas.
    if not all(map(_ONLY_INITIALS.fullmatch, given)) and any(" " in name for name in families):
        return []
    return [*(f"{family}, {first}" for family, first in zip(families, given, strict=True)), *last]


def _with_suffixes(parts: list[str]) -> list[str]:
    """Put a `Jr` that stands between commas back to its name: `Smith J, Jr, Doe A`."""
    found: list[str] = []
    for part in parts:
        if found and _SUFFIX.fullmatch(part) and " " in found[-1]:
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|2nd|3rd)\.?", re.IGNORECASE)
_WITH_INITIALS = re.compile(r"\S.*\s(?:[A-Z]\.?-?){1,4}(?:,?\s?(?:Jr|Sr|I{2,3})\.?)?|\W*et al\.?", re.DOTALL)


_INITIALS_SURNAME = re.compile(r"(?:[A-Z]{1,3}[. -]\s?){1,3}[^\W\d_][\w'\u2019-]+(?: [^\W\d_][\w'-]+)?")


def _surname_initials(part: str) -> bool:
    return _WITH_INITIALS.fullmatch(part) is not None


def _one_person(name: str) -> bool:
    return (name.count(",") <= 2 and not text.person(name.strip()).literal) or " " not in name.strip()


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


class Table:
    """A table in a text file."""

    name = "csv"
    label = "table (CSV, TSV)"
    suffix = ".csv"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the table holds. `dialect` is `<separator name>:<vendor>`."""
        kind, _, vendor = dialect.partition(":")
        separator = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}[kind or "comma"]
        yield from read_rows(csv_rows(source, separator), source, vendor, separator)
