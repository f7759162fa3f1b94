"""Trials from WHO's ICTRP search portal (https://trialsearch.who.int), as its XML download has them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from evidence_review import text
from evidence_review.formats import xml_records
from evidence_review.formats.base import Item, Text
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.xml_records import inner
from evidence_review.model.record import Name, Parsed, Rejected

_SUMMARY = (
    "Study_type", "Condition", "Intervention", "Primary_outcome", "Inclusion_Criteria", "Exclusion_Criteria", "Phase",
    "Recruitment_Status", "Target_size", "Countries",
)  # fmt: skip
_BREAK = re.compile(r"<\s*br\s*/?\s*>|\r", re.IGNORECASE)


class IctrpXml:
    """WHO ICTRP XML."""

    name = "ictrp-xml"
    label = "WHO ICTRP XML"
    suffix = ".xml"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for piece in xml_records.slices(source, "Trial", "trial"):
            try:
                node = xml_records.element(piece.raw)
            except ParseError as fault:
                yield Rejected(piece.line, xml_records.fault_words(fault), piece.raw)
                continue
            yield record(node, piece)


def _said(node: Element, *names: str) -> str:
    for name in names:
        found = inner(node.find(name))
        if found:
            return " ".join(_BREAK.sub(" ", html.unescape(found)).split())
    return ""


def record(node: Element, piece: xml_records.Slice) -> Parsed | Rejected:
    """Return one registered trial. Its summary is put together from the register's fields, each with its name."""
    number = _said(node, "TrialID", "Main_ID", "main_id")
    title = _said(node, "Public_title", "public_title")
    scientific = _said(node, "Scientific_title", "scientific_title")
    if not (number or title or scientific):
        return Rejected(piece.line, "the trial has neither a number nor a title", piece.raw)
    register = _said(node, "Source_Register", "reg_name")
    summary = [f"{name.replace('_', ' ')}: {said}" for name in _SUMMARY if (said := _said(node, name))]
    scheme = "nct" if text.nct(number) == number and number else (register.lower() or "trial")
    bag: Bag = {
        "type": ["document"],
        "title": [title or scientific],
        "title_original": [scientific] if title and scientific != title else [],
        "date": [_said(node, "Date_registration", "Date_registration3", "date_registration")],
        "abstract": [" ".join(summary)],
        "urls": [_said(node, "web_address", "url")],
        "database": [f"ICTRP ({register})" if register else "ICTRP"],
        "other_ids": [(scheme, number)],
        "trial": [_said(node, "SecondaryIDs", "Secondary_ID")],
    }
    sponsor = _said(node, "Primary_sponsor", "primary_sponsor")
    if sponsor:
        bag["names"] = [Name(literal=sponsor)]
    made, flags = citation(bag)
    trace = tuple((role, "Trial", piece.line) for role, values in bag.items() if values and any(values))
    return Parsed(made, piece.raw, piece.line, number, trace, flags)
