"""The front matter of articles in JATS (https://jats.nlm.nih.gov), as PubMed Central sends it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.sources.fields import identifiers, iso_date, page_range, people, year_of

_STATUS = {"correction": "erratum", "retraction": "retraction-notice", "preprint": "preprint", "abstract": "abstract"}


def articles(root: Element, database: str) -> Iterator[Parsed | Rejected]:
    """Yield the citation of every article in a set."""
    for node in root.iter("article"):
        yield article(node, database)


def _words(node: Element | None) -> str:
    return "" if node is None else " ".join("".join(node.itertext()).split())


def article(node: Element, database: str) -> Parsed | Rejected:
    """Return one article's citation."""
    meta = node.find("front/article-meta")
    if meta is None:
        return Rejected(0, "an article without front matter")
    ids = {item.get("pub-id-type", ""): _words(item) for item in meta.iterfind("article-id")}
    pmcid = text.pmcid(ids.get("pmc") or ids.get("pmcid") or ids.get("pmcaid") or "")
    dates = list(meta.iterfind("pub-date"))
    date = max(
        (iso_date(*(_words(item.find(part)) for part in ("year", "month", "day"))) for item in dates), default=""
    )
    pages, number = page_range(_words(meta.find("fpage")), _words(meta.find("lpage")))
    journal = node.find("front/journal-meta")
    kind = node.get("article-type", "")
    citation = Citation(
        type="article" if kind == "preprint" else "article-journal",
        title=_words(meta.find("title-group/article-title")),
        container=_words(None if journal is None else journal.find(".//journal-title")),
        authors=people(_authors(meta)),
        year=year_of(date),
        date=date,
        volume=_words(meta.find("volume")),
        issue=_words(meta.find("issue")),
        pages=pages,
        article_number=number or _words(meta.find("elocation-id")),
        doi=text.doi(ids.get("doi", "")),
        pmid=ids.get("pmid", ""),
        pmcid=pmcid,
        other_ids=identifiers([("publisher-id", ids.get("publisher-id"))]),
        issn=() if journal is None else tuple(dict.fromkeys(_words(item) for item in journal.iterfind("issn"))),
        abstract="\n".join(filter(None, (_words(item) for item in meta.iterfind("abstract")))),
        keywords=tuple(filter(None, (_words(item) for item in meta.iterfind("kwd-group/kwd")))),
        publisher=_words(None if journal is None else journal.find("publisher/publisher-name")),
        database=database,
        status=(_STATUS[kind],) if kind in _STATUS else (),
    )
    native = pmcid or ids.get("pmid") or ids.get("doi", "")
    return Parsed(citation, "", native_id=native) if native else Rejected(0, "an article without any identifier")


def _authors(meta: Element) -> Iterator[Name]:
    for author in meta.iterfind("contrib-group/contrib"):
        if author.get("contrib-type", "author") != "author":
            continue
        group = author.find("collab")
        if group is not None:
            yield Name(literal=_words(group))
        else:
            yield Name(
                family=_words(author.find("name/surname")),
                given=_words(author.find("name/given-names")),
                suffix=_words(author.find("name/suffix")),
            )
