"""A strategy for another source: its query, and for each term what was kept, broadened, narrowed or dropped, and why.

A target is a module with a `TARGET`, listed in `TARGETS`. Dropping is always of whole operands: a dropped alternative
leaves the other alternatives, a dropped condition the other conditions, a dropped NOT what it was taken from; where
nothing is left to take away from, the NOT goes with it. Words that stand in for something else (a guess) never take
records away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from evidence_review.commands.search.strategy.fields import DATES, HEADINGS
from evidence_review.commands.search.strategy.foreign import CODE as FOREIGN
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.terms import LEAST_STEM, is_short
from evidence_review.commands.search.strategy.translate import (
    arxiv,
    core,
    crossref,
    ctgov,
    datacite,
    doaj,
    eric,
    europepmc,
    ieee,
    openalex,
    pubmed,
    scopus,
    semanticscholar,
)
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    DROPPED,
    EXACT,
    FEWER,
    MORE,
    NARROWER,
    SAME,
    UNCERTAIN,
    Rendering,
    Row,
    Target,
    Translation,
    dropped,
)
from evidence_review.commands.search.strategy.translate.filters import spelt_out
from evidence_review.commands.search.strategy.translate.written import (
    AND,
    NOT,
    OR,
    Combined,
    Written,
    cut,
    encoded,
    line,
)
from evidence_review.commands.search.strategy.tree import ERROR, And, Dates, Leaf, Node, Not, Or, Strategy, Term, Unread
from evidence_review.errors import UsageError, suggest

TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            pubmed.TARGET,
            europepmc.TARGET,
            openalex.TARGET,
            semanticscholar.TARGET,
            crossref.TARGET,
            doaj.TARGET,
            arxiv.TARGET,
            eric.TARGET,
            core.TARGET,
            datacite.TARGET,
            ctgov.TARGET,
            scopus.TARGET,
            ieee.TARGET,
        )
    }
)


def translate(strategy: Strategy, target: str, headings: Mapping[str, Sequence[str]] | None = None) -> Translation:
    """Return a strategy for the target of that name.

    `headings` gives words that stand for a heading; they are searched beside it where the target finds fewer with it.

    Raises:
        UsageError: there is no such target.
    """
    if target not in TARGETS:
        raise UsageError(f"No strategy can be written for '{target}'. {suggest(target, TARGETS)}")
    words = {name.casefold(): tuple(given) for name, given in (headings or {}).items()}
    translation = _Writer(TARGETS[target], strategy.text, words).write(strategy.root)
    return replace(translation, notes=(*_doubts(strategy), *translation.notes))


def _doubts(strategy: Strategy) -> Iterator[str]:
    """Yield what a reader of a translation must know of the strategy itself."""
    broken = sum(fault.severity == ERROR for fault in strategy.faults)
    if broken:
        errors = f"{broken} error{'s' if broken > 1 else ''}"
        yield f"The strategy has {errors} and was read as well as it can be: see search lint."
    marks = [fault for fault in strategy.faults if fault.code == FOREIGN]
    if marks:
        first = f"{marks[0].what} (line {marks[0].place.line}, column {marks[0].place.column})"
        more = f", and {len(marks) - 1} more" if len(marks) > 1 else ""
        yield f"Written for another platform? {first}{more}. Write it in PubMed syntax first: see search lint."


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a node became ("" for nothing), and the rows dropped in it so far."""

    written: Written = ""
    lost: tuple[int, ...] = ()


class _Writer:
    """Writes one tree for one target."""

    def __init__(self, target: Target, text: str, headings: Mapping[str, Sequence[str]]) -> None:
        self._target = target
        self._headings = headings
        self._text = text
        self._rows: list[Row] = []
        self._parameters: dict[str, str] = {}

    def write(self, root: Node) -> Translation:
        piece = self._node(root, negative=False, top=True)
        self._lose(piece.lost, MORE if self._parameters else UNCERTAIN)
        written = self._bag() if self._target.bag else piece.written
        query = line(written, self._target.grammar)
        queries = self._queries(written, query)
        return Translation(
            self._target.name, query, tuple(self._rows), dict(self._parameters), queries, self._notes(query, queries)
        )

    def _queries(self, written: Written, query: str) -> tuple[str, ...]:
        if not query or not self._target.limit:
            return (query,) if query else ()
        return cut(written, self._target.grammar, self._target.limit) or (query,)

    def _notes(self, query: str, queries: tuple[str, ...]) -> tuple[str, ...]:
        notes = list(self._target.notes)
        label, limit, length = self._target.label, self._target.limit, encoded(query)
        if not query:
            notes.append(f"Nothing of this strategy can be searched in {label}.")
        if len(queries) > 1:
            notes.append(
                f"{self._target.limit_note} and this query takes {length:,} bytes there: it is searched as "
                f"{len(queries)} shorter ones that find the same between them."
            )
        elif limit and length > limit:
            notes.append(f"{self._target.limit_note} and this query takes {length:,} bytes there: shorten it.")
        takers = sum(row.outcome == BROADER and row.effect == FEWER for row in self._rows)
        if takers and not self._target.bag:
            notes.append(
                f"Broader in {label} and after NOT: {takers} term{'s' if takers > 1 else ''}. "
                "Records that PubMed keeps may be taken away."
            )
        return tuple(notes)

    def _bag(self) -> str:
        words = (word for row in self._rows if row.outcome != DROPPED for word in row.query.split())
        return " ".join({word.lower(): word for word in words}.values())

    def _node(self, node: Node, negative: bool, top: bool) -> _Piece:
        match node:
            case And(parts=parts):
                return self._several(node, [self._node(part, negative, top) for part in parts], negative)
            case Or(parts=parts):
                return self._several(node, [self._node(part, negative, False) for part in parts], negative)
            case Not():
                return self._without(node, negative, top)
            case _:
                return self._leaf(node, negative, top)

    def _several(self, node: And | Or, pieces: list[_Piece], negative: bool) -> _Piece:
        kept = tuple(piece.written for piece in pieces if piece.written)
        lost = tuple(row for piece in pieces for row in piece.lost)
        if not kept:
            return _Piece(lost=lost)
        self._lose(lost, MORE if isinstance(node, And) != negative else FEWER)
        if len(kept) == 1:
            return _Piece(kept[0])
        return _Piece(Combined(AND if isinstance(node, And) else OR, kept))

    def _without(self, node: Not, negative: bool, top: bool) -> _Piece:
        keep = self._node(node.keep, negative, top)
        before = len(self._rows)
        drop = self._node(node.drop, not negative, False)
        if not keep.written:
            self._forget(before)
            return _Piece(lost=(*keep.lost, *range(before, len(self._rows))))
        self._lose(drop.lost, FEWER if negative else MORE)
        if not drop.written:
            return _Piece(keep.written)
        return _Piece(Combined(NOT, (keep.written, drop.written)))

    def _forget(self, start: int) -> None:
        """Mark the rows from `start` as dropped: what they were to be taken from is gone."""
        for index in range(start, len(self._rows)):
            if self._rows[index].outcome != DROPPED:
                why = "what it would be taken away from cannot be searched here"
                self._rows[index] = replace(self._rows[index], outcome=DROPPED, query="", why=why, mend="")

    def _lose(self, rows: tuple[int, ...], effect: str) -> None:
        for index in rows:
            self._rows[index] = replace(self._rows[index], effect=effect)

    def _leaf(self, leaf: Leaf, negative: bool, top: bool) -> _Piece:
        rendering = self._rendering(leaf, top)
        if rendering.guess and negative:
            lacking = rendering.why.partition(": its words are searched")[0]
            rendering = dropped(f"{lacking}: words in its place would take away records that PubMed keeps", "")
        elif isinstance(leaf, Term) and not negative:
            rendering = self._with_words(leaf, rendering)
        if rendering.parameter is not None:
            self._parameters.update(rendering.parameter)
        elif not rendering.query and rendering.outcome != DROPPED:
            rendering = dropped(f"no word of it can be searched in {self._target.label}", "Write it in words.")
        effects = {BROADER: (MORE, FEWER), NARROWER: (FEWER, MORE), DROPPED: (UNCERTAIN, UNCERTAIN)}
        effect = effects.get(rendering.outcome, (SAME, SAME))[negative]
        self._rows.append(self._row(leaf, rendering, effect))
        lost = (len(self._rows) - 1,) if rendering.outcome == DROPPED else ()
        return _Piece(rendering.query, lost)

    def _rendering(self, leaf: Leaf, top: bool) -> Rendering:
        match leaf:
            case Unread(why=why):
                return dropped(why, "Correct the strategy.")
            case Dates():
                if not top or self._target.top_dates is None:
                    return self._target.dates(leaf)
                if self._parameters:
                    return dropped("another range already limits the whole search", "Join the ranges into one.")
                return self._target.top_dates(leaf)
            case Term():
                return self._term(leaf)

    def _term(self, term: Term) -> Rendering:
        if self._target.name == pubmed.TARGET.name:
            return self._target.term(term)
        if term.field in DATES:
            why = f"'{term.text[:40]}' is no date or range of dates that {self._target.label} could be given"
            return dropped(why, "Write the dates: 2010/01/01:2020/12/31[dp].")
        if term.text.lower() == "hasabstract":
            return dropped("'hasabstract' is a condition to PubMed alone", "Leave it to screening.")
        rendering = self._target.term(spelt_out(term))
        if rendering.outcome == EXACT and "*" in rendering.query and is_short(term.text):
            why = f"PubMed does not truncate after fewer than {LEAST_STEM} letters, {self._target.label} does"
            return replace(rendering, outcome=BROADER, why=why, mend="Write the words out.")
        return rendering

    def _with_words(self, term: Term, rendering: Rendering) -> Rendering:
        """Return a heading's rendering with the words that the protocol gives for it."""
        words = self._headings.get(term.text.casefold(), ()) if term.field in HEADINGS else ()
        if not words or not (rendering.outcome == NARROWER or self._target.bag):
            return rendering
        more = (self._target.term(Term(word, "tiab", quoted=True)).query for word in words)
        parts = dict.fromkeys(part for part in (rendering.query, *more) if part)
        query = " ".join(parts) if self._target.bag else f"({self._target.grammar.or_.join(parts)})"
        why = f"{rendering.why}; the words that the protocol gives for it are searched beside it"
        return replace(rendering, query=query, why=why, mend="")

    def _row(self, leaf: Leaf, rendering: Rendering, effect: str) -> Row:
        place = leaf.place
        return Row(
            text=self._text[place.start : place.end] or to_pubmed(leaf),
            term=to_pubmed(leaf),
            field=getattr(leaf, "field", ""),
            line=place.line,
            column=place.column,
            outcome=rendering.outcome,
            query=rendering.query,
            why=rendering.why,
            mend=rendering.mend,
            effect=effect,
        )
