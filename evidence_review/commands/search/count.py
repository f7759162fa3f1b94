"""How many hits a strategy has in each source, before anything is fetched; line by line where wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence_review.commands.search.known_file import known_items_of
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
from evidence_review.sources.base import Access, Got, Query, Source, drained
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

# The operators that join a line to the one before or after it.
_JOINING = re.compile(r"^(?:AND|OR|NOT)\b\s*|\s*\b(?:AND|OR|NOT)$", re.IGNORECASE)


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
    known = [item.pmid for item in known_items_of(workspace) if item.pmid] if by_line else []
    counted: list[Counted] = []
    for search in searches:
        counted += _count(search, chosen, listener, timing, known, by_line=by_line)
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
    search: Search, settings: Settings, talk: Talk, timing: Timing | None, known: Sequence[str], *, by_line: bool
) -> Iterator[Counted]:
    source, service = search.source.id, search.service
    try:
        access = connect.access(service, settings)
    except SourceError as fault:
        yield Counted(source, "all", None, fault.message)
        return
    client = connect.client(service, settings, talk, timing)
    with temporary() as store:
        whole = [_answer(service, client, store, query, access) for query in search.queries]
        failure = next((words for got, words in whole if got is None), "")
        total = None if failure else sum(got.hits or 0 for got, _ in whole if got is not None)
        notes = list(dict.fromkeys(note for got, _ in whole if got is not None for note in got.notes))
        if len(whole) > 1:
            notes.append(f"at most: {len(whole)} queries that overlap")
        yield Counted(source, "all", total, failure, "; ".join(notes))
        for name, text in _lines(search.strategy) if by_line else ():
            yield _line_counted(source, name, text, service, client, store, access, known)


def _line_counted(
    source: str,
    name: str,
    text: str,
    service: Source,
    client: Client,
    store: Store,
    access: Access,
    known: Sequence[str],
) -> Counted:
    try:
        queries, _ = translated(text, service.target or service.id, Query(""))
    except InputError as fault:
        return Counted(source, name, None, fault.message)
    hits, failure = hits_of(service, client, store, queries[0], access)
    note = text if len(text) <= 60 else text[:57] + "…"
    if hits is not None and known and service.id == "pubmed":
        among = " OR ".join(f"{pmid}[uid]" for pmid in known)
        found, failure = hits_of(service, client, store, Query(f"({queries[0].text}) AND ({among})"), access)
        note += f"; {found} of {len(known)} known items" if found is not None else ""
    return Counted(source, name, hits, failure, note)


def _lines(strategy: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of each line: numbered ones with what they refer to, else those that stand by themselves."""
    numbered = parse(strategy).lines
    for line in numbered:
        yield f"line #{line.number}", to_pubmed(line.node)
    for number, written in enumerate(strategy.splitlines() if not numbered else (), start=1):
        text = _JOINING.sub("", written.strip())
        if text and text.count("(") == text.count(")"):
            yield f"line {number}", text


def hits_of(service: Source, client: Client, store: Store, query: Query, access: Access) -> tuple[int | None, str]:
    """Return (hits, "") or (None, what went wrong)."""
    got, failure = _answer(service, client, store, query, access)
    return (None if got is None else got.hits), failure


def _answer(service: Source, client: Client, store: Store, query: Query, access: Access) -> tuple[Got | None, str]:
    def look(reply: Reply) -> Got:
        got = drained(service.read(reply))
        if got.hits is None:
            raise Failure("shape", f"{service.name}'s answer does not say how many hits there are", transient=True)
        return got

    try:
        return client.ask(service.count(query, access), store, look), ""
    except Failure as failure:
        return None, f"{failure.kind}: {failure.message}"
