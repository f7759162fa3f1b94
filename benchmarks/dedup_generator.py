"""Made-up records with realistic duplicates and realistic traps, for the other dedup benchmarks.

`works` makes papers that share words, authors and journals as a search's results do, with what must not be merged:
series, abstracts of later articles, editorials, papers of one group that differ in a word. `CORRUPTIONS` are the ways
in which databases and people damage a record; `copy` applies some. Everything is drawn from a seed.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from evidence_review.model.record import Citation, Name

_ONSETS = (*"bcdfghjklmnprstvwz", "ch", "dr", "gl", "ph", "pr", "qu", "st", "th", "tr")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "io", "ou")
_CODAS = ("", "", "n", "r", "s", "l", "m", "t", "x", "ck", "nd")
_SMALL = ("of", "in", "and", "for", "the", "with", "on", "among", "after", "versus")
_DESIGNS = (
    "a randomised controlled trial", "a cohort study", "a systematic review", "results of a survey",
    "a cross-sectional analysis", "a qualitative study", "a pilot study", "five-year follow-up",
)  # fmt: skip
_ACCENTS = {"a": "áàäå", "e": "éèë", "i": "íï", "o": "óöø", "u": "úü", "n": "ñ", "c": "ç"}


@dataclass(frozen=True)
class Journal:
    """A journal under its two names."""

    name: str
    short: str
    issn: str


@dataclass(frozen=True)
class World:
    """The words, families and journals that a set of records draws on. Frequencies fall as in natural text."""

    words: Sequence[str]
    families: Sequence[str]
    journals: Sequence[Journal]

    def zipf(self, draw: random.Random, items: Sequence[object]) -> object:
        """Draw an item; the first ones often."""
        return items[min(int(len(items) ** draw.random()) - 1, len(items) - 1)]


def _word(draw: random.Random, syllables: int) -> str:
    return "".join(draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice(_CODAS) for _ in range(syllables))


def world(size: int, seed: int = 1) -> World:
    """Make a world for about `size` records: vocabulary grows slower than the records (Heaps' law)."""
    draw = random.Random(seed)
    words = list(dict.fromkeys(_word(draw, draw.choice((2, 2, 3, 3, 4))) for _ in range(int(60 * size**0.5) + 500)))
    families = list(dict.fromkeys(_family(draw) for _ in range(int(20 * size**0.5) + 300)))
    journals = []
    for _ in range(int(3 * size**0.5) + 40):
        parts = [words[draw.randrange(len(words) // 4)].capitalize() for _ in range(draw.choice((1, 2, 2, 3)))]
        head = draw.choice(("Journal of", "Annals of", "International Journal of", "Archives of", "", ""))
        name = f"{head} {' and '.join(parts)}".strip()
        short = " ".join(_shortened(word) for word in name.split() if word not in ("of", "and"))
        journals.append(Journal(name, short, f"{draw.randrange(10**4):04d}-{draw.randrange(10**4):04d}"))
    return World(words, families, journals)


def _family(draw: random.Random) -> str:
    name = _word(draw, draw.choice((1, 2, 2, 3)))
    if draw.random() < 0.15:
        place = draw.randrange(len(name))
        name = name[:place] + draw.choice(_ACCENTS.get(name[place], name[place])) + name[place + 1 :]
    name = name.capitalize()
    return draw.choice(("van ", "de ", "")) + name if draw.random() < 0.08 else name


def _shortened(word: str) -> str:
    if word == "Journal":
        return "J"
    return word if len(word) < 6 else word[: max(3, len(word) // 2)]


def _people(draw: random.Random, place: World, count: int) -> tuple[Name, ...]:
    return tuple(
        Name(
            str(place.zipf(draw, place.families)), f"{_word(draw, 2).capitalize()} {draw.choice('ABCDEFGHJKLMNPRST')}."
        )
        for _ in range(count)
    )


def _work(draw: random.Random, place: World, number: int) -> Citation:
    words = [str(place.zipf(draw, place.words)) for _ in range(draw.randint(4, 11))]
    for _ in range(len(words) // 3):
        words.insert(draw.randrange(1, len(words)), draw.choice(_SMALL))
    title = " ".join(words).capitalize() + (f": {draw.choice(_DESIGNS)}" if draw.random() < 0.4 else "")
    journal = draw.choice(place.journals)
    year = draw.randint(1985, 2025)
    start = draw.randint(1, 2500)
    known = draw.random()
    return Citation(
        type="article-journal",
        title=title,
        container=journal.name,
        container_abbrev=journal.short,
        authors=_people(draw, place, draw.choice((1, 2, 3, 3, 4, 5, 6, 8, 12))),
        year=year,
        volume=str(year - 1960 - draw.randint(0, 3)),
        issue=str(draw.randint(1, 12)),
        pages=f"{start}-{start + draw.randint(2, 18)}" if known < 0.9 else "",
        doi=f"10.{draw.randint(1000, 9999)}/{_word(draw, 2)}.{number}" if known > 0.2 else "",
        issn=(journal.issn,),
        abstract=" ".join(str(place.zipf(draw, place.words)) for _ in range(60)) if draw.random() < 0.6 else "",
    )


def works(place: World, count: int, seed: int = 2, traps: float = 0.1) -> Iterator[Citation]:
    """Yield `count` different works; about one in ten is a trap made from the one before."""
    draw = random.Random(seed)
    made = 0
    while made < count:
        work = _work(draw, place, made)
        yield work
        made += 1
        if draw.random() < traps and made < count:
            yield TRAPS[draw.choice(list(TRAPS))](draw, place, work, made)
            made += 1


def _elsewhere(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    """Return a work with the title and authors of another, published as another."""
    other = _work(draw, place, number)
    return replace(other, title=work.title, authors=work.authors)


def _series(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    return replace(_elsewhere(draw, place, work, number), title=work.title + ", part 2", container=work.container)


def _abstract(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    talk = replace(_elsewhere(draw, place, work, number), pages=f"S{draw.randint(1, 400)}", abstract="", doi="")
    return replace(talk, year=(work.year or 2000) - draw.choice((0, 1, 2)))


def _sibling(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    words = work.title.split()
    at = draw.randrange(len(words))
    while words[at] in work.title:
        words[at] = str(place.zipf(draw, place.words))
    return replace(_elsewhere(draw, place, work, number), title=" ".join(words), container=work.container)


def _editorial(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    title = draw.choice(("Editorial", "Book reviews", "Letter to the editor", "In this issue", "Reply"))
    return replace(_work(draw, place, number), title=title, abstract="")


def _erratum(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    notice = replace(_elsewhere(draw, place, work, number), container=work.container, abstract="")
    return replace(notice, title=f"Erratum to: {work.title}")


Trap = Callable[[random.Random, World, Citation, int], Citation]
# What `works` mixes in.
TRAPS: dict[str, Trap] = {
    "series": _series,
    "abstract": _abstract,
    "sibling": _sibling,
    "editorial": _editorial,
    "erratum": _erratum,
}


def _next_volume(draw: random.Random, place: World, work: Citation, number: int, years: int) -> Citation:
    """Return a work with title, authors and journal of another, years later."""
    later = _elsewhere(draw, place, work, number)
    volume = str(int(work.volume) + years) if work.volume.isdigit() else later.volume
    return replace(later, container=work.container, year=(work.year or 2000) + years, volume=volume)


def _beside(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    """Return a work on other pages of the same issue, by the same authors."""
    other = _elsewhere(draw, place, work, number)
    return replace(work, doi=other.doi, pmid="", pages=other.pages, article_number="", abstract=other.abstract)


def _word_exchanged(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    return replace(_beside(draw, place, work, number), title=_sibling(draw, place, work, number).title)


def _on_one_page(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    """Return another talk of the same people on the same page of a supplement, which has one DOI for all."""
    other = _sibling(draw, place, work, number)
    return replace(work, title=other.title, abstract=other.abstract, pmid="", pages=work.pages.partition("-")[0])


def _chapter(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    """Return another chapter by the same authors in one book, with the book's DOI and no pages."""
    return replace(work, title=_work(draw, place, number).title, pages="", article_number="", abstract="", pmid="")


def _more(ending: str) -> Trap:
    return lambda draw, place, work, number: replace(
        _beside(draw, place, work, number), title=f"{work.title}{ending}", abstract=""
    )


def _before(words: str) -> Trap:
    return lambda draw, place, work, number: replace(
        _beside(draw, place, work, number), title=f"{words}{work.title}", abstract=""
    )


def _meeting(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    other = _elsewhere(draw, place, work, number)
    name = f"Proceedings of the {draw.randint(2, 40)}th International Conference on {other.container}"
    return replace(
        other, container=name, container_abbrev="", volume="", issue="", year=(work.year or 2000) - draw.choice((0, 1))
    )


def _preprint(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    name = f"arXiv preprint arXiv:{draw.randint(1000, 2400)}.{draw.randint(10000, 99999)}"
    return replace(work, container=name, container_abbrev="", volume="", issue="", pages="", doi="", pmid="", issn=())


def _thesis(draw: random.Random, place: World, work: Citation, number: int) -> Citation:
    name = "Dissertation Abstracts International"
    thesis = replace(_elsewhere(draw, place, work, number), container=name, container_abbrev="", doi="", abstract="")
    return replace(thesis, authors=work.authors[:1], year=(work.year or 2000) - 2)


# Each makes of a work another one that must not be merged with it; versions of one study may be linked.
HARD: dict[str, Trap] = {
    **{name: trap for name, trap in TRAPS.items() if name != "editorial"},
    "word exchanged, same issue": _word_exchanged,
    "other talk, same page and DOI": _on_one_page,
    "chapter, the book's DOI": _chapter,
    "numeral added": _more(" 2"),
    "one year later": lambda draw, place, work, number: _next_volume(draw, place, work, number, 1),
    "update after five years": lambda draw, place, work, number: _next_volume(draw, place, work, number, 5),
    "update, article number kept": lambda draw, place, work, number: replace(
        _next_volume(draw, place, work, number, 5), pages=work.pages.partition("-")[0], volume=""
    ),
    "summary beside it": _more(": executive summary"),
    "protocol": _more(": study protocol"),
    "correction beside it": _before("Correction: "),
    "reply": _before("Reply to: "),
    "comment": lambda draw, place, work, number: replace(
        _before("Comment on: ")(draw, place, work, number), authors=_people(draw, place, 2)
    ),
    "other people, same title": lambda draw, place, work, number: replace(
        _elsewhere(draw, place, work, number), authors=_people(draw, place, len(work.authors) or 1)
    ),
    "conference paper": _meeting,
    "preprint": _preprint,
    "thesis": _thesis,
}


def _pages_cut(citation: Citation) -> str:
    first, dash, last = citation.pages.partition("-")
    if not dash or len(first) != len(last):
        return first
    same = next((place for place in range(len(first)) if first[place] != last[place]), len(first) - 1)
    return f"{first}-{last[same:]}"


def _misread(draw: random.Random, text: str, share: float = 0.03) -> str:
    """Return a text as a scanner reads it."""
    pairs = {"m": "rn", "l": "1", "o": "0", "h": "b", "e": "c", "i": "l", "n": "ri", "u": "v", "a": "o"}
    return "".join(pairs.get(letter, letter) if draw.random() < share else letter for letter in text)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ø", "o"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _typo(draw: random.Random, text: str) -> str:
    at = draw.randrange(1, max(2, len(text) - 1))
    return draw.choice((text[:at] + text[at + 1 :], text[:at] + text[at : at + 1] * 2 + text[at + 1 :]))


def _names(change: Callable[[Name], Name]) -> Callable[[random.Random, Citation], Citation]:
    return lambda draw, one: replace(one, authors=tuple(change(name) for name in one.authors))


def _initials(name: Name) -> Name:
    return replace(name, given=" ".join(word[0] + "." for word in name.given.split()))


def _americanised(text: str) -> str:
    for british, american in (("ae", "e"), ("ou", "o"), ("ise", "ize"), ("randomised", "randomized")):
        text = re.sub(rf"(?<=\w){british}(?=\w)", american, text)
    return text


def _pseudo_translation(draw: random.Random, text: str) -> str:
    return " ".join(_word(draw, max(1, len(word) // 3)) for word in text.split()).capitalize()


Corruption = Callable[[random.Random, Citation], Citation]
CORRUPTIONS: dict[str, Corruption] = {
    "journal abbreviated": lambda draw, one: replace(one, container=one.container_abbrev or one.container),
    "initials only": _names(_initials),
    "initials joined": _names(
        lambda name: replace(name, given=_initials(name).given.replace(". ", "").replace(".", ""))
    ),
    "diacritics lost": lambda draw, one: replace(
        one,
        title=_plain(one.title),
        authors=tuple(Name(_plain(name.family), _plain(name.given)) for name in one.authors),
    ),
    "names swapped": _names(lambda name: Name(name.given, name.family)),
    "first author only": lambda draw, one: replace(one, authors=one.authors[:1], authors_truncated=True),
    "three authors only": lambda draw, one: replace(one, authors=one.authors[:3], authors_truncated=True),
    "authors lost": lambda draw, one: replace(one, authors=()),
    "group author": lambda draw, one: replace(one, authors=(Name(literal="Study Group"),)),
    "title truncated": lambda draw, one: replace(one, title=one.title[: max(25, len(one.title) * 2 // 3)]),
    "subtitle lost": lambda draw, one: replace(one, title=one.title.partition(":")[0]),
    "title translated": lambda draw, one: replace(one, title=_pseudo_translation(draw, one.title)),
    "title in capitals": lambda draw, one: replace(one, title=one.title.upper()),
    "title bracketed": lambda draw, one: replace(one, title=f"[{one.title}]."),
    "note after title": lambda draw, one: replace(one, title=f"{one.title} [Review] [{draw.randint(5, 99)} refs]"),
    "typing slip": lambda draw, one: replace(one, title=_typo(draw, one.title)),
    "read by a scanner": lambda draw, one: replace(one, title=_misread(draw, one.title)),
    "American spelling": lambda draw, one: replace(one, title=_americanised(one.title)),
    "HTML remains": lambda draw, one: replace(
        one, title=one.title.replace(" ", " <i>", 1).replace(" and ", " &amp; ") + "</i>"
    ),
    "LaTeX remains": lambda draw, one: replace(one, title="{" + one.title.replace(" ", r" \emph{", 1) + "}}"),
    "words joined": lambda draw, one: replace(one, title=one.title.replace(" ", "", 1)),
    "year off by one": lambda draw, one: replace(one, year=(one.year or 2000) + draw.choice((-1, 1))),
    "year lost": lambda draw, one: replace(one, year=None),
    "online first": lambda draw, one: replace(one, volume="", issue="", pages="", year=(one.year or 2000) - 1),
    "pages cut": lambda draw, one: replace(one, pages=_pages_cut(one)),
    "first page only": lambda draw, one: replace(one, pages=one.pages.partition("-")[0]),
    "pages lost": lambda draw, one: replace(one, pages=""),
    "DOI lost": lambda draw, one: replace(one, doi=""),
    "DOI as address": lambda draw, one: replace(one, doi=one.doi and f"https://doi.org/{one.doi.upper()}"),
    "journal lost": lambda draw, one: replace(one, container="", container_abbrev="", issn=()),
    "volume lost": lambda draw, one: replace(one, volume="", issue=""),
    "volume and issue swapped": lambda draw, one: replace(one, volume=one.issue, issue=one.volume),
    "title and journal swapped": lambda draw, one: replace(one, title=one.container, container=one.title),
    "abstract lost": lambda draw, one: replace(one, abstract=""),
}


def copy(draw: random.Random, work: Citation, damages: Sequence[str]) -> Citation:
    """Return a copy of a work with the named damages."""
    for name in damages:
        work = CORRUPTIONS[name](draw, work)
    return work


# What happens to nearly every record on its way through another database, and what now and then.
_USUAL = (
    *("journal abbreviated", "initials only", "initials joined", "pages cut", "DOI lost", "abstract lost"),
    *("diacritics lost", "DOI as address", "note after title", "title in capitals"),
    *("volume lost", "three authors only"),
)
_RARE = tuple(name for name in CORRUPTIONS if name not in (*_USUAL, "title and journal swapped", "title translated"))


def records(count: int, share: float = 0.35, seed: int = 3) -> Iterator[tuple[Citation, int]]:
    """Yield `count` records with the number of their work; `share` of them are copies of others.

    The copies follow their works, so that a reader who wants another order must shuffle.
    """
    draw = random.Random(seed)
    place = world(count, seed + 1)
    made = 0
    for number, work in enumerate(works(place, count, seed + 2)):
        yield work, number
        made += 1
        while made < count and draw.random() < share:
            damages = [
                *draw.sample(_USUAL, draw.randint(1, 3)),
                *(draw.sample(_RARE, 1) if draw.random() < 0.3 else []),
            ]
            yield copy(draw, work, damages), number
            made += 1
        if made >= count:
            return
