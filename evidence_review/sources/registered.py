"""What a trial register says of arms and outcomes, from a study of ClinicalTrials.gov as it was archived."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from evidence_review import text
from evidence_review.sources.base import text_of
from evidence_review.sources.bodies import dicts, inner, listed

REGISTER = "ClinicalTrials.gov"
# https://clinicaltrials.gov/data-api/about-api/study-data-structure: types of arms.
_KINDS: Mapping[str, str] = MappingProxyType(
    {"EXPERIMENTAL": "intervention"}
    | dict.fromkeys(("ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION"), "comparison")
)
_WEEKS = re.compile(r"^(?:at |after )?(?:(\d+(?:\.\d+)?) ?weeks?|week (\d+))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered trial: facts by the names that a form's `prefill` may have, for the study, each arm and outcome.

    `words` of an entry, under the name it explains, are the register's own.
    """

    nct: str
    study: Mapping[str, str]
    arms: tuple[Mapping[str, str], ...]
    outcomes: tuple[tuple[Mapping[str, str], str], ...]


def registered(raw: str) -> Registered | None:
    """Return what a record's raw text says where it is a study of ClinicalTrials.gov, else None."""
    if '"protocolSection"' not in raw[:200_000]:
        return None
    try:
        data = json.loads(raw)
    except ValueError:
        return None
    protocol = inner(data, "protocolSection")
    nct = text.nct(text_of(inner(protocol, "identificationModule").get("nctId")))
    if not nct:
        return None
    outcomes = inner(protocol, "outcomesModule")
    found = [*dicts(outcomes.get("primaryOutcomes")), *dicts(outcomes.get("secondaryOutcomes"))]
    return Registered(
        nct,
        _said(_study(protocol, nct)),
        tuple(_said(_arm(one)) for one in dicts(inner(protocol, "armsInterventionsModule").get("armGroups"))),
        tuple((_said(_outcome(one)), _line(one.get("timeFrame"))) for one in found),
    )


def _study(protocol: dict[str, Any], nct: str) -> dict[str, str]:
    design = inner(protocol, "designModule")
    enrolment = inner(design, "enrollmentInfo")
    places = [_line(one.get("country")) for one in dicts(inner(protocol, "contactsLocationsModule").get("locations"))]
    randomised = inner(design, "designInfo").get("allocation") == "RANDOMIZED"
    # How many are planned says nothing of how many took part.
    counted = randomised and enrolment.get("type") == "ACTUAL"
    return {
        "registration": nct,
        "country": "; ".join(dict.fromkeys(place for place in places if place)),
        "enrolment": text_of(enrolment.get("count")) if counted else "",
        "start": _line(inner(protocol, "statusModule", "startDateStruct").get("date")),
        "sponsor": _line(inner(protocol, "sponsorCollaboratorsModule", "leadSponsor").get("name")),
    }


def _arm(arm: dict[str, Any]) -> dict[str, str]:
    names = "; ".join(_line(name) for name in listed(arm.get("interventionNames")))
    return {
        "arm.name": _line(arm.get("label")),
        "arm.kind": _KINDS.get(text_of(arm.get("type")), ""),
        "arm.what": _line(arm.get("description")) or names,
    }


def _outcome(outcome: dict[str, Any]) -> dict[str, str]:
    weeks = _WEEKS.match(_line(outcome.get("timeFrame")))
    return {
        "outcome.measure": _line(outcome.get("measure")),
        "outcome.weeks": (weeks[1] or weeks[2]) if weeks else "",
    }


def _line(value: Any) -> str:
    return " ".join(text_of(value).split())


def _said(facts: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in facts.items() if value}
