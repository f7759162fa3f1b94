"""Open copies of papers: what Unpaywall, OpenAlex and Europe PMC say of where they lie.

https://unpaywall.org/products/api (one DOI a request, an e-mail address with each); OpenAlex' `locations`
(https://developers.openalex.org/api-entities/works/work-object); Europe PMC's `fullTextUrlList` and its own XML
(https://europepmc.org/RestfulWebService).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from evidence_review import text
from evidence_review.model.events import PAGE, PDF, XML
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.pace import Rate
from evidence_review.sources import europepmc, openalex
from evidence_review.sources.base import Access, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of

# From the version that a journal published to the one that authors sent in: DRIVER's words, which all three use.
VERSIONS = ("publishedVersion", "acceptedVersion", "submittedVersion")
KINDS = (XML, PDF, PAGE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy is said to lie. `licence` and `version` are "" where the service does not know them."""

    address: str
    kind: str
    licence: str = ""
    version: str = ""


Places = Mapping[str, tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class Locator:
    """A service that knows open copies; it is asked for `batch` papers at once, by `doi:…` or `pmid:…`."""

    id: str
    name: str
    home: str
    rate: Rate
    keyed_rate: Rate
    batch: int
    schemes: tuple[str, ...]
    ask: Callable[[Access, Sequence[str]], Request]
    read: Callable[[Reply, Access], Places]
    needs_key: bool = False
    needs_email: bool = False


def _unpaywall(access: Access, names: Sequence[str]) -> Request:
    path = f"/{quote(_value(names[0]), safe='/')}"
    return Request(access.base, path, secret_params=(("email", access.email),))


def _of_unpaywall(reply: Reply, access: Access) -> Places:
    # A DOI that it does not know is an answer, not a failure.
    if reply.status == 404:
        return {}
    check_status(reply, "Unpaywall")
    data = json_of(reply, "Unpaywall")
    found = inner(data)
    places = []
    for one in dicts(found.get("oa_locations")):
        licence, version = text_of(one.get("license")), text_of(one.get("version"))
        places += [Place(text_of(one.get("url_for_pdf")), PDF, licence, version)]
        places += [Place(text_of(one.get("url_for_landing_page")), PAGE, licence, version)]
    return {f"doi:{text.doi(text_of(found.get('doi')))}": _cleaned(places)}


def _openalex(access: Access, names: Sequence[str]) -> Request:
    scheme = names[0].partition(":")[0]
    request = openalex.works(access, f"{scheme}:{'|'.join(map(_value, names))}", "*", carries=False)
    return replace(request, params=(*request.params, ("select", "id,doi,ids,locations")))


def _of_openalex(reply: Reply, access: Access) -> Places:
    openalex.read(reply)
    found: dict[str, tuple[Place, ...]] = {}
    for work in dicts(inner(json_of(reply, openalex.SERVICE)).get("results")):
        places = []
        for one in dicts(work.get("locations")):
            if one.get("is_oa") is True:
                licence, version = text_of(one.get("license")), text_of(one.get("version"))
                places += [Place(text_of(one.get("pdf_url")), PDF, licence, version)]
                places += [Place(text_of(one.get("landing_page_url")), PAGE, licence, version)]
        for name in _names(text_of(work.get("doi")), text_of(inner(work, "ids").get("pmid"))):
            found[name] = _cleaned((*found.get(name, ()), *places))
    return found


def _europepmc(access: Access, names: Sequence[str]) -> Request:
    # Quotes end a value in a query; no DOI and no PMID needs one.
    parts = [
        f"EXT_ID:{_value(name)}" if name.startswith("pmid:") else 'DOI:"{}"'.format(_value(name).replace('"', ""))
        for name in names
    ]
    values = (("query", " OR ".join(parts)), ("resultType", "core"), ("format", "json"), ("pageSize", "100"))
    return Request(access.base, "/search", values, carries=False)


def _of_europepmc(reply: Reply, access: Access) -> Places:
    europepmc.read(reply)
    found: dict[str, tuple[Place, ...]] = {}
    for one in dicts(inner(json_of(reply, europepmc.SERVICE), "resultList").get("result")):
        licence = text_of(one.get("license"))
        places = []
        if one.get("isOpenAccess") == "Y" and text.pmcid(text_of(one.get("pmcid"))):
            places.append(Place(f"{access.base}/{one['pmcid']}/fullTextXML", XML, licence))
        for link in dicts(inner(one, "fullTextUrlList").get("fullTextUrl")):
            if link.get("availabilityCode") in ("OA", "F"):
                kind = PDF if link.get("documentStyle") == "pdf" else PAGE
                places.append(Place(text_of(link.get("url")), kind, licence))
        pmid = text_of(one.get("pmid")) or (text_of(one.get("id")) if one.get("source") == "MED" else "")
        for name in _names(text_of(one.get("doi")), pmid):
            found[name] = _cleaned((*found.get(name, ()), *places))
    return found


def _value(name: str) -> str:
    return name.partition(":")[2]


def _names(doi: str, pmid: str) -> Iterable[str]:
    return [name for name in (f"doi:{text.doi(doi)}", f"pmid:{text.pmid(pmid)}") if _value(name)]


def _cleaned(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return places that have a web address, each once."""
    unique: dict[str, Place] = {}
    for place in places:
        if place.address.lower().startswith(("http://", "https://")) and not set(place.address) & set(" \t\r\n"):
            unique.setdefault(place.address, place)
    return tuple(unique.values())


def _of(source: Any, batch: int, ask: Callable[..., Request], read: Callable[..., Places]) -> Locator:
    """Return a locator that shares address, key and pace with the source of that name."""
    return Locator(
        source.id, source.name, source.home, source.rate, source.keyed_rate, batch, ("doi", "pmid"), ask, read
    )


UNPAYWALL = Locator(
    "unpaywall", "Unpaywall", "https://api.unpaywall.org/v2", Rate(5, 1.0, at_once=2), Rate(5, 1.0, at_once=2), 1,
    ("doi",), _unpaywall, _of_unpaywall, needs_email=True,
)  # fmt: skip

LOCATORS: Mapping[str, Locator] = MappingProxyType(
    {
        "unpaywall": UNPAYWALL,
        "openalex": _of(openalex.SOURCE, 50, _openalex, _of_openalex),
        "europepmc": _of(europepmc.SOURCE, 25, _europepmc, _of_europepmc),
    }
)
