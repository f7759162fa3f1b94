"""What a title says: its normal form, the numerals in it, and the kind of notice that it announces."""

from __future__ import annotations

import re
import unicodedata

from evidence_review.commands.dedup.plain import DIGITS, NOTHING, plain

# What databases write where there is no title.
_UNTITLED = NOTHING | {"no title", "no title available", "title not available", "untitled", "no title given"}
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
# One of these is in every title that has a marker; most titles have none, and need no pattern.
_STEMS = ("retract", "withdrawal", "errat", "corrige", "correction", "addendum", "vol ", "concern", "repl", "respon",
          "rejoinder", "comment", "letter", "discussion", "summary")  # fmt: skip


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
            found.extend(run.lstrip("0") or "0" for run in DIGITS.findall(word))
        before = word
    return " ".join(found)


def marker(normal_title: str) -> str:
    """Return what notice a title announces: erratum, retraction, concern, reply, summary or comment; "" for none."""
    if not any(map(normal_title.__contains__, _STEMS)) and normal_title[:3] not in ("re", "re "):
        return ""
    return next((name for name, pattern in _MARKERS if pattern.search(normal_title)), "")
