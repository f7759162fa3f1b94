"""Which format a file is in, told from its content; the extension only breaks a tie."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from evidence_review.errors import FormatError
from evidence_review.formats import columns, encodings
from evidence_review.formats.encodings import Encoding

SAMPLE = 1 << 18


@dataclass(frozen=True, slots=True)
class Detection:
    """A file's format (a key of `FORMATS`), its dialect (vendor, and for tables the separator), and its encoding."""

    format: str
    dialect: str
    encoding: Encoding


_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (such as .xls or .doc)"),
    (b"SQLite format 3", "a database file (SQLite)"),
    (b"{\\rtf", "a rich text document (RTF)"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"PK\x03\x04", "a zip archive"),
)
_REMEDY = "Export the records again as RIS, PubMed format (NBIB), BibTeX, EndNote XML or CSV."


def refuse_binary(head: bytes, name: str) -> None:
    """Raise FormatError where the first bytes are no text, naming what they are."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise FormatError(f"{name} is {what}, not a file of records. {_REMEDY}")
    if head and head[:2] not in (b"\xff\xfe", b"\xfe\xff") and not encodings.utf16_without_mark(head):
        controls = sum(1 for byte in head[:8192] if byte < 9 or (13 < byte < 32 and byte != 27))
        # A short record with a few of them is damaged text, and is flagged.
        if controls > max(len(head[:8192]) * 0.05, 32):
            raise FormatError(f"{name} is a binary file, not a file of records. {_REMEDY}")


def detect(data: bytes, name: str) -> Detection:
    """Return what a file is, from its bytes (all of them, or a good many of the first).

    Raises:
        FormatError: it is empty, binary, a web page, or in no format that is known; the message says what to do.
    """
    refuse_binary(data, name)
    encoding = encodings.sniff(io.BytesIO(data))
    text = data[: 4 * SAMPLE].decode(encoding.name, "replace")
    form, dialect = detect_text(text, name)
    return Detection(form, dialect, encoding)


# Patterns of a line that only one format has, by format.
_LINES = {
    "ris": re.compile(
        r"^\ufeff?\s?(?:TY|ER|T1|TI|AU|A1|PY|Y1|JO|JF|DO|AB|N2|SP|EP|UR|KW|ty|au|ti|er)\s{0,2}-(?: |$)", re.M
    ),
    "nbib": re.compile(
        r"^(?:PMID|OWN |STAT|DCOM|EDAT|PHST|AID |LID |FAU |AU  |TI  |JT  |DP  |MHDA|CRDT|PT  )\s{0,2}- ?", re.M
    ),
    "wos": re.compile(r"^(?:PT [JBSPC]\b|AU \S|SO \S|UT [A-Z]+:|TI \S|PY \d{4}|FN |VR 1|ER$|SN \d{4}-|AF \S)", re.M),
    "ovid-tagged": re.compile(r"^(?:<\s?\d+\s?\.\s?>|VN {2}- Ovid|[A-Z]{2,5} {2}- )", re.M),
    "refworks": re.compile(r"^(?:RT (?:[A-Z][a-z]|\S+$)|A1 \S|T1 \S|JF \S|YR \d|SR \S|K1 \S|SP \S|OP \S|FD \S)", re.M),
    "enw": re.compile(r"^%(?:[A-Z0-9@!#$\[\]()<>+*?&:;~^=]) ?", re.M),
}
_OVID_REPRINT = re.compile(r"^<\s?\d+\s?\.?\s?>\s*$", re.M)
_OVID_LABELS = re.compile(
    r"^(?:Author|Authors|Title|Source|Abstract|Accession Number|Publication Type|Institution)\s*$", re.M
)


def detect_text(text: str, name: str) -> tuple[str, str]:
    """Return format and dialect of a file's first characters."""
    body = text.lstrip("\ufeff \t\r\n\0\x0c")
    if not body:
        raise FormatError(f"{name} is empty: it holds no record. {_REMEDY}")
    if body[0] == "<" and not re.match(r"<\s?\d+\s?\.?\s?>", body):
        return _xml(body, name), ""
    if body[0] in "[{":
        return _json(body, name)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    counts = {form: len(pattern.findall(text)) for form, pattern in _LINES.items()}
    if re.search(r"^\s*@\s*[A-Za-z]+\s*[{(]", text, re.M) and max(counts.values()) < 5:
        return "bibtex", ""
    if len(_OVID_REPRINT.findall(text)) and len(_OVID_LABELS.findall(text)) >= 2:
        return "ovid-reprint", ""
    tagged = _tagged(text, counts, name)
    if tagged:
        return tagged, tagged_dialect(tagged, text)
    separator = _separator(text)
    if separator:
        return "csv", f"{separator[1]}:{table_vendor(separator[2])}"
    if re.search(r"<html|<!doctype html|<body|</\w+>", body[:5000], re.I):
        return _xml("<html" + body, name), ""
    raise FormatError(
        f"{name} is in no format that is known: neither tagged lines (RIS, NBIB, Web of Science, Ovid …), BibTeX, XML, "
        f"JSON nor a table with headings that are known. {_REMEDY} Of any other table, say which column is which with "
        "--column title=HEADING, or in the protocol under 'columns'."
    )


def _tagged(text: str, counts: dict[str, int], name: str) -> str:
    """Choose among the formats of tagged lines: by a line that only one of them opens records with, then by numbers."""
    lines = max(1, sum(1 for line in text.split("\n") if line.strip()))
    ty = len(re.findall(r"^\ufeff?\s?(?:TY|ty)\s{0,3}-", text, re.M))
    if (
        re.search(r"^\s*<\s?\d+\s?\.\s?>\s*$", text, re.M)
        and re.search(r"^\s?[A-Z]{2,5}\s{1,2}- ", text, re.M)
        and not ty
    ):
        return "ovid-tagged"
    if ty:
        return "ris"
    if re.search(r"^(?:PMID|PMC |OWN )\s?-\s?", text, re.M):
        return "nbib"
    if (re.search(r"^PT [A-Z]", text, re.M) and counts["wos"] >= 2) or re.match(r"\ufeff?FN .*\nVR ", text):
        return "wos"
    if re.search(r"^RT \S", text, re.M) and counts["refworks"] >= 2:
        return "refworks"
    if re.search(r"^VN {2}- Ovid", text, re.M):
        return "ovid-tagged"
    if counts["enw"] >= 2 and counts["enw"] > 0.1 * lines:
        return "enw"
    best = max(counts, key=lambda form: (counts[form], _extension(name) == form))
    if counts[best] >= 3 and counts[best] > 0.2 * lines:
        return best
    return ""


def _extension(name: str) -> str:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return {"ris": "ris", "nbib": "nbib", "ciw": "wos", "isi": "wos", "enw": "enw", "bib": "bibtex"}.get(suffix, "")


# Vendor, words of which at least one stands in what the pattern finds, and the pattern. To look for words is many times
# faster.
_RIS_VENDORS = (
    ("central", ("provider: john wiley", "record #", "cn-"),
     re.compile(r"^Provider: John Wiley|^Record #\d+ of|^AN {2}- {1,2}CN-\d", re.M)),
    ("embase", ("u2  - l", "embase.com"), re.compile(r"^U2 {2}- L\d{6,}|embase\.com/search/results", re.M)),
    ("ovid", ("ovid", "db  - ", "y1  - "),
     re.compile(r"ovidsp|Link to the Ovid|^DB {2}- .*<.*>|^Y1 {2}- \d{4}//\s*$", re.M)),
    ("ebsco", ("ebsco",), re.compile(r"ebscohost\.com|openurl\.ebsco|^DP {2}- EBSCOhost", re.M)),
    ("proquest", ("proquest",), re.compile(r"proquest\.com", re.M | re.I)),
    ("rayyan", ("rayyan-",), re.compile(r"^AN {2}- rayyan-|RAYYAN-", re.M)),
    ("covidence", ("covidence",), re.compile(r"covidence", re.M | re.I)),
    ("scopus", ("scopus", "export date:"), re.compile(r"scopus\.com/inward|^DB {2}- Scopus|Export Date:", re.M)),
    ("wos", ("wos:",), re.compile(r"^AN {2}- WOS:", re.M)),
    ("lens", ("lens.org", "id  - "), re.compile(r"lens\.org|^ID {2}- \d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX]", re.M)),
    ("dimensions", ("pub.", "dimensions.ai"), re.compile(r"^AN {2}- pub\.\d|dimensions\.ai", re.M)),
    ("ieee", ("ieee",), re.compile(r"^JO {2}- IEEE|ieeexplore", re.M)),
    ("citavi", ("citavi",), re.compile(r"Citavi", re.M)),
    ("agris", ("agris",), re.compile(r"AGRIS", re.M)),
)  # fmt: skip


def tagged_dialect(form: str, text: str) -> str:
    """Return whose dialect of a format of tagged lines a file's first characters are in; "" where nobody's."""
    if form != "ris":
        return ""
    folded = text.casefold()
    return next(
        (
            vendor for vendor, words, pattern in _RIS_VENDORS
            if any(word in folded for word in words) and pattern.search(text)
        ),
        "",
    )  # fmt: skip


_ROOTS = {
    "pubmedarticleset": "pubmed-xml", "pubmedbookarticleset": "pubmed-xml", "pubmedarticle": "pubmed-xml",
    "medlinecitationset": "pubmed-xml", "pubmedbookarticle": "pubmed-xml", "medlinecitation": "pubmed-xml",
    "doi_records": "crossref-xml", "doi_record": "crossref-xml", "crossref_result": "crossref-xml",
    "doi_batch": "crossref-xml", "crossref": "crossref-xml",
    "trials_downloaded_from_ictrp": "ictrp-xml", "trials": "ictrp-xml",
    "records": "endnote-xml", "record": "endnote-xml",
}  # fmt: skip


def _xml(body: str, name: str) -> str:
    elements = re.findall(r"<\s*([A-Za-z_][\w.:-]*)", re.sub(r"<!--.*?-->|<\?.*?\?>", "", body[:60_000], flags=re.S))
    names = [element.lower().rsplit(":", 1)[-1] for element in elements]
    if (
        "html" in names[:6]
        or re.match(r"<!doctype\s+html", body, re.I)
        or ("body" in names[:20] and "head" in names[:20])
    ):
        if name.lower().endswith((".xls", ".xlsx")) and "table" in names:
            raise FormatError(
                f"{name} is a table written as a web page, as some databases export it. Open it in a spreadsheet "
                "program and save it as XLSX or CSV, then load that."
            )
        title = re.search(r"<title[^>]*>([^<]{0,100})", body, re.I)
        said = f" ('{' '.join(title.group(1).split())}')" if title and title.group(1).strip() else ""
        raise FormatError(
            f"{name} is a web page{said}, not a file of records: a log-in or error page was saved instead of the "
            "export. Log in and download the export again."
        )
    if names and names[0] == "xml" and "records" in names[:4]:
        return "endnote-xml"
    for element in names[:5]:
        if element in _ROOTS:
            return _ROOTS[element]
    root = names[0] if names else "nothing"
    raise FormatError(
        f"{name} is XML of an unknown kind (root element '{root}'). Known: PubMed, EndNote, Crossref, ICTRP. {_REMEDY}"
    )


def _json(body: str, name: str) -> tuple[str, str]:
    head = body[:20_000]
    if re.search(r'"itemType"\s*:', body[:200_000]):
        return "zotero-json", ""
    if re.search(
        r'"(?:https?:)?//?openalex\.org|"authorships"|"abstract_inverted_index"|openalex\.org/W', body[:200_000]
    ):
        return "openalex-json", ""
    if re.search(r'"(?:title|type|issued|DOI|container-title|id)"\s*:', head):
        return "csl-json", ""
    raise FormatError(
        f"{name} is JSON of an unknown kind. Known: CSL-JSON, Zotero's items and OpenAlex works. {_REMEDY}"
    )


_SEPARATORS = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe"))


def _separator(text: str) -> tuple[str, str, list[str]] | None:
    """Return the separator with which some row near the top has the most known headings, and that row."""
    best: tuple[int, tuple[str, str, list[str]]] | None = None
    head = "\n".join(re.split(r"\r\n|\n|\r", text.lstrip("\ufeff"))[:60])
    for sign, word in _SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(head.replace("\0", ""), newline=""), delimiter=sign))
        except csv.Error:
            continue
        for row in rows[:41]:
            cells = [cell.strip().strip('"\ufeff').strip() for cell in row]
            count = columns.known(cells) + (20 if set(cells) >= columns.WOS_TAGS else 0)
            if count and (len(cells) > 1 or (count and len(rows) > 1)) and (best is None or count > best[0]):
                best = (count, (sign, word, cells))
    if best is None or (best[0] < 2 and len(best[1][2]) > 1 and best[0] * 4 < len(best[1][2])):
        return best[1] if best and best[0] >= 1 and len(best[1][2]) > 1 else None
    return best[1]


_VENDORS: tuple[tuple[str, frozenset[str]], ...] = (
    ("wos", columns.WOS_TAGS),
    ("wos-sheet", frozenset({"Article Title", "Author Full Names", "UT (Unique WOS ID)"})),
    ("pubmed", frozenset({"PMID", "Citation", "Journal/Book"})),
    ("scopus", frozenset({"EID", "Source title"})),
    ("embase", frozenset({"Author Names", "Emtree Drug Index Terms"})),
    ("rayyan", frozenset({"key", "authors", "pubmed_id", "pmc_id"})),
    ("covidence", frozenset({"Covidence #", "Study"})),
    ("zotero", frozenset({"Key", "Item Type", "Manual Tags"})),
    ("lens", frozenset({"Lens ID"})),
    ("dimensions", frozenset({"Publication ID", "Dimensions URL"})),
    ("dimensions", frozenset({"Publication ID", "PubYear"})),
    ("openalex", frozenset({"primary_location.source.id"})),
    ("openalex", frozenset({"authorships.author.display_name"})),
    ("ctgov", frozenset({"NCT Number", "Study Title"})),
    ("ctgov-classic", frozenset({"NCT Number", "Title", "Conditions"})),
    ("central", frozenset({"CENTRAL ID"})),
    ("central", frozenset({"Cochrane Review Group Code"})),
    ("ieee", frozenset({"Document Title", "IEEE Terms"})),
    ("publish-or-perish", frozenset({"Authors", "Title", "Cites", "ArticleURL"})),
    ("refworks", frozenset({"Reference Type", "Authors, Primary"})),
    ("abstrackr", frozenset({"(internal) id", "(source) id"})),
    ("eppi", frozenset({"ID", "ShortTitle", "Title"})),
    ("retraction-watch", frozenset({"RetractionDOI", "OriginalPaperDOI"})),
    ("asreview", frozenset({"asreview_label"})),
    ("asreview", frozenset({"included", "record_id"})),
)


def table_vendor(headings: Iterable[str]) -> str:
    """Return whose table has these headings; "" where nobody's is known."""
    have = set(headings)
    return next((vendor for vendor, needed in _VENDORS if needed <= have), "")
