"""The articles of PubMed's answer to efetch, one by one: bytes until one is whole, a small tree, and gone again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import XMLParser as PlainParser

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from evidence_review.model.record import Parsed, Rejected
from evidence_review.net.failures import Failure
from evidence_review.sources import pubmed_xml
from evidence_review.sources.pubmed_xml import SERVICE

_CHUNK = 1 << 16
_MOST_ARTICLE = 32 << 20
_TAIL = 4096
_START = re.compile(rb"<(PubmedArticle|PubmedBookArticle)[\s>]")
_AFFILIATION = (b"<AffiliationInfo>", b"</AffiliationInfo>")
# Nobody reads these here, and they are often half of an article.
_UNREAD = tuple(
    (b"<" + name, b"</" + name + b">")
    for name in (b"ReferenceList", b"History", b"InvestigatorList", b"ChemicalList", b"GrantList")
)
_HEADINGS = (b"<MeshHeadingList>", b"</MeshHeadingList>")
_HEADING = b"<MeshHeading>"


def articles(stream: BinaryIO) -> Iterator[Parsed | Rejected]:
    """Yield the articles of a PubmedArticleSet without ever holding more than one.

    Raises:
        Failure: the XML is broken or breaks off.
    """
    for raw in slices(stream):
        try:
            node, terms = _read(raw)
        except ParseError as fault:
            raise Failure("not-xml", f"{SERVICE}'s answer has a broken article ({fault})") from None
        if node.tag == "PubmedBookArticle":
            yield pubmed_xml.book(node, raw)
        else:
            yield pubmed_xml.article(node, raw, terms)


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


def _read(raw: bytes) -> tuple[Element, tuple[str, ...]]:
    """Return an article as a tree, without what nobody reads, and those of its MeSH terms that are not in the tree."""
    light, headings = _apart(raw)
    try:
        return _tree(light), tuple(filter(None, map(_term, headings)))
    except ParseError:
        # A comment that holds a tag, say: as a whole it may be well-formed.
        return _tree(raw), ()


def _tree(xml: bytes) -> Element:
    # Entities can be declared only before the root, and `slices` reads that part with defusedxml; the plain parser,
    # written in C, is twice as fast.
    parser = PlainParser()  # noqa: S314
    parser.feed(xml)
    root: Element = parser.close()
    return root


@lru_cache(maxsize=1 << 14)
def _term(heading: bytes) -> str:
    """Return a MeSH heading as a term. The same ones come again and again: a fourth of an article needs no parsing."""
    return pubmed_xml.term(_tree(heading))


def _apart(raw: bytes) -> tuple[bytes, list[bytes]]:
    """Return an article without what nobody reads and without its MeSH headings, and these.

    What is in an unusual place is left where it is.
    """
    first, last = _AFFILIATION
    start, *others = raw.split(first)
    parts = [start, *[other.partition(last)[2] for other in others]]
    end = parts.pop()
    for first, last in _UNREAD:
        end = _cut(end, first, last)[0]
    shorter, inside = _cut(end, *_HEADINGS)
    before, *headings = inside.split(_HEADING)
    if before.strip():
        return b"".join([*parts, end]), []
    return b"".join([*parts, shorter]), [_HEADING + heading.rstrip() for heading in headings]


def _cut(xml: bytes, first: bytes, last: bytes) -> tuple[bytes, bytes]:
    """Return XML without what reaches from tag `first` to tag `last`, and what stands between the two."""
    begin = xml.find(first)
    end = xml.rfind(last) if begin >= 0 else -1
    if end < begin or begin < 0:
        return xml, b""
    return xml[:begin] + xml[end + len(last) :], xml[begin + len(first) : end]
