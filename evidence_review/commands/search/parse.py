"""Reading stored replies of a source without a review: what its parser makes of them, or the name of what is wrong."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from evidence_review.errors import EXIT_SOURCE, InputError
from evidence_review.model.record import Citation, Parsed, citation_to_dict
from evidence_review.net.exchange import Reply, open_body, reply_of_bytes
from evidence_review.net.failures import Failure
from evidence_review.sources import reader
from evidence_review.sources.base import Reads
from evidence_review.summary import Summary, counted

_MOST = 512 << 20
# What a reader of the JSON may rely on being there, empty or not.
_ALWAYS: dict[str, Any] = {"title": "", "doi": "", "pmid": "", "year": None, "authors": [], "abstract": ""}


def run(source: str, files: Sequence[Path]) -> Summary:
    """Read `files` as replies of `source`; the first that is a failure is named and ends it with exit code 3."""
    service = reader(source)
    records: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    hits: int | None = None
    following: str | None = None
    ids: list[str] = []
    for path in files:
        try:
            page = service.read(reply_in(path))
            for item in page.records:
                if isinstance(item, Parsed):
                    records.append(_shown(item))
                else:
                    rejected.append({"file": path.name, "reason": item.reason})
        except Failure as failure:
            return _failed(service, path, failure)
        hits = page.hits if hits is None else hits
        following = page.next or None
        ids.extend(page.ids)
    data = {"records": records, "reported_hits": hits, "next": following, "rejected": rejected, "ids": ids}
    words = f"{service.name}: {counted(len(records), 'record')}"
    words += f" of {hits:,} reported" if hits is not None else ""
    words += f", {len(rejected)} not readable" if rejected else ""
    return Summary(lines=(words,), data=data)


def _failed(service: Reads, path: Path, failure: Failure) -> Summary:
    return Summary(
        lines=(f"{path.name}: {failure.kind}: {failure.message}",),
        data={"failure": {"kind": failure.kind, "message": failure.message, "file": path.name}},
        exit_code=EXIT_SOURCE,
    )


def _shown(item: Parsed) -> dict[str, Any]:
    shown = {**_ALWAYS, **citation_to_dict(item.citation)}
    shown["authors"] = [_name(author) for author in _citation(item).authors]
    return {**shown, "native_id": item.native_id}


def _citation(item: Parsed) -> Citation:
    return item.citation


def _name(author: Any) -> dict[str, str]:
    return {name: getattr(author, name) for name in ("family", "given", "suffix", "literal") if getattr(author, name)}


def reply_in(path: Path) -> Reply:
    """Return a stored reply: a body (plain or gzip), or an exchange with request, status, headers and body.

    Raises:
        InputError: an exchange file is none.
    """
    if path.stat().st_size > _MOST:
        raise InputError(f"{path} has more than {_MOST:,} bytes; a reply is smaller.")
    exchange = _exchange(path)
    if exchange is not None:
        return exchange
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return Reply((lambda: open_body(path)) if packed else (lambda: path.open("rb")), name=path.name)


def _unpacked(body: str) -> bytes:
    """Return a body as bytes. Recorders store binary as base64 without always saying so: no data begin like that."""
    content = body.encode("utf-8", "surrogatepass")
    if len(content) > 16 and re.fullmatch(rb"[A-Za-z0-9+/\s]+={0,2}\s*", content):
        with suppress(ValueError):
            unpacked = base64.b64decode(b"".join(content.split()), validate=True)
            if unpacked.lstrip()[:1] in (b"{", b"[", b"<"):
                return unpacked
    return content


def _exchange(path: Path) -> Reply | None:
    """Return the reply that an exchange file holds, None where the file is a body.

    Two shapes are known: {"request": …, "response": {"status", "headers", "body"}} and {"url", "status_code", "body"}.
    """
    if path.suffix != ".json" or path.stat().st_size > _MOST // 8:
        return None
    try:
        data = json.loads(path.read_bytes())
    except ValueError:
        data = None
    if isinstance(data, dict) and isinstance(data.get("response"), dict) and "body" in data["response"]:
        answer, asked = data["response"], data.get("request")
        url = str(asked.get("url", "")) if isinstance(asked, dict) else ""
    elif isinstance(data, dict) and {"url", "status_code", "body"} <= data.keys():
        answer, url = {**data, "status": data["status_code"]}, str(data["url"])
    elif path.name.endswith(".exchange.json"):
        raise InputError(f"{path} is no exchange: it needs a 'response' with 'status', 'headers' and 'body'.")
    else:
        return None
    body, coded = answer.get("body") or "", answer.get("body_encoding", "utf-8")
    content = base64.b64decode(body) if coded == "base64" else _unpacked(str(body))
    headers = {str(name): str(value) for name, value in (answer.get("headers") or {}).items()}
    return reply_of_bytes(content, int(answer.get("status") or 0), headers, path.name, url)
