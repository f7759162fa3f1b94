"""JSON without spaces, read and written with orjson where it is there: the same bytes, several times faster."""

from __future__ import annotations

import json
from typing import Any

try:
    import orjson
except ImportError:  # no wheel for this interpreter: the standard library does the same, more slowly
    orjson = None  # type: ignore[assignment]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumps(data: Any) -> bytes:
    """Return data as JSON in UTF-8; a lone surrogate, which a damaged reply can hold, is kept."""
    if orjson is not None:
        try:
            return orjson.dumps(data)
        except TypeError:
            # The lone surrogate, or a number beyond 64 bits, is more than orjson takes.
            pass
    return _ENCODER.encode(data).encode("utf-8", "surrogatepass")


def loads(line: bytes) -> Any:
    """Return the data of what `dumps` wrote.

    Raises:
        ValueError: it is no JSON.
    """
    if orjson is not None:
        try:
            return orjson.loads(line)
        except ValueError:
            # Damaged, or with a lone surrogate: the standard library says which.
            pass
    return json.loads(line.decode("utf-8", "surrogatepass"))
