"""Normal forms of a citation's fields, to compare, never to show: people, journals, numbers, pages, identifiers.

One field, one function, all pure; a field that says nothing ("unknown", "n/a") is empty. Titles have a file of their
own, `title_form`; `form` puts them together.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from evidence_review.commands.dedup.plain import DIGITS, known, plain
from evidence_review.model.record import Citation, Name


@lru_cache(maxsize=1 << 18)
def person(family: str, given: str) -> tuple[str, str, str]:
    """Return an author's normal family name, the initials of the given names, and the first letters of both, sorted.

    "JP" is one name here: case may not tell initials from a name.
    """
    normal = _family(family)
    if not normal:
        return "", "", ""
    initials = "".join([word[0] for word in plain(given).split()])
    return normal, initials, "".join(sorted(normal[0] + initials[:1]))


# What stands for the authors of a registration: the register's name or its number.
_AT_REGISTER = re.compile(r"(?:nct|isrctn|euctr|actrn|chictr|drks|umin|jprn|ctri|irct|kct|pactr|rbr|tctr)[\d ]*")


@lru_cache(maxsize=1 << 18)
def _family(name: str) -> str:
    normal = known(plain(name))
    return "" if normal in ("et al", "others") or _AT_REGISTER.fullmatch(normal) else normal


# A place or a medium after a journal's name: Cancer (Philadelphia), Stroke (Online).
_LAST_PARENTHESIS = re.compile(r"(?<=\S)\s*\([^()]*\)\s*$")


@lru_cache(maxsize=1 << 16)
def venue(name: str) -> str:
    """Return the normal form of a journal's or proceedings' name."""
    return known(plain(_LAST_PARENTHESIS.sub("", name))).removeprefix("the ")


def number(text: str) -> str:
    """Return a volume or issue as its first number without leading zeros; "" where it has no digits."""
    if text.isascii() and text.isdigit():
        return text.lstrip("0") or "0"
    run = DIGITS.search(text)
    return (run[0].lstrip("0") or "0") if run else ""


_PAGE = re.compile(r"([a-z]*)\s*0*(\d+)(?:\s*([a-z]\d*)\b)?")
# A preface's pages; not "xx-xx", which stands for pages that are not known yet.
_ROMAN_PAGES = re.compile(r"(?:p{1,2}\.?)?(?!x+\W+x+$)([ivxlc]+)[-‐‑‒–—−]([ivxlc]+)")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def _roman(text: str) -> str:
    """Return a page in Roman numerals as r and its number, for xiv is not page 14."""
    values = [_ROMAN_VALUES[letter] for letter in text] + [0]
    return f"r{sum(-one if one < after else one for one, after in pairwise(values))}"


_USUAL_PAGES = re.compile(r"([1-9][0-9]*)(?:-([1-9][0-9]*))?")


def pages(text: str) -> tuple[str, str]:
    """Return first and last page; `288-97` gives 288 and 297, `S12-S13` gives s12 and s13, an article number itself."""
    usual = _USUAL_PAGES.fullmatch(text)
    if usual:
        first, last = usual.groups()
        return first, first[: max(len(first) - len(last), 0)] + last if last else ""
    text = unicodedata.normalize("NFKD", text).casefold().replace(" ", "")
    preface = _ROMAN_PAGES.fullmatch(text)
    if preface:
        return _roman(preface[1]), _roman(preface[2])
    if not text or known(plain(text)) == "":
        return "", ""
    parts = [part for part in re.split(r"[‐‑‒–—−\-:;,+/&]+", re.sub(r"^p{1,2}\.?(?=\d)", "", text)) if part]
    found = [_PAGE.search(part) for part in parts]
    ends = [match for match in found if match]
    if not ends:
        return "", ""
    first = ends[0][1] + ends[0][2]
    if len(ends) == 1:
        return first, ""
    head, tail = ends[0][2], ends[1][2]
    if len(tail) < len(head):
        tail = head[: len(head) - len(tail)] + tail
    return first, (ends[1][1] or ends[0][1]) + tail


_DOI = re.compile(r"10\.\d{4,9}/\S+")


def doi(text: str) -> str:
    """Return a DOI in lower case without resolver and trailing punctuation; "" where there is none."""
    found = _DOI.search(text.casefold().replace("%2f", "/"))
    return found[0].rstrip(".,;)]}>\"'") if found else ""


_AT_ARXIV = re.compile(r"(?:arxiv\W*|\babs/)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})")
_REGISTRATION = re.compile(
    r"\b(?:nct\d{8}|isrctn\d{6,8}|euctr\d{4}-\d{6}-\d\d|actrn\d{14}|chictr[-a-z]*\d{6,}|drks\d{8}|umin\d{9}|"
    r"jprn-\w+|ctri/\d{4}/\d+/\d+|irct\d+n?\d*|kct\d{7}|pactr\d{10,}|rbr-\w{5,}|tctr\d{8,})\b"
)


def arxiv(citation: Citation) -> str:
    """Return the DOI that arXiv gives to a preprint's number, whatever version of it; "" where there is no number."""
    found = _AT_ARXIV.search(f"{citation.doi} {citation.container} {citation.volume} {citation.pages}".casefold())
    return f"10.48550/arxiv.{found[1]}" if found else ""


def registration(citation: Citation) -> str:
    """Return the number of a trial's registration that a record is; "" for what was published in a place.

    Registrations have their number or address as a journal's name, and number or register as author.
    """
    if citation.volume or citation.pages:
        return ""
    found = _REGISTRATION.search(citation.container.casefold())
    for name in citation.authors if found is None else ():
        found = found or _REGISTRATION.fullmatch((name.literal or name.family).casefold())
    return found[0] if found else ""


_BETWEEN_PEOPLE = re.compile(r"\s*;\s*|\s+and\s+(?=\S+,)", re.IGNORECASE)


def _people(literal: str) -> list[tuple[str, str]]:
    """Return family and given name of a group; where it is a list in disguise, "Kelly, E and Ito, K", of each."""
    parts = _BETWEEN_PEOPLE.split(literal)
    if len(parts) == 1:
        return [(literal, "")]
    return [(family, given) for part in parts for family, _, given in [part.partition(",")]]


# Beyond this many authors a list says no more, and comparing it costs time that grows with its square.
MOST_AUTHORS = 60


def authors(names: tuple[Name, ...]) -> tuple[str, str, str, str, int]:
    """Return the parts of `Form` that are about authors: families, first_author, initials, letters, author_count."""
    people = []
    for name in names[:MOST_AUTHORS]:
        if name.family:
            people.append(person(name.family, name.given))
        else:
            people += [person(family, given) for family, given in _people(name.literal)]
    people = [one for one in people if one[0]]
    if not people:
        return "", "", "", "", 0
    families, _, letters = zip(*people, strict=True)
    return " ".join(families), people[0][0], people[0][1], " ".join(letters), len(people)


ABSTRACT_LENGTH = 400


def abstract(text: str) -> str:
    """Return the first letters of an abstract's normal form."""
    start = text[: ABSTRACT_LENGTH + 40]
    if start.isascii() and not ("&" in start or "<" in start or "\\" in start or "{" in start or "$" in start):
        # Nothing in it stands for something else, so that the beginning is enough, where it is long enough.
        short = plain(start)
        if len(short) >= ABSTRACT_LENGTH:
            return short[:ABSTRACT_LENGTH]
    return plain(text[: 2 * ABSTRACT_LENGTH])[:ABSTRACT_LENGTH]
