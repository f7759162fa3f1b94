"""What a sheet shows of a record, so that a person can judge it and find it."""

from __future__ import annotations

from evidence_review.model.record import Citation

FACTS = ("title", "abstract", "year", "authors", "journal", "link", "doi")
_AUTHORS_SHOWN = 6


def facts(citation: Citation) -> list[str]:
    """Return what a person reads to judge a record, in the order of the columns."""
    return [
        citation.title or citation.title_original,
        citation.abstract,
        str(citation.year) if citation.year is not None else "",
        authors(citation),
        citation.container or citation.publisher,
        link(citation),
        citation.doi,
    ]


def authors(citation: Citation) -> str:
    """Return the first authors; long bylines are cut and say how many there are."""
    names = [name.literal or " ".join(part for part in (name.family, name.given) if part) for name in citation.authors]
    if len(names) <= _AUTHORS_SHOWN:
        return "; ".join(names) + (" et al." if citation.authors_truncated and names else "")
    return f"{'; '.join(names[: _AUTHORS_SHOWN - 1])} … ({len(names)} authors)"


def link(citation: Citation) -> str:
    """Return where a person can look the record up."""
    if citation.doi:
        return f"https://doi.org/{citation.doi}"
    if citation.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{citation.pmid}/"
    if citation.pmcid:
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{citation.pmcid}/"
    return next((url for url in citation.urls if url.startswith(("http://", "https://"))), "")
