"""Keeping secrets out of what is kept: a service may echo a key or an e-mail address in its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

REDACTED = b"REDACTED"
_SHORTEST = 4


def _forms(secret: str) -> set[str]:
    escaped = json.dumps(secret)[1:-1]
    html = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {secret, quote(secret, safe=""), quote_plus(secret), escaped, escaped.replace("@", "\\u0040"), html}


class Scrubber:
    """Replaces every form of the given secrets (plain, URL-encoded, JSON-escaped), in any case."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        ordered = sorted((form.encode("utf-8") for form in forms), key=len, reverse=True)
        self._longest = len(ordered[0]) if ordered else 0
        self._pattern = re.compile(b"|".join(re.escape(form) for form in ordered), re.IGNORECASE) if ordered else None

    def clean(self, data: bytes) -> bytes:
        """Return `data` without the secrets."""
        return data if self._pattern is None else self._pattern.sub(REDACTED, data)

    def text(self, text: str) -> str:
        """Return `text` without the secrets."""
        return self.clean(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def stream(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield `chunks` without the secrets, also where one lies across two chunks."""
        if self._pattern is None:
            yield from chunks
            return
        held = b""
        for chunk in chunks:
            held += chunk
            # What could still be the beginning of a secret stays until the next chunk shows it. A secret that is whole
            # but reaches into the held part is left for the next round too.
            edge = max(0, len(held) - self._longest + 1)
            for found in self._pattern.finditer(held):
                if found.start() < edge < found.end():
                    edge = found.start()
                    break
            if edge:
                yield self._pattern.sub(REDACTED, held[:edge])
                held = held[edge:]
        if held:
            yield self._pattern.sub(REDACTED, held)
