"""Whether a strategy finds a document, as far as what is known of it tells: yes, no, or not to be told."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from evidence_review.commands.search.strategy.fields import HEADINGS
from evidence_review.commands.search.strategy.translate.base import year_span
from evidence_review.commands.search.strategy.tree import And, Dates, Node, Not, Or, Term, leaves

# Fields that are looked for in the title and the abstract, and whether nowhere else.
_TEXT = {"ti": True, "tiab": True, "ab": True, "tw": False, "": False, "all": False}
_PUBLISHED = ("dp", "epdat", "ppdat")


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document. `abstract` is None where nobody has looked, "" where there is none.

    `keywords` are the authors', in which PubMed looks for [tiab], too.
    """

    title: str
    abstract: str | None = None
    keywords: tuple[str, ...] = ()
    year: int | None = None
    headings: tuple[str, ...] = ()


def finds(node: Node, document: Document) -> bool | None:
    """Return whether a strategy finds a document; None where what is known does not tell.

    Words are said to stand there rather than not: their order and distance are not held against the document.
    """
    match node:
        case And(parts=parts):
            return _all([finds(part, document) for part in parts])
        case Or(parts=parts):
            return _not(_all([_not(finds(part, document)) for part in parts]))
        case Not(keep=keep, drop=drop):
            return _all([finds(keep, document), _not(finds(drop, document))])
        case Dates():
            return _in_range(node, document.year)
        case Term():
            return _term(node, document)
        case _:
            return None


def in_words(node: Node, document: Document) -> bool | None:
    """Return whether any of the words that a strategy looks for stands there; None where it looks for none."""
    told = [finds(leaf, document) for leaf in leaves(node) if isinstance(leaf, Term) and leaf.field in _TEXT]
    return True in told if told else None


def _all(told: list[bool | None]) -> bool | None:
    return False if False in told else None if None in told else True


def _not(told: bool | None) -> bool | None:
    return None if told is None else not told


def _in_range(dates: Dates, year: int | None) -> bool | None:
    if year is None or dates.field not in _PUBLISHED:
        return None
    first, last, whole = year_span(dates)
    if year < first or (last is not None and year > last):
        return False
    return True if whole or (first < year and (last is None or year < last)) else None


def _term(term: Term, document: Document) -> bool | None:
    if term.field in HEADINGS:
        mine = {heading.split("/")[0].strip("*").casefold() for heading in document.headings}
        return True if term.text.casefold() in mine and not term.subheadings else None
    if term.field not in _TEXT:
        return None
    here = [] if term.field == "ab" else [document.title]
    here += [] if term.field == "ti" else [document.abstract or ""]
    here += [] if term.field in ("ti", "ab") else document.keywords
    if all(re.search(pattern, _plain("\n".join(here))) for pattern in _patterns(term)):
        return True
    unseen = (term.field == "ti" and not document.title) or (term.field != "ti" and document.abstract is None)
    return None if unseen or not _TEXT[term.field] else False


def _patterns(term: Term) -> list[str]:
    """Return a pattern for each word that must stand there, or for the phrase as a whole."""
    words = [re.escape(word).replace(r"\*", r"\w*") for word in re.findall(r"[\w*]+", _plain(term.text))]
    if term.near is None and (term.quoted or "*" in term.text):
        words = [r"[\W_]+".join(words)]
    return [rf"(?<!\w){word}(?!\w)" for word in words]


def _plain(text: str) -> str:
    """Return text in small letters without accents, which PubMed does not tell apart either."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))
