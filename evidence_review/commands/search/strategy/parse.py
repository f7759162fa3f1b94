"""Reading a strategy in PubMed syntax. Any text gives a tree; what is wrong with it becomes faults with a place.

PubMed works strictly from left to right: `a OR b AND c` is `(a OR b) AND c` (PubMed User Guide, "Combining search
terms with Boolean operators"). A strategy may also stand on numbered lines that refer to each other (`#1 AND #2`);
its last line is then the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from evidence_review.commands.search.strategy import comments, history, ranges, terms
from evidence_review.commands.search.strategy.combine import MOST_TERMS, TOO_MANY, Part, TooLarge, fold, settled
from evidence_review.commands.search.strategy.fields import CONTROLLED, DATES, read_tag
from evidence_review.commands.search.strategy.foreign import foreign, headlines
from evidence_review.commands.search.strategy.numbered import Entry, entries, unused
from evidence_review.commands.search.strategy.tokens import (
    CLOSE,
    COLON,
    OPEN,
    OPERATOR,
    PHRASE,
    REFERENCE,
    TAG,
    WEAK,
    WORD,
    Lexer,
    Places,
    Token,
)
from evidence_review.commands.search.strategy.tree import (
    ADVICE,
    ERROR,
    NOWHERE,
    WARNING,
    And,
    Dates,
    Fault,
    Line,
    Node,
    Not,
    Or,
    Place,
    Strategy,
    Term,
    Unread,
)


@dataclass(slots=True)
class _Frame:
    """An open bracket (or the whole line): what was read in it so far."""

    opened: Place | None
    parts: list[tuple[str, Part]] = field(default_factory=list)
    pending: list[Token] = field(default_factory=list)
    operators: list[Token] = field(default_factory=list)


def parse(text: str) -> Strategy:
    """Return the strategy that `text` stands for. No text is refused."""
    places = Places(text)
    faults: list[Fault] = []

    def report(code: str, severity: str, what: str, remedy: str, start: int, end: int) -> None:
        faults.append(Fault(code, severity, what, remedy, places.at(start, end)))

    # Character for character as long as `text`: what is no part of the strategy is blank.
    asked = comments.without(history.opened(text, report), report)
    faults.extend((*foreign(asked, places), *headlines(asked, places)))
    try:
        found = entries(asked, report)
        if found is None:
            node = _Reader(asked, places, {}, faults).read(0, len(text)).node
            return Strategy(text, node, (), _in_order(faults))
        root, lines = _numbered(asked, places, found, faults)
        return Strategy(text, root, lines, _in_order(faults))
    except TooLarge as fault:
        what = str(fault)
        faults.append(Fault("too-large", ERROR, what, "Split the strategy.", places.at(0, len(text))))
        return Strategy(text, Unread("", what), (), _in_order(faults))


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.place.start, fault.code)))


def _numbered(text: str, places: Places, found: list[Entry], faults: list[Fault]) -> tuple[Node, tuple[Line, ...]]:
    known: dict[int, Part] = {}
    lines = []
    for entry in found:
        reader = _Reader(text, places, known, faults)
        part = reader.read(entry.start, entry.end)
        known[entry.number] = part
        place = places.at(entry.start, entry.end)
        lines.append(Line(entry.number, part.node, tuple(reader.referred), place))
    faults.extend(unused(lines))
    return lines[-1].node, tuple(lines)


class _Reader:
    """Reads one line (or a whole unnumbered strategy); an explicit stack, so that no text is too deeply bracketed."""

    def __init__(self, text: str, places: Places, known: Mapping[int, Part], faults: list[Fault]) -> None:
        self._text = text
        self._places = places
        self._known = known
        self._faults = faults
        self._stack = [_Frame(None)]
        self._tokens: list[Token] = []
        self._at = 0
        self.referred: list[int] = []

    def read(self, start: int, end: int) -> Part:
        lexer = Lexer(self._text, self._places, start, end).run()
        self._faults.extend(lexer.faults)
        self._tokens = self._with_references(lexer.tokens)
        while self._at < len(self._tokens):
            self._step(self._tokens[self._at])
        while len(self._stack) > 1:
            opened = self._stack[-1].opened or NOWHERE
            self._fault(
                "unbalanced-bracket", ERROR, "this '(' is never closed", "Set the ')' where it belongs.", opened
            )
            self._close(())
        part = self._fold(self._stack[0])
        if part is None:
            return Part(Unread("", "there is nothing to search for", self._places.at(start, end)))
        return settled(part, self._faults.append)

    def _with_references(self, tokens: list[Token]) -> list[Token]:
        """Read `or/1-3` as its lines, and the number of an earlier line that stands alone as that line."""
        tokens = ranges.spelt_out(tokens, self._known, self._faults.append)
        found = list(tokens)
        words = (WORD, PHRASE, TAG, COLON)
        others = any(token.kind in words and not self._is_known(token) for token in tokens)
        for place, token in enumerate(tokens):
            beside = tokens[max(place - 1, 0) : place] + tokens[place + 1 : place + 2]
            if self._is_known(token) and not any(one.kind in words for one in beside):
                found[place] = replace(token, kind=REFERENCE)
                if others:
                    what = f"'{token.text}' is read as line #{token.text}; PubMed reads it as a word"
                    self._fault("bare-reference", WARNING, what, f"Write #{token.text}.", token.place)
        return found

    def _is_known(self, token: Token) -> bool:
        """Whether a word is the number of an earlier line."""
        number = token.kind == WORD and token.text.isascii() and token.text.isdigit() and len(token.text) < 5
        return number and int(token.text) in self._known

    def _fault(self, code: str, severity: str, what: str, remedy: str, place: Place) -> None:
        self._faults.append(Fault(code, severity, what, remedy, place))

    def _step(self, token: Token) -> None:
        if token.kind == OPEN:
            self._stack.append(_Frame(token.place))
            self._at += 1
        elif token.kind == CLOSE:
            self._at += 1
            if len(self._stack) == 1:
                what = "this ')' closes nothing"
                self._fault(
                    "unbalanced-bracket", ERROR, what, "Take it out, or set the '(' it belongs to.", token.place
                )
            else:
                self._close(self._tags())
        elif token.kind == OPERATOR:
            self._stack[-1].pending.append(token)
            self._at += 1
        elif token.kind == REFERENCE:
            self._at += 1
            self._operand(self._reference(token))
        elif token.kind == PHRASE:
            self._at += 1
            self._leaf(token.text, True, token.place)
        elif token.kind == TAG:
            self._at += 1
            what = f"the tag [{token.text.strip()[:40]}] follows no term"
            self._fault("stray-tag", WARNING, what, "Write the term before it, or take it out.", token.place)
        else:
            self._run()

    def _tags(self) -> tuple[Token, ...]:
        if self._at < len(self._tokens) and self._tokens[self._at].kind == TAG:
            self._at += 1
            return (self._tokens[self._at - 1],)
        return ()

    def _close(self, tags: tuple[Token, ...]) -> None:
        frame = self._stack.pop()
        part = self._fold(frame)
        if part is None:
            what = "there is nothing between these brackets"
            self._fault("empty-brackets", WARNING, what, "Take them out.", frame.opened or NOWHERE)
            return
        if tags:
            name = tags[0].text.strip()[:40]
            what = f"the tag [{name}] stands after a bracket; it is given to each untagged term inside"
            self._fault("tag-on-group", WARNING, what, "Write the tag after each term.", tags[0].place)
            part = replace(part, node=self._tagged(part.node, tags[0].text))
        self._operand(part)

    def _tagged(self, node: Node, tag: str) -> Node:
        match node:
            case Term(field=""):
                return terms.make(node.text, node.quoted, tag, node.place, self._faults.append) or node
            case And(parts=parts) | Or(parts=parts):
                return replace(node, parts=tuple(self._tagged(part, tag) for part in parts))
            case Not(keep=keep, drop=drop):
                return replace(node, keep=self._tagged(keep, tag), drop=self._tagged(drop, tag))
            case _:
                return node

    def _reference(self, token: Token) -> Part:
        number = int(token.text)
        if number in self._known:
            self.referred.append(number)
            part = self._known[number]
            if isinstance(part.node, Unread) and not part.node.text:
                return Part(Unread(f"#{number}", f"line #{number} holds nothing to search for", token.place))
            return part
        why = f"#{number} refers to a line that does not come before it"
        remedy = "Number the lines, and refer to earlier ones only."
        if not self._known:
            remedy += " PubMed forgets its own numbers within hours: paste the lines themselves."
        self._fault("unknown-line", ERROR, why, remedy, token.place)
        return Part(Unread(f"#{token.text}", why, token.place))

    def _run(self) -> None:
        """Read words up to the next mark; lower-case and, or, not between them are operators or part of the term."""
        start = self._at
        while self._at < len(self._tokens) and self._tokens[self._at].kind in (WORD, WEAK, COLON):
            self._at += 1
        run = self._tokens[start : self._at]
        tag = (
            self._tokens[self._at].text if self._at < len(self._tokens) and self._tokens[self._at].kind == TAG else None
        )
        begin = self._last_term(run, self._held_back(tag))
        piece: list[Token] = []
        for token in run[:begin]:
            if token.kind != WEAK:
                piece.append(token)
                continue
            self._flush(piece)
            piece = []
            self._weak(token)
        self._flush(piece)
        for token in run[begin:]:
            if token.kind == WEAK:
                what = f"'{token.text}' in lower case is read as part of an unquoted term"
                self._fault("lower-case-word", ADVICE, what, "Put the term in quotes.", token.place)
        self._flush(run[begin:], last=True)

    @staticmethod
    def _last_term(run: list[Token], held: tuple[str, ...]) -> int:
        """Return where the last term of a run begins, the one that a tag would belong to."""
        if run[-1].kind == WEAK:
            return len(run)
        begin = 0
        for place, token in enumerate(run):
            if token.kind == WEAK and (token.text.upper() not in held or place == begin):
                begin = place + 1
        return begin

    @staticmethod
    def _held_back(tag: str | None) -> tuple[str, ...]:
        """Return the operators that, in lower case between bare words, belong to the term.

        Headings and types have them in their names (Wounds and Injuries[mh]); in a tagged text term a lower-case not
        is rather a word (do not resuscitate[tiab]), while and and or rather join two terms.
        """
        known = read_tag(tag).field if tag is not None else ""
        if not known:
            return ()
        return ("AND", "OR", "NOT") if known in CONTROLLED else ("NOT",)

    def _weak(self, token: Token) -> None:
        what = f"'{token.text}' in lower case is read as the operator {token.text.upper()}"
        self._fault("lower-case-operator", ADVICE, what, f"Write {token.text.upper()}.", token.place)
        self._stack[-1].pending.append(replace(token, kind=OPERATOR, text=token.text.upper()))

    def _flush(self, piece: list[Token], last: bool = False) -> None:
        if not piece:
            return
        first, final = piece[0].place, piece[-1].place
        place = Place(first.line, first.column, first.start, final.end)
        text = " ".join(token.text for token in piece)
        if last:
            self._leaf(text, False, place)
        else:
            self._found(terms.make(text, False, None, place, self._faults.append))

    def _leaf(self, text: str, quoted: bool, place: Place) -> None:
        tags = self._tags()
        if not tags:
            self._found(terms.make(text, quoted, None, place, self._faults.append))
            return
        place = Place(place.line, place.column, place.start, tags[0].place.end)
        text, place = self._range(text, tags[0], place)
        self._found(terms.make(text, quoted, tags[0].text, place, self._faults.append))

    def _range(self, text: str, tag: Token, place: Place) -> tuple[str, Place]:
        """Join `"2010"[dp] : "2020"[dp]` into the text of one range."""
        following = self._tokens[self._at : self._at + 3]
        if read_tag(tag.text).field not in DATES or not following:
            return text, place
        if following[0].kind == COLON:
            following = following[1:]
        elif following[0].kind == WORD and following[0].text.startswith(":"):
            following = following[:2]
        else:
            return text, place
        if len(following) < 2 or following[0].kind not in (WORD, PHRASE) or following[1].kind != TAG:
            return text, place
        self._at = self._tokens.index(following[1], self._at) + 1
        end = following[0].text.lstrip(":")
        return f"{text}:{end}", Place(place.line, place.column, place.start, following[1].place.end)

    def _found(self, leaf: Term | Dates | None) -> None:
        if leaf is not None:
            self._operand(Part(leaf))

    def _operand(self, part: Part) -> None:
        frame = self._stack[-1]
        if len(frame.parts) >= MOST_TERMS:
            raise TooLarge(TOO_MANY)
        pending, frame.pending = frame.pending, []
        frame.operators.extend(pending)
        names = [token.text for token in pending]
        if not frame.parts:
            frame.parts.append(("", replace(part, negated=part.negated != ("NOT" in names))))
            for token in pending:
                if token.text != "NOT":
                    what = f"{token.text} has nothing before it"
                    self._fault("dangling-operator", ERROR, what, "Take it out.", token.place)
            return
        if not names:
            what, remedy = "no operator stands before this; PubMed takes AND", "Write AND or OR."
            self._fault("missing-operator", WARNING, what, remedy, part.node.place)
        elif len(names) > 1 and names != ["AND", "NOT"]:
            what = f"{' '.join(names[:4])} stand side by side"
            self._fault("doubled-operator", ERROR, what, "Leave one.", pending[0].place)
        operator = "NOT" if "NOT" in names else names[0] if names else "AND"
        frame.parts.append((operator, part))

    def _fold(self, frame: _Frame) -> Part | None:
        """Combine what a frame holds, from left to right."""
        for token in frame.pending:
            what = f"{token.text} has nothing after it"
            self._fault("dangling-operator", ERROR, what, "Take it out, or write what is missing.", token.place)
        if not frame.parts:
            return None
        operators = {operator for operator, _ in frame.parts[1:]}
        if "OR" in operators and len(operators) > 1:
            self._mixed(frame)
        return fold(frame.parts, self._faults.append)

    def _mixed(self, frame: _Frame) -> None:
        names = [token.text for token in frame.operators]
        place = next((token.place for token in frame.operators if token.text != names[0]), frame.operators[0].place)
        what = "AND, NOT and OR are mixed without brackets; PubMed works from left to right"
        self._fault("mixed-operators", WARNING, what, "Set brackets that say what you mean.", place)
