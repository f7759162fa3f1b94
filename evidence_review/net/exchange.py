"""One question to a service and its answer, as values. Secrets travel beside the question, never in its name."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlencode

from evidence_review.net.failures import Failure

Pairs = tuple[tuple[str, str], ...]

# Longer addresses are refused by some services and proxies; such questions go as a form where the service takes one.
LONG_URL = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """A question: `path` below the service's `base`, public `params`, or a `form` to post.

    `secret_params` and `secret_headers` are added only while sending: they are in no name, message or file. `carries`
    says whether the answer holds records (a count or a list of ids does not); `least` is how many record starts it must
    hold at least, and `total` whether it must say how many hits there are, to count as an answer.
    """

    base: str
    path: str
    params: Pairs = ()
    form: Pairs | None = None
    secret_params: Pairs = field(default=(), repr=False, compare=False)
    secret_headers: Pairs = field(default=(), repr=False, compare=False)
    carries: bool = True
    least: int = field(default=0, compare=False)
    total: bool = field(default=False, compare=False)

    @property
    def method(self) -> str:
        """GET, or POST where a form is sent."""
        return "GET" if self.form is None else "POST"

    @property
    def key(self) -> str:
        """The name by which an archived answer is found again: independent of host, port and secrets."""
        text = json.dumps([self.method, self.path, list(self.params), list(self.form or ())], ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def shown(self) -> str:
        """The address without secrets, as the archive and messages show it."""
        query = urlencode([*self.params, *((name, "REDACTED") for name, _ in self.secret_params)], quote_via=quote)
        return f"{self.base}{self.path}" + (f"?{query}" if query else "")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret values that go along."""
        return tuple(value for _, value in (*self.secret_params, *self.secret_headers) if value)


def question(base: str, path: str, values: Pairs, *, post_if_long: str | None = None, carries: bool = True) -> Request:
    """Return a GET request, or a POST to `post_if_long` where the address would grow too long for it."""
    if post_if_long is not None and len(urlencode(values)) > LONG_URL:
        return Request(base, post_if_long, form=values, carries=carries)
    return Request(base, path, params=values, carries=carries)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `open` gives its body from the start, decompressed; `number` its place in the archive, from 1.

    `status` is 0 where nobody noted it (a stored body); `headers` have lower-case names.
    """

    open: Callable[[], BinaryIO]
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    sha256: str = ""
    name: str = ""
    request: str = ""

    def head(self, size: int = 4096) -> bytes:
        """Return the first bytes of the body."""
        with self.open() as stream:
            return stream.read(size)


def reply_of_bytes(
    body: bytes, status: int = 0, headers: Mapping[str, str] | None = None, name: str = "", request: str = ""
) -> Reply:
    """Return a reply whose body is in memory."""
    lower = {key.lower(): value for key, value in (headers or {}).items()}
    return Reply(lambda: io.BytesIO(body), status, lower, name=name, request=request)


def open_body(path: Path) -> BinaryIO:
    """Open an archived body, decompressed."""
    return _Packed(path)  # type: ignore[return-value]  # GzipFile reads as a BinaryIO does


class _Packed(gzip.GzipFile):
    """A packed body. Where it is damaged, reading it is a failure by name."""

    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except (OSError, EOFError, zlib.error):
            raise Failure("truncated", "the packed reply is damaged or broke off") from None
