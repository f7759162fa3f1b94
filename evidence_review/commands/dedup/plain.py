"""Plain words of a text: case, Unicode form, markup, diacritics and punctuation are gone."""

from __future__ import annotations

import html
import re
import unicodedata

NOTHING = frozenset(
    ("unknown", "n a", "na", "none", "null", "nan", "not available", "no pagination", "anonymous", "anon")
)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,60}>")
_TEX = re.compile(r"\\([A-Za-z]+)\s?|\\[^\w\s]|[{}$\\]")
# Commands of LaTeX that stand for letters; of all others nothing is left.
_TEX_LETTERS = frozenset(
    ("alpha", "beta", "gamma", "delta", "kappa", "lambda", "mu", "omega", "ss", "ae", "oe", "o", "l")
)
# A letter that some program could not write: na?ve.
_LOST = re.compile(r"(?<=\w)[?\ufffd]+(?=\w)")
_WORD = re.compile(r"[^\W_]+")
DIGITS = re.compile(r"\d+")
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "α": "alpha", "β": "beta",
     "γ": "gamma", "δ": "delta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ω": "omega", "’": None, "'": None, "ʼ": None,
     "`": None, "´": None, "‘": None, "\u00ad": None, "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None}
)  # fmt: skip
# ASCII in one step: letters lower, quotation marks away, everything else but digits a space.
_ASCII = str.maketrans(
    {chr(code): chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {"'": None, "`": None}
)


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
    return "" if text in NOTHING else text
