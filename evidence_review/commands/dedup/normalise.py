"""The matching form of a record: plain strings to compare, never to show.

One field, one function, all pure. Case, Unicode form, markup, diacritics and punctuation are gone; a field that says
nothing ("unknown", "n/a") is empty. `match_form` puts them together.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from evidence_review.commands.dedup import collecting
from evidence_review.model.record import Citation, Name


class Form(NamedTuple):
    """What is compared of one record. Every text is normalised; "" and 0 mean unknown.

    `numbers` are the numerals of the title in order, `marker` the kind of notice its title announces ("" for a plain
    report); `families` the authors' family names in their order, `initials` those of the first author's given names,
    `letters` each author's first letters, of family and given name, sorted within the author, so that "Wu, Ching-yi"
    and "Ching-yi, Wu" are alike; `first_page` and `last_page` are expanded ("288-97" is 288 and 297); `doi` is the DOI,
    and where there is none a preprint's number at arXiv or a registration's at its register; `serials` ISSNs and ISBNs
    in order; `kind` is article, book, chapter, abstract, preprint, protocol, registration, update or notice.
    """

    title: str
    numbers: str
    marker: str
    families: str
    first_author: str
    initials: str
    letters: str
    author_count: int
    year: int
    venue: str
    volume: str
    issue: str
    first_page: str
    last_page: str
    doi: str
    pmid: str
    serials: str
    abstract: str
    kind: str


_NOTHING = frozenset(
    ("unknown", "n a", "na", "none", "null", "nan", "not available", "no pagination", "anonymous", "anon")
)
# What databases write where there is no title.
_UNTITLED = _NOTHING | {"no title", "no title available", "title not available", "untitled", "no title given"}
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,60}>")
_TEX = re.compile(r"\\([A-Za-z]+)\s?|\\[^\w\s]|[{}$\\]")
# Commands of LaTeX that stand for letters; of all others nothing is left.
_TEX_LETTERS = frozenset(
    ("alpha", "beta", "gamma", "delta", "kappa", "lambda", "mu", "omega", "ss", "ae", "oe", "o", "l")
)
# A letter that some program could not write: na?ve.
_LOST = re.compile(r"(?<=\w)[?\ufffd]+(?=\w)")
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_OUTER_BRACKETS = re.compile(r"^\s*\[(.*)\]\s*\.?\s*$", re.DOTALL)
# A translator's or indexer's remark at the end: [Chinese], [Review] [33 refs], [Erratum appears in …].
_REMARKS = re.compile(r"(?:[\s.]*\[[^\[\]]*\])+[\s.]*$")
# What a notice is, said after the title of what it is about: … [Retraction].
_NOTICE_AFTER = re.compile(
    r"^(.+?)[\s.]*\[\s*(erratum|corrigendum|correction|retraction|expression of concern)\s*\][\s.]*$",
    re.IGNORECASE | re.DOTALL,
)
# A publisher's stamp on an article that was withdrawn: it is the same article.
_STAMP = re.compile(r"^\s*\W?(?:retracted|withdrawn)(?: article)?\W?\s*:\s*", re.IGNORECASE)
_MIN_TITLE = 12
# What is longer is no title; comparing it whole would take time that grows with its square.
_LONGEST_TITLE = 2000
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "α": "alpha", "β": "beta",
     "γ": "gamma", "δ": "delta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ω": "omega", "’": None, "'": None, "ʼ": None,
     "`": None, "´": None, "‘": None, "\u00ad": None, "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None}
)  # fmt: skip

# ASCII in one step: letters lower, quotation marks away, everything else but digits a space.
_ASCII = str.maketrans(
    {chr(code): chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {"'": None, "`": None}
)

_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_SINGLE_ROMAN = {"i": "1", "v": "5", "x": "10"}
_NUMBERED = frozenset(("part", "phase", "type", "study", "chapter", "volume", "paper", "stage", "section", "grade"))
_SPELT = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
          "nine": "9", "ten": "10", "twelve": "12", "first": "1", "second": "2", "third": "3", "fourth": "4",
          "fifth": "5", "sixth": "6", "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10"}  # fmt: skip

_NUMERALS = frozenset((*_ROMAN, *_SINGLE_ROMAN, *_SPELT))

# What a title announces, in the words that publishers use for it.
_MARKERS = (
    ("retraction", re.compile(r"^(retraction|retracted article|retraction note|notice of retraction|withdrawal)\b")),
    ("erratum", re.compile(r"^(publishers? |authors? )?(erratum|errata|corrigend\w+|correction|addendum)\b")),
    ("erratum", re.compile(r"\bvol \w+ p[gp]? \w+ \d{4}$|\b(erratum|corrigendum|correction|retraction note)$")),
    ("concern", re.compile(r"^expression of concern\b")),
    ("reply", re.compile(r"^(authors? |in )?(reply|response|respons?es?|rejoinder)( (to|from|by)\b|$)")),
    ("reply", re.compile(r"\b(reply|response|rejoinder|authors? reply)$")),
    ("summary", re.compile(r"\b(executive|language|lay|patient) summary$|\bsummary for (patients|policy ?makers)$")),
    (
        "comment",
        re.compile(r"^(comments?|commentary|letter|discussion|re|editorial comment)( (on|to|regarding|about)\b|$)"),
    ),
)
_NOTICES = frozenset(("retraction", "erratum", "concern"))
# One of these is in every title that has a marker; most titles have none, and need no pattern.
_STEMS = ("retract", "withdrawal", "errat", "corrige", "correction", "addendum", "vol ", "concern", "repl", "respon",
          "rejoinder", "comment", "letter", "discussion", "summary")  # fmt: skip


def _tex_letter(found: re.Match[str]) -> str:
    return found[1].lower() if found[1] and found[1].lower() in _TEX_LETTERS else ""


def plain(text: str) -> str:
    """Return lower-case words of a text: no markup, no diacritics, no punctuation, single spaces."""
    if "&" in text:
        text = html.unescape(text).replace("&", " and ")
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text or "{" in text or "$" in text:
        text = _TEX.sub(_tex_letter, text)
    if "?" in text or "\ufffd" in text:
        text = _LOST.sub("", text)
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(text.casefold().translate(_LETTERS)))


def known(text: str) -> str:
    """Return a normalised text, "" where it says that nothing is known."""
    return "" if text in _NOTHING else text


def title(text: str) -> str:
    """Return the normal form of a title: without a translation's brackets and remarks."""
    text = text[:_LONGEST_TITLE]
    if ":" in text:
        text = _STAMP.sub("", text)
    if "]" in text:
        inner = _OUTER_BRACKETS.match(text)
        if inner and "]" not in inner[1]:
            text = inner[1]
        elif notice := _NOTICE_AFTER.match(text):
            text = f"{notice[2]}: {notice[1]}"
        else:
            shorter = _REMARKS.sub("", text)
            text = shorter if len(shorter) >= _MIN_TITLE else text
    normal = plain(text) or " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return "" if normal in _UNTITLED else normal


def numbers(normal_title: str) -> str:
    """Return the numerals of a normal title in order: digits, Roman numerals, and small numbers in words."""
    words = normal_title.split()
    if _NUMERALS.isdisjoint(words) and "".join(words).isalpha():
        return ""
    found = []
    before = ""
    for word in words:
        if word in _ROMAN:
            found.append(_ROMAN[word])
        elif word in _SINGLE_ROMAN and before in _NUMBERED:
            found.append(_SINGLE_ROMAN[word])
        elif word in _SPELT:
            found.append(_SPELT[word])
        elif not word.isalpha():
            found.extend(run.lstrip("0") or "0" for run in _DIGITS.findall(word))
        before = word
    return " ".join(found)


def marker(normal_title: str) -> str:
    """Return what notice a title announces: erratum, retraction, concern, reply, summary or comment; "" for none."""
    if not any(map(normal_title.__contains__, _STEMS)) and normal_title[:3] not in ("re", "re "):
        return ""
    return next((name for name, pattern in _MARKERS if pattern.search(normal_title)), "")


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
    run = _DIGITS.search(text)
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


_NOTICE_STATUSES = frozenset(("erratum", "retraction-notice"))
_PREPRINT = re.compile(
    r"^corr$|\b(preprint|arxiv|ssrn|medrxiv|biorxiv|psyarxiv|research square|working paper|osf preprints)\b"
)
_PREPRINT_DOI = ("10.1101/", "10.48550/", "10.2139/ssrn", "10.21203/", "10.31234/", "10.20944/", "10.31219/")
_PROTOCOL = re.compile(r"\bprotocol\b|\b(rationale and (study )?design|design and rationale)\b")


@lru_cache(maxsize=1 << 14)
def _of_preprints(normal_venue: str) -> bool:
    return bool(_PREPRINT.search(normal_venue))


def kind(citation: Citation, normal_title: str, normal_venue: str, normal_doi: str, title_marker: str) -> str:
    """Return what kind of report a record is: notice, preprint, abstract, update, protocol or article."""
    if title_marker in _NOTICES or not _NOTICE_STATUSES.isdisjoint(citation.status):
        return "notice"
    for status in citation.status and ("preprint", "abstract", "update", "protocol"):
        if status in citation.status:
            return status
    if _of_preprints(normal_venue) or normal_doi.startswith(_PREPRINT_DOI):
        return "preprint"
    if ("protocol" in normal_title or "rationale" in normal_title) and _PROTOCOL.search(normal_title):
        return "protocol"
    return citation.type if citation.type in ("book", "chapter") else "article"


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


def _serials(citation: Citation) -> str:
    both = citation.issn + citation.isbn
    return " ".join(sorted({*both})) if len(both) > 1 else "".join(both)


def match_form(citation: Citation) -> Form:
    """Return what is compared of a citation."""
    normal_title = title(citation.title)
    title_marker = marker(normal_title)
    normal_venue = venue(citation.container or citation.container_abbrev)
    normal_doi = doi(citation.doi)
    form = kind(citation, normal_title, normal_venue, normal_doi, title_marker)
    if not normal_doi and form == "preprint":
        normal_doi = arxiv(citation)
    elif not normal_doi and form == "article" and (registered := registration(citation)):
        form, normal_doi = "registration", registered
    # In the order of `Form`; a million names of fields would take a second.
    return Form(
        normal_title,
        numbers(normal_title),
        title_marker,
        *authors(citation.authors),
        citation.year or 0,
        normal_venue,
        number(citation.volume),
        number(citation.issue),
        *pages(citation.pages or citation.article_number),
        normal_doi,
        citation.pmid,
        _serials(citation),
        abstract(citation.abstract),
        form,
    )


def match_forms(citations: Iterable[Citation]) -> list[Form]:
    """Return what is compared of each citation."""
    with collecting.paused():
        return [match_form(citation) for citation in citations]
