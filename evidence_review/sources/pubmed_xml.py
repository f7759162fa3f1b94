"""PubMed's articles as citations (https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/), read article by article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.failures import Failure
from evidence_review.sources.fields import identifiers, iso_date, page_range, people, year_of

SERVICE = "PubMed"
_CHUNK = 1 << 18
_MOST_ARTICLE = 32 << 20
_TAIL = 4096
_START = re.compile(rb"<(PubmedArticle|PubmedBookArticle)[\s>]")
# Nobody reads these here, and they are often half of an article: (begin, end) of each.
_UNREAD = ((b"<ReferenceList", b"</ReferenceList>"), (b"<History>", b"</History>"), (b"<GrantList", b"</GrantList>"))
_AFFILIATION = (b"<AffiliationInfo>", b"</AffiliationInfo>")
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


def articles(stream: BinaryIO) -> Iterator[Parsed | Rejected]:
    """Yield the articles of a PubmedArticleSet without ever holding more than one.

    Raises:
        Failure: the XML is broken or breaks off.
    """
    for raw in slices(stream):
        try:
            # Entities can be declared only before the root, and `slices` reads that part with defusedxml; the plain
            # parser, written in C, is twice as fast.
            try:
                node = ElementTree.fromstring(_without_unread(raw))  # noqa: S314
            except ParseError:
                node = ElementTree.fromstring(raw)  # noqa: S314
        except ParseError as fault:
            raise Failure("not-xml", f"{SERVICE}'s answer has a broken article ({fault})") from None
        yield book(node, raw) if node.tag == "PubmedBookArticle" else article(node, raw)


def slices(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of each article element, after the part before them has been checked."""
    held = b""
    checked = False
    while chunk := stream.read(_CHUNK):
        held += chunk
        place = 0
        while found := _START.search(held, place):
            if not checked:
                _check_prolog(held[: found.start()])
                checked = True
            end_tag = b"</" + found[1] + b">"
            end = held.find(end_tag, found.end())
            if end < 0:
                place = found.start()
                break
            place = end + len(end_tag)
            yield held[found.start() : place]
        # Keep what may still become an article; a start tag can lie across two chunks.
        held = held[place:] if found else held[max(place, len(held) - _TAIL) :] if checked else held
        if len(held) > _MOST_ARTICLE:
            raise Failure("too-large", f"{SERVICE}'s answer has an article of more than {_MOST_ARTICLE:,} bytes")
    if not held.rstrip().endswith(b"</PubmedArticleSet>"):
        raise Failure("truncated", f"{SERVICE}'s answer broke off in the middle of its XML")


def _without_unread(raw: bytes) -> bytes:
    """Return an article without its lists of references, dates and grants, and its authors' affiliations."""
    for first, last in _UNREAD:
        begin = raw.find(first)
        end = raw.rfind(last) + len(last)
        if 0 <= begin < end:
            raw = raw[:begin] + raw[end:]
    first, last = _AFFILIATION
    before, *others = raw.split(first)
    return before + b"".join([other.partition(last)[2] for other in others])


def _check_prolog(prolog: bytes) -> None:
    """Refuse entity declarations and encodings other than UTF-8, which slicing bytes relies on."""
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w.-]+)", prolog)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise Failure("charset", f"{SERVICE}'s XML is in {declared[1].decode('ascii')}; it always was UTF-8")
    try:
        XMLParser(forbid_dtd=False).feed(prolog)
    except DefusedXmlException as fault:
        raise Failure(
            "not-xml", f"{SERVICE}'s XML declares entities, which is refused ({type(fault).__name__})"
        ) from None
    except ParseError as fault:
        raise Failure("not-xml", f"{SERVICE}'s answer is no valid XML ({fault})") from None


def _tidy(words: str) -> str:
    """Return text on one line with single spaces. Most already is, and asking is cheaper than taking it apart."""
    return words.strip() if words.isprintable() and "  " not in words else " ".join(words.split())


def _all(node: Element | None) -> str:
    """Return an element's whole text, markup inside it dropped, on one line."""
    if node is None:
        return ""
    if len(node) == 0:
        return _tidy(node.text) if node.text else ""
    return _tidy("".join(node.itertext()))


def _kid(node: Element | None, *tags: str) -> Element | None:
    """Return the element at a path of tags. One tag at a time is found in C, a path with slashes is not."""
    for tag in tags:
        if node is None:
            return None
        node = node.find(tag)
    return node


def _kids(node: Element | None, *tags: str) -> Iterable[Element]:
    """Return the children of the element at a path of tags."""
    found = _kid(node, *tags)
    return () if found is None else found


def _at(node: Element | None, tag: str) -> str:
    """Return the text of a child, without what is marked up in it."""
    words = None if node is None else node.findtext(tag)
    return _tidy(words) if words else ""


def article(node: Element, raw: bytes) -> Parsed | Rejected:
    """Return a PubmedArticle as a citation."""
    citation = node.find("MedlineCitation")
    pmid = _at(citation, "PMID")
    if citation is None or not pmid:
        return Rejected(0, "an article without a PMID", raw.decode("utf-8", "replace")[:2000])
    paper = citation.find("Article")
    if paper is None:
        return Rejected(0, f"PMID {pmid} has no article", raw.decode("utf-8", "replace")[:2000])
    journal = paper.find("Journal")
    issue = None if journal is None else journal.find("JournalIssue")
    date, year = _date(None if issue is None else issue.find("PubDate"), paper.find("ArticleDate"))
    data = node.find("PubmedData")
    ids = _ids(paper, data)
    kinds = [_all(item) for item in _kids(paper, "PublicationTypeList")]
    names = paper.find("AuthorList")
    pages, number = _pages(paper)
    parsed = Citation(
        type=next((_CSL[kind] for kind in kinds if kind in _CSL), "article-journal"),
        title=_all(paper.find("ArticleTitle")),
        title_original=_all(paper.find("VernacularTitle")),
        container=_all(None if journal is None else journal.find("Title")),
        container_abbrev=_at(journal, "ISOAbbreviation") or _at(_kid(citation, "MedlineJournalInfo"), "MedlineTA"),
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
        issn=_issn(journal, citation),
        abstract=_abstract(paper.find("Abstract")) or _abstract(citation.find("OtherAbstract")),
        keywords=tuple(
            dict.fromkeys(filter(None, (_all(item) for words in citation.findall("KeywordList") for item in words)))
        ),
        terms=_terms(citation),
        language=text.language(_at(paper, "Language")),
        place=_at(_kid(citation, "MedlineJournalInfo"), "Country"),
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


def _date(published: Element | None, electronic: Element | None) -> tuple[str, int | None]:
    """Return (ISO date, year) of the issue, else of the online version; of `1998 Dec-1999 Jan` the first year."""
    for node in (published, electronic):
        if node is None:
            continue
        date = iso_date(_at(node, "Year"), _at(node, "Month"), _at(node, "Day"))
        if date:
            return date, year_of(date)
        found = _YEAR.search(_at(node, "MedlineDate"))
        if found:
            return found[1], int(found[1])
    return "", None


def _authors(names: Element | None) -> tuple[Name, ...]:
    if names is None:
        return ()
    found = []
    for author in names:
        if author.get("ValidYN") == "N":
            # A spelling that PubMed corrected: the corrected name is in the list, too.
            continue
        group = author.find("CollectiveName")
        if group is not None:
            found.append(Name(literal=_all(group)))
        else:
            given = _at(author, "ForeName") or _at(author, "Initials")
            found.append(Name(family=_at(author, "LastName"), given=given, suffix=_at(author, "Suffix")))
    return people(found)


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


def _issn(journal: Element | None, citation: Element) -> tuple[str, ...]:
    own = "" if journal is None else _at(journal, "ISSN")
    return tuple(dict.fromkeys(filter(None, (own, _at(_kid(citation, "MedlineJournalInfo"), "ISSNLinking")))))


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
    """Return MeSH headings as MEDLINE writes them: `*Heading/*qualifier`, the star for a major topic."""
    found = []
    for heading in _kids(citation, "MeshHeadingList"):
        parts = [
            ("*" if item.get("MajorTopicYN") == "Y" else "") + _all(item)
            for item in heading
            if item.tag in ("DescriptorName", "QualifierName")
        ]
        if parts:
            found.append("/".join(parts))
    return tuple(found)


def _status(kinds: list[str], citation: Element) -> tuple[str, ...]:
    found = [_STATUS[kind] for kind in kinds if kind in _STATUS]
    for link in _kids(citation, "CommentsCorrectionsList"):
        word = _LINKS.get(link.get("RefType", ""))
        if word:
            found.append(word)
    return tuple(dict.fromkeys(found))
