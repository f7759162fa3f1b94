"""Running a source's steps against a model of its service, without a socket."""

from __future__ import annotations

from collections.abc import Callable

from fake_http import Answer, Asked

from evidence_review.net.exchange import Request, reply_of_bytes
from evidence_review.sources.base import Access, Found, Query, Source, drained


def drive(
    source: Source, answer: Callable[[Asked], Answer], query: Query, access: Access | None = None
) -> tuple[Found, list[str], list[Request]]:
    """Return what was found, the native ids delivered in order, and the requests made."""
    steps = source.search(query, access or Access("http://model", key="key"))
    delivered: list[str] = []
    request = next(steps)
    asked = [request]
    while True:
        made = answer(Asked(request.method, request.path, dict(request.form or request.params), {}, 0.0))
        got = drained(source.read(reply_of_bytes(made.body, made.status, made.headers)))
        assert got.starts >= request.least
        assert got.hits is not None or not request.total
        delivered.extend(got.native if request.carries else ())
        try:
            request = steps.send(got)
            asked.append(request)
        except StopIteration as end:
            return end.value, delivered, asked
