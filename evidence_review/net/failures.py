"""The named ways in which an outside service fails. None of them is ever an empty result."""

from __future__ import annotations

import datetime

from evidence_review.errors import SourceError

# name → what it means, and whether asking again soon may help
KINDS: dict[str, tuple[str, bool]] = {
    "network": ("the service could not be reached, or the connection broke", True),
    "timeout": ("no answer came in time", True),
    "truncated": ("the answer broke off before its end", True),
    "server-error": ("the service reports an error of its own (5xx)", True),
    "rate-limit": ("too many requests in a short time", True),
    "budget": ("the quota of the day or week is used up", False),
    "refused": ("the service wants a key, or does not accept this one", False),
    "not-found": ("the service does not know what was asked for", False),
    "bad-request": ("the service does not accept the question", False),
    "redirect": ("the service sends us elsewhere", False),
    "html": ("a web page came where data were promised", True),
    "not-json": ("the answer is no valid JSON", True),
    "not-xml": ("the answer is no valid XML", True),
    "charset": ("the answer is not in the encoding it claims", True),
    "error-body": ("the answer is an error message with a status of success", True),
    "shape": ("the answer lacks the container that the service promises", True),
    "clamped": ("the service gave less than was asked for, at the limit of what it gives for one query", False),
    "too-large": ("the answer is larger than is safe to read", False),
    "cursor-expired": ("the service no longer knows our place in its results", False),
    "not-archived": ("the archive does not hold this reply", False),
    "unsupported": ("this kind of reply holds no records", False),
}


class Failure(SourceError):
    """An outside service failed in the way that `kind` names.

    `until` is when asking again makes sense, where the service said so; `transient` whether asking again soon may help.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        transient: bool | None = None,
        until: datetime.datetime | None = None,
        wait: float | None = None,
    ) -> None:
        super().__init__(message)
        if kind not in KINDS:
            raise ValueError(f"unknown kind of failure: {kind}")
        self.kind = kind
        self.transient = KINDS[kind][1] if transient is None else transient
        self.until = until
        self.wait = wait
