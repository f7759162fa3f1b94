"""Where replies are kept before anybody reads them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from evidence_review.net.exchange import Reply, Request

# The headers that tell how a service was behaving; everything else (cookies, addresses) is left out.
KEPT_HEADERS = (
    "content-type", "content-length", "content-encoding", "date", "retry-after", "backoff", "link", "location",
    "x-total-results", "total-results", "last-modified-version",
)  # fmt: skip
KEPT_PREFIXES = ("x-rate", "x-ratelimit", "ratelimit", "x-concurrency", "x-els-status", "x-api-pool")

SUCCESS = "ok"


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers worth keeping, with lower-case names."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {
        name: value for name, value in sorted(lower.items()) if name in KEPT_HEADERS or name.startswith(KEPT_PREFIXES)
    }


class Store(Protocol):
    """Keeps replies: the body first, then, once it has been looked at, a journal line with what became of it."""

    def keep(self, request: Request, status: int, headers: Mapping[str, str], chunks: Iterable[bytes]) -> Reply:
        """Write a body as it arrives. What breaks off leaves nothing behind."""

    def note(self, request: Request, reply: Reply, outcome: str) -> None:
        """Write the journal line: `ok` or the kind of failure."""

    def find(self, request: Request) -> Reply | None:
        """Return the kept answer to this question that was `ok`, if there is one."""


class Temporary:
    """A store for what need not be kept, such as counts; its folder goes away with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def keep(self, request: Request, status: int, headers: Mapping[str, str], chunks: Iterable[bytes]) -> Reply:
        """Write a body to a passing file."""
        self._number += 1
        path = self._folder / f"{self._number:05d}"
        digest = hashlib.sha256()
        with path.open("wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
        return Reply(
            lambda: path.open("rb"), status, kept(headers), self._number, digest.hexdigest(), path.name, request.shown
        )

    def note(self, request: Request, reply: Reply, outcome: str) -> None:
        """Forget it."""

    def find(self, request: Request) -> Reply | None:
        """Remember nothing."""
        return None


@contextmanager
def temporary() -> Iterator[Temporary]:
    """Give a store that lasts as long as the body."""
    with tempfile.TemporaryDirectory(prefix="evidence-review-") as folder:
        yield Temporary(Path(folder))
