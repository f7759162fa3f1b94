"""A record: what one source said about one document, as it came and as we understand it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from evidence_review.model.quick import maker


@dataclass(frozen=True, slots=True)
class Name:
    """A person (`family`, with the rest where known) or a group (`literal`)."""

    family: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""

    def __str__(self) -> str:
        """`Kelly, E` for a person, the literal for a group."""
        if self.literal:
            return self.literal
        parts = [self.family, self.given, self.suffix]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Citation:
    """The bibliographic facts of a document, normalised. Unknown is the empty value, never a guess.

    `type` is a CSL type (https://docs.citationstyles.org, appendix III); `date` is ISO 8601 as precise as known
    (`2015`, `2015-12`, `2015-12-14`); `language` is BCP 47; `doi` lower case without resolver; `pmid` digits;
    `pmcid` `PMC` and digits; `other_ids` has (scheme, value) pairs such as ("embase", "L621…"), ("nct", "NCT0…").
    `status` holds words of `evidence_review.model.record.STATUSES`.
    """

    type: str = ""
    title: str = ""
    title_original: str = ""
    container: str = ""
    container_abbrev: str = ""
    authors: tuple[Name, ...] = ()
    authors_truncated: bool = False
    editors: tuple[Name, ...] = ()
    year: int | None = None
    date: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    article_number: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    other_ids: tuple[tuple[str, str], ...] = ()
    issn: tuple[str, ...] = ()
    isbn: tuple[str, ...] = ()
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    language: str = ""
    publisher: str = ""
    place: str = ""
    urls: tuple[str, ...] = ()
    database: str = ""
    notes: tuple[str, ...] = ()
    status: tuple[str, ...] = ()


STATUSES = ("preprint", "abstract", "erratum", "retracted", "retraction-notice", "update", "protocol")


@dataclass(frozen=True, slots=True)
class Record:
    """A citation with its provenance inside a review.

    `source` is the protocol's id of the source; `run` the id of the search run or loaded file that first brought the
    record; `position` its place there, from 1; `line` the first line in the file (0 where there are none); `raw` the
    record as it came, in the format `format`; `trace` says from which tag and line a field was read
    (field, tag, line); `flags` are doubts for people, such as "mojibake in title".
    """

    id: str
    source: str
    run: str
    position: int
    citation: Citation
    native_id: str = ""
    format: str = ""
    line: int = 0
    raw: str = ""
    trace: tuple[tuple[str, str, int], ...] = ()
    flags: tuple[str, ...] = ()


def short_reference(citation: Citation) -> str:
    """Return `Kelly et al. 2015`, `Anon. 2018` or `THET n.d.`, as people cite in running text."""
    authors = citation.authors
    if not authors:
        who = "Anon."
    else:
        who = authors[0].literal or authors[0].family
        if len(authors) > 2 or citation.authors_truncated:
            who += " et al."
        elif len(authors) == 2:
            who += f" and {authors[1].literal or authors[1].family}"
    return f"{who} {citation.year if citation.year is not None else 'n.d.'}"


_NAMES = ("authors", "editors")
_WORDS = ("issn", "isbn", "keywords", "terms", "urls", "notes", "status")
# Looked up once: asking a dataclass for its fields takes longer than writing a record.
_FIELDS = tuple(item.name for item in fields(Citation))
_values = attrgetter(*_FIELDS)
_name, _citation, _record = maker(Name), maker(Citation), maker(Record)


def facts_of(citation: Citation) -> dict[str, Any]:
    """Return the fields of a citation that say something, by their names and in their order."""
    return {name: value for name, value in zip(_FIELDS, _values(citation), strict=True) if value}


def citation_to_dict(citation: Citation) -> dict[str, Any]:
    """Return the JSON form of a citation: unknown fields are left out."""
    return facts_to_dict(facts_of(citation))


def facts_to_dict(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON form of a citation that is given as the fields that say something."""
    data = _named(facts)
    for name in _WORDS:
        if name in data:
            data[name] = list(data[name])
    if "other_ids" in data:
        data["other_ids"] = [list(pair) for pair in data["other_ids"]]
    return data


def _named(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with names of people as JSON has them; other tuples come out as lists anyway."""
    data = dict(facts)
    for name in _NAMES:
        if name in data:
            data[name] = [_name_to_dict(person) for person in data[name]]
    return data


def _name_to_dict(name: Name) -> dict[str, str]:
    data = {}
    if name.family:
        data["family"] = name.family
    if name.given:
        data["given"] = name.given
    if name.suffix:
        data["suffix"] = name.suffix
    if name.literal:
        data["literal"] = name.literal
    return data


def citation_from_dict(data: Mapping[str, Any]) -> Citation:
    """Return the citation of its JSON form (the inverse of `citation_to_dict`)."""
    values: dict[str, Any] = {}
    for key, value in data.items():
        if type(value) is not list:
            values[key] = value
        elif key in _NAMES:
            values[key] = tuple([_name(**name) for name in value])
        elif key == "other_ids":
            values[key] = tuple([(scheme, one) for scheme, one in value])
        else:
            values[key] = tuple(value)
    return _citation(**values)


def record_to_dict(record: Record) -> dict[str, Any]:
    """Return the JSON form of a record: one object a line in `records.jsonl`."""
    place = {"id": record.id, "source": record.source, "run": record.run, "position": record.position}
    return {**{name: value for name, value in place.items() if value}, **content_to_dict(record, record.format)}


def content_to_dict(item: Record | Parsed | Draft, format: str) -> dict[str, Any]:
    """Return what the JSON form of a record holds whatever its place in a review: what came, and what it says."""
    data: dict[str, Any] = {}
    if item.native_id:
        data["native_id"] = item.native_id
    if format:
        data["format"] = format
    if item.line:
        data["line"] = item.line
    data["citation"] = _named(facts_of(item.citation) if isinstance(item, Record) else item.facts)
    if item.trace:
        data["trace"] = item.trace
    if item.flags:
        data["flags"] = item.flags
    if item.raw:
        data["raw"] = item.raw
    return data


def record_from_dict(data: Mapping[str, Any]) -> Record:
    """Return the record of its JSON form (the inverse of `record_to_dict`)."""
    get = data.get
    trace = get("trace")
    return _record(
        id=data["id"],
        source=data["source"],
        run=data["run"],
        position=data["position"],
        citation=citation_from_dict(get("citation", {})),
        native_id=get("native_id", ""),
        format=get("format", ""),
        line=get("line", 0),
        raw=get("raw", ""),
        trace=tuple([(name, tag, line) for name, tag, line in trace]) if trace else (),
        flags=tuple(get("flags", ())),
    )


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a format or a source reads from one record start, before the review gives it an id.

    `native_id` is the source's own id ("" where it has none); the other fields are those of `Record`.
    """

    citation: Citation
    raw: str
    line: int = 0
    native_id: str = ""
    trace: tuple[tuple[str, str, int], ...] = ()
    flags: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of the citation that say something."""
        return facts_of(self.citation)


class Draft(NamedTuple):
    """A `Parsed` whose citation is not made yet: for what is written down at once, making it takes a tenth of the time.

    `facts` are the fields of the citation that say something, in its order.
    """

    facts: dict[str, Any]
    raw: str
    line: int
    native_id: str
    trace: tuple[tuple[str, str, int], ...]
    flags: tuple[str, ...]

    @property
    def citation(self) -> Citation:
        """The citation."""
        return _citation(**self.facts)

    def parsed(self) -> Parsed:
        """Return it with its citation made."""
        return Parsed(self.citation, self.raw, self.line, self.native_id, self.trace, self.flags)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record start that gave no record, and why. `line` counts from 1 in the decoded file."""

    line: int
    reason: str
    raw: str = ""
