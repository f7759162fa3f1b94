"""What a search asked: its limits in words, as its run's record holds them, and whether the protocol asks the same."""

from __future__ import annotations

from evidence_review.model.protocol import Limits, Protocol
from evidence_review.model.search_run import SearchRun

_SINCE = "added since "
_BETWEEN = "; "


def limits_in_words(limits: Limits, own: str, *, since: str = "", ignored: bool = False) -> str:
    """Return the limits of a search: the protocol's, the source's `own`, and the day since which it was asked.

    Args:
        ignored: whether the source cannot be limited by language.
    """
    parts = []
    if limits.published_from or limits.published_to:
        parts.append(f"published {limits.published_from or 'any time'} to {limits.published_to or 'any time'}")
    if since:
        parts.append(f"{_SINCE}{since}")
    if limits.languages:
        applied = " (not applied: the source cannot be limited so)" if ignored else ""
        parts.append(f"languages {', '.join(limits.languages)}{applied}")
    if own:
        parts.append(own)
    return _BETWEEN.join(parts)


def since_of(run: SearchRun) -> str:
    """Return the day since which a search was asked, "" for one that asked for all days."""
    return next((part.removeprefix(_SINCE) for part in run.limits.split(_BETWEEN) if part.startswith(_SINCE)), "")


def still_asked(run: SearchRun, protocol: Protocol) -> bool:
    """Whether a search asked what the protocol asks of its source now, from whatever day on."""
    source = protocol.source(run.source)
    if source is None or source.via != "api":
        return False
    limits = _BETWEEN.join(part for part in run.limits.split(_BETWEEN) if not part.startswith(_SINCE))
    return run.strategy == protocol.strategies.get(source.strategy or "", "").strip() and limits in {
        limits_in_words(protocol.limits, source.limits, ignored=ignored) for ignored in (False, True)
    }
