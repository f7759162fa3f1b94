"""Identifiers in their normal forms: DOI, PMID, PMCID, trial numbers, ISSN, ISBN."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from evidence_review.text.running import decode_entities

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"|{}\\^`]+", re.IGNORECASE)
# Nothing to mend: no address before it, no sign that could be a closing one after it.
_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._()-]*[A-Za-z0-9]")
_DOI_TAIL = re.compile(r"(?:/(?:full|abstract|pdf|epdf|meta|fulltext|html)|\.pdf)$", re.IGNORECASE)
_SECOND_DOI = re.compile(r"[;,](?=(?:https?:|doi:|10\.\d{4}))", re.IGNORECASE)
_OPENERS = {")": "(", "]": "[", ">": "<"}


def doi(text: str) -> str:
    """Return the first DOI in text, bare and in lower case, or "".

    Resolver and proxy are stripped, percent signs decoded, brackets balanced, closing punctuation dropped
    (https://www.crossref.org/blog/dois-and-matching-regular-expressions/).
    """
    if "10." not in text:
        return "" if "%" not in text or "10." not in unquote(text) else doi(unquote(text))
    address = "://" in text or "%2F" in text or "%2f" in text
    if "%" in text:
        text = unquote(text)
    if "&" in text and not address:
        text = decode_entities(text)
    if _PLAIN_DOI.fullmatch(text):
        return text.lower()
    match = _DOI.search(text)
    if match is None:
        return ""
    found = match.group().lower()
    if address:
        found = re.split(r"[?&#]", found, maxsplit=1)[0]
        found = _DOI_TAIL.sub("", found)
    found = _SECOND_DOI.split(found, maxsplit=1)[0]
    if "<" in found and "::" not in found:
        found = found.split("<", 1)[0]
    while found:
        last = found[-1]
        if last in ".,;:'\u2019\u201d*" or (last in _OPENERS and found.count(last) > found.count(_OPENERS[last])):
            found = found[:-1]
        else:
            break
    return found if re.fullmatch(r"10\.[\d.]+/.+", found) else ""


_PMID = re.compile(r"(?<!\d)[1-9]\d{0,8}(?!\d)")
# What a spreadsheet makes of a long number that it shows in a narrow column: `3.12E+07`.
_ROUNDED = re.compile(r"\d(?:[.,]\d*)?[eE][+]?\d+")
_PMCID = re.compile(r"PMC\s?0*([1-9]\d{0,8})(?!\d)", re.IGNORECASE)
_NCT = re.compile(r"\bNCT\s?0*(\d{8})\b", re.IGNORECASE)


def pmid(text: str) -> str:
    """Return a PubMed id as digits, or "". `PMID: 123`, `MEDLINE:123`, a pubmed address and `123.0` are understood."""
    text = text.strip()
    if text.isdecimal() and text.isascii():
        stripped = text.lstrip("0")
        return stripped if len(stripped) <= 9 else ""
    if text.endswith(".0"):
        return pmid(text[:-2])
    if "pmc" in text.lower() or "10." in text or _ROUNDED.fullmatch(text):
        return ""
    match = _PMID.search(text)
    return match.group() if match else ""


def pmcid(text: str) -> str:
    """Return a PubMed Central id as `PMC` and digits, or ""."""
    match = _PMCID.search(text)
    return f"PMC{match.group(1)}" if match else ""


def nct(text: str) -> str:
    """Return the first ClinicalTrials.gov id in text as `NCT` and eight digits, or ""."""
    match = _NCT.search(text)
    return f"NCT{match.group(1)}" if match else ""


_ISSN = re.compile(r"(?<![\dXx])(?<!\d-)(\d{4})\s?[-\u2010\u2013]?\s?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<![\dXx-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx-])")


@lru_cache(maxsize=1 << 13)
def issns(text: str) -> tuple[str, ...]:
    """Return every ISSN in text as `1234-567X`, each once."""
    return tuple(dict.fromkeys(f"{first}-{rest.upper()}" for first, rest in _ISSN.findall(text)))


@lru_cache(maxsize=1 << 13)
def isbns(text: str) -> tuple[str, ...]:
    """Return every ISBN of 10 or 13 digits in text, without hyphens, each once."""
    found = (re.sub(r"[- ]", "", match).upper() for match in _ISBN.findall(text))
    return tuple(dict.fromkeys(isbn for isbn in found if len(isbn) in (10, 13)))
