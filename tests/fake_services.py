"""Small models of real services: the same questions, the same shapes, the same limits."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import unquote

from fake_http import Answer, Asked, as_json


def article_xml(pmid: int, year: int = 2020) -> str:
    """Return a PubMed article in the shape that efetch sends."""
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID><Article '
        f'PubModel="Print"><Journal><ISSN IssnType="Print">1234-5678</ISSN><JournalIssue CitedMedium="Print"><Volume>7'
        f"</Volume><Issue>2</Issue><PubDate><Year>{year}</Year><Month>Mar</Month></PubDate></JournalIssue><Title>"
        f"Journal of Partnerships</Title><ISOAbbreviation>J Partn</ISOAbbreviation></Journal><ArticleTitle>"
        f"Partnership number <i>{pmid}</i>.</ArticleTitle><Pagination><MedlinePgn>215-20</MedlinePgn>"
        f"</Pagination><Abstract><AbstractText "
        f'Label="METHODS">We counted {pmid} &lt; {pmid + 1}.</AbstractText></Abstract><AuthorList CompleteYN="Y">'
        f'<Author ValidYN="Y"><LastName>Aalto</LastName><ForeName>B C</ForeName></Author></AuthorList><Language>'
        f"eng</Language>"
        f"<PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList></Article>"
        f'</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId '
        f'IdType="doi">10.5555/p.{pmid}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>'
    )


def article_set(pmids: list[int]) -> bytes:
    """Return an efetch reply."""
    head = (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
    )
    return (head + "\n".join(article_xml(pmid) for pmid in pmids) + "\n</PubmedArticleSet>").encode()


@dataclass
class PubMed:
    """A PubMed that holds articles by the day on which it took them in, with its cap of 9,999 ids a query."""

    added: dict[int, datetime.date]
    clamp: int = 9999
    # Hits of each question whose ids were listed to the last
    slices: list[int] = field(default_factory=list)
    _listed: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def of(count: int, first: int = 1_000_001) -> PubMed:
        """Return one with `count` articles on consecutive days."""
        start = datetime.date(2001, 1, 1)
        return PubMed({first + number: start + datetime.timedelta(days=number % 7000) for number in range(count)})

    def answer(self, asked: Asked) -> Answer:
        """Answer esearch and efetch."""
        if asked.path.endswith("/efetch.fcgi"):
            return Answer(article_set([int(pmid) for pmid in asked.values["id"].split(",")]))
        found = self._matching(asked)
        start, most = int(asked.values.get("retstart", 0)), int(asked.values.get("retmax", 20))
        if start > 9998:
            return Answer(
                b'{"header":{"type":"esearch"},"esearchresult":{"ERROR":"Search Backend failed: Exception:\n'
                b"'retstart' cannot be larger than 9998.\"}}"
            )
        ids = found[start : min(start + min(most, self.clamp), 9999)]
        slice_ = str([asked.values.get(name) for name in ("term", "mindate", "maxdate")])
        self._listed[slice_] += len(ids)
        if ids and self._listed[slice_] == len(found):
            self.slices.append(len(found))
        result = {
            "count": str(len(found)), "retmax": str(len(ids)), "retstart": str(start), "idlist": [str(i) for i in ids],
            "querytranslation": f'"{asked.values["term"]}"[All Fields]',
        }  # fmt: skip
        return as_json({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result})

    def _matching(self, asked: Asked) -> list[int]:
        found = sorted(self.added, reverse=True)
        if "mindate" in asked.values:
            begin, end = (datetime.date(*map(int, asked.values[name].split("/"))) for name in ("mindate", "maxdate"))
            found = [pmid for pmid in found if begin <= self.added[pmid] <= end]
        ranges = re.findall(r"(\d+):(\d+)\[UID\]", asked.values["term"])
        for low, high in ranges:
            found = [pmid for pmid in found if int(low) <= pmid <= int(high)]
        return found


def europepmc_record(number: int) -> dict[str, object]:
    """Return a Europe PMC result in the shape of its core type."""
    return {
        "id": str(number), "source": "MED", "pmid": str(number), "doi": f"10.5555/E.{number}",
        "title": f"A partnership &amp; its <i>number</i> {number}.", "pubYear": "2021", "language": "eng",
        "authorList": {"author": [{"fullName": "Aalto BC", "firstName": "Bea C", "lastName": "Aalto"}]},
        "journalInfo": {"volume": "3", "journal": {"title": "Journal of Partnerships", "issn": "1234-5678"}},
        "abstractText": "<h4>Aims</h4>We counted.", "pageInfo": "11-9",
    }  # fmt: skip


@dataclass
class EuropePmc:
    """A Europe PMC with a cursor."""

    records: int
    page: int = 1000

    def answer(self, asked: Asked) -> Answer:
        """Answer a page of the search."""
        cursor = asked.values["cursorMark"]
        start = 0 if cursor == "*" else int(cursor.removeprefix("AoE"))
        size = min(int(asked.values["pageSize"]), self.page)
        results = [europepmc_record(number) for number in range(start + 1, min(start + size, self.records) + 1)]
        following = f"AoE{start + len(results)}" if results else cursor
        return as_json(
            {
                "version": "6.9", "hitCount": self.records, "nextCursorMark": following,
                "request": {"queryString": asked.values["query"]}, "resultList": {"result": results},
            }
        )  # fmt: skip


@dataclass
class OpenAlex:
    """An OpenAlex whose works cite one another: `cites` maps a work's number to those it cites."""

    cites: dict[int, list[int]]
    page: int = 100

    def work(self, number: int) -> dict[str, object]:
        """Return a work in the shape that the service sends."""
        return {
            "id": f"https://openalex.org/W{number}", "doi": f"https://doi.org/10.5555/w.{number}",
            "title": f"Work {number}", "publication_year": 2019, "type": "article",
            "ids": {"openalex": f"https://openalex.org/W{number}", "pmid": f"https://pubmed.ncbi.nlm.nih.gov/{number}"},
            "authorships": [{"author": {"display_name": "Bea C Aalto"}}],
            "referenced_works": [f"https://openalex.org/W{other}" for other in self.cites[number]],
            "abstract_inverted_index": {"works": [1], "Two": [0]},
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answer:
        """Answer a page of works."""
        scheme, _, listed = asked.values["filter"].partition(":")
        wanted = listed.split("|")
        found = sorted(number for number in self.cites if self._matches(scheme, wanted, number))
        start = 0 if asked.values["cursor"] == "*" else int(asked.values["cursor"])
        size = min(int(asked.values["per_page"]), self.page)
        results = [self.work(number) for number in found[start : start + size]]
        following = str(start + size) if start + size < len(found) else None
        return as_json({"meta": {"count": len(found), "next_cursor": following}, "results": results})

    def _matches(self, scheme: str, wanted: list[str], number: int) -> bool:
        if scheme == "cites":
            return any(f"W{other}" in wanted for other in self.cites[number])
        return {"doi": f"10.5555/w.{number}", "pmid": str(number), "openalex": f"W{number}"}.get(scheme) in wanted


@dataclass
class SemanticScholar:
    """Semantic Scholar's lists: `cites` maps a paper to those it cites; `elided` do not show what they cite."""

    cites: dict[int, list[int]]
    page: int = 1000
    elided: tuple[int, ...] = ()

    def answer(self, asked: Asked) -> Answer:
        """Answer a page of references or citations."""
        name, _, what = asked.path.removeprefix("/paper/").rpartition("/")
        number = int(re.sub(r"^(DOI:10\.5555/w\.|PMID:|s2-)", "", unquote(name)) or 0) if name[-1].isdecimal() else 0
        if number not in self.cites:
            return as_json({"error": f"Paper with id {unquote(name)} not found"}, 404)
        if what == "references" and number in self.elided:
            return as_json({"data": None, "citingPaperInfo": {"title": f"Work {number}"}})
        found = self.cites[number] if what == "references" else [n for n, to in self.cites.items() if number in to]
        start = int(asked.values["offset"])
        size = min(int(asked.values["limit"]), self.page)
        side = "citedPaper" if what == "references" else "citingPaper"
        reply = {"offset": start, "data": [{side: self.paper(other)} for other in found[start : start + size]]}
        return as_json(reply | ({"next": start + size} if start + size < len(found) else {}))

    @staticmethod
    def paper(number: int) -> dict[str, object]:
        """Return a paper; one above 900 was never matched and has a title alone."""
        if number > 900:
            return {"paperId": None, "title": f"Unmatched {number}"}
        return {
            "paperId": f"s2-{number}", "externalIds": {"DOI": f"10.5555/W.{number}", "PubMed": str(number)},
            "title": f"Work {number}", "year": 2019, "authors": [{"name": "Bea C Aalto"}],
        }  # fmt: skip


@dataclass
class OpenCitations:
    """OpenCitations: pairs of the Index, and Meta, which does not know the `nameless`."""

    cites: dict[int, list[int]]
    nameless: tuple[int, ...] = ()
    meta: bool = True

    def answer(self, asked: Asked) -> Answer:
        """Answer a list of pairs, or the metadata of some documents."""
        path = unquote(asked.path)
        if path.startswith("/meta/v1/metadata/"):
            numbers = [int(name.rpartition(".")[2]) for name in path.removeprefix("/meta/v1/metadata/").split("__")]
            known = [self.document(number) for number in numbers if number not in self.nameless]
            return as_json(known) if self.meta else Answer(b"gone", 404)
        what, name = path.removeprefix("/index/v2/").split("/", 1)
        number = int(name.rpartition("." if name.startswith("doi") else ":")[2]) if name[-1].isdecimal() else 0
        back = what == "references"
        found = self.cites.get(number, []) if back else [n for n, to in self.cites.items() if number in to]
        pairs = [((number, other) if back else (other, number)) for other in found]
        return as_json([{"oci": f"{a}-{b}", "citing": self.name(a), "cited": self.name(b)} for a, b in pairs])

    @staticmethod
    def name(number: int) -> str:
        """Return how the Index writes a document."""
        return f"omid:br/06{number} doi:10.5555/w.{number} pmid:{number}"

    def document(self, number: int) -> dict[str, str]:
        """Return how Meta writes a document."""
        return {
            "id": self.name(number), "title": f"Work {number}", "pub_date": "2019-03", "type": "journal article",
            "author": "Aalto, Bea C [orcid:0000-0001-0000-0000 omid:ra/1]; Berg, D. [omid:ra/2]", "page": "11-19",
            "venue": "Journal Of Partnerships [issn:1234-5679 omid:br/9]", "volume": "3", "issue": "1",
        }  # fmt: skip


@dataclass
class EuropePmcCitations:
    """Europe PMC's lists and its search by identifiers; a cited number above 900 stands for no document of its own."""

    cites: dict[int, list[int]]
    page: int = 1000

    def answer(self, asked: Asked) -> Answer:
        """Answer a look-up or a page of a list."""
        if asked.path.startswith("/search"):
            query = asked.values["query"]
            pairs = re.findall(r"EXT_ID:(\d+)|DOI:\"10\.5555/w\.(\d+)\"", query)
            wanted = [int(one or other) for one, other in pairs]
            found = [self.document(number) for number in dict.fromkeys(wanted) if number in self.cites]
            return as_json(
                {"hitCount": len(found), "nextCursorMark": "*", "request": {"queryString": query},
                 "resultList": {"result": found}}
            )  # fmt: skip
        _, _, number, what = asked.path.split("/")
        back = what == "references"
        found = self.cites[int(number)] if back else [n for n, to in self.cites.items() if int(number) in to]
        start = (int(asked.values["page"]) - 1) * self.page
        entries = [self.entry(other) for other in found[start : start + self.page]]
        outer, within = ("referenceList", "reference") if back else ("citationList", "citation")
        return as_json({"version": "6.9", "hitCount": len(found), outer: {within: entries}})

    @staticmethod
    def document(number: int) -> dict[str, object]:
        """Return a document whole."""
        return europepmc_record(number) | {"doi": f"10.5555/w.{number}", "title": f"Work {number}"}

    @staticmethod
    def entry(number: int) -> dict[str, object]:
        """Return a document as a list has it."""
        told = {"title": f"Work {number}", "authorString": "Aalto BC, Berg D.", "pubYear": 2019, "citedOrder": 1}
        return told if number > 900 else told | {"id": str(number), "source": "MED", "match": "Y"}
