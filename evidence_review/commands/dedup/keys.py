"""Blocking: which pairs of records are compared at all.

A pair is compared when any key of `KEYS` is the same for both. A key is a text made from the matching form; its hash
(CRC-32, the same on every machine) is what blocks are made by: a rare collision costs one comparison and changes no
outcome. Blocks are capped: where more than `CAP` records share a key, the block is split by further fields, and what
is left out even then is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from evidence_review.commands.dedup.normalise import Form

CAP = 150
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Key:
    """A blocking key: `text` gives "" for a record that has not the fields."""

    name: str
    fields: str
    why: str
    text: Callable[[Form], str]


def _joined(*parts: object) -> str:
    return "|".join(map(str, parts)) if all(parts) else ""


_SOUNDS = str.maketrans("z", "s", "aeiouy ")


def _skeleton(form: Form) -> str:
    """Return a title's consonants: what is left of it in British and American, with hyphens and without."""
    return form.title.translate(_SOUNDS) or form.title


def _long_words(form: Form) -> str:
    words = sorted(set(form.title.split()), key=lambda word: (-len(word), word))[:4]
    return " ".join(sorted(words)) if len(words) == 4 else ""


def _initials(form: Form) -> str:
    words = form.title.split()
    return "".join(word[0] for word in words[:9]) if len(words) >= 6 else ""


KEYS = (
    Key("DOI", "doi", "an identifier; a wrong one is caught by the scores", lambda form: form.doi),
    Key("PMID", "pmid", "an identifier", lambda form: form.pmid),
    Key(
        "title start",
        "first consonants of the title",
        "subtitles lost, endings cut, spelling",
        lambda form: _skeleton(form)[:_LENGTH],
    ),
    Key(
        "title end",
        "last consonants of the title",
        "words put before, damaged beginnings",
        lambda form: _skeleton(form)[-_LENGTH:],
    ),
    Key("long words", "title", "word order changed, short words lost", _long_words),
    Key("word initials", "title", "letters misread inside words", _initials),
    Key(
        "author, year, page",
        "first author, year, first page",
        "translated or garbled titles",
        lambda form: _joined(form.first_author, form.year, form.first_page),
    ),
    Key(
        "volume, pages",
        "volume, first page, last page",
        "translated titles with authors spelt another way",
        lambda form: _joined(form.volume, form.first_page, form.last_page),
    ),
    Key(
        "year, pages",
        "year, first page, last page",
        "volume missing",
        lambda form: _joined(form.year, form.first_page, form.last_page),
    ),
    Key(
        "authors, year",
        "all family names, year",
        "titles that have little in common",
        lambda form: _joined(form.author_count > 1 and "".join(sorted(form.families.split())), form.year),
    ),
    Key(
        "author, words",
        "first author, longest title word",
        "titles rewritten between versions, year missing",
        lambda form: _joined(
            form.first_author, max(form.title.split(), key=lambda word: (len(word), word), default="")
        ),
    ),
    Key("abstract start", "abstract", "the same abstract under another title", lambda form: form.abstract[:60]),
)

# By what an oversized block is split, one after the other.
FINER: tuple[tuple[str, Callable[[Form], str]], ...] = (
    ("year", lambda form: str(form.year)),
    ("first author and first page", lambda form: f"{form.first_author}|{form.first_page}"),
    ("volume, issue and DOI", lambda form: f"{form.volume}|{form.issue}|{form.doi}"),
)


def hashes(form: Form) -> list[int]:
    """Return the hash of each key of `KEYS`; 0 where the record has none."""
    found = []
    for key in KEYS:
        text = key.text(form)
        found.append((crc32(text.encode("utf-8", "surrogatepass")) or 1) if text else 0)
    return found
