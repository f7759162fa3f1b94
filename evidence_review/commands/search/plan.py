"""Which searches the protocol asks for: source by source, the strategy, its translation, its limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from evidence_review import text
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.translate import TARGETS, translate
from evidence_review.commands.search.strategy.translate.base import EXACT
from evidence_review.errors import InputError, Problem, UsageError, suggest
from evidence_review.model import protocol as protocols
from evidence_review.model.protocol import Limits, Protocol
from evidence_review.sources import find, names
from evidence_review.sources.base import Access, Found, Query, Source, Steps
from evidence_review.sources.languages import KNOWN
from evidence_review.workspace.protocol_file import PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Search:
    """One search: the protocol's `source`, the `service` that answers it, the strategy and what becomes of it there.

    `losses` says, term by term, what the translation changed; `limits` are the source's own, `planned`
    those of the whole protocol.
    """

    source: protocols.Source
    service: Source
    strategy: str
    queries: tuple[Query, ...]
    losses: tuple[str, ...]
    limits: str
    planned: Limits


def plan(protocol: Protocol, only: Iterable[str] = (), since: str = "") -> tuple[Search, ...]:
    """Return the searches of every source that the program searches itself, or of those named in `only`.

    Raises:
        UsageError: a named source is not in the protocol, or is not searched by the program.
        InputError: the protocol names a source that the program cannot search, or a strategy is still to be written.
    """
    searched = [source for source in protocol.sources if source.via == "api"]
    wanted = list(only)
    for name in wanted:
        if name not in {source.id for source in searched}:
            raise UsageError(
                f"'{name}' is no source of this protocol with 'via: api'. "
                + (suggest(name, [source.id for source in searched]) or "The protocol has none.")
            )
    problems = []
    found = []
    for source in searched:
        if wanted and source.id not in wanted:
            continue
        service = service_of(source)
        if service is None:
            problems.append(
                Problem(
                    f"sources.{source.id}",
                    "the program cannot search this source itself",
                    f"{suggest(source.id, names())} Or write 'via: file' and load an export.",
                )
            )
            continue
        if PLACEHOLDER in protocol.strategies.get(source.strategy or "", ""):
            problems.append(
                Problem(f"strategies.{source.strategy}", "still to be filled in", "Write it in PubMed syntax.")
            )
            continue
        found.append(_search(protocol, source, service, since))
    if problems:
        raise InputError("Nothing was searched.", problems)
    return tuple(found)


def service_of(source: protocols.Source) -> Source | None:
    """Return the service that a source of the protocol means by its id, platform or name."""
    for word in (source.id, source.format, source.platform, source.name, source.id.split("-")[0]):
        found = find(word.strip().replace(" ", "")) if word else None
        if found is not None:
            return found
    return None


def _search(protocol: Protocol, source: protocols.Source, service: Source, since: str) -> Search:
    strategy = protocol.strategies.get(source.strategy or "", "").strip()
    limits = protocol.limits
    spoken = _languages(protocol) if service.limits_language else ()
    dates = Query("", (), limits.published_from, limits.published_to, since, spoken)
    queries, losses = translated(strategy, service.target or service.id, dates, protocol.headings)
    return Search(source, service, strategy, queries, losses, source.limits, limits)


def _languages(protocol: Protocol) -> tuple[str, ...]:
    """Return the codes of the protocol's languages.

    Raises:
        InputError: one is none that the sources know.
    """
    found = []
    for written in protocol.limits.languages:
        code = text.language(written).split("-")[0]
        if code not in KNOWN:
            raise InputError(
                f"limits.languages: '{written}' is no language that the sources can be limited to. "
                f"{suggest(written, [name for _, name in KNOWN.values()])} Write its English name, or its code: en."
            )
        found.append(code)
    return tuple(dict.fromkeys(found))


def translated(
    strategy: str, target: str, dates: Query, headings: Mapping[str, Sequence[str]] | None = None
) -> tuple[tuple[Query, ...], tuple[str, ...]]:
    """Return a PubMed strategy in a source's own syntax, and what the translation changed, term by term.

    `headings` has the words that the protocol gives for a heading.

    A source that refuses long queries may get several, which find the same between them. A source that no translation
    is known for gets the strategy as it stands.

    Raises:
        InputError: nothing of the strategy can be searched in that source.
    """
    if target not in TARGETS:
        return (replace(dates, text=strategy),), (
            "sent as it stands: no translation into this source's syntax is known",
        )
    translation = translate(parse(strategy), target, headings)
    texts = translation.queries or ((translation.query,) if translation.query else ())
    if not texts:
        words = "; ".join(translation.notes) or "Nothing of this strategy can be searched there."
        raise InputError(f"{target}: {words} See 'evidence-review search translate'.")
    beside = tuple(translation.parameters.items())
    losses = [f"{row.outcome}: {row.text} ({row.why})" for row in translation.rows if row.outcome != EXACT]
    return tuple(replace(dates, text=text, parameters=beside) for text in texts), (*losses, *translation.notes)


def shown(queries: Iterable[Query]) -> str:
    """Return queries as the run's record holds them: one a paragraph, with what was set beside them."""
    parts = []
    for query in queries:
        beside = "".join(f" [{name}={value}]" for name, value in query.parameters)
        parts.append(query.text + beside)
    return "\n\n".join(parts)


def steps(service: Source, queries: Iterable[Query], access: Access) -> Steps:
    """Yield the requests of a search made of several queries, one after the other; what they find is added up."""
    total: Found | None = None
    for query in queries:
        found = yield from service.search(query, access)
        total = found if total is None else _sum(total, found)
    if total is None:
        raise AssertionError("a search has a query")
    return total


def _sum(one: Found, other: Found) -> Found:
    return Found(
        hits=one.hits + other.hits,
        hits_at_end=one.hits_at_end + other.hits_at_end,
        distinct=one.distinct + other.distinct,
        understood="\n\n".join(filter(None, (one.understood, other.understood))),
        missing=(*one.missing, *other.missing),
        limits=one.limits,
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
    )
