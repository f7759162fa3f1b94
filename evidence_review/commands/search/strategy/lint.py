"""What a peer reviewer of search strategies would say, after PRESS.

PRESS (McGowan et al. 2016, 10.1016/j.jclinepi.2016.01.021) looks at six elements: translation of the question, Boolean
and proximity operators, subject headings, text words, spelling and syntax, limits and filters. What the parser found
belongs to the second and fifth; the checks here add what can be told from the strategy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from evidence_review.commands.search.strategy import vocabulary
from evidence_review.commands.search.strategy.fields import HEADINGS, TEXT
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.terms import LEAST_STEM, is_short
from evidence_review.commands.search.strategy.tree import (
    ADVICE,
    ERROR,
    WARNING,
    And,
    Dates,
    Fault,
    Node,
    Not,
    Or,
    Place,
    Strategy,
    Term,
    Unread,
    children,
    leaves,
)
from evidence_review.errors import suggest

# Hypotension is not Hypertension: two letters may differ in long names only.
_LONG = 16
_CHECK_TAGS = {name.casefold() for name in vocabulary.CHECK_TAGS}

Check = Callable[[Strategy], Iterator[Fault]]


def review(strategy: Strategy, hits: Mapping[int, int] | None = None) -> tuple[Fault, ...]:
    """Return every finding, the parser's included, in the order of the text.

    `hits` has the number of records found by each line, where somebody counted them.
    """
    found = [*strategy.faults, *_zero_hits(strategy, hits or {})]
    for check in CHECKS:
        found.extend(check(strategy))
    return tuple(sorted(set(found), key=lambda fault: (fault.place.start, fault.place.end, fault.code)))


def _zero_hits(strategy: Strategy, hits: Mapping[int, int]) -> Iterator[Fault]:
    remedy = "Check its spelling and tags, or take it out."
    for line in strategy.lines:
        if hits.get(line.number) == 0:
            yield Fault("zero-hits", WARNING, f"line #{line.number} finds nothing", remedy, line.place)
    if not strategy.lines:
        first: dict[int, Place] = {}
        for leaf in leaves(strategy.root):
            first.setdefault(leaf.place.line, leaf.place)
        for number, place in first.items():
            if hits.get(number) == 0:
                yield Fault("zero-hits", WARNING, f"what stands on line {number} finds nothing", remedy, place)


def concepts(node: Node) -> tuple[Node, ...]:
    """Return the concepts of a strategy: what is joined by AND at the top, without what is taken away."""
    match node:
        case And(parts=parts):
            return tuple(concept for part in parts for concept in concepts(part))
        case Not(keep=keep):
            return concepts(keep)
        case _:
            return (node,)


def _terms(node: Node) -> list[Term]:
    return [leaf for leaf in leaves(node) if isinstance(leaf, Term)]


def _lone_terms(strategy: Strategy) -> Iterator[Fault]:
    """A concept with one term has no synonyms."""
    for concept in concepts(strategy.root):
        if isinstance(concept, Term) and concept.field in HEADINGS and concept.text.casefold() in _CHECK_TAGS:
            what = f"the strategy is limited by {_shown(concept)}, which records not yet indexed have not got"
            yield Fault("limit", ADVICE, what, "Give the reason under 'limits' in the protocol.", concept.place)
        elif isinstance(concept, Term) and concept.field in TEXT | HEADINGS:
            what = f"{_shown(concept)} stands alone for its concept: no synonym is searched"
            remedy = "Add synonyms, variants and headings, joined by OR."
            yield Fault("no-synonym", WARNING, what, remedy, concept.place)


def _one_sided_concepts(strategy: Strategy) -> Iterator[Fault]:
    """A concept needs headings (for indexed records) and free text (for the newest and for other sources)."""
    for concept in concepts(strategy.root):
        terms = _terms(concept)
        if not isinstance(concept, Or) or len(terms) < 2:
            continue
        headed = any(term.field in HEADINGS for term in terms)
        worded = any(term.field in TEXT for term in terms)
        if headed and not worded:
            what = "this concept has headings only: records not yet indexed are missed"
            yield Fault("no-text-words", WARNING, what, "Add the words of titles and abstracts.", _first(concept))
        elif worded and not headed:
            what = "this concept has text words only"
            yield Fault("no-heading", ADVICE, what, "Look for MeSH headings that fit.", _first(concept))


def _first(node: Node) -> Place:
    return next((leaf.place for leaf in leaves(node)), node.place)


def _shown(term: Term) -> str:
    return to_pubmed(term)[:60]


def _truncation(strategy: Strategy) -> Iterator[Fault]:
    for term in _terms(strategy.root):
        if "?" in term.text or "$" in term.text:
            what = f"{_shown(term)} has a wildcard of another database; PubMed knows '*' only"
            yield Fault("foreign-wildcard", WARNING, what, "Use '*', or write the variants.", term.place)
        for word in term.text.split():
            stem = word.split("*")[0]
            if is_short(word):
                letters = f"{len(stem)} character{'' if len(stem) == 1 else 's'}"
                what = f"'{word}' is cut after {letters}; PubMed needs {LEAST_STEM}"
                yield Fault("short-truncation", WARNING, what, "Write the words out.", term.place)
        if term.truncated and term.field in HEADINGS:
            what = f"{_shown(term)}: headings are matched whole"
            yield Fault("truncated-heading", WARNING, what, "Name the heading, and explode it.", term.place)


def _tags(strategy: Strategy) -> Iterator[Fault]:
    terms = _terms(strategy.root)
    tagged = any(term.field for term in terms)
    for term in terms:
        if not term.field and tagged:
            what = f"{_shown(term)} has no tag: PubMed maps it to headings and variants by its own rules"
            yield Fault("untagged", ADVICE, what, "Tag it, such as [tiab], or choose the heading.", term.place)
        if term.field in TEXT - {""} and not term.quoted and " " in term.text and not term.truncated:
            what = (
                f"{_shown(term)} is not in quotes: PubMed falls back to single words where it does not know the phrase"
            )
            yield Fault("unquoted-phrase", ADVICE, what, "Put it in quotes.", term.place)


def _taken_away(strategy: Strategy) -> Iterator[Fault]:
    """NOT takes away whatever mentions its terms, also what is about both things."""
    for node in _subtractions(strategy.root):
        if _is_safe_filter(node.drop):
            continue
        drops = _terms(node.drop)
        words = [term for term in drops if term.field in TEXT]
        headings = [term for term in drops if term.field in HEADINGS]
        if words:
            what = f"NOT takes away every record that mentions {_shown(words[0])}, also those that compare it"
            remedy = "Leave it to screening, or check what is lost before you keep it."
            yield Fault("not-loses", WARNING, what, remedy, words[0].place)
        elif headings:
            what = f"NOT takes away every record indexed with {_shown(headings[0])}, also those on both"
            remedy = "Write NOT (Animals[mh] NOT Humans[mh]) for animals; else leave it to screening."
            yield Fault("not-loses", WARNING, what, remedy, headings[0].place)


def _is_safe_filter(node: Node) -> bool:
    """Whether NOT takes away this only where the other is absent: `Animals NOT Humans`."""
    return isinstance(node, Not) and all(term.field in HEADINGS for term in _terms(node))


def _subtractions(node: Node) -> Iterator[Not]:
    """Yield every NOT that takes from what is found; one inside what is taken away gives back."""
    if isinstance(node, Not):
        yield node
        yield from _subtractions(node.keep)
    else:
        for child in children(node):
            yield from _subtractions(child)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _nodes(child)


def _repeats(strategy: Strategy) -> Iterator[Fault]:
    for node in _nodes(strategy.root):
        if not isinstance(node, (And, Or)):
            continue
        seen: set[str] = set()
        for part in node.parts:
            if isinstance(part, (And, Or, Not, Unread)):
                continue
            written = to_pubmed(part).casefold()
            if written in seen:
                yield Fault("repeated", ADVICE, f"{to_pubmed(part)[:60]} stands twice", "Take one out.", part.place)
            seen.add(written)


def _headings(strategy: Strategy) -> Iterator[Fault]:
    """Headings and types that are almost another one: probably misspelt."""
    terms = _terms(strategy.root)
    headings = [term for term in terms if term.field in HEADINGS and not term.truncated]
    known = {name.casefold(): name for name in vocabulary.COMMON_HEADINGS}
    phrases = {term.text.casefold(): term.text for term in terms if term.field in TEXT and not term.truncated}
    for term in headings:
        name = term.text.casefold()
        others = {other.text.casefold(): other.text for other in headings if other.text.casefold() != name}
        near = _nearest(name, known | phrases | others) if name not in known and name not in phrases else None
        if near:
            what = f"{_shown(term)} looks like '{near}' misspelt; a heading that does not exist finds nothing"
            yield Fault("misspelt-heading", WARNING, what, "Check it in the MeSH Browser.", term.place)
        american = next(_american(term.text.casefold()), "") if near is None else ""
        if american:
            what = f"{_shown(term)} is spelt in the British way; MeSH spells '{american}'"
            yield Fault("misspelt-heading", WARNING, what, "Check it in the MeSH Browser.", term.place)
    types = {name.casefold(): name for name in vocabulary.PUBLICATION_TYPES}
    for term in terms:
        if term.field == "pt" and term.text.casefold() not in types:
            what = f"{_shown(term)} is no common publication type"
            yield Fault("unknown-type", WARNING, what, suggest(term.text, types.values()), term.place)


def _nearest(name: str, others: Mapping[str, str]) -> str | None:
    """Return the name that differs from `name` in one letter, or two of many, endings of the plural aside.

    Letters and numbers that stand alone tell things apart: Hepatitis A is not Hepatitis B.
    """
    allowed = 2 if len(name) >= _LONG else 1
    for folded, shown in others.items():
        if _short_words(name) != _short_words(folded):
            continue
        if len(name) >= 6 and not _same_but_for_number(name, folded) and _distance(name, folded, allowed) <= allowed:
            return shown
    return None


def _short_words(name: str) -> list[str]:
    return [word for word in name.split() if len(word) <= 3]


def _same_but_for_number(one: str, two: str) -> bool:
    short, long = sorted((one, two), key=len)
    return long in (f"{short}s", f"{short}es", f"{short.removesuffix('y')}ies")


def _distance(one: str, two: str, most: int) -> int:
    """Return the edits (an exchange of neighbours counting one) between two words, or more than `most`."""
    if abs(len(one) - len(two)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, start=1):
        before_last, before, row = before, row, [i]
        for j, b in enumerate(two, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _spellings(strategy: Strategy) -> Iterator[Fault]:
    terms = [term for term in _terms(strategy.root) if term.field in TEXT]
    texts = {term.text.casefold() for term in terms}
    stems = tuple(text.split("*")[0] for text in texts if "*" in text)
    for term in terms:
        for other in _other_spellings(term.text.casefold()):
            if other not in texts and not (stems and other.startswith(stems)):
                what = f"{_shown(term)} is searched without '{other}'"
                yield Fault("spelling-variant", ADVICE, what, f"Add {other}.", term.place)


def _other_spellings(text: str) -> Iterator[str]:
    """Yield a text with one word spelt as on the other side of the ocean."""
    words = text.split()
    for place, word in enumerate(words):
        for pair in vocabulary.SPELLINGS:
            for here, there in (pair, pair[::-1]):
                other = _respelt(word, here, there)
                if other is not None:
                    yield " ".join([*words[:place], other, *words[place + 1 :]])


def _american(text: str) -> Iterator[str]:
    """Yield a heading with a word spelt as MeSH does where it is spelt in the British way."""
    words = text.split()
    for place, word in enumerate(words):
        for here, there in vocabulary.SPELLINGS:
            other = _respelt(word, here, there)
            if other is not None:
                yield " ".join([*words[:place], other, *words[place + 1 :]])


def _respelt(word: str, here: str, there: str) -> str | None:
    if here.startswith("-"):
        stem, plural = word.removesuffix("s"), word[len(word.removesuffix("s")) :]
        return stem.removesuffix(here[1:]) + there[1:] + plural if stem.endswith(here[1:]) else None
    return there + word[len(here) :] if word.startswith(here) else None


def _limits(strategy: Strategy) -> Iterator[Fault]:
    for leaf in leaves(strategy.root):
        if isinstance(leaf, Dates):
            what = "the strategy is limited by date"
            yield Fault("limit", ADVICE, what, "Give the reason under 'limits' in the protocol.", leaf.place)
        elif isinstance(leaf, Term) and leaf.field in ("la", "sb", "filter"):
            what = f"the strategy is limited by {_shown(leaf)}"
            yield Fault("limit", ADVICE, what, "Give the reason under 'limits' in the protocol.", leaf.place)


def _nothing(strategy: Strategy) -> Iterator[Fault]:
    if isinstance(strategy.root, Unread) and not any(fault.severity == ERROR for fault in strategy.faults):
        what = strategy.root.why or "there is nothing to search for"
        yield Fault("nothing", ERROR, what, "Write a strategy.", strategy.root.place)


CHECKS: tuple[Check, ...] = (
    _nothing,
    _lone_terms,
    _one_sided_concepts,
    _truncation,
    _tags,
    _taken_away,
    _repeats,
    _headings,
    _spellings,
    _limits,
)
