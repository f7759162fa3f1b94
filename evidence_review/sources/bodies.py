"""Reading a body as JSON or XML, with a name for each way in which it may be something else."""

from __future__ import annotations

import codecs
import html
import json
import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure

# An escaped half of a character; two in a row make a whole one.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
MOST_JSON = 64 << 20
_HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# What a web page holds and does not show; a page that is cut off ends in the middle of one.
_UNSEEN = re.compile(r"<(script|style)\b.*?(?:</\1>|$)|<!--.*?(?:-->|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z!/?][^>]*(?:>|$)")


def check_status(reply: Reply, service: str) -> None:
    """Raise the failure that a status other than success stands for, with the service's own words.

    A budget that is spent and a burst of requests both come as 429; who knows more (OpenAlex) looks first.
    """
    status = reply.status
    if status in (0, 200, 201, 203):
        return
    said = own_words(reply)
    words = f"{service} answers {status}" + (f": {said}" if said else "")
    if status == 429:
        raise Failure("rate-limit", words)
    if status in (401, 403):
        raise Failure("refused", f"{words}. Check the key in the environment or the settings file.")
    if status in (404, 410):
        raise Failure("not-found", words)
    if status in (408, 504):
        raise Failure("timeout", words)
    if 300 <= status < 400:
        raise Failure("redirect", f"{words} {reply.headers.get('location', '')}".strip())
    if status >= 500:
        raise Failure("server-error", words)
    raise Failure("bad-request", words)


def own_words(reply: Reply) -> str:
    """Return what an error reply says, in one short line without markup."""
    text = reply.head(4000).decode("utf-8", "replace")
    try:
        data = json.loads(text, strict=False)
    except ValueError:
        text = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
    else:
        text = message_in(data) or text
    return " ".join(text.split())[:300]


def message_in(data: Any) -> str:
    """Return the message of an error body in JSON, "" where it is none that we know."""
    if isinstance(data, list):
        return "; ".join(filter(None, (message_in(item) for item in data[:5])))
    if not isinstance(data, dict):
        return data if isinstance(data, str) else ""
    parts = []
    for name in (
        "error",
        "message",
        "errors",
        "detail",
        "title",
        "error-message",
        "statusText",
        "ERROR",
        "msg",
        "reason",
    ):
        value = data.get(name)
        words = value if isinstance(value, str) else message_in(value) if isinstance(value, (dict, list)) else ""
        if words and words not in parts:
            parts.append(words)
    return ": ".join(parts[:3])


def refuse_html(reply: Reply, service: str) -> None:
    """Raise where a web page came in place of data."""
    if _HTML.match(reply.head()):
        said = own_words(reply)
        raise Failure("html", f"{service} sent a web page where data were promised: {said[:160]}")


def json_of(reply: Reply, service: str, *, strict: bool = True) -> Any:
    """Return a body as JSON; `strict` refuses raw line breaks inside strings."""
    refuse_html(reply, service)
    with reply.open() as stream:
        body = stream.read(MOST_JSON + 1)
    if len(body) > MOST_JSON:
        raise Failure("too-large", f"{service}'s answer has more than {MOST_JSON:,} bytes")
    text = decoded(body, reply, service)
    if not text.strip():
        raise Failure("truncated", f"{service} sent an empty body")
    try:
        data = json.loads(text, strict=strict)
        return _whole_characters(data) if _HALF.search(text) else data
    except (ValueError, RecursionError) as fault:
        cut_off = isinstance(fault, json.JSONDecodeError) and fault.pos >= len(text.rstrip()) - 1
        if cut_off or (isinstance(fault, json.JSONDecodeError) and fault.msg.startswith("Unterminated string")):
            raise Failure("truncated", f"{service}'s answer broke off in the middle of its JSON") from None
        start = " ".join(text[:120].split())
        raise Failure("not-json", f"{service}'s answer is no valid JSON; it begins: {start}") from None


def _whole_characters(data: Any) -> Any:
    """Return data in which halves of characters, which no file can hold, are marked as unreadable."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(data, list):
        return [_whole_characters(item) for item in data]
    if isinstance(data, dict):
        return {_whole_characters(name): _whole_characters(value) for name, value in data.items()}
    return data


def decoded(body: bytes, reply: Reply, service: str) -> str:
    """Return a body as text: UTF-8 whatever the headers claim, else what they claim."""
    marked = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""
    for encoding in (marked, "utf-8-sig", _claimed(reply)):
        if encoding:
            try:
                return body.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    raise Failure("charset", f"{service}'s answer is neither UTF-8 nor in the encoding that its headers name")


def _claimed(reply: Reply) -> str:
    found = re.search(r"charset=\"?([\w.:-]+)", reply.headers.get("content-type", ""), re.IGNORECASE)
    return "" if found is None or found[1].lower().replace("-", "") == "utf8" else found[1]


def xml_of(reply: Reply, service: str, most: int = 64 << 20) -> Element:
    """Return a body of moderate size as an XML tree."""
    refuse_html(reply, service)
    with reply.open() as stream:
        body = stream.read(most + 1)
    if len(body) > most:
        raise Failure("too-large", f"{service}'s answer has more than {most:,} bytes")
    if not body.strip():
        raise Failure("truncated", f"{service} sent an empty body")
    try:
        root: Element = fromstring(body, forbid_dtd=False)
    except DefusedXmlException as fault:
        raise Failure(
            "not-xml", f"{service}'s XML declares entities, which is refused ({type(fault).__name__})"
        ) from None
    except (ParseError, ValueError, LookupError) as fault:
        if "no element found" in str(fault) or "unclosed" in str(fault):
            raise Failure("truncated", f"{service}'s answer broke off in the middle of its XML") from None
        raise Failure("not-xml", f"{service}'s answer is no valid XML ({fault})") from None
    if root.tag.lower().rpartition("}")[2] == "html":
        raise Failure("html", f"{service} sent a web page where data were promised: {own_words(reply)[:160]}")
    return root


def need(data: Any, service: str, *path: str) -> Any:
    """Return what lies at a path of keys; a reply without it is a failure, never an empty result."""
    place = data
    for step in path:
        if not isinstance(place, dict) or step not in place:
            said = message_in(data)
            hint = f" It says: {said[:200]}" if said else f" It has: {_names(data)}."
            raise Failure("shape", f"{service}'s answer lacks '{'.'.join(path)}'.{hint}")
        place = place[step]
    return place


def need_list(data: Any, service: str, *path: str) -> list[Any]:
    """Return the list at a path of keys, else fail."""
    found = need(data, service, *path)
    if not isinstance(found, list):
        raise Failure("shape", f"{service}'s answer has no list at '{'.'.join(path)}'")
    return found


def need_count(data: Any, service: str, *path: str) -> int:
    """Return the count at a path of keys, else fail."""
    found = need(data, service, *path)
    try:
        number = int(found)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number < 0 or isinstance(found, bool) or (isinstance(found, float) and found != number):
        raise Failure("shape", f"{service}'s answer has no count at '{'.'.join(path)}'")
    return number


def count_of(written: str | None) -> int | None:
    """Return the count that stands in XML; None for what is no count, or more than anybody has."""
    figures = (written or "").strip()
    return int(figures) if figures.isdecimal() and len(figures) < 16 else None


def _names(data: Any) -> str:
    if isinstance(data, dict):
        return ", ".join(sorted(map(str, data))[:8]) or "nothing"
    return f"a {type(data).__name__}"


def listed(value: Any) -> list[Any]:
    """Return a JSON list; nothing where the value is no list, whatever it is."""
    return value if isinstance(value, list) else []


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON list; none where the value is no list."""
    return [item for item in listed(value) if isinstance(item, dict)]


def inner(data: Any, *path: str) -> dict[str, Any]:
    """Return the object at a path of keys, empty where there is none."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
