"""Replies that lie in files: a body as it came, packed or not, or an exchange with request, status, headers and body.

Recorders differ: two shapes of an exchange are known, {"request": …, "response": {"status", "headers", "body"}} and
{"url", "status_code", "body"}; a body may be text, base64, an object with one of them, or the parsed JSON itself.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from evidence_review.errors import InputError
from evidence_review.net.exchange import Reply, open_body, reply_of_bytes
from evidence_review.net.failures import Failure

_MOST = 512 << 20
_MOST_EXCHANGE = 64 << 20
_GZIP = b"\x1f\x8b"


def reply_in(path: Path) -> Reply:
    """Return a stored reply.

    Raises:
        InputError: the file is far too large for a reply.
        Failure: it is damaged, or an exchange that is none.
    """
    if path.stat().st_size > _MOST:
        raise InputError(f"{path} has more than {_MOST:,} bytes; a reply is smaller.")
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP

    def opened() -> BinaryIO:
        return open_body(path) if packed else path.open("rb")

    plain_name = path.name.removesuffix(".gz")
    exchange = _exchange(plain_name, opened) if plain_name.endswith(".json") else None
    return exchange or Reply(opened, name=path.name)


def _exchange(name: str, opened: Any) -> Reply | None:
    """Return the reply that an exchange holds, None where the file is a body."""
    with opened() as stream:
        data = stream.read(_MOST_EXCHANGE + 1)
    if len(data) > _MOST_EXCHANGE:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("response"), dict) and "body" in found["response"]:
        answer, asked = found["response"], found.get("request")
        url = str(asked.get("url") or asked.get("uri") or "") if isinstance(asked, dict) else ""
    elif isinstance(found, dict) and {"url", "status_code", "body"} <= found.keys():
        answer, url = {**found, "status": found["status_code"]}, str(found["url"])
    elif name.endswith(".exchange.json"):
        raise Failure("shape", f"{name} is no exchange: it needs a 'response' with 'status', 'headers' and 'body'")
    else:
        return None
    headers = _headers(answer.get("headers"))
    return reply_of_bytes(_unpacked(_body(answer, name), name), _status(answer.get("status")), headers, name, url)


def _status(value: Any) -> int:
    """Return a status, 0 where nobody noted it; some recorders write {"code": 200, "message": "OK"}."""
    if isinstance(value, dict):
        value = value.get("code")
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _headers(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = {}
    for pair in pairs:
        if isinstance(pair, (list, tuple)) and len(pair) == 2:
            name, text = pair
            found[str(name)] = ", ".join(map(str, text)) if isinstance(text, list) else str(text)
    return found


def _body(answer: dict[str, Any], name: str) -> bytes:
    body, coding = answer["body"], str(answer.get("body_encoding") or "")
    if isinstance(body, dict) and ("string" in body or "base64_string" in body):
        coding = "base64" if "base64_string" in body else coding
        body = body.get("base64_string", body.get("string"))
    if body is None:
        return b""
    if not isinstance(body, str):
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if coding.lower() == "base64":
        try:
            return base64.b64decode("".join(body.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Failure("truncated", f"the body in {name} is not the base64 that it is said to be") from None
    return _perhaps_base64(body)


def _perhaps_base64(body: str) -> bytes:
    """Return a body as bytes. Recorders store binary as base64 without always saying so: no data begin like that."""
    content = body.encode("utf-8", "surrogatepass")
    if len(content) > 16 and re.fullmatch(rb"[A-Za-z0-9+/\s]+={0,2}\s*", content):
        with suppress(ValueError):
            unpacked = base64.b64decode(b"".join(content.split()), validate=True)
            if unpacked.lstrip()[:1] in (b"{", b"[", b"<") or unpacked.startswith(_GZIP):
                return unpacked
    return content


def _unpacked(content: bytes, name: str) -> bytes:
    """Return a body that was recorded as it was sent, packed, as the data that it is."""
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise Failure("truncated", f"the packed body in {name} is damaged or broke off") from None
