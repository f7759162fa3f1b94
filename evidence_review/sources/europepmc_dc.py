"""Europe PMC's Dublin Core form: a description of each result in RDF, the abstract and the journal among the terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.sources.base import Item
from evidence_review.sources.fields import abstract_of, date_in, people, plain_line, words, year_of

_NAMESPACES = ("{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}")
_PMID = re.compile(r"\bpmid:\s*(\d{1,9})\b|/MED/(\d{1,9})\b", re.IGNORECASE)


def record(
    node: Element,
    service: str,
    person: Callable[[str], Name],
    judged: Callable[[Sequence[str]], tuple[str, tuple[str, ...]]],
) -> Item:
    """Return a description as a citation.

    `person` reads a name without a comma; `judged` gives (CSL type, statuses) for the types of publication.
    """
    values: dict[str, list[str]] = {}
    for child in node:
        name = child.tag
        for namespace in _NAMESPACES:
            name = name.removeprefix(namespace)
        values.setdefault(name, []).append(" ".join((child.text or "").split()))
    about = next((value for name, value in node.attrib.items() if name.endswith("}about")), "")
    named = " ".join([*values.get("identifier", []), about])
    pmid = _PMID.search(named)
    # What "describes" a result are its types.
    kinds = [kind for written in values.get("description", []) for kind in written.split("; ") if kind]
    kind, status = judged([kind.lower() for kind in kinds])
    date = date_in(_first(values, "date"))
    citation = Citation(
        type=kind,
        title=plain_line(_first(values, "title")),
        authors=people(text.person(name) if "," in name else person(name) for name in values.get("creator", [])),
        year=year_of(date),
        date=date,
        doi=text.doi(named),
        pmid=(pmid[1] or pmid[2]) if pmid else "",
        pmcid=text.pmcid(" ".join([named, *values.get("isVersionOf", [])])),
        issn=text.issns(" ".join(part for part in values.get("isPartOf", []) if "ISSN" in part)),
        abstract=abstract_of(_first(values, "abstract")),
        keywords=words(values.get("subject", [])),
        language=text.language(_first(values, "language")),
        publisher=_first(values, "publisher"),
        database=service,
        notes=(f"Publication types: {'; '.join(dict.fromkeys(kinds))}",) if kinds else (),
        status=status,
    )
    native = about or citation.pmid or citation.doi or citation.title
    return Parsed(citation, named, native_id=native) if native else Rejected(0, "a result without identifier or title")


def _first(values: dict[str, list[str]], name: str) -> str:
    return next(iter(values.get(name, [])), "")
