"""References as medical journals print them (Vancouver style: NLM's Citing Medicine), without any other program."""

from __future__ import annotations

import re

from evidence_review.model.record import Citation, Name

_MOST_AUTHORS = 6


def vancouver(citation: Citation) -> str:
    """Return a reference in one line: authors, title, where and when it was published, DOI or address."""
    parts = [_authors(citation), _sentence(citation.title or "[No title]")]
    if citation.container:
        parts.append(f"{_sentence(citation.container_abbrev or citation.container)} {_issue(citation)}")
    else:
        where = ": ".join(part for part in (citation.place, citation.publisher) if part)
        year = str(citation.year) if citation.year is not None else "[date unknown]"
        parts.append(f"{where}; {year}." if where else f"{year}.")
    if "preprint" in citation.status:
        parts.append("[Preprint].")
    if "retracted" in citation.status:
        parts.append("[Retracted].")
    parts.append(_address(citation))
    return " ".join(part for part in parts if part)


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


def _address(citation: Citation) -> str:
    if citation.doi:
        return f"doi:{citation.doi}"
    if citation.pmid:
        return f"PMID: {citation.pmid}"
    return citation.urls[0] if citation.urls else ""


def link(citation: Citation) -> str:
    """Return where a document is found: an http(s) address, "" where none is known."""
    if citation.doi:
        return f"https://doi.org/{citation.doi}"
    if citation.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{citation.pmid}/"
    return next((url for url in citation.urls if re.match(r"https?://[^\s\"'<>]+$", url)), "")
