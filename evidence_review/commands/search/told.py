"""Why a strategy misses a known item, as far as what is on disk tells: no service is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence_review.commands.search.missed import conditions, short
from evidence_review.commands.search.strategy.match import Document, finds, in_words
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.tree import Dates
from evidence_review.model.protocol import Protocol
from evidence_review.model.record import Record
from evidence_review.state.known_items import KnownFound, KnownItem

_ASK = "ask PubMed with --ask"


def of_missed(entry: KnownFound, strategy: str) -> str:
    """Return why `strategy` misses an item that no source found, in words: its title and year are all that is known."""
    item = entry.item
    reasons = [entry.reason] if entry.reason else []
    reasons += _reasons(strategy, Document(item.title, year=item.year))
    if not item.pmid:
        return "; ".join([*reasons, "add its PMID to the file, then --ask can tell more"])
    told = "its abstract and headings are not here" if item.title else "only its number is here"
    return "; ".join([*reasons, f"{told}: {_ASK}"])


def by_source(
    found: Sequence[KnownFound], records: Mapping[str, Record], protocol: Protocol, searched: Sequence[str]
) -> dict[str, dict[int, str]]:
    """Return for each of the `searched` sources why it missed what another source found, by the item's row.

    The other source's record tells title, abstract and headings. A source without a strategy in the protocol has "".
    """
    missed: dict[str, dict[int, str]] = {}
    for source in searched:
        named = next((one.strategy for one in protocol.sources if one.id == source and one.strategy), "")
        for entry in found:
            if source not in entry.by_source:
                others = [records[identifier] for ids in entry.by_source.values() for identifier in ids]
                reason = _of_record(entry.item, others, protocol.strategies[named]) if named else ""
                missed.setdefault(source, {})[entry.item.row] = reason
    return missed


def _of_record(item: KnownItem, others: Sequence[Record], strategy: str) -> str:
    best = max((record.citation for record in others), key=lambda citation: len(citation.abstract))
    keywords = tuple(word for record in others for word in (record.citation.title_original, *record.citation.keywords))
    headings = tuple(term for record in others for term in record.citation.terms)
    document = Document(best.title or item.title, best.abstract, keywords, best.year or item.year, headings)
    reasons = ["the record found elsewhere has no abstract"] if not best.abstract else []
    reasons += _reasons(strategy, document)
    return "; ".join(reasons) or "nothing on disk excludes it: the source may not hold it, or took it in later"


def _reasons(strategy: str, document: Document) -> list[str]:
    where = "its title" if document.abstract is None else "its title, abstract and keywords"
    reasons = []
    for part, wanted in conditions(parse(strategy).root):
        told = finds(part, document)
        if not wanted:
            reasons += [f"taken away by NOT {short(part)}"] if told else []
        elif isinstance(part, Dates):
            reasons += [f"published {document.year}, outside {short(part)}"] if told is False else []
        elif told is False:
            reasons.append(f"not matched by {short(part)} in {where}")
        elif told is None and document.title and in_words(part, document) is False:
            reasons.append(f"no word of {short(part)} stands in {where}")
    return reasons
