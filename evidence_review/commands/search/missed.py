"""Why a strategy misses a known item: PubMed is asked, part by part, which condition the item does not meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from evidence_review.commands.search.count import hits_of
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.tree import And, Node, Not
from evidence_review.errors import SourceError
from evidence_review.net.client import Timing
from evidence_review.net.store import temporary
from evidence_review.net.talk import Talk
from evidence_review.sources import connect, get
from evidence_review.sources.base import Query
from evidence_review.state.known_items import KnownFound
from evidence_review.workspace.settings import Settings

Ask = Callable[[str], int]
_SHOWN = 70


def explained(
    missed: Sequence[KnownFound], strategy: str, settings: Settings, talk: Talk, timing: Timing | None = None
) -> tuple[KnownFound, ...]:
    """Return the missed items with the reason that PubMed's own counts give; one without a PMID keeps what it had.

    Raises:
        SourceError: PubMed failed: a reason is not guessed.
    """
    service = get("pubmed")
    access = connect.access(service, settings)
    client = connect.client(service, settings, talk, timing)
    root = parse(strategy).root
    with temporary() as store:

        def ask(term: str) -> int:
            hits, failure = hits_of(service, client, store, Query(term), access)
            if hits is None:
                raise SourceError(f"PubMed could not say why items were missed: {failure}")
            return hits

        return tuple(_explain(item, root, ask) for item in missed)


def _explain(entry: KnownFound, root: Node, ask: Ask) -> KnownFound:
    pmid = entry.item.pmid
    if not pmid:
        return entry
    item = f"{pmid}[uid]"
    if not ask(item):
        return replace(entry, reason="not in PubMed")
    reasons = [entry.reason] if entry.reason else []
    unmet = [part for part, wanted in conditions(root) if wanted and not ask(f"({to_pubmed(part)}) AND {item}")]
    taken = [part for part, wanted in conditions(root) if not wanted and ask(f"({to_pubmed(part)}) AND {item}")]
    reasons += [f"not matched by {short(part)}" for part in unmet]
    reasons += [f"taken away by NOT {short(part)}" for part in taken]
    if unmet and not ask(f"hasabstract AND {item}"):
        reasons.insert(0, "no abstract")
    if not reasons:
        reasons.append("the strategy finds it in PubMed today: the search was made before it was there, or was cut off")
    return replace(entry, reason="; ".join(reasons))


def conditions(node: Node) -> Iterator[tuple[Node, bool]]:
    """Yield the conditions that a record must meet (True) or must not (False), from the top of the strategy."""
    match node:
        case And(parts=parts):
            for part in parts:
                yield from conditions(part)
        case Not(keep=keep, drop=drop):
            yield from conditions(keep)
            yield drop, False
        case _:
            yield node, True


def short(node: Node) -> str:
    """Return a part of a strategy as a message shows it, cut where it is long."""
    text = to_pubmed(node)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
