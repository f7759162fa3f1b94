"""PubMed's articles as citations (https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from xml.etree.ElementTree import Element

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.sources.fields import identifiers, iso_date, page_range, year_of

SERVICE = "PubMed"
_YEAR = re.compile(r"(1[5-9]\d\d|2\d\d\d)")

# A publication type → what it says about the record (model/record.py: STATUSES)
_STATUS = {
    "Preprint": "preprint", "Retracted Publication": "retracted", "Retraction of Publication": "retraction-notice",
    "Retraction Notice": "retraction-notice", "Published Erratum": "erratum", "Meeting Abstract": "abstract",
    "Clinical Trial Protocol": "protocol", "Systematic Review Protocol": "protocol",
}  # fmt: skip
# A link to another article → what it says about this one
_LINKS = {
    "RetractionIn": "retracted",
    "RetractionOf": "retraction-notice",
    "ErratumFor": "erratum",
    "UpdateOf": "update",
}
_CSL = {
    "Preprint": "article", "Dataset": "dataset", "Book": "book", "News": "article-newspaper",
    "Newspaper Article": "article-newspaper", "Technical Report": "report", "Meeting Abstract": "paper-conference",
    "Academic Dissertation": "thesis", "Webcast": "motion_picture", "Video-Audio Media": "motion_picture",
}  # fmt: skip


def _tidy(words: str) -> str:
    """Return text on one line with single spaces. Most already is, and asking is cheaper than taking it apart."""
    if "  " in words:
        return " ".join(words.split())
    # XML knows three kinds of white space in ASCII beside the space.
    if ("\n" not in words and "\t" not in words and "\r" not in words and words.isascii()) or words.isprintable():
        return words.strip()
    return " ".join(words.split())


def _all(node: Element | None) -> str:
    """Return an element's whole text, markup inside it dropped, on one line."""
    if node is None:
        return ""
    if len(node) == 0:
        return _tidy(node.text) if node.text else ""
    return _tidy("".join(node.itertext()))


def _kid(node: Element | None, tag: str) -> Element | None:
    """Return a child."""
    return None if node is None else node.find(tag)


def _kids(node: Element | None, tag: str) -> Iterable[Element]:
    """Return the children of a child."""
    found = None if node is None else node.find(tag)
    return () if found is None else found


def _at(node: Element | None, tag: str) -> str:
    """Return the text of a child, without what is marked up in it."""
    words = None if node is None else node.findtext(tag)
    return _tidy(words) if words else ""


def article(node: Element, raw: bytes, terms: tuple[str, ...] = ()) -> Parsed | Rejected:
    """Return a PubmedArticle as a citation; `terms` are those that stood in its bytes and not in the tree."""
    citation = node.find("MedlineCitation")
    pmid = _at(citation, "PMID")
    if citation is None or not pmid:
        return Rejected(0, "an article without a PMID", raw.decode("utf-8", "replace")[:2000])
    paper = citation.find("Article")
    if paper is None:
        return Rejected(0, f"PMID {pmid} has no article", raw.decode("utf-8", "replace")[:2000])
    journal, medline = paper.find("Journal"), citation.find("MedlineJournalInfo")
    issue = _kid(journal, "JournalIssue")
    date, year = _date(_kid(issue, "PubDate"), paper.find("ArticleDate"))
    ids = _ids(paper, node.find("PubmedData"))
    kinds = [_all(item) for item in _kids(paper, "PublicationTypeList")]
    names = paper.find("AuthorList")
    pages, number = _pages(paper)
    parsed = Citation(
        type=next((_CSL[kind] for kind in kinds if kind in _CSL), "article-journal"),
        title=_all(paper.find("ArticleTitle")),
        title_original=_all(paper.find("VernacularTitle")),
        container=_all(_kid(journal, "Title")),
        container_abbrev=_at(journal, "ISOAbbreviation") or _at(medline, "MedlineTA"),
        authors=_authors(names),
        authors_truncated=names is not None and names.get("CompleteYN") == "N",
        year=year,
        date=date,
        volume=_at(issue, "Volume"),
        issue=_at(issue, "Issue"),
        pages=pages,
        article_number=number,
        doi=text.doi(ids.get("doi", "")),
        pmid=pmid,
        pmcid=text.pmcid(ids.get("pmc", "")),
        other_ids=identifiers([("pii", ids.get("pii")), ("manuscript", ids.get("mid")), *_trials(paper)]),
        issn=_distinct([_at(journal, "ISSN"), _at(medline, "ISSNLinking")]),
        abstract=_abstract(paper.find("Abstract")) or _abstract(citation.find("OtherAbstract")),
        keywords=_distinct([_all(item) for words in citation.findall("KeywordList") for item in words]),
        terms=terms or _terms(citation),
        language=text.language(_at(paper, "Language")),
        place=_at(medline, "Country"),
        urls=(f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",),
        database=SERVICE,
        notes=(f"Publication types: {'; '.join(kinds)}",) if kinds else (),
        status=_status(kinds, citation),
    )
    return Parsed(parsed, raw.decode("utf-8", "replace"), native_id=pmid)


def book(node: Element, raw: bytes) -> Parsed | Rejected:
    """Return a PubmedBookArticle (a book or a chapter of one, such as GeneReviews) as a citation."""
    document = node.find("BookDocument")
    pmid = _at(document, "PMID")
    if document is None or not pmid:
        return Rejected(0, "a book article without a PMID", raw.decode("utf-8", "replace")[:2000])
    shelf = document.find("Book")
    title, whole = _all(document.find("ArticleTitle")), _all(None if shelf is None else shelf.find("BookTitle"))
    date, year = _date(None if shelf is None else shelf.find("PubDate"), None)
    ids = {item.get("IdType", ""): _all(item) for item in _kids(document, "ArticleIdList")}
    lists = [*document.findall("AuthorList"), *(() if shelf is None else shelf.findall("AuthorList"))]
    names = next((names for names in lists if names.get("Type") != "editors"), None)
    editors = next((names for names in lists if names.get("Type") == "editors"), None)
    parsed = Citation(
        type="chapter" if title and whole else "book",
        title=title or whole,
        container=whole if title else "",
        authors=_authors(names),
        editors=_authors(editors),
        year=year,
        date=date,
        doi=text.doi(ids.get("doi", "")),
        pmid=pmid,
        other_ids=identifiers([("bookaccession", ids.get("bookaccession"))]),
        isbn=tuple(_all(item) for item in _kids(document, "Book") if item.tag == "Isbn"),
        abstract=_abstract(document.find("Abstract")),
        language=text.language(_at(document, "Language")),
        publisher=_at(_kid(shelf, "Publisher"), "PublisherName"),
        place=_at(_kid(shelf, "Publisher"), "PublisherLocation"),
        urls=(f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",),
        database=SERVICE,
    )
    return Parsed(parsed, raw.decode("utf-8", "replace"), native_id=pmid)


# There are few different dates among very many articles.
_iso = lru_cache(maxsize=1 << 12)(iso_date)


def _date(published: Element | None, electronic: Element | None) -> tuple[str, int | None]:
    """Return (ISO date, year) of the issue, else of the online version; of `1998 Dec-1999 Jan` the first year."""
    for node in (published, electronic):
        if node is None:
            continue
        date = _iso(_at(node, "Year"), _at(node, "Month"), _at(node, "Day"))
        if date:
            return date, year_of(date)
        found = _YEAR.search(_at(node, "MedlineDate"))
        if found:
            return found[1], int(found[1])
    return "", None


def _authors(names: Element | None) -> tuple[Name, ...]:
    if names is None:
        return ()
    # A spelling that is not valid was corrected by PubMed: the corrected name is in the list, too.
    found = [_author(author) for author in names if author.get("ValidYN") != "N"]
    return tuple([name for name in found if name.family or name.given or name.literal])


def _author(author: Element) -> Name:
    group = author.find("CollectiveName")
    if group is not None:
        return Name(literal=_all(group))
    return Name(_at(author, "LastName"), _at(author, "ForeName") or _at(author, "Initials"), _at(author, "Suffix"))


def _ids(paper: Element, data: Element | None) -> dict[str, str]:
    """Return the article's own ids; those of its references lie deeper and are not looked at."""
    found: dict[str, str] = {}
    for item in paper.findall("ELocationID"):
        if item.get("ValidYN", "Y") == "Y":
            found.setdefault(item.get("EIdType", ""), _all(item))
    for item in _kids(data, "ArticleIdList"):
        found.setdefault(item.get("IdType", ""), _all(item))
    return found


def _pages(paper: Element) -> tuple[str, str]:
    pagination = paper.find("Pagination")
    written = _at(pagination, "MedlinePgn")
    start, end = _at(pagination, "StartPage"), _at(pagination, "EndPage")
    return page_range(written or start, "" if written else end)


def _trials(paper: Element) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for bank in _kids(paper, "DataBankList"):
        scheme = "nct" if _at(bank, "DataBankName") == "ClinicalTrials.gov" else _at(bank, "DataBankName").lower()
        found.extend((scheme, _all(item)) for item in _kids(bank, "AccessionNumberList"))
    return found


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Return what is not empty, each once, in order."""
    return tuple(dict.fromkeys(filter(None, words)))


def _abstract(node: Element | None) -> str:
    """Return an abstract, one labelled section a line."""
    if node is None:
        return ""
    lines = []
    for part in node.findall("AbstractText"):
        words = _all(part)
        label = part.get("Label", "")
        if words:
            lines.append(f"{label}: {words}" if label and label.upper() != "UNLABELLED" else words)
    return "\n".join(lines)


def _terms(citation: Element) -> tuple[str, ...]:
    return tuple(filter(None, (term(heading) for heading in _kids(citation, "MeshHeadingList"))))


def term(heading: Element) -> str:
    """Return a MeSH heading as MEDLINE writes it: `*Heading/*qualifier`, the star for a major topic."""
    return "/".join(
        [
            ("*" if item.get("MajorTopicYN") == "Y" else "") + _all(item)
            for item in heading
            if item.tag in ("DescriptorName", "QualifierName")
        ]
    )


def _status(kinds: list[str], citation: Element) -> tuple[str, ...]:
    found = [_STATUS[kind] for kind in kinds if kind in _STATUS]
    for link in _kids(citation, "CommentsCorrectionsList"):
        word = _LINKS.get(link.get("RefType", ""))
        if word:
            found.append(word)
    return tuple(dict.fromkeys(found))
