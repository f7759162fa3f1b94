"""XML of many records, read one record at a time and never trusted.

The file is cut at the record element's tags, so that memory stays bounded, each record has its line and its raw text,
and one malformed record costs only itself. Entity declarations are refused: they have no place in an export and are how
XML bombs and external entities work (https://docs.python.org/3/library/xml.html#xml-security).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from evidence_review import text
from evidence_review.errors import FormatError
from evidence_review.formats.base import Text

_CHUNK = 1 << 18
_MOST_RECORD = 16 << 20
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]")
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Slice:
    """One record's text, the line on which it begins, and whether its element is closed."""

    line: int
    raw: str
    closed: bool = True


def slices(source: Text, *tags: str) -> Iterator[Slice]:
    """Yield each element named in `tags`.

    Raises:
        FormatError: the file declares entities, or one record is larger than any real one.
    """
    names = "|".join(tags)
    start = re.compile(rf"<(?:[\w.-]+:)?({names})(?=[\s>/])[^>]*>")
    with source.stream() as stream:
        held = ""
        line = 1
        checked = False
        ended = False
        while not ended:
            chunk = stream.read(_CHUNK)
            ended = not chunk
            held += chunk
            while True:
                found = start.search(held)
                if found is None:
                    if ended:
                        held = ""
                        break
                    keep = max(held.rfind("<"), len(held) - 4096) if checked else 0
                    if not checked:
                        refuse_entities(held, source.name)
                    line += held.count("\n", 0, max(keep, 0))
                    held = held[max(keep, 0) :]
                    break
                if not checked:
                    refuse_entities(held[: found.start()], source.name)
                    checked = True
                if found.group().endswith("/>"):
                    end, closed = found.end(), True
                else:
                    end, closed = _end_of(held, found, start, ended)
                    if end < 0:
                        if len(held) - found.start() > _MOST_RECORD:
                            at = line + held.count("\n", 0, found.start())
                            raise FormatError(
                                f"{source.name} line {at}: a record of more than {_MOST_RECORD:,} characters. "
                                "The file is damaged: export it again."
                            )
                        break
                line += held.count("\n", 0, found.start())
                raw = held[found.start() : end]
                yield Slice(line, raw, closed)
                line += raw.count("\n")
                held = held[end:]


def _end_of(held: str, found: re.Match[str], start: re.Pattern[str], ended: bool) -> tuple[int, bool]:
    """Return where the element ends, and whether its own end tag says so; -1 where more must be read."""
    closing = re.compile(rf"</(?:[\w.-]+:)?{found.group(1)}\s*>").search(held, found.end())
    following = start.search(held, found.end())
    if closing is not None and (following is None or closing.start() < following.start()):
        return closing.end(), True
    if following is not None:
        return following.start(), False
    return (len(held), False) if ended else (-1, False)


def refuse_entities(prolog: str, name: str) -> None:
    """Refuse entity declarations before the first record."""
    if re.search(r"<!ENTITY", prolog, re.IGNORECASE):
        raise FormatError(
            f"{name} declares XML entities, which no export does and which can exhaust memory or read other files. "
            "It was not read: export the records again."
        )


def element(raw: str) -> Element:
    """Return a record's element; prefixes that were declared outside it are accepted.

    Raises:
        ParseError: the record is not well formed.
    """
    raw = _CONTROL.sub(" ", raw)
    prefixes = {prefix for prefix in _PREFIX.findall(raw) if prefix not in {"xml", "xmlns"}}
    if prefixes:
        declared = " ".join(f'xmlns:{prefix}="urn:prefix:{prefix}"' for prefix in sorted(prefixes))
        raw = f"<record-in-its-file {declared}>{raw}</record-in-its-file>"
    try:
        # "&nbsp;" and its like are HTML's, not XML's, and stand in many exports.
        made: Element = fromstring(_html_entities(raw), forbid_dtd=True)
    except DefusedXmlException as fault:
        raise ParseError(f"forbidden XML: {type(fault).__name__}") from None
    except (ValueError, LookupError) as fault:
        raise ParseError(str(fault)) from None
    return made[0] if prefixes else made


_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]+);")


def _html_entities(raw: str) -> str:
    if "&" not in raw:
        return raw
    import html

    def decode(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in {"amp", "lt", "gt", "quot", "apos"}:
            return match.group()
        found = html.unescape(match.group())
        return found if found != match.group() else f"&amp;{name};"

    return _NAMED.sub(decode, raw)


def inner(node: Element | None) -> str:
    """Return an element's whole text on one line."""
    return "" if node is None else text.clean(" ".join("".join(node.itertext()).split()))


def all_inner(node: Element, path: str) -> list[str]:
    """Return the whole text of every element at a path, where there is any."""
    return [found for item in node.iterfind(path) if (found := inner(item))]


def fault_words(fault: ParseError) -> str:
    """Return why a record is not well formed."""
    return f"not well-formed XML ({fault})"
