"""Blocking: which pairs of records are compared at all.

A pair is compared when any key of `KEYS` is the same for both. A key is a text made from the matching form; its hash
(CRC-32, the same on every machine) is what blocks are made by: a rare collision costs one comparison and changes no
outcome. Blocks are capped: where more than `CAP` records share a key, the block is split by further fields, and what
is left out even then is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from evidence_review.commands.dedup.form import Form

CAP = 150
_LENGTH = 16


class Parts(NamedTuple):
    """A form with what several keys are made of: its title's words, the same by length, and their consonants."""

    form: Form
    words: list[str]
    longest: list[str]
    skeleton: str


@dataclass(frozen=True, slots=True)
class Key:
    """A blocking key: `text` gives "" for a record that has not the fields."""

    name: str
    fields: str
    why: str
    text: Callable[[Parts], str]


def _long_words(parts: Parts) -> str:
    words = parts.longest[:4]
    return " ".join(sorted(words)) if len(words) == 4 else ""


def _initials(parts: Parts) -> str:
    words = parts.words
    return "".join([word[0] for word in words[:9]]) if len(words) >= 6 else ""


def _author_year_page(parts: Parts) -> str:
    form = parts.form
    return f"{form.first_author}|{form.year}|{form.first_page}" if form.first_author and form.first_page else ""


def _volume_pages(parts: Parts) -> str:
    form = parts.form
    return f"{form.volume}|{form.first_page}|{form.last_page}" if form.volume and form.last_page else ""


def _year_pages(parts: Parts) -> str:
    form = parts.form
    return f"{form.year}|{form.first_page}|{form.last_page}" if form.year and form.last_page else ""


def _authors_year(parts: Parts) -> str:
    form = parts.form
    return f"{form.year}|{''.join(sorted(form.families.split()))}" if form.author_count > 1 and form.year else ""


def _author_word(parts: Parts) -> str:
    form = parts.form
    return f"{form.first_author}|{parts.longest[0]}" if form.first_author and parts.longest else ""


KEYS = (
    Key("DOI", "DOI; a number at arXiv or a trial register", "an identifier; a wrong one is caught by the scores",
        lambda parts: parts.form.doi),
    Key("PMID", "PMID", "an identifier", lambda parts: parts.form.pmid),
    Key("title start", "first consonants of the title", "subtitles lost, endings cut, spelling",
        lambda parts: parts.skeleton[:_LENGTH]),
    Key("title end", "last consonants of the title", "words put before, damaged beginnings",
        lambda parts: parts.skeleton[-_LENGTH:]),
    Key("long words", "the four longest words of the title", "word order changed, short words lost", _long_words),
    Key("word initials", "initials of the title's first nine words", "letters misread inside words", _initials),
    Key("author, year, page", "first author, year, first page", "translated or garbled titles", _author_year_page),
    Key("volume, pages", "volume, first page, last page", "translated titles, other spellings", _volume_pages),
    Key("year, pages", "year, first page, last page", "translated titles, volume missing", _year_pages),
    Key("authors, year", "all family names, year", "titles that have little in common", _authors_year),
    Key("author, word", "first author, longest word of the title", "titles rewritten, year missing", _author_word),
    Key("abstract start", "first letters of the abstract", "the same abstract under another title",
        lambda parts: parts.form.abstract[:60]),
)  # fmt: skip

_TEXTS = tuple(key.text for key in KEYS)
_SOUNDS = str.maketrans("z", "s", "aeiouy ")


def parts(form: Form) -> Parts:
    """Return what the keys of a form are made of.

    The consonants are what is left of a title in British and American, with hyphens and without; of a title that has
    none, in another script, all is left.
    """
    words = form.title.split()
    longest = sorted(set(words))
    longest.sort(key=len, reverse=True)
    return Parts(form, words, longest, form.title.translate(_SOUNDS) or form.title)


# By what an oversized block is split, one after the other.
FINER: tuple[tuple[str, Callable[[Form], str]], ...] = (
    ("year", lambda form: str(form.year)),
    ("first author and first page", lambda form: f"{form.first_author}|{form.first_page}"),
    ("volume, issue and DOI", lambda form: f"{form.volume}|{form.issue}|{form.doi}"),
)


def hashes(form: Form) -> list[int]:
    """Return the hash of each key of `KEYS`; 0 where the record has none."""
    made = parts(form)
    texts = [text(made) for text in _TEXTS]
    try:
        return [(crc32(text.encode()) or 1) if text else 0 for text in texts]
    except UnicodeEncodeError:
        # Half a character, as damaged files have it.
        return [(crc32(text.encode("utf-8", "surrogatepass")) or 1) if text else 0 for text in texts]
