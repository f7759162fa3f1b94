"""From text to tokens. Every character is accounted for: it is in a token, is space, or is named in a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evidence_review.commands.search.strategy.fields import known_tags
from evidence_review.commands.search.strategy.tree import ERROR, WARNING, Fault, Place

OPEN, CLOSE, OPERATOR, WEAK, PHRASE, WORD, TAG, REFERENCE, COLON = (
    "(", ")", "operator", "weak operator", "phrase", "word", "tag", "reference", ":",
)  # fmt: skip

# One character for one, so that places in the text stay true. Word processors curl quotes and join spaces.
_STRAIGHT = str.maketrans(
    dict.fromkeys("“”„‟″«»＂", '"')
    | dict.fromkeys("‘’‚‛′´`", "'")
    | dict.fromkeys("‐‑‒–—−", "-")
    | {"（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "＊": "*", "：": ":", "／": "/", "＃": "#"}
    # Control characters, and spaces that nobody sees; halves of characters, which no query can carry.
    | dict.fromkeys((chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) != "\n"), " ")
    | dict.fromkeys("\u200b\u2060\ufeff", " ")
    | dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd")
)
_WORD = re.compile(r'[^\s()\[\]"]+')
_REFERENCE = re.compile(r"#[0-9]{1,6}")
_TAG_AT_START = re.compile(
    "|".join(re.escape(tag) for tag in sorted(known_tags(), key=len, reverse=True)), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text. `text` is without quotes or square brackets, typographic marks made plain."""

    kind: str
    text: str
    place: Place


class Places:
    """Turns offsets into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, start: int, end: int) -> Place:
        """Return the place of the characters from `start` to `end`."""
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= start else (low, middle)
        return Place(low + 1, start - self._starts[low] + 1, start, end)


def plain(text: str) -> str:
    """Return `text` with typographic quotes, apostrophes and dashes made plain, each in its place."""
    return text.translate(_STRAIGHT)


class Lexer:
    """Cuts the characters from `start` to `end` of a text into tokens and faults."""

    def __init__(self, text: str, places: Places, start: int = 0, end: int | None = None) -> None:
        self._text = plain(text)
        self._places = places
        self._at = start
        self._end = len(text) if end is None else end
        self.tokens: list[Token] = []
        self.faults: list[Fault] = []

    def run(self) -> Lexer:
        """Cut everything; the result stands in `tokens` and `faults`."""
        while self._at < self._end:
            character = self._text[self._at]
            if character.isspace():
                self._at += 1
            elif character in "()":
                self._take(character, self._at + 1, character)
            elif character == '"':
                self._quote()
            elif character == "[":
                self._tag()
            elif character == "]":
                self._fault(
                    "stray-bracket",
                    ERROR,
                    "a ']' without a '['",
                    "Take it out, or write the tag whole.",
                    self._at,
                    self._at + 1,
                )
                self._at += 1
            else:
                self._word()
        return self

    def _take(self, kind: str, end: int, text: str) -> None:
        self.tokens.append(Token(kind, text, self._places.at(self._at, end)))
        self._at = end

    def _fault(self, code: str, severity: str, what: str, remedy: str, start: int, end: int) -> None:
        self.faults.append(Fault(code, severity, what, remedy, self._places.at(start, end)))

    def _quote(self) -> None:
        """A phrase runs to the next quote, unless a tag comes first: then one of the quotes was forgotten."""
        start = self._at + 1
        close = self._text.find('"', start, self._end)
        inside = self._text[start : close if close >= 0 else self._end]
        cut = re.search(r"[\[\]]", inside)
        if close >= 0 and cut is None:
            self._take(PHRASE, close + 1, inside)
            return
        body = inside[: cut.start()] if cut else re.split(r"[()\n]", inside, maxsplit=1)[0]
        if not body.strip():
            self._fault(
                "stray-quote",
                ERROR,
                "a quote that opens or closes nothing",
                "Take it out, or set its partner.",
                self._at,
                start,
            )
            self._at = start
            return
        self._fault(
            "unclosed-quote",
            ERROR,
            f'the quote before {body.strip()[:40]} is not closed; it is read as "{body.strip()[:40]}"',
            "Set the closing quote.",
            self._at,
            start + len(body.rstrip()),
        )
        self._take(PHRASE, start + len(body), body)

    def _tag(self) -> None:
        start = self._at + 1
        close = re.compile(r"[\[\]\n]").search(self._text, start, self._end)
        if close and close[0] == "]":
            self._take(TAG, close.end(), self._text[start : close.start()])
            return
        known = _TAG_AT_START.match(self._text, start, self._end)
        self._fault(
            "unclosed-tag", ERROR, "a '[' without a ']'", "Close the tag, such as [tiab].", self._at, self._at + 1
        )
        if known:
            self._take(TAG, known.end(), known[0])
        else:
            self._at = start

    def _word(self) -> None:
        match = _WORD.match(self._text, self._at, self._end)
        assert match is not None  # the caller saw a character that may stand in a word
        word = match[0]
        if word in ("AND", "OR", "NOT"):
            self._take(OPERATOR, match.end(), word)
        elif word.upper() in ("AND", "OR", "NOT"):
            self._take(WEAK, match.end(), word)
        elif _REFERENCE.fullmatch(word):
            self._take(REFERENCE, match.end(), word[1:])
        elif word == ":":
            self._take(COLON, match.end(), word)
        elif any(character.isalnum() for character in word):
            self._take(WORD, match.end(), word)
        else:
            self._fault(
                "stray-mark",
                WARNING,
                f"'{word[:20]}' stands for nothing in PubMed and is passed over",
                "Take it out.",
                self._at,
                match.end(),
            )
            self._at = match.end()
