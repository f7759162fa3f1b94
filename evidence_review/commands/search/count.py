"""How many hits a strategy has in each source, before anything is fetched; line by line where wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from evidence_review.commands.search.known_file import known_items_of
from evidence_review.commands.search.lines import among, lines
from evidence_review.commands.search.plan import Search, plan, translated
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, InputError, SourceError
from evidence_review.net.client import Client, Timing
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.net.store import Store, temporary
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources import connect
from evidence_review.sources.base import Access, Got, Query, Source, drained, price
from evidence_review.state.known_items import KnownItem
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Counted:
    """The hits of one question in one source. `hits` is None where the source failed, with its `failure`.

    `known` of the `of_known` items that this source can be asked for were found; None where nobody asked. Not `asked`
    is what could only have failed as the question before it did.
    """

    source: str
    what: str
    hits: int | None
    failure: str = ""
    note: str = ""
    known: int | None = None
    of_known: int | None = None
    asked: bool = True


# These are about one question; with any other failure the next question would fail, too.
_OF_ONE_QUESTION = frozenset({"bad-request", "not-found", "error-body", "shape", "clamped", "too-large", "unsupported"})


@dataclass(slots=True)
class _Asker:
    """Asks one service for numbers. `lost` is the failure after which it need not be asked any more, "" before."""

    service: Source
    client: Client
    store: Store
    access: Access
    lost: str = ""

    def answer(self, query: Query) -> tuple[Got | None, str]:
        """Return (what the answer held, "") or (None, what went wrong)."""

        def look(reply: Reply) -> Got:
            got = drained(self.service.read(reply))
            if got.hits is None:
                raise Failure(
                    "shape", f"{self.service.name}'s answer does not say how many hits there are", transient=True
                )
            return got

        try:
            return self.client.ask(self.service.count(query, self.access), self.store, look), ""
        except Failure as failure:
            words = f"{failure.kind}: {failure.message}"
            if failure.kind not in _OF_ONE_QUESTION:
                self.lost = words
            return None, words

    def several(self, queries: Sequence[Query]) -> tuple[list[Got], str]:
        """Return the answers to queries, or what went wrong with the first that failed."""
        found = []
        for query in queries:
            got, failure = self.answer(query)
            if got is None:
                return [], failure
            found.append(got)
        return found, ""


def run(
    workspace: Workspace,
    *,
    only: Sequence[str] = (),
    by_line: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Count the hits of each source's search; with `by_line` also those of each line, and its known items."""
    chosen = Settings.load() if settings is None else settings
    listener = talk or Quiet()
    searches = plan(workspace.protocol, only)
    items = known_items_of(workspace) if by_line else ()
    found: list[Counted] = []
    for search in searches:
        found += _count(search, chosen, listener, timing, items, by_line=by_line)
    bad = any(item.hits is None for item in found)
    shown = list(_shown(found)) or ["No source of the protocol has 'via: api': nothing to count."]
    return Summary(
        lines=tuple(shown),
        data={"counts": [asdict(item) for item in found]},
        next="" if bad or not searches else "evidence-review search",
        exit_code=EXIT_SOURCE if bad else EXIT_DONE,
    )


def _shown(found: Sequence[Counted]) -> Iterator[str]:
    for source, items in groupby(found, key=lambda item: item.source):
        several = list(items)
        yield from (_line(item) for item in several if item.asked)
        spared = sum(not item.asked for item in several)
        if spared:
            yield f"{source}: {counted(spared, 'line')} not asked for, which would fail in the same way."


def _line(item: Counted) -> str:
    where = item.source if item.what == "all" else f"{item.source}, {item.what}"
    if item.hits is None:
        return f"{where}: FAILED, not counted. {item.failure}"
    notes = [item.note] if item.note else []
    notes += [f"{item.known} of {item.of_known} known items"] if item.known is not None else []
    notes += ["it finds nothing: is everything spelt as it should be?"] if not item.hits and item.what != "all" else []
    return f"{where}: {counted(item.hits, 'hit')}" + (f" ({'; '.join(notes)})" if notes else "")


def _count(
    search: Search,
    settings: Settings,
    talk: Talk,
    timing: Timing | None,
    items: Sequence[KnownItem],
    *,
    by_line: bool,
) -> Iterator[Counted]:
    source, service = search.source.id, search.service
    try:
        access = connect.access(service, settings)
    except SourceError as fault:
        yield Counted(source, "all", None, fault.message)
        yield from (_spared(source, name, fault.message) for name, _ in (lines(search.strategy) if by_line else ()))
        return
    client = connect.client(service, settings, talk, timing)
    with temporary() as store:
        asker = _Asker(service, client, store, access)
        answers, failure = asker.several(search.queries)
        total = None if failure else sum(got.hits or 0 for got in answers)
        notes = list(dict.fromkeys(note for got in answers for note in got.notes))
        charge = next((got.charge for got in reversed(answers) if got.charge), None)
        cost = price(total, service.page_size, charge) if total else ""
        notes += [cost] if cost else []
        notes += _overlap(search.queries)
        known, named, trouble = (None, None, "") if failure else _known(asker, search.strategy, items)
        notes += [trouble] if trouble else []
        yield Counted(source, "all", total, failure, "; ".join(notes), known, named)
        for name, text in lines(search.strategy) if by_line else ():
            yield _spared(source, name, asker.lost) if asker.lost else _line_counted(source, name, text, asker, items)


def _spared(source: str, name: str, failure: str) -> Counted:
    return Counted(source, name, None, failure, asked=False)


def _line_counted(source: str, name: str, text: str, asker: _Asker, items: Sequence[KnownItem]) -> Counted:
    queries, failure = _queries(text, asker.service)
    answers: list[Got] = []
    if not failure:
        answers, failure = asker.several(queries)
    if failure:
        return Counted(source, name, None, failure)
    known, named, failure = _known(asker, text, items)
    notes = [text if len(text) <= 60 else text[:57] + "…", *_overlap(queries), *([failure] if failure else [])]
    return Counted(source, name, sum(got.hits or 0 for got in answers), "", "; ".join(notes), known, named)


def _overlap(queries: Sequence[Query]) -> list[str]:
    return [f"at most: {len(queries)} queries that overlap"] if len(queries) > 1 else []


def _queries(text: str, service: Source) -> tuple[tuple[Query, ...], str]:
    try:
        queries, _ = translated(text, service.target or service.id, Query(""))
    except InputError as fault:
        return (), fault.message
    return queries, ""


def _known(asker: _Asker, text: str, items: Sequence[KnownItem]) -> tuple[int | None, int | None, str]:
    """Return how many known items a line finds, how many the source can be asked for, and what went wrong."""
    chosen, named = among(items, asker.service.target or asker.service.id)
    if not named:
        return None, None, ""
    queries, failure = _queries(f"({to_pubmed(parse(text).root)}) AND ({chosen})", asker.service)
    answers: list[Got] = []
    if not failure:
        answers, failure = asker.several(queries)
    if failure:
        return None, None, f"the known items were not counted: {failure}"
    # A source may hold an item twice, and queries that overlap find it twice.
    return min(named, sum(got.hits or 0 for got in answers)), named, ""


def hits_of(service: Source, client: Client, store: Store, query: Query, access: Access) -> tuple[int | None, str]:
    """Return (hits, "") or (None, what went wrong)."""
    got, failure = _Asker(service, client, store, access).answer(query)
    return (None if got is None else got.hits), failure
