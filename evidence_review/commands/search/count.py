"""How many hits a strategy has in each source, before anything is fetched; line by line where wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evidence_review.commands.search.plan import Search, plan, translated
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, InputError, SourceError
from evidence_review.net.client import Client, Timing
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.net.store import Store, temporary
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources import connect
from evidence_review.sources.base import Access, Got, Query, Source, drained
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Counted:
    """The hits of one question in one source. `hits` is None where the source failed, with its `failure`."""

    source: str
    what: str
    hits: int | None
    failure: str = ""
    note: str = ""


def run(
    workspace: Workspace,
    *,
    only: Sequence[str] = (),
    by_line: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Count the hits of each source's search; with `by_line` also those of each line of its strategy."""
    chosen = Settings.load() if settings is None else settings
    listener = talk or Quiet()
    searches = plan(workspace.protocol, only)
    counted: list[Counted] = []
    for search in searches:
        counted += _count(search, chosen, listener, timing, by_line=by_line)
    bad = any(item.hits is None for item in counted)
    lines = [_line(item) for item in counted] or ["No source of the protocol has 'via: api': nothing to count."]
    return Summary(
        lines=tuple(lines),
        data={
            "counts": [
                {
                    "source": item.source,
                    "what": item.what,
                    "hits": item.hits,
                    "failure": item.failure,
                    "note": item.note,
                }
                for item in counted
            ]
        },
        next="" if bad or not searches else "evidence-review search",
        exit_code=EXIT_SOURCE if bad else EXIT_DONE,
    )


def _line(item: Counted) -> str:
    where = item.source if item.what == "all" else f"{item.source}, {item.what}"
    if item.hits is None:
        return f"{where}: FAILED, not counted. {item.failure}"
    return f"{where}: {item.hits:,} hits" + (f" ({item.note})" if item.note else "")


def _count(
    search: Search, settings: Settings, talk: Talk, timing: Timing | None, *, by_line: bool
) -> Iterator[Counted]:
    source, service = search.source.id, search.service
    try:
        access = connect.access(service, settings)
    except SourceError as fault:
        yield Counted(source, "all", None, fault.message)
        return
    client = connect.client(service, settings, talk, timing)
    with temporary() as store:
        several = len(search.queries) > 1
        hits = [_hits(service, client, store, query, access) for query in search.queries]
        failure = next((words for number, words in hits if number is None), "")
        total = None if failure else sum(number or 0 for number, _ in hits)
        note = f"at most: {len(hits)} queries that overlap" if several else ""
        yield Counted(source, "all", total, failure, note)
        for name, text in _lines(search.strategy) if by_line else ():
            try:
                queries, _ = translated(text, service.target or service.id, Query(""))
            except InputError as fault:
                yield Counted(source, name, None, fault.message)
                continue
            number, words = _hits(service, client, store, queries[0], access)
            yield Counted(source, name, number, words, text if len(text) <= 60 else text[:57] + "…")


def _lines(strategy: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of each line of a strategy that stands by itself."""
    for number, line in enumerate(strategy.splitlines(), start=1):
        text = line.strip().lstrip("#0123456789. ").strip()
        alone = text.strip("() ").upper() not in ("", "AND", "OR", "NOT") and "#" not in text
        if alone and text.count("(") == text.count(")"):
            for word in ("AND ", "OR ", "NOT "):
                text = text.removeprefix(word)
            yield f"line {number}", text.removesuffix(" AND").removesuffix(" OR").removesuffix(" NOT")


def _hits(service: Source, client: Client, store: Store, query: Query, access: Access) -> tuple[int | None, str]:
    look: Callable[[Reply], Got] = lambda reply: drained(service.read(reply))  # noqa: E731 - a name for its type
    try:
        got = client.ask(service.count(query, access), store, look)
    except Failure as failure:
        return None, f"{failure.kind}: {failure.message}"
    return (got.hits, "") if got.hits is not None else (None, "shape: the answer has no count")
