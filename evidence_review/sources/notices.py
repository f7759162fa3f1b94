"""What has happened to papers since they appeared: retractions, expressions of concern, corrections.

Crossref: `filter=updates:DOI` gives the notices about a paper, each with `update-to`; the paper's own entry may name
them in `updated-by` (https://api.crossref.org/swagger-ui; the data of Retraction Watch are part of it). PubMed: the
`CommentsCorrectionsList` of a paper (https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from evidence_review import text
from evidence_review.model.events import CONCERN, CORRECTED, RETRACTED
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.pace import Rate
from evidence_review.sources import crossref, pubmed, pubmed_search
from evidence_review.sources.base import Access, text_of
from evidence_review.sources.bodies import dicts, inner, json_of, xml_of
from evidence_review.sources.fields import first, iso_date
from evidence_review.text.status import statuses

_CROSSREF_KINDS = {
    "retraction": RETRACTED, "withdrawal": RETRACTED, "removal": RETRACTED, "partial_retraction": RETRACTED,
    "expression_of_concern": CONCERN, "expression-of-concern": CONCERN, "correction": CORRECTED, "erratum": CORRECTED,
    "corrigendum": CORRECTED, "addendum": CORRECTED,
}  # fmt: skip
_PUBMED_KINDS = {
    "RetractionIn": RETRACTED, "PartialRetractionIn": RETRACTED, "RetractedandRepublishedIn": RETRACTED,
    "ExpressionOfConcernIn": CONCERN, "ErratumIn": CORRECTED, "CorrectedandRepublishedIn": CORRECTED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened: its kind, and the notice about it (a DOI or PMID) with its date, where known."""

    kind: str
    notice: str = ""
    date: str = ""


# For each paper that a reply speaks of, what happened to it; nothing for a paper that is known and unharmed.
Fates = Mapping[str, tuple[Told, ...]]


@dataclass(frozen=True, slots=True)
class Watch:
    """A service that knows of notices; it is asked for `batch` papers at once, by `doi:…` or `pmid:…`.

    Each of `asks` is one question. Papers that no answer speaks of are not known to the service.
    """

    id: str
    name: str
    home: str
    rate: Rate
    keyed_rate: Rate
    batch: int
    scheme: str
    asks: tuple[Callable[[Access, Sequence[str]], Request], ...]
    read: Callable[[Reply], Fates]
    needs_key: bool = False


def _crossref_papers(access: Access, names: Sequence[str]) -> Request:
    return _works(access, ",".join(f"doi:{_value(name)}" for name in names), len(names))


def _crossref_notices(access: Access, names: Sequence[str]) -> Request:
    return _works(access, ",".join(f"updates:{_value(name)}" for name in names), 100)


def _works(access: Access, chosen: str, rows: int) -> Request:
    mail = (("mailto", access.email),) if access.email else ()
    return Request(access.base, "/works", (("filter", chosen), ("rows", str(rows))), secret_params=mail, carries=False)


def of_crossref(reply: Reply) -> Fates:
    """Read a list of works: papers with what updates them, and notices with what they update.

    Raises:
        Failure: the reply is no list of works.
    """
    crossref.read(reply)
    found: dict[str, list[Told]] = {}
    for work in dicts(inner(json_of(reply, crossref.SERVICE), "message").get("items")):
        doi = text.doi(text_of(work.get("DOI")))
        own = found.setdefault(f"doi:{doi}", [])
        own += [_told(item, text.doi(text_of(item.get("DOI")))) for item in dicts(work.get("updated-by"))]
        if "retracted" in statuses(first(work.get("title")), "", ()):
            own.append(Told(RETRACTED))
        for item in dicts(work.get("update-to")):
            paper = text.doi(text_of(item.get("DOI")))
            if paper != doi:
                found.setdefault(f"doi:{paper}", []).append(_told(item, doi))
            elif (kind := _CROSSREF_KINDS.get(text_of(item.get("type")).lower())) is not None:
                # Retraction Watch enters some on the paper itself.
                own.append(Told(kind, "", _date(item)))
    return {name: _distinct(told) for name, told in found.items()}


def _told(item: dict[str, Any], notice: str) -> Told:
    kind = _CROSSREF_KINDS.get(text_of(item.get("type")).lower().replace(" ", "_"), "")
    return Told(kind, notice, _date(item))


def _date(item: dict[str, Any]) -> str:
    parts = inner(item, "updated").get("date-parts")
    return iso_date(*parts[0]) if isinstance(parts, list) and parts and isinstance(parts[0], list) else ""


def _pubmed(access: Access, names: Sequence[str]) -> Request:
    return pubmed_search.efetch(access, tuple(map(_value, names)), least=0)


def of_pubmed(reply: Reply) -> Fates:
    """Read articles with the notices that they name.

    Raises:
        Failure: the reply holds no articles.
    """
    pubmed.read(reply)
    found: dict[str, tuple[Told, ...]] = {}
    for article in xml_of(reply, pubmed_search.SERVICE).iter("PubmedArticle"):
        citation = article.find("MedlineCitation")
        pmid = (article.findtext("MedlineCitation/PMID") or "").strip()
        told = []
        for link in citation.iterfind("CommentsCorrectionsList/CommentsCorrections") if citation is not None else ():
            if kind := _PUBMED_KINDS.get(link.get("RefType", "")):
                notice = (link.findtext("PMID") or "").strip() or " ".join((link.findtext("RefSource") or "").split())
                told.append(Told(kind, notice))
        kinds = {(kind.text or "").strip() for kind in article.iter("PublicationType")}
        if "Retracted Publication" in kinds and not any(one.kind == RETRACTED for one in told):
            told.append(Told(RETRACTED))
        found[f"pmid:{pmid}"] = _distinct(told)
    return found


def _distinct(told: Sequence[Told]) -> tuple[Told, ...]:
    """Return each thing once; one without a notice only where no notice tells the same."""
    named = [one for one in dict.fromkeys(told) if one.kind and one.notice]
    kinds = {one.kind for one in named}
    return (*named, *(one for one in dict.fromkeys(told) if one.kind and not one.notice and one.kind not in kinds))


def _value(name: str) -> str:
    return name.partition(":")[2]


def _of(source: Any, batch: int, scheme: str, asks: tuple[Callable[..., Request], ...], read: Any) -> Watch:
    """Return a watch that shares address, key and pace with the source of that name."""
    return Watch(source.id, source.name, source.home, source.rate, source.keyed_rate, batch, scheme, asks, read)


WATCHES: Mapping[str, Watch] = MappingProxyType(
    {
        "crossref": _of(crossref.SOURCE, 20, "doi", (_crossref_papers, _crossref_notices), of_crossref),
        "pubmed": _of(pubmed.SOURCE, 100, "pmid", (_pubmed,), of_pubmed),
    }
)
