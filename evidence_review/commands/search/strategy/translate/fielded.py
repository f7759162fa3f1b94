"""Targets that write `FIELD:word` and `FIELD:"a phrase"`, as Lucene and its relatives do: a target is mostly data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence_review.commands.search.strategy.fields import HEADINGS, label
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    DROPPED,
    EXACT,
    NARROWER,
    Rendering,
    dropped,
    natural,
    words_of,
)
from evidence_review.commands.search.strategy.tree import Term

_BARE = re.compile(r"[^\W_]+\*?")
_WITHIN = re.compile(r"\*[\w*]+")
_OPERATORS = {"and", "or", "not", "andnot", "to", "near", "adj"}
# Words that indexes leave out: asked for one by one they find everything or nothing.
_STOPPED = frozenset({"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})
_CHAINED = "{name} measures from each word to the next, PubMed across all of them, in any order"
_PEOPLE = frozenset({"au", "1au", "lastau", "fau", "ir", "fir", "ed", "ps"})

# Which outcome stands when two differences meet: what may lose records outweighs what only adds some.
_WEIGHT = {EXACT: 0, BROADER: 1, NARROWER: 2, DROPPED: 3}


@dataclass(frozen=True, slots=True)
class Into:
    """Where a PubMed field goes: the target's `fields` (any of them), and how that compares."""

    fields: tuple[str, ...]
    outcome: str = EXACT
    why: str = ""
    mend: str = ""
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Fielded:
    """What such a target can do.

    `into` says where each PubMed field goes; `bare` is where a term goes as words of title and abstract when the
    target has not got its field. `pattern` writes one field and one value. `wildcard`: a word may end in `*`;
    `phrase_wildcard`: also in a phrase; `near`: a pattern with `{phrase}` and `{n}` for proximity.
    """

    name: str
    into: Mapping[str, Into]
    bare: tuple[str, ...]
    pattern: str = "{field}:{value}"
    wildcard: bool = True
    phrase_wildcard: bool = False
    near: str = ""
    forbidden: str = ""
    and_: str = " AND "
    or_: str = " OR "
    gone: Mapping[str, str] = field(default_factory=dict)


def value(text: str) -> str:
    """Return text as one word where it is one, else as a phrase. A backslash would take the next mark's meaning."""
    text = " ".join(text.replace("\\", " ").split())
    return text if _BARE.fullmatch(text) and text.lower() not in _OPERATORS else f'"{text}"'


def render(target: Fielded, term: Term) -> Rendering:
    """Return a term in a fielded target's syntax."""
    into = target.into.get(term.field)
    text = term.text
    if into is None:
        into = _stand_in(target, term)
        if into is None:
            why = target.gone.get(term.field, f"{target.name} has no field for {label(term.field)}")
            return dropped(why, "Search it by hand there, or screen for it.")
        text = natural(text) if term.field in HEADINGS else text
    if target.forbidden:
        text = " ".join(re.sub(f"[{re.escape(target.forbidden)}]", " ", text).split())
    query, outcome, why, mend = _words(target, into.fields, term, text)
    outcome, why = _worse((into.outcome, into.why), (outcome, why))
    if term.field in HEADINGS and term.subheadings and not into.guess:
        outcome, why = _worse((outcome, why), (BROADER, f"the subheadings {', '.join(term.subheadings)} are lost"))
    return Rendering(query, outcome, why, into.mend or mend, into.guess)


def _stand_in(target: Fielded, term: Term) -> Into | None:
    """Return how words of the text stand in for a heading, subheading or type that the target does not index."""
    if term.field not in ("mh", "majr", "sh", "pt", "nm", "pa", "ot"):
        return None
    kind = label(term.field)
    why = f"{target.name} does not index by {kind}: its words are searched instead"
    if term.field in HEADINGS and term.explode:
        why += ", without the narrower headings"
    mend = "Add the synonyms and narrower terms as free text." if term.field in HEADINGS else ""
    return Into(target.bare, NARROWER, why, mend, guess=True)


def _worse(one: tuple[str, str], two: tuple[str, str]) -> tuple[str, str]:
    outcome = max(one[0], two[0], key=_WEIGHT.__getitem__)
    return outcome, "; ".join(why for why in dict.fromkeys((one[1], two[1])) if why)


def _words(target: Fielded, fields: tuple[str, ...], term: Term, text: str) -> tuple[str, str, str, str]:
    """Return query, outcome, why and mend for the words of a term."""
    words = words_of(text)
    if term.near is not None:
        # PubMed does not truncate there, and says so.
        words = [word for word in (word.replace("*", "") for word in words) if word]
        if target.near and len(words) > 1:
            phrase = target.near.format(phrase=" ".join(words), n=term.near, spaced=f" W/{term.near} ".join(words))
            query = _in_fields(target, fields, phrase)
            if len(words) == 2 or "{spaced}" not in target.near:
                return query, EXACT, "", ""
            return query, NARROWER, _CHAINED.format(name=target.name), "Write the likely word orders as phrases."
        mend = "Write the likely word orders as phrases."
        return _all_words(target, fields, words), BROADER, f"{target.name} has no proximity: all words anywhere", mend
    if "*" in text:
        return _truncated(target, fields, text, words)
    if not term.quoted and len(text.split()) > 1 and not term.field:
        why = "PubMed maps these words to headings and variants; here all of them are searched as they stand"
        return (
            _all_words(target, fields, words),
            NARROWER,
            why,
            "Write headings, phrases and synonyms out, each tagged.",
        )
    if not term.quoted and len(text.split()) > 1 and term.field in _PEOPLE:
        why = "PubMed also takes people with further initials; here the name is searched as it stands"
        return _in_fields(target, fields, value(text)), NARROWER, why, "Put the name in quotes, or name the variants."
    if not term.quoted and len(text.split()) > 1:
        why = "without quotes PubMed falls back to single words where it does not know the phrase; here it is a phrase"
        return (
            _in_fields(target, fields, value(text)),
            NARROWER,
            why,
            "Put the phrase in quotes, or join its words with AND.",
        )
    return _in_fields(target, fields, value(text)), EXACT, "", ""


def _truncated(target: Fielded, fields: tuple[str, ...], text: str, words: list[str]) -> tuple[str, str, str, str]:
    shorter = beginnings(text)
    if shorter != text:
        # What the word begins with finds all that the word finds, where anything can be cut short there.
        query, outcome, why, mend = _truncated(target, fields, shorter, words_of(shorter))
        cut = f"a '*' within a word: it is searched by its beginning, {value(shorter)}"
        outcome, why = _worse((outcome, why), (BROADER, cut)) if target.wildcard else (outcome, why)
        return query, outcome, why, mend or "Write the words out."
    single = _BARE.fullmatch(text) is not None
    if (single and target.wildcard) or (not single and target.phrase_wildcard):
        return _in_fields(target, fields, value(text)), EXACT, "", ""
    if not target.wildcard:
        stem = " ".join(text.replace("*", " ").split())
        why = f"{target.name} does not truncate: only {value(stem)} itself is searched"
        return _in_fields(target, fields, value(stem)), NARROWER, why, "Write the words out that the '*' stands for."
    why = f"{target.name} does not truncate inside a phrase: all words anywhere"
    return _all_words(target, fields, words), BROADER, why, "Write the phrases out that the '*' stands for."


def beginnings(text: str) -> str:
    """Return text with each word that has a '*' within it cut there: `organi*` for `organi*ation`."""
    return _WITHIN.sub("*", text)


def _all_words(target: Fielded, fields: tuple[str, ...], words: list[str]) -> str:
    kept = [word if target.wildcard else word.replace("*", "") for word in words]
    asked = [word for word in dict.fromkeys(kept) if word.strip("*")]
    asked = [word for word in asked if word.lower() not in _STOPPED] or asked
    parts = [_in_fields(target, fields, value(word)) for word in asked]
    return parts[0] if len(parts) == 1 else f"({target.and_.join(parts)})"


def _in_fields(target: Fielded, fields: tuple[str, ...], what: str) -> str:
    if not fields:
        return what
    parts = [target.pattern.format(field=name, value=what) for name in fields]
    return parts[0] if len(parts) == 1 else f"({target.or_.join(parts)})"
