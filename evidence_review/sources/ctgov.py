"""ClinicalTrials.gov, version 2 (https://clinicaltrials.gov/data-api/api): registered studies by page token.

Tokens may not be good for long, so what is resumed late may have to begin again; the archive keeps every page.
"""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Got, Item, Page, Query, Service, Steps, made, paged, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, listed, need_list, own_words
from evidence_review.sources.fields import date_in, identifiers, people, plain, plain_line, words, year_of

SERVICE = "ClinicalTrials.gov"
PAGE = 1000


def read(reply: Reply) -> Page:
    """Read a page of studies, or a single study."""
    if reply.status == 400 and "token" in own_words(reply).lower():
        raise Failure("cursor-expired", f"{SERVICE} no longer takes the page token: {own_words(reply)}")
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "protocolSection" in data:
        return Page(made([data], record))
    items = need_list(data, SERVICE, "studies")
    total = data.get("totalCount")
    return Page(
        made(items, record),
        hits=total if isinstance(total, int) and not isinstance(total, bool) else None,
        next=text_of(data.get("nextPageToken")),
    )


def record(study: dict[str, Any]) -> Item:
    """Return a registered study as a citation."""
    protocol = inner(study, "protocolSection")
    identity, status = inner(protocol, "identificationModule"), inner(protocol, "statusModule")
    raw = json.dumps(study, ensure_ascii=False, separators=(",", ":"))
    nct = text.nct(text_of(identity.get("nctId")))
    if not nct:
        return Rejected(0, "a study without an NCT number", raw[:2000])
    description, conditions = inner(protocol, "descriptionModule"), inner(protocol, "conditionsModule")
    sponsor = plain_line(inner(protocol, "sponsorCollaboratorsModule", "leadSponsor").get("name"))
    dates = [
        inner(status, name).get("date")
        for name in ("studyFirstPostDateStruct", "studyFirstSubmitDateStruct", "startDateStruct")
    ]
    date = next(
        (found for found in map(date_in, [dates[0], status.get("studyFirstSubmitDate"), *dates[1:]]) if found), ""
    )
    official = plain_line(identity.get("officialTitle"))
    brief = plain_line(identity.get("briefTitle"))
    secondary = [(f"secondary {text_of(item.get('type')).lower()}".strip(), item.get("id"))
                 for item in dicts(identity.get("secondaryIdInfos"))]  # fmt: skip
    citation = Citation(
        type="document",
        title=brief or official,
        title_original=official if official != brief and brief else "",
        container=SERVICE,
        authors=people([Name(literal=sponsor)]),
        year=year_of(date),
        date=date,
        other_ids=identifiers([("nct", nct), ("org", inner(identity, "orgStudyIdInfo").get("id")), *secondary]),
        abstract=plain(description.get("briefSummary")),
        keywords=words([*listed(conditions.get("conditions")), *listed(conditions.get("keywords"))]),
        terms=words([text_of(item.get("term")) for part in ("conditionBrowseModule", "interventionBrowseModule")
                     for item in dicts(inner(study, "derivedSection", part).get("meshes"))]),
        language="en",
        urls=(f"https://clinicaltrials.gov/study/{nct}",),
        database=SERVICE,
        notes=_notes(protocol, status),
    )  # fmt: skip
    return Parsed(citation, raw, native_id=nct)


def _notes(protocol: dict[str, Any], status: dict[str, Any]) -> tuple[str, ...]:
    design = inner(protocol, "designModule")
    names = [
        plain_line(item.get("name")) for item in dicts(inner(protocol, "armsInterventionsModule").get("interventions"))
    ]
    phases = design.get("phases")
    facts = (
        ("Status", text_of(status.get("overallStatus"))),
        ("Study type", text_of(design.get("studyType"))),
        ("Phases", ", ".join(map(str, phases)) if isinstance(phases, list) else ""),
        ("Interventions", "; ".join(filter(None, names))),
    )
    return tuple(f"{name}: {value}" for name, value in facts if value)


def _page(query: Query, access: Access, token: str = "", size: int = PAGE, *, carries: bool = True) -> Request:
    values = [("format", "json"), ("query.term", query.text), ("pageSize", str(size)), ("countTotal", "true")]
    values += list(query.parameters)
    if query.added_since:
        values.append(("filter.advanced", f"AREA[StudyFirstPostDate]RANGE[{query.added_since},MAX]"))
    if token:
        values.append(("pageToken", token))
    return Request(access.base, "/studies", tuple(values), carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(query, access, size=1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search. Limits of publication dates are not applied: a registration is no publication."""

    def follow(got: Got, _: int) -> Request | None:
        return _page(query, access, got.next) if got.next else None

    limits = "publication dates not applied to a register" if query.published_from or query.published_to else ""
    return paged(_page(query, access), follow, limits)


SOURCE = Service(
    id="ctgov",
    name=SERVICE,
    platform="ClinicalTrials.gov (API v2)",
    home="https://clinicaltrials.gov/api/v2",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(1, 1.0, at_once=1),
    keyed_rate=Rate(1, 1.0, at_once=1),
)
