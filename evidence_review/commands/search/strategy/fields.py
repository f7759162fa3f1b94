"""PubMed's search fields: every way in which a tag is written, and the short name used here.

Source: PubMed User Guide, "Search field descriptions and tags" (https://pubmed.ncbi.nlm.nih.gov/help/#search-tags).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Short name → (what people call it, further spellings of the tag in lower case).
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("all fields", ("all fields", "all field")),
    "tiab": ("title or abstract", ("title/abstract", "title / abstract", "tiab.")),
    "ti": ("title", ("title", "article title")),
    "ab": ("abstract", ("abstract",)),
    "tw": ("text word", ("text word", "text words", "text", "word")),
    "mh": ("MeSH heading", ("mesh", "mesh terms", "mesh term", "mesh heading", "mesh headings")),
    "majr": ("MeSH major topic", ("mesh major topic", "major topic", "mesh major")),
    "sh": ("MeSH subheading", ("subheading", "subheadings", "mesh subheading", "mesh subheadings")),
    "pt": ("publication type", ("publication type", "publication types", "ptyp")),
    "nm": ("supplementary concept", ("supplementary concept", "supplementary concepts", "substance name", "substance")),
    "pa": ("pharmacological action", ("pharmacological action", "pharmacologic action")),
    "rn": ("EC/RN number", ("ec/rn number", "registry number")),
    "ot": ("author's keyword", ("other term", "other terms", "keyword", "keywords")),
    "au": ("author", ("author", "authors", "author name")),
    "1au": ("first author", ("author - first", "first author name", "first author")),
    "lastau": ("last author", ("author - last", "last author name", "last author")),
    "fau": ("author's full name", ("author - full", "full author name", "full author")),
    "auid": ("author's identifier", ("author - identifier", "author identifier")),
    "cn": ("corporate author", ("author - corporate", "corporate author", "corporate")),
    "ir": ("investigator", ("investigator",)),
    "fir": ("investigator's full name", ("investigator - full", "full investigator name")),
    "ad": ("affiliation", ("affiliation", "affl")),
    "ta": ("journal", ("journal", "jour", "so", "journal title")),
    "jid": ("NLM's id of the journal", ("nlm unique id",)),
    "is": ("ISSN", ("issn",)),
    "vi": ("volume", ("volume", "vol")),
    "ip": ("issue", ("issue", "iss")),
    "pg": ("pages", ("pagination", "page")),
    "la": ("language", ("language", "lang")),
    "dp": ("date of publication", ("pdat", "date - publication", "publication date", "date of publication", "pd")),
    "epdat": ("date of electronic publication", ("date - publication: electronic", "electronic publication date")),
    "ppdat": ("date of printed publication", ("date - publication: print", "print publication date")),
    "edat": ("date of entry", ("date - entry", "entrez date", "entry date")),
    "crdt": ("date of creation", ("date - create", "create date", "creation date", "date - creation")),
    "mhda": ("date of MeSH indexing", ("date - mesh", "mesh date")),
    "lr": ("date of modification", ("date - modification", "modification date", "mdat", "lu")),
    "dcom": ("date of completion", ("date - completion", "completion date")),
    "pmid": ("PMID", ("uid", "pubmed id")),
    "aid": ("article identifier", ("article identifier", "doi", "pii")),
    "lid": ("location id", ("location id",)),
    "gr": ("grant number", ("grant number", "grants and funding", "grant")),
    "si": ("secondary source id", ("secondary source id", "secondary source")),
    "sb": ("subset", ("subset", "subsets")),
    "filter": ("filter", ("filters",)),
    "pl": ("place of publication", ("place of publication",)),
    "pubn": ("publisher", ("publisher",)),
    "ps": ("subject: personal name", ("subject - personal name", "personal name as subject")),
    "tt": ("transliterated title", ("transliterated title",)),
    "cois": ("conflict of interest", ("conflict of interest statement", "conflict of interest")),
    "book": ("book", ()),
    "isbn": ("ISBN", ()),
    "ed": ("editor", ("editor",)),
}

# Fields whose values come from a list: words are matched as a whole, and quotes change nothing.
CONTROLLED = frozenset({"mh", "majr", "sh", "pt", "nm", "pa", "ta", "la", "sb", "filter"})
HEADINGS = frozenset({"mh", "majr"})
DATES = frozenset({"dp", "epdat", "ppdat", "edat", "crdt", "mhda", "lr", "dcom"})
# PubMed allows proximity in these alone.
PROXIMITY = frozenset({"ti", "tiab", "ad"})
# Words of the text itself, as opposed to what indexers and publishers add.
TEXT = frozenset({"", "all", "tiab", "ti", "ab", "tw", "ot"})

_BY_TAG = {name: name for name in FIELDS} | {tag: name for name, (_, tags) in FIELDS.items() for tag in tags}
_MODIFIER = re.compile(r":\s*(?:(?P<noexp>noexp)|~\s*(?P<near>[0-9]+))\s*$")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as understood. `field` is "" where PubMed knows no such tag."""

    field: str
    explode: bool = True
    near: int | None = None


def read_tag(text: str) -> Tag:
    """Return the meaning of what stands between square brackets."""
    name = " ".join(text.lower().split())
    explode, near = True, None
    match = _MODIFIER.search(name)
    if match and name not in _BY_TAG:
        name = name[: match.start()].strip()
        explode = match["noexp"] is None
        # Beyond four digits a distance means nothing, and int() refuses very long numbers.
        near = int(match["near"][:4]) if match["near"] else None
    return Tag(_BY_TAG.get(name, ""), explode, near)


def tag_names() -> tuple[str, ...]:
    """Return the tags that a person would write, for suggestions."""
    return tuple(sorted(name for name in _BY_TAG if " / " not in name and not name.endswith(".")))


def known_tags() -> tuple[str, ...]:
    """Return every spelling of every tag."""
    return tuple(_BY_TAG)


def label(field: str) -> str:
    """Return what people call a field."""
    return FIELDS[field][0] if field else "any field (PubMed maps the words itself)"
