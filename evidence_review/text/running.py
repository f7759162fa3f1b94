"""Running text: one line, no markup, entities decoded; what says nothing; damaged encodings; keys for comparing."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

from evidence_review.compact_json import dumps

# Only tags that publishers put into titles and abstracts, so that "p<0.05 and n>3" stays whole. One character that is
# not a letter must follow, hence the look-ahead.
_TAG = re.compile(
    r"</?(?:jats:|mml:)?(?:i|b|u|em|strong|sub|sup|inf|sc|scp|it|bold|italic|underline|span|p|br|div|title|sec|"
    r"section|list|list-item|ul|ol|li|h[1-6]|font|a|tt|ovid:br|abstracttext|article-title|inline-formula|tex-math|"
    r"math|mrow|mi|mn|mo|msub|msup|msubsup|mfrac|msqrt|mtext|mstyle|semantics|annotation|mspace|mover|munder)"
    r"(?=[\s/>])[^<>]{0,400}>",
    re.IGNORECASE,
)
_BREAK_TAG = re.compile(r"<(?:br|p|div|li|sec|section|title|list-item|h[1-6]|ovid:br)\b", re.IGNORECASE)
# Zero-width characters, soft hyphens and controls carry no meaning in a bibliographic field.
_INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001b\u007f\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff]")
_CONTROLS = bytes((*range(32), 127))
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# UTF-8 read as Windows-1252: a lead byte's character followed by a continuation byte's.
_MOJIBAKE = re.compile(
    "[ÃÂâÅÄÐÑÎÏ][\u0080-\u009f\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
    "|Ã[\u00a0-\u00bf]|Â[\u00a0-\u00bf]|ï»¿|ï¿½|\ufffd|[\u0080-\u009f]"
)
_NULL = frozenset(
    {
        "", "na", "n/a", "n.a.", "none", "null", "nil", "nan", "unknown", "undefined", "-", "--", "---", ".", "?", "np",
        "n.pag", "n.pag.", "not available", "not_available", "not specified", "no specified",
        "not applicable", "no data available", "no abstract", "no abstract.", "no abstract available",
        "no abstract available.", "no abstract provided", "abstract not available", "abstract not available.",
        "[abstract not available]", "(no abstract available)", "[no abstract available]", "[no abstract]",
        "there is no abstract available", "no author listed", "no authors listed", "[no authors listed]",
        "no author name available", "[no author name available]",
        # Errors of a spreadsheet's formulas.
        "#n/a", "#ref!", "#name?", "#value!", "#div/0!", "#null!", "#num!",
    }
)  # fmt: skip


def clean(text: str) -> str:
    """Return text on one line: entities decoded (at most twice), known markup removed, spaces single, NFC."""
    if text.isascii() and "&" not in text and "<" not in text and "  " not in text and _printable(text):
        # Most fields of most files: nothing to do, found out without a regular expression.
        return text.strip()
    if "&" in text:
        text = decode_entities(text)
    if "<" in text:
        text = _TAG.sub(lambda tag: " " if _BREAK_TAG.match(tag.group()) else "", text)
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        text = _INVISIBLE.sub("", text)
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def _printable(text: str) -> bool:
    """Whether ASCII text has no control character: `str.isprintable`, many times faster on long text."""
    if len(dumps(text)) == len(text) + 2:
        # JSON writes a control character as several, and only DEL as it is.
        return "\x7f" not in text
    return len(text.encode("ascii").translate(None, _CONTROLS)) == len(text)


def decode_entities(text: str) -> str:
    """Return text with its HTML entities decoded, at most twice."""
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    return text


def is_null(text: str) -> bool:
    """Whether a cell says in words that it has nothing to say: empty, `NA`, `[No abstract available]`."""
    return len(text) < 34 and text.strip().lower() in _NULL


# Journals, languages, publishers and keywords come again and again; titles and abstracts hardly ever.
_SHORT = 64
_MOST_KEPT = 1 << 14


class _Said(dict[str, str]):
    """What short texts say, kept for as long as there are not too many: looked up without a call of Python's."""

    def __missing__(self, text: str) -> str:
        found = clean(text)
        if is_null(found):
            found = ""
        if len(text) < _SHORT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[text] = found
        return found


said: Callable[[str], str] = _Said().__getitem__
"""Return text on one line as `clean` does; "" where it says in words that it has nothing to say."""


def mojibake(text: str) -> bool:
    """Whether text looks as if UTF-8 had been read as Windows-1252, or has lost characters (U+FFFD)."""
    return not text.isascii() and _MOJIBAKE.search(text) is not None


def title_key(text: str) -> str:
    """Return a title for comparing: no case, accents, markup or punctuation; words by single spaces."""
    text = clean(text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.casefold()).split())
