"""References as medical journals print them (Vancouver style: NLM's Citing Medicine), without any other program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evidence_review.model.record import Citation, Name

_MOST_AUTHORS = 6


def vancouver(citation: Citation, letter: str = "") -> str:
    """Return a reference in one line: authors, title, where and when it was published, DOI or address.

    It needs no letter beside the year, for it is cited by its number.
    """
    del letter
    online = _online(citation)
    title = citation.title or "[No title]"
    parts = [_authors(citation), _sentence(f"{title.strip().rstrip('.')} [Internet]" if online else title)]
    where = ": ".join(part for part in (citation.place, citation.publisher) if part)
    year = str(citation.year) if citation.year is not None else "[date unknown]"
    if citation.type == "chapter" and citation.container:
        parts.append(f"In: {_sentence(citation.container)} {f'{where}; ' if where else ''}{year}.")
        parts.append(f"p. {citation.pages}." if citation.pages else "")
    elif citation.container:
        parts.append(f"{_sentence(citation.container_abbrev or citation.container)} {_issue(citation)}")
    else:
        parts.append(f"{where}; {year}." if where else f"{year}.")
    if "preprint" in citation.status:
        parts.append("[Preprint].")
    if "retracted" in citation.status:
        parts.append("[Retracted].")
    shown = address(citation)
    parts.append(f"Available from: {shown}" if online else shown)
    return " ".join(part for part in parts if part)


def _online(citation: Citation) -> bool:
    """Whether a document is known by an address on the web alone, and is no article."""
    return bool(citation.urls) and not (citation.doi or citation.pmid or citation.container)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _authors(citation: Citation) -> str:
    names = [_name(name) for name in citation.authors]
    if not names:
        return ""
    if len(names) > _MOST_AUTHORS or citation.authors_truncated:
        names = [*names[:_MOST_AUTHORS], "et al"]
    return ", ".join(names) + "."


def _name(name: Name) -> str:
    if name.literal:
        return name.literal
    initials = "".join(
        "-".join(part[:1] for part in word.split("-") if part) if not word.isupper() else word.replace("-", "")
        for word in re.sub(r"[.]", " ", name.given).split()
    ).replace("-", "")
    return " ".join(part for part in (name.family, initials, name.suffix) if part)


def _issue(citation: Citation) -> str:
    """Return `2015;11(3):48-59.` as far as it is known."""
    year = str(citation.year) if citation.year is not None else "[date unknown]"
    number = citation.volume + (f"({citation.issue})" if citation.issue else "")
    pages = citation.pages or citation.article_number
    tail = (f";{number}" if number else "") + (f":{pages}" if pages else "")
    return f"{year}{tail}."


def address(citation: Citation) -> str:
    """Return the DOI, PMID or web address as Vancouver style prints it, "" where none is known."""
    if citation.doi:
        return f"doi:{citation.doi}"
    if citation.pmid:
        return f"PubMed PMID: {citation.pmid}"
    return citation.urls[0] if citation.urls else ""


def link(citation: Citation) -> str:
    """Return where a document is found: an http(s) address, "" where none is known."""
    if citation.doi:
        return f"https://doi.org/{citation.doi}"
    if citation.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{citation.pmid}/"
    return next((url for url in citation.urls if re.match(r"https?://[^\s\"'<>]+$", url)), "")


def csl(key: str, citation: Citation) -> dict[str, Any]:
    """Return a citation as a CSL-JSON item (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html)."""
    item: dict[str, Any] = {"id": key, "type": citation.type or "document", "title": citation.title}
    if citation.authors:
        item["author"] = [{"literal": name.literal} if name.literal else _csl_name(name) for name in citation.authors]
    if citation.year is not None:
        parts = [int(part) for part in re.findall(r"\d+", citation.date)][:3] or [citation.year]
        item["issued"] = {"date-parts": [parts]}
    for name, value in (
        ("container-title", citation.container), ("container-title-short", citation.container_abbrev),
        ("volume", citation.volume), ("issue", citation.issue), ("page", citation.pages or citation.article_number),
        ("DOI", citation.doi), ("PMID", citation.pmid), ("publisher", citation.publisher),
        ("publisher-place", citation.place), ("URL", citation.urls[0] if citation.urls else ""),
    ):  # fmt: skip
        if value:
            item[name] = value
    return item


def _csl_name(name: Name) -> dict[str, str]:
    # Initials in one piece, as PubMed has them, are parted: a style would take "AB" for one name.
    given = " ".join(name.given) if re.fullmatch(r"[^\W\d_]{2,3}", name.given) and name.given.isupper() else name.given
    parts = {"family": name.family, "given": given, "suffix": name.suffix}
    return {key: value for key, value in parts.items() if value}


def _range(pages: str) -> str:
    """Return pages with the dash that APA style asks for."""
    return re.sub(r"(?<=\d)\s*-\s*(?=\d)", "\N{EN DASH}", pages)


def apa(citation: Citation, letter: str = "") -> str:
    """Return a reference in one line in the style of the APA (7th edition), as far as the facts go."""
    names = [_apa_name(name) for name in citation.authors]
    if len(names) > 20:
        names = [*names[:19], "…", names[-1]]
        who = ", ".join(names[:-2]) + f", … {names[-1]}"
    elif len(names) > 1:
        who = ", ".join(names[:-1]) + f", & {names[-1]}"
    else:
        who = "".join(names)
    year = f"({_apa_year(citation, letter)})."
    title = _sentence(citation.title or "[No title]")
    where = ""
    if citation.type == "chapter" and citation.container:
        pages = f" (pp. {_range(citation.pages)})" if citation.pages else ""
        title = f"{title} In {citation.container}{pages}."
        where = _sentence(citation.publisher) if citation.publisher else ""
    elif citation.container:
        number = citation.volume + (f"({citation.issue})" if citation.issue else "")
        pages = citation.pages or citation.article_number
        where = ", ".join(part for part in (citation.container, number, _range(pages)) if part) + "."
    elif citation.publisher:
        where = _sentence(citation.publisher)
    head = f"{_sentence(who)} {year} {title}" if who else f"{title} {year}"
    return " ".join(part for part in (head, where, link(citation)) if part)


def _apa_name(name: Name) -> str:
    if name.literal:
        return name.literal
    words = name.given.replace(".", " ").split()
    # Given names that came as initials in one piece ("JA") are parted; others give their first letter.
    parts = [letter for word in words for letter in (word if word.isupper() and "-" not in word else [word])]
    initials = " ".join("-".join(f"{part[:1]}." for part in word.split("-") if part) for word in parts)
    return ", ".join(part for part in (name.family, initials, name.suffix) if part)


def _apa_year(citation: Citation, letter: str) -> str:
    if citation.year is None:
        return f"n.d.-{letter}" if letter else "n.d."
    return f"{citation.year}{letter}"


def apa_cite(citation: Citation, letter: str = "") -> str:
    """Return `Roe & Doe, 2001` as APA style cites in the text; a title stands for authors that are not known."""
    names = [name.literal or name.family for name in citation.authors]
    year = _apa_year(citation, letter)
    if not names:
        words = (citation.title or "No title").split()
        who = f"“{' '.join(words[:4])}”"
    elif len(names) > 2 or citation.authors_truncated:
        who = f"{names[0]} et al."
    else:
        who = " & ".join(names)
    return f"{who}, {year}"


def letters(citations: Mapping[str, Citation]) -> dict[str, str]:
    """Return for each document the letter beside its year: a, b, … in the order given, "" where none is needed.

    Documents of the same authors and year need one (APA 7, section 8.19). Those whose authors are only alike when
    shortened to "et al." get one too: the style would have more of their names, but a letter misleads nobody. The
    style's own order is that of titles; here it is that of the studies, whose labels bear the same letters in tables.
    """
    alike: dict[str, list[str]] = {}
    for key, citation in citations.items():
        alike.setdefault(apa_cite(citation).casefold(), []).append(key)
    found = dict.fromkeys(citations, "")
    for keys in alike.values():
        if len(keys) > 1:
            found.update((key, _letter(place)) for place, key in enumerate(keys))
    return found


def _letter(place: int) -> str:
    """Return a, b, … z, aa, ab, …"""
    rest, last = divmod(place, 26)
    return (_letter(rest - 1) if rest else "") + chr(ord("a") + last)


@dataclass(frozen=True, slots=True)
class Style:
    """How references look: `entry` writes one, `cite` what stands for it in the text (None: its number).

    Both take the letter that tells a document from others of the same authors and year, "" where there is none.
    """

    entry: Callable[[Citation, str], str]
    cite: Callable[[Citation, str], str] | None = None


STYLES: dict[str, Style] = {"vancouver": Style(vancouver), "apa": Style(apa, apa_cite)}


def parted(text: str, citation: Citation) -> tuple[str, str]:
    """Return a reference without its address, and the address, which readers of a document follow as a link."""
    for shown in (address(citation), link(citation)):
        if shown and text.endswith(shown):
            return text.removesuffix(shown), shown
    return text, ""
