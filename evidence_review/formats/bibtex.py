"""BibTeX and BibLaTeX: from the fields of an entry to a record. One damaged entry costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from evidence_review import text
from evidence_review.formats import latex
from evidence_review.formats.base import COMMENT, Aside, Item, Text, lines
from evidence_review.formats.bibtex_syntax import MACRO, Entry, closing, entries, fields, key_of
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.types import BIBTEX as TYPES
from evidence_review.model.record import Name, Parsed, Rejected

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_FIRST = {
    "title_original": ("origtitle",),
    "container": ("journal", "journaltitle", "journal-title", "booktitle", "fjournal", "maintitle"),
    "container_abbrev": ("shortjournal", "journal-iso", "journalabbr"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "pages": ("pages", "page"),
    "article_number": ("eid", "article-number", "articleno", "article_number"),
    "abstract": ("abstract", "abstractnote"),
    "language": ("language", "langid"),
    "publisher": ("publisher", "institution", "school", "organization"),
    "place": ("address", "location", "place"),
    "database": ("source", "database"),
}
# So much is kept of what is rejected for its length.
_SHOWN = 2000
# Fields whose backslashes and braces are not LaTeX.
_VERBATIM = frozenset({"url", "doi", "file", "eprint", "pdf", "urn", "biburl", "howpublished"})


class Bibtex:
    """BibTeX and BibLaTeX."""

    name = "bibtex"
    label = "BibTeX"
    suffix = ".bib"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        strings = _Strings()
        parents = _parents(source)
        for entry in entries(source):
            if isinstance(entry, Aside):
                yield entry
            elif entry.excess:
                yield Rejected(entry.line, entry.excess, entry.raw[:_SHOWN])
            elif entry.kind == "string":
                strings.define(entry)
            elif entry.kind in {"comment", "preamble"}:
                yield Aside(entry.line, COMMENT, entry.raw.strip()[:200])
            else:
                item = record(entry, strings.values, parents)
                macros = strings.used(entry.raw)
                yield replace(item, trace=(*item.trace, *macros)) if macros and isinstance(item, Parsed) else item


class _Strings:
    """The macros that a file has defined so far: their `values` by lower-case name, and how each was defined."""

    def __init__(self) -> None:
        self.values = dict(zip(_MONTHS, _MONTHS, strict=True))
        self._definitions: dict[str, tuple[tuple[str, str, int], ...]] = {}

    def define(self, entry: Entry) -> None:
        """Take the macros of a `@string`."""
        for name, value in fields(entry.raw, self.values, keyed=False)[0].items():
            self.values[name.lower()] = value
            self._definitions[name.lower()] = (*self.used(entry.raw), (MACRO, entry.raw.strip(), entry.line))

    def used(self, raw: str) -> tuple[tuple[str, str, int], ...]:
        """Return the definitions that an entry needs, as traces: without them it says less wherever it is read next."""
        if not self._definitions:
            return ()
        names = (match.group(1).lower() for match in _MACRO.finditer(raw))
        needed = [item for name in names for item in self._definitions.get(name, ())]
        return tuple(dict.fromkeys(needed))


_MACRO = re.compile(r"[=#]\s*([A-Za-z][^\s,{}()\"#=]*)")


def _parents(source: Text) -> dict[str, dict[str, str]]:
    """Return the fields of the entries that others refer to, so that a paper can take them from its proceedings."""
    with source.stream() as stream:
        wanted = {
            match.group(1).strip().lower()
            for _, line, _ in lines(stream)
            if "rossref" in line or "xdata" in line
            for match in [re.search(r"(?:crossref|xdata)\s*=\s*[{\"]([^}\"]+)", line, re.IGNORECASE)]
            if match
        }
    if not wanted:
        return {}
    strings = _Strings()
    found: dict[str, dict[str, str]] = {}
    for entry in entries(source):
        if not isinstance(entry, Entry) or entry.excess:
            continue
        if entry.kind == "string":
            strings.define(entry)
        elif (key := key_of(entry.raw).lower()) in wanted:
            found[key] = fields(entry.raw, strings.values)[0]
    return found


def record(entry: Entry, strings: Mapping[str, str], parents: Mapping[str, Mapping[str, str]]) -> Parsed | Rejected:
    """Return one entry as a record."""
    own, doubts = fields(entry.raw, strings)
    if not any(value.strip() for value in own.values()):
        return Rejected(entry.line, "the entry has no field that can be read", entry.raw)
    inherited = parents.get(own.get("crossref", "").strip().lower(), {})
    said = {**_inherit(inherited), **{name: value for name, value in own.items() if value.strip()}}
    bag: Bag = {"type": [_type(entry.kind, said)]}
    trace: list[tuple[str, str, int]] = []
    for role, names in _FIRST.items():
        for name in names:
            if value := said.get(name, "").strip():
                bag[role] = [latex.decode(value)]
                trace.append((role, name, _line_of(entry, name)))
                break
    _titles(said, bag, entry.kind)
    bag["names"], bag["truncated"] = _people(said.get("author", ""))
    bag["editor_names"], _ = _people(said.get("editor", ""))
    trace += [
        (name, name, _line_of(entry, name)) for name in ("title", "author", "editor", "year", "doi") if name in said
    ]
    _dates(said, bag)
    _numbers(entry.kind, said, bag)
    _identifiers(said, bag)
    bag["keywords"] = _keywords(said)
    bag["urls"] = [
        latex.decode(said[name]) if "\\" in said[name] else said[name]
        for name in ("url", "link", "howpublished")
        if name in said
    ]
    bag["notes"] = [latex.decode(said[name]) for name in _NOTES if name in said]
    made, flags = citation(bag, "suffix-middle")
    if not entry.closed:
        flags = (*flags, "no end of record")
    if doubts:
        flags = (*flags, *(f"not understood: {doubt}" for doubt in doubts[:3]))
    if "\ufffd" in entry.raw:
        flags = (*flags, "undecodable byte")
    return Parsed(made, entry.raw, entry.line, "", tuple(trace), flags)


def _line_of(entry: Entry, name: str) -> int:
    match = re.search(rf"(?:^|[,\s{{]){re.escape(name)}\s*=", entry.raw, re.IGNORECASE)
    return entry.line + (entry.raw.count("\n", 0, match.start() + 1) if match else 0)


def _inherit(parent: Mapping[str, str]) -> dict[str, str]:
    """Return what a paper takes from its proceedings or book: the title becomes the book's title."""
    taken = {
        name: value
        for name, value in parent.items()
        if name not in {"title", "subtitle", "author", "crossref", "doi", "url"}
    }
    if "title" in parent:
        taken.setdefault("booktitle", parent["title"])
    return taken


def _type(kind: str, said: Mapping[str, str]) -> str:
    csl = TYPES.get(kind, "document")
    if kind == "misc":
        if said.get("archiveprefix", said.get("eprinttype", "")).lower() == "arxiv":
            return "article"
        if "journal" in said:
            return "article-journal"
        if re.search(r"\burl\b|https?:", said.get("howpublished", "")):
            return "webpage"
    if kind == "article":
        subtype = said.get("entrysubtype", "").lower()
        return {"newspaper": "article-newspaper", "magazine": "article-magazine"}.get(subtype, csl)
    return csl


def _titles(said: Mapping[str, str], bag: Bag, kind: str) -> None:
    title, subtitle = latex.decode(said.get("title", "")), latex.decode(said.get("subtitle", ""))
    bag["title"] = [f"{title}: {subtitle}" if title and subtitle else title]
    if "booktitle" in said and "booksubtitle" in said and not {"journal", "journaltitle"} & said.keys():
        bag["container"] = [f"{latex.decode(said['booktitle'])}: {latex.decode(said['booksubtitle'])}"]
    if bag["type"][0] == "book":
        bag.pop("container", None)
    if kind == "article" and "journalsubtitle" in said and bag.get("container"):
        bag["container"] = [f"{bag['container'][0]}: {latex.decode(said['journalsubtitle'])}"]
    if "fjournal" in said and "journal" in said:
        bag["container"], bag["container_abbrev"] = [latex.decode(said["fjournal"])], [latex.decode(said["journal"])]


# BibLaTeX's additions to a title stand behind it in another type, and are no part of it (biblatex manual, 2.2.2).
_NOTES = ("titleaddon", "booktitleaddon", "journaltitleaddon", "note", "annote", "annotation", "addendum")
# What people put behind the only name that they write.
_ET_AL = re.compile(r"[\s,;]+et\.?\s+al\.?$", re.IGNORECASE)


def _people(value: str) -> tuple[list[Name], list[str]]:
    """Return names, and a mark where the list ends in "and others"."""
    found: list[Name] = []
    cut: list[str] = []
    for part in _split_names(" ".join(value.split())):
        bare = part.strip().strip(",").strip()
        if not bare:
            continue
        if bare.lower() in {"others", "et al", "et al."}:
            cut = ["others"]
        else:
            alone = _ET_AL.sub("", bare)
            cut = ["others"] if alone != bare else cut
            found.append(_name(alone))
    return found, cut


def _split_names(value: str) -> list[str]:
    parts: list[str] = []
    depth = start = 0
    for match in re.finditer(r"(?<!\\)[{}]| and ", value, re.IGNORECASE):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
        elif depth <= 0:
            parts.append(value[start : match.start()])
            start = match.end()
    return [*parts, value[start:]]


def _name(part: str) -> Name:
    if part.startswith("{") and closing(part, 0) == len(part) - 1:
        return Name(literal=text.clean(latex.decode(part)))
    if re.search(r"family\s*=", part) and "," in part:
        said = dict(piece.strip().split("=", 1) for piece in part.split(",") if "=" in piece)
        said = {key.strip(): text.clean(latex.decode(value.strip(' "'))) for key, value in said.items()}
        prefix = f"{said['prefix']} " if said.get("prefix") else ""
        return Name(prefix + said.get("family", ""), said.get("given", ""), said.get("suffix", ""))
    pieces = _split_commas(part)
    if len(pieces) > 1:
        decoded = [text.clean(latex.decode(piece)) for piece in pieces]
        return text.person(", ".join(decoded), "suffix-middle") if len(decoded) > 2 else Name(*decoded)
    return _first_von_last(part)


def _split_commas(part: str) -> list[str]:
    pieces: list[str] = []
    depth = start = 0
    for match in re.finditer(r"(?<!\\)[{},]", part):
        if match.group() == ",":
            if depth <= 0:
                pieces.append(part[start : match.start()])
                start = match.end()
        else:
            depth += 1 if match.group() == "{" else -1
    return [piece.strip() for piece in (*pieces, part[start:]) if piece.strip()]


_WORD = re.compile(r"(?:\\.|\{(?:[^{}]|\{[^{}]*\})*\}|[^\s{}])+")


def _first_von_last(part: str) -> Name:
    """Read `First von Last`: the last word, with the words in lower case before it."""
    words = _WORD.findall(part) or [part]
    if len(words) == 1:
        return Name(literal=text.clean(latex.decode(words[0])))
    cut = len(words) - 1
    while cut > 1 and latex.decode(words[cut - 1])[:1].islower() and text.is_particle(latex.decode(words[cut - 1])):
        cut -= 1
    family = text.clean(latex.decode(" ".join(words[cut:])))
    return Name(family, text.clean(latex.decode(" ".join(words[:cut]))))


def _dates(said: Mapping[str, str], bag: Bag) -> None:
    bag["year"] = [latex.decode(said["year"]).strip()] if "year" in said else []
    date = said.get("date", "").split("/")[0]
    month = latex.decode(said.get("month", "")).strip()
    if not date and bag["year"] and month:
        day = said.get("day", "").strip()
        year = bag["year"][0]
        date = f"{year}-{month.zfill(2)}" if month.isdecimal() else f"{year} {month} {day}"
        if month.isdecimal() and day.isdecimal():
            date = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
    bag["date"] = [latex.decode(date)] if date else []


def _numbers(kind: str, said: Mapping[str, str], bag: Bag) -> None:
    bag["issn"] = [said[name] for name in ("issn", "eissn") if name in said]
    bag["isbn"] = [said["isbn"]] if "isbn" in said else []
    if kind in {"techreport", "report", "patent", "manual", "misc", "online", "book", "thesis", "phdthesis"}:
        # There `number` is the document's own.
        bag["issue"] = [latex.decode(said["issue"])] if "issue" in said else []
    elif "number" in said and "issue" in said and kind == "article":
        bag["issue"] = [latex.decode(said["number"])]


def _identifiers(said: Mapping[str, str], bag: Bag) -> None:
    bag["doi"] = [said[name].replace("\\_", "_").replace("{", "").replace("}", "").replace("\\", "")
                  for name in ("doi", "url", "ee", "note") if "10." in said.get(name, "")]  # fmt: skip
    eprint, kind = said.get("eprint", ""), said.get("eprinttype", said.get("archiveprefix", "")).lower()
    bag["pmid"] = [said[name] for name in ("pmid", "pubmed-id", "pubmed") if name in said]
    bag["pmcid"] = [
        said[name] if "PMC" in said[name].upper() else f"PMC{said[name]}" for name in ("pmcid", "pmc") if name in said
    ]
    others: list[tuple[str, str]] = []
    if kind == "pubmed":
        bag["pmid"].append(eprint)
    elif eprint and kind:
        others.append((kind, eprint))
    unique = said.get("unique-id", "").strip("{}").replace("ISI:", "WOS:")
    if unique.startswith(("WOS:", "MEDLINE:", "BIOSIS:", "ZOOREC:")):
        others.append(("wos", unique))
    if match := re.search(r"2-s2\.0-\d+", said.get("note", "") + said.get("url", "")):
        others.append(("scopus", match.group()))
    bag["other_ids"] = others


def _keywords(said: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for name in ("keywords", "author_keywords", "keyword", "mesh", "mendeley-tags"):
        value = latex.decode(said.get(name, ""))
        found += [word.strip() for word in re.split(r"[;\n]" if ";" in value else r"[,\n]", value)]
    return found
