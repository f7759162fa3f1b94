"""Replies in files, however they were recorded, packed or damaged: records, or a failure by name, never a traceback."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from fake_services import article_set, europepmc_record

from evidence_review.commands.search.parse import run

BODY = json.dumps({"version": "6.9", "hitCount": 7, "resultList": {"result": [europepmc_record(1)]}}).encode()
XML = article_set([11, 12])
PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>Down for repair</body></html>"


def exchange(**response: Any) -> bytes:
    """Return an exchange whose response has these values."""
    whole = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": BODY.decode(), **response}
    return json.dumps({"request": {"url": "https://model/?q=1"}, "response": whole}).encode()


def text64(data: bytes) -> str:
    """Return data in base64."""
    return base64.b64encode(data).decode()


# name of the file and its bytes → number of records
READ = {
    "a body": ("a.json", BODY, 1),
    "a packed body": ("a.json.gz", gzip.compress(BODY), 1),
    "a packed body that does not say so": ("a.json", gzip.compress(BODY), 1),
    "a byte order mark": ("a.json", b"\xef\xbb\xbf" + BODY, 1),
    "UTF-16": ("a.json", BODY.decode().encode("utf-16"), 1),
    "an exchange": ("a.exchange.json", exchange(), 1),
    "a packed exchange": ("a.exchange.json.gz", gzip.compress(exchange()), 1),
    "an exchange of the other shape": (
        "a.json", json.dumps({"url": "https://model", "status_code": 200, "body": BODY.decode()}).encode(), 1,
    ),
    "a body as data": ("a.exchange.json", exchange(body=json.loads(BODY)), 1),
    "a body in base64": ("a.exchange.json", exchange(body=text64(BODY), body_encoding="base64"), 1),
    "a body in base64 that does not say so": ("a.exchange.json", exchange(body=text64(BODY)), 1),
    "a body as it was sent, packed": (
        "a.exchange.json", exchange(body=text64(gzip.compress(BODY)), body_encoding="base64"), 1,
    ),
    "a body in an object": ("a.exchange.json", exchange(body={"encoding": "utf-8", "string": BODY.decode()}), 1),
    "a status in an object": ("a.exchange.json", exchange(status={"code": 200, "message": "OK"}), 1),
    "a status in words": ("a.exchange.json", exchange(status="OK"), 1),
    "headers as a list of pairs": ("a.exchange.json", exchange(headers=[["Content-Type", "application/json"]]), 1),
    "headers with several values": ("a.exchange.json", exchange(headers={"Content-Type": ["application/json"]}), 1),
    "no headers": ("a.exchange.json", exchange(headers=None), 1),
    "half a character": ("a.json", BODY.replace(b"number", b"\\ud83d half \\ud83d\\ude00 whole"), 1),
    "a count with a point": ("a.json", BODY.replace(b'"hitCount": 7', b'"hitCount": 7.0'), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_however_it_was_recorded_a_reply_is_read(name: str, tmp_path: Path) -> None:
    """The same record and the same hits come of every way in which people keep replies."""
    file, data, count = READ[name]
    path = tmp_path / file
    path.write_bytes(data)
    found = run("europepmc", [path]).data
    json.dumps(list(found["records"]), ensure_ascii=False).encode("utf-8")
    assert (len(found["records"]), found["reported_hits"]) == (count, 7)
    record = found["records"][0]
    assert (record["pmid"], record["doi"], record["year"]) == ("1", "10.5555/e.1", 2021)
    assert (record["authors"], record["abstract"]) == ([{"family": "Aalto", "given": "Bea C"}], "Aims\nWe counted.")
    assert record["title"].startswith("A partnership & its ")


# source, name of the file, its bytes → kind of failure
BROKEN = {
    "packed, broken off": ("europepmc", "a.json.gz", gzip.compress(BODY)[:60], "truncated"),
    "packed, damaged": ("europepmc", "a.gz", b"\x1f\x8b" + b"junk" * 20, "truncated"),
    "packed, changed": ("europepmc", "a.gz", gzip.compress(BODY)[:-8] + b"12345678", "truncated"),
    "packed XML, broken off": ("pubmed", "a.xml.gz", gzip.compress(XML)[:200], "truncated"),
    "base64 that is none": ("europepmc", "a.exchange.json", exchange(body="@@@", body_encoding="base64"), "truncated"),
    "base64, broken off inside": (
        "europepmc", "a.exchange.json", exchange(body=text64(gzip.compress(BODY)[:50])), "truncated",
    ),
    "an exchange without a response": ("europepmc", "a.exchange.json", b"[]", "shape"),
    "an exchange without a body": ("europepmc", "a.exchange.json", b'{"response": {"status": 200}}', "shape"),
    "an exchange with an empty body": ("europepmc", "a.exchange.json", exchange(body=None), "truncated"),
    "a server's error": ("europepmc", "a.exchange.json", exchange(status=503, body=PAGE.decode()), "server-error"),
    "too many requests": ("europepmc", "a.exchange.json", exchange(status=429, body=""), "rate-limit"),
    "nothing": ("europepmc", "a.json", b"", "truncated"),
    "depth without end": ("europepmc", "a.json", b"[" * 200_000, "not-json"),
    "objects without end": ("europepmc", "a.exchange.json", b'{"a":' * 100_000, "shape"),
    "a count without end": ("europepmc", "a.json", BODY.replace(b"7", b"1e999", 1).replace(b"6.9", b"6"), "shape"),
    "half a record": ("europepmc", "a.json", BODY.replace(b'"hitCount": 7', b'"hitCount": 7.5'), "shape"),
    "a web page": ("pubmed", "a.xml", PAGE, "html"),
    "a web page in XML": ("pubmed", "a.xml", b'<?xml version="1.0"?><html xmlns="x"><body>No</body></html>', "html"),
    "words": ("pubmed", "a.txt", b"Error: too many requests", "not-xml"),
    "entities": ("arxiv", "a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><feed>&b;</feed>', "not-xml"),
    "no table of ours": ("any", "a.json", b'{"rows": []}', "shape"),
    "an error of nobody": ("any", "a.json", b'{"error": "no such host"}', "error-body"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_is_wrong_with_it_has_a_name_and_exit_code_3(name: str, tmp_path: Path) -> None:
    """No damage is a traceback, and none is an empty result."""
    source, file, data, kind = BROKEN[name]
    path = tmp_path / file
    path.write_bytes(data)
    summary = run(source, [path])
    assert summary.exit_code == 3
    assert set(summary.data) == {"failure"}
    assert (summary.data["failure"]["kind"], summary.data["failure"]["file"]) == (kind, file)
    assert summary.data["failure"]["message"]


@pytest.mark.parametrize(
    "data",
    [XML, b"\xef\xbb\xbf" + XML, XML[XML.index(b"<PubmedArticleSet") :], gzip.compress(XML),
     XML.replace(b"?>", b' encoding="UTF-16"?>', 1).decode().encode("utf-16")],
)  # fmt: skip
def test_pubmed_articles_are_read_in_every_encoding_that_xml_allows(data: bytes, tmp_path: Path) -> None:
    """With and without declaration and byte order mark, packed or not."""
    path = tmp_path / "articles.xml"
    path.write_bytes(data)
    records = run("pubmed", [path]).data["records"]
    assert [record["pmid"] for record in records] == ["11", "12"]
    assert records[0]["abstract"] == "METHODS: We counted 11 < 12."


def test_summaries_in_json_are_records_and_those_that_failed_are_counted(tmp_path: Path) -> None:
    """ESummary version 2: each uid has its own entry, or an error."""
    entry = {
        "uid": "11", "title": "Partners &amp; others.", "pubdate": "2020 Mar", "authors": [{"name": "Aalto BC"}],
        "articleids": [{"idtype": "doi", "value": "10.5555/P.11"}], "pages": "215-20",
    }  # fmt: skip
    data = {"result": {"uids": ["11", "12"], "11": entry, "12": {"uid": "12", "error": "cannot get document summary"}}}
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    found = run("pubmed", [path]).data
    (record,) = found["records"]
    assert (record["title"], record["doi"], record["pmid"]) == ("Partners & others.", "10.5555/p.11", "11")
    assert (record["year"], record["authors"]) == (2020, [{"family": "Aalto", "given": "BC"}])
    assert found["rejected"] == [
        {"file": "summary.json", "reason": "PMID 12 has no summary: cannot get document summary"}
    ]


PAIR = {"oci": "1-2", "citing": "doi:10.5555/a pmid:5", "cited": "omid:br/06 doi:10.5555/b", "creation": "2019-03"}
OTHERS: dict[str, tuple[str, Any, tuple[Any, ...]]] = {
    "opencitations: what cites": (
        "opencitations", [PAIR, {**PAIR, "citing": "doi:10.5555/c"}], ("", "10.5555/a", "5", 2019, 2),
    ),
    "opencitations: what is cited": (
        "opencitations", [PAIR, {**PAIR, "cited": "doi:10.5555/c"}], ("", "10.5555/b", "", None, 2),
    ),
    "opencitations: Meta": (
        "opencitations",
        [{"id": "doi:10.5555/a pmid:5 omid:br/06", "title": "Partners", "author": "Aalto, Bea [omid:ra/06]; Team",
          "pub_date": "2019-03-01", "venue": "Journal [issn:1234-5678]", "page": "215-220", "type": "journal article"}],
        ("Partners", "10.5555/a", "5", 2019, 1),
    ),
    "dblp": (
        "dblp",
        {"result": {"hits": {"@total": "9", "@first": "0", "hit": [{"info": {
            "key": "journals/x/1", "title": "Partners.", "year": "2019", "doi": "10.5555/A", "venue": "CoRR",
            "authors": {"author": [{"text": "Bea Aalto 0001"}]}}}]}}},
        ("Partners", "10.5555/a", "", 2019, 9),
    ),
    "hal": (
        "hal",
        {"response": {"numFound": 4, "start": 0, "docs": [{
            "halId_s": "hal-1", "title_s": ["Partners", "Partenaires"], "authFullName_s": ["Bea Aalto"],
            "doiId_s": "10.5555/A", "publicationDateY_i": 2019, "docType_s": "ART", "pubmedId_s": "5"}]}},
        ("Partners", "10.5555/a", "5", 2019, 4),
    ),
    "zenodo": (
        "zenodo",
        {"hits": {"total": 3, "hits": [{"id": 1, "doi": "10.5555/A", "metadata": {
            "title": "Partners", "creators": [{"name": "Aalto, Bea"}], "publication_date": "2019-03-01"}}]}},
        ("Partners", "10.5555/a", "", 2019, 3),
    ),
    "fatcat": (
        "fatcat",
        {"_shards": {}, "hits": {"total": {"value": 2}, "hits": [{"_source": {
            "ident": "x", "title": "Partners", "doi": "10.5555/A", "release_year": 2019,
            "contrib_names": ["Bea Aalto"]}}]}},
        ("Partners", "10.5555/a", "", 2019, 2),
    ),
    "ieee": (
        "ieee",
        {"total_records": 8, "articles": [{
            "article_number": "1", "title": "Partners", "doi": "10.5555/A", "publication_year": 2019,
            "authors": {"authors": [{"full_name": "Bea Aalto", "author_order": 1}]}}]},
        ("Partners", "10.5555/a", "", 2019, 8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("name", OTHERS)
def test_replies_of_services_that_are_not_searched_are_read_too(name: str, known: bool, tmp_path: Path) -> None:
    """By the service's name, and by their shape alone."""
    source, data, expected = OTHERS[name]
    path = tmp_path / "reply.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    found = run(source if known or name.endswith("Meta") else "any", [path]).data
    record = found["records"][0]
    actual = (record["title"], record["doi"], record["pmid"], record["year"], found["reported_hits"])
    assert actual == expected
    if record["title"]:
        assert record["authors"][0] == {"family": "Aalto", "given": "Bea"}


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("europepmc", "<responseWrapper><hitCount>{}</hitCount><resultList/></responseWrapper>"),
        ("pubmed", "<eSearchResult><Count>{}</Count><RetStart>{}</RetStart><IdList/></eSearchResult>"),
        ("pubmed", '{{"esearchresult": {{"count": "{}", "retstart": "{}", "idlist": []}}}}'),
        ("arxiv", '<feed xmlns="http://www.w3.org/2005/Atom"><x:totalResults xmlns:x="u">{}</x:totalResults></feed>'),
        ("dblp", '<result><hits total="{}" first="{}"></hits></result>'),
        ("medrxiv", '{{"messages": [{{"status": "ok", "total": "{}", "cursor": "{}"}}], "collection": []}}'),
    ],
)
def test_a_count_of_very_many_figures_is_none(source: str, body: str, tmp_path: Path) -> None:
    """Python refuses to make a number of them; no service has so many records: the answer is not what it should be."""
    path = tmp_path / "reply"
    path.write_text(body.replace("{}", "9" * 5000).replace("{{", "{").replace("}}", "}"), encoding="utf-8")
    summary = run(source, [path])
    assert (summary.exit_code, summary.data["failure"]["kind"]) == (3, "shape")


def test_summaries_of_nothing_are_a_failure(tmp_path: Path) -> None:
    """PubMed's answer without a summary and without an error is not an empty result."""
    path = tmp_path / "summary.xml"
    path.write_text("<eSummaryResult></eSummaryResult>", encoding="utf-8")
    assert run("pubmed", [path]).data["failure"]["kind"] == "shape"
