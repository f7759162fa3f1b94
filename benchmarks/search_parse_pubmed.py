"""How fast archived PubMed articles are read, and in how much memory.

    python benchmarks/search_parse_pubmed.py [--articles 100000]

Writes an archive of efetch replies (200 articles each, gzip) to a temporary folder and reads it in a fresh process.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evidence_review.model.record import Parsed
from evidence_review.net.exchange import Reply, open_body
from evidence_review.sources import pubmed

BATCH = 200
_WORDS = """partnership hospital outcome training exchange nurses midwives safety capacity evaluation mixed methods
rural urban quality improvement cohort district referral supervision cost equity leadership surgery maternal child
""".split()  # noqa: SIM905 - shorter than a list
_LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")

# An article of some 9 KB with what real ones have: affiliations, headings, keywords, history, references.
_ARTICLE = """\
<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>
<DateCompleted><Year>2020</Year><Month>01</Month><Day>02</Day></DateCompleted><Article PubModel="Print"><Journal>
<ISSN IssnType="Print">1234-5678</ISSN><JournalIssue CitedMedium="Internet"><Volume>12</Volume><Issue>3</Issue>
<PubDate><Year>2019</Year><Month>Jun</Month></PubDate></JournalIssue><Title>Journal of {journal}</Title>
<ISOAbbreviation>J Some</ISOAbbreviation></Journal><ArticleTitle>{title} {pmid}.</ArticleTitle>
<Pagination><StartPage>101</StartPage><EndPage>109</EndPage><MedlinePgn>101-9</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/bench.{pmid}</ELocationID><Abstract>{sections}</Abstract>
<AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language><PublicationTypeList>
<PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><Country>England</Country><MedlineTA>J Some</MedlineTA><ISSNLinking>1234-5678</ISSNLinking>
</MedlineJournalInfo><MeshHeadingList>{headings}</MeshHeadingList><KeywordList Owner="NOTNLM">
<Keyword MajorTopicYN="N">{keyword}</Keyword></KeywordList></MedlineCitation><PubmedData><History>
<PubMedPubDate PubStatus="pubmed"><Year>2019</Year><Month>6</Month><Day>1</Day></PubMedPubDate></History>
<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="pmc">PMC{pmid}</ArticleId>
</ArticleIdList><ReferenceList>{references}</ReferenceList></PubmedData></PubmedArticle>"""
_AUTHOR = """\
<Author ValidYN="Y"><LastName>Family{family}</LastName><ForeName>Given {place}</ForeName><Initials>G</Initials>
<Identifier Source="ORCID">0000-0000-0000-000{place}</Identifier><AffiliationInfo><Affiliation>Department of {words},
University of Somewhere, City, Country.</Affiliation></AffiliationInfo></Author>"""
_HEADING = """\
<MeshHeading><DescriptorName UI="D00{place}" MajorTopicYN="N">{words}</DescriptorName>
<QualifierName UI="Q0{place}" MajorTopicYN="Y">methods</QualifierName></MeshHeading>"""
_SECTION = """\
<AbstractText Label="{label}" NlmCategory="{label}">{words} (p&lt;0.05, 95% CI <i>1.2</i> to 3).</AbstractText>"""
_REFERENCE = """\
<Reference><Citation>Author {place}. {words}. J Ref. 2010;1:1-2.</Citation><ArticleIdList>
<ArticleId IdType="pubmed">{place}</ArticleId></ArticleIdList></Reference>"""


def words(seed: int, count: int) -> str:
    """Return `count` words, another text for each seed."""
    return " ".join(_WORDS[(seed * 7 + place * place + place) % len(_WORDS)] for place in range(count))


def article(pmid: int) -> str:
    """Return an article."""
    authors = [_AUTHOR.format(family=(pmid + n) % 997, place=n, words=words(pmid + n, 8)) for n in range(6)]
    sections = [_SECTION.format(label=label, words=words(pmid + n, 60)) for n, label in enumerate(_LABELS)]
    return _ARTICLE.format(
        pmid=pmid,
        journal=words(pmid % 50, 3),
        title=words(pmid, 14),
        keyword=words(pmid, 2),
        authors="".join(authors),
        sections="".join(sections),
        headings="".join(_HEADING.format(place=n, words=words(pmid * n, 2)) for n in range(8)),
        references="".join(_REFERENCE.format(place=n, words=words(n, 10)) for n in range(8)),
    )


def write(folder: Path, count: int) -> int:
    """Write the archive; return how many bytes of XML it holds."""
    size = 0
    for number, start in enumerate(range(0, count, BATCH), start=1):
        body = "\n".join(article(10_000_000 + pmid) for pmid in range(start, min(start + BATCH, count)))
        data = f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n{body}\n</PubmedArticleSet>'.encode()
        size += len(data)
        (folder / f"{number:05d}.gz").write_bytes(gzip.compress(data, 6))
    return size


def replies(folder: Path) -> list[Reply]:
    """Return the archived replies."""
    return [Reply(lambda path=path: open_body(path), 200) for path in sorted(folder.glob("*.gz"))]  # type: ignore[misc]


# Articles a second at least, and MB at most.
PACE, MEMORY = 5000, 300


def measure(folder: Path) -> int:
    """Read the archive, print the pace and the peak of memory; 1 where a target was missed."""
    started, busy = time.perf_counter(), time.process_time()
    count = sum(isinstance(item, Parsed) for reply in replies(folder) for item in pubmed.read(reply).records)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count:,} articles in {seconds:.1f} s: {count / seconds:,.0f} a second "
        f"({count / busy:,.0f} in a second of processor time), peak {peak:.0f} MB"
    )
    return int(count / seconds < PACE or peak > MEMORY)


def main() -> int:
    """Write, then read in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        return measure(options.read)
    with tempfile.TemporaryDirectory() as name:
        size = write(Path(name), options.articles)
        print(f"archive: {options.articles:,} articles, {size / options.articles / 1000:.1f} KB each")
        return subprocess.run([sys.executable, __file__, "--read", name], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
