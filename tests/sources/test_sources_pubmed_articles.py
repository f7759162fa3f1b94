"""PubMed's articles read from bytes: what is cut out before parsing changes nothing of what is read."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fake_services import article_set

from evidence_review.model.record import Citation, Parsed
from evidence_review.net.failures import Failure
from evidence_review.sources import pubmed_xml
from evidence_review.sources.pubmed_articles import articles, slices

AFFILIATION = "<AffiliationInfo><Affiliation>Here</Affiliation></AffiliationInfo>"
HEADINGS = (
    '<MeshHeadingList><MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">Humans</DescriptorName></MeshHeading>\n'
    '<MeshHeading><DescriptorName UI="D2" MajorTopicYN="Y">Nursing &amp; Care</DescriptorName>'
    '<QualifierName UI="Q1" MajorTopicYN="Y">methods</QualifierName></MeshHeading></MeshHeadingList>'
)
# A part of an article → where it is put: before this
PARTS = {
    "affiliations, two of one author": (AFFILIATION * 2, "</Author>"),
    "headings": (HEADINGS, "</MedlineCitation>"),
    "headings in a comment": (HEADINGS.replace("<MeshHeading>", "<!-- <MeshHeading> --><MeshHeading>", 1),
                              "</MedlineCitation>"),
    "a comment that ends the headings": (f"<!-- {HEADINGS} -->{HEADINGS}", "</MedlineCitation>"),
    "a heading with an attribute": (HEADINGS.replace("<MeshHeading>", '<MeshHeading Type="x">', 1),
                                    "</MedlineCitation>"),
    "no headings": ("<MeshHeadingList></MeshHeadingList>", "</MedlineCitation>"),
    "an empty heading": ("<MeshHeadingList><MeshHeading></MeshHeading></MeshHeadingList>", "</MedlineCitation>"),
    "headings before an author's affiliation": (HEADINGS, "<Article "),
    "investigators": (
        f"<InvestigatorList><Investigator><LastName>Who</LastName>{AFFILIATION}</Investigator></InvestigatorList>",
        "</MedlineCitation>",
    ),
    "chemicals and grants": (
        "<ChemicalList><Chemical><NameOfSubstance>Salt</NameOfSubstance></Chemical></ChemicalList>"
        "<GrantList><Grant><Agency>Some</Agency></Grant></GrantList>", "</MedlineCitation>",
    ),
    "history and nested references": (
        "<History><PubMedPubDate><Year>2001</Year></PubMedPubDate></History><ReferenceList><ReferenceList><Reference>"
        '<ArticleIdList><ArticleId IdType="doi">10.5555/other</ArticleId></ArticleIdList></Reference></ReferenceList>'
        "</ReferenceList>", "</PubmedData>",
    ),
    "a comment with a tag that is cut": ("<!-- <History> -->", "</PubmedData>"),
}  # fmt: skip


def streamed(body: bytes) -> list[Citation]:
    """Return the citations of a reply, read article by article."""
    return [item.citation for item in articles(io.BytesIO(body)) if isinstance(item, Parsed)]


def whole(body: bytes) -> list[Citation]:
    """Return the citations of a reply, each made of its article's whole tree."""
    found = []
    for raw in slices(io.BytesIO(body)):
        node = ElementTree.fromstring(raw)
        read = pubmed_xml.book if node.tag == "PubmedBookArticle" else pubmed_xml.article
        item = read(node, raw)
        if isinstance(item, Parsed):
            found.append(item.citation)
    return found


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("newline", ["", "\n", "\r\n    "])
def test_what_is_cut_out_before_parsing_changes_nothing(part: str, newline: str) -> None:
    """An article means the same as its whole tree, wherever the parts stand and however it is broken into lines."""
    words, before = PARTS[part]
    body = article_set([11, 12]).decode().replace(before, words + before)
    body = body.replace("><", f">{newline}<")
    assert len(streamed(body.encode())) == 2
    assert streamed(body.encode()) == whole(body.encode())


def test_headings_are_terms_in_their_order_each_time() -> None:
    """Headings that were met before are terms again, and those of two articles are not mixed up."""
    one = HEADINGS.replace("Humans", "Aged")
    body = article_set([11, 12, 13]).decode().replace("</MedlineCitation>", f"{HEADINGS}</MedlineCitation>", 2)
    body = body.replace(HEADINGS, one, 1)
    second = "*Nursing & Care/*methods"
    assert [item.terms for item in streamed(body.encode())] == [("Aged", second), ("Humans", second), ()]


def test_an_article_is_broken_where_its_headings_are() -> None:
    """A heading that is not well-formed is a failure by name, met before or not."""
    body = article_set([11]).decode().replace("</MedlineCitation>", f"{HEADINGS}</MedlineCitation>")
    for _ in range(2):
        with pytest.raises(Failure) as failure:
            streamed(body.replace("</DescriptorName>", "</Descriptor>", 1).encode())
        assert failure.value.kind == "not-xml"


@pytest.mark.parametrize(
    ("written", "title"),
    [("a  b", "a b"), ("a\tb\n c", "a b c"), (" a&#13;b ", "a b"), ("a\u2009b\u00a0", "a b"), ("é ü", "é ü")],
)
def test_white_space_in_text_is_one_space(written: str, title: str) -> None:
    """Whatever kind it is of, in ASCII and beyond."""
    body = article_set([11]).decode().replace("Partnership number <i>11</i>.", written)
    assert [item.title for item in streamed(body.encode())] == [title]


def test_a_year_of_very_many_figures_is_no_year() -> None:
    """Python refuses to make a number of them; the article is read all the same."""
    body = article_set([11]).decode().replace("<Year>2020</Year>", f"<Year>{'2' * 5000}</Year>")
    assert [(item.pmid, item.year) for item in streamed(body.encode())] == [("11", None)]


def test_every_real_article_is_read_as_its_whole_tree(corpus: Path) -> None:
    """All of the corpus: replies and exports."""
    count = 0
    for path in sorted(corpus.glob("payloads/**/*")) + sorted(corpus.glob("exports/pubmed_xml/*")):
        data = path.read_bytes() if path.is_file() else b""
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        if b"</PubmedArticleSet>" not in data:
            continue
        found = streamed(data)
        assert found == whole(data), path.name
        count += len(found)
    assert count >= 20
