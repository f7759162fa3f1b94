"""A reply of whatever service: told by the address that it came from, else by its shape, then read as that one's."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, cast

from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Page, Reader, Reads
from evidence_review.sources.bodies import dicts, inner, json_of, message_in, refuse_html

# Part of a host's name → the module that reads what it sends
_HOSTS = {
    "ncbi.nlm.nih.gov": "pubmed", "ebi.ac.uk": "europepmc", "openalex.org": "openalex",
    "clinicaltrials.gov": "ctgov", "crossref.org": "crossref", "semanticscholar.org": "semanticscholar",
    "doaj.org": "doaj", "arxiv.org": "arxiv", "ies.ed.gov": "eric", "eric.ed.gov": "eric", "core.ac.uk": "core",
    "datacite.org": "datacite", "api.biorxiv.org": "rxiv", "api.medrxiv.org": "rxiv", "elsevier.com": "scopus",
    "ieee.org": "ieee", "opencitations.net": "opencitations", "dblp.org": "dblp", "archives-ouvertes.fr": "hal",
    "zenodo.org": "zenodo", "fatcat.wiki": "fatcat",
}  # fmt: skip
# What an XML reply has in its first lines → the module
_MARKUP = (
    (rb"<(?:PubmedArticle|eSearch|eSummary|eLink|ePost|eFetch|pmc-articleset)", "pubmed"),
    (rb"<(?:responseWrapper|errorBean)", "europepmc"),
    (rb"http://www\.w3\.org/2005/Atom|arXivRaw", "arxiv"),
    (rb"crossref_result", "crossref"),
    (rb"<hits [^>]*total=", "dblp"),
)
_OBJECTS = {"rxiv": "MEDRXIV", "opencitations": "READER", "dblp": "READER", "hal": "READER", "zenodo": "READER",
            "fatcat": "READER"}  # fmt: skip


def read(reply: Reply) -> Page:
    """Read a reply as the service's whose it is; one of a service that nobody here knows is a failure."""
    module = _by_address(reply.request) or _by_shape(reply)
    service = getattr(import_module(f"evidence_review.sources.{module}"), _OBJECTS.get(module, "SOURCE"))
    return cast(Reads, service).read(reply)


def _by_address(address: str) -> str:
    found = re.match(r"(?:[A-Z]+ )?https?://([\w.-]+)", address)
    host = found[1].lower() if found else ""
    return next((module for name, module in _HOSTS.items() if host == name or host.endswith(f".{name}")), "")


def _by_shape(reply: Reply) -> str:
    refuse_html(reply, "The service")
    head = reply.head(4000)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        found = next((module for pattern, module in _MARKUP if re.search(pattern, head)), "")
    else:
        data = json_of(reply, "The service", strict=False)
        found = _by_keys(data)
        if not found and message_in(data):
            raise Failure("error-body", f"The service reports an error: {message_in(data)}")
    if not found:
        raise Failure("shape", "no service that is known here answers like this; name the service itself")
    return found


def _by_keys(data: Any) -> str:
    """Return the module of the first service whose containers a JSON reply has, "" for none."""
    if isinstance(data, list):
        first = next(iter(dicts(data)), {})
        return "opencitations" if {"citing", "cited"} & first.keys() or "citation_count" in first else (
            "semanticscholar" if "paperId" in first else ""
        )  # fmt: skip
    if not isinstance(data, dict):
        return ""
    documents = dicts(inner(data, "response").get("docs"))
    results, entries = dicts(data.get("results")), dicts(data.get("data"))
    shapes = (
        ("pubmed", "esearchresult" in data),
        ("europepmc", "resultList" in data or "hitCount" in data or data.keys() == {"version"}),
        ("ctgov", "studies" in data or "protocolSection" in data),
        ("crossref", "message-type" in data),
        ("scopus", "search-results" in data or "service-error" in data),
        ("ieee", "total_records" in data),
        ("rxiv", "collection" in data and "messages" in data),
        ("hal", any("halId_s" in item for item in documents)),
        ("eric", "response" in data),
        ("dblp", "@total" in inner(data, "result", "hits")),
        ("fatcat", "hits" in data and "_shards" in data),
        ("zenodo", "hits" in data),
        ("core", "totalHits" in data),
        ("openalex", "meta" in data and "results" in data),
        ("doaj", any("bibjson" in item for item in results) or {"results", "pageSize"} <= data.keys()),
        ("datacite", any("attributes" in item for item in entries) or "attributes" in inner(data, "data")),
        ("semanticscholar", "paperId" in data or any("paperId" in item for item in entries)),
        ("opencitations", "bindings" in inner(data, "results")),
    )
    return next((module for module, holds in shapes if holds), "")


READER = Reader("any", "Any service", read)
