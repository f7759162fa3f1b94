"""Matching forms by column, as the scorer wants them: texts to compare, codes to ask for equality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence_review.commands.dedup.form import Form
from evidence_review.commands.dedup.venues import Facts, facts

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

TEXTS = ("title", "families", "letters", "abstract")
CODES = (
    "title", "numbers", "marker", "families", "first_author", "initials", "venue", "volume", "issue",
    "first_page", "last_page", "doi", "pmid", "serials", "abstract", "kind",
)  # fmt: skip


# What may stand before the number of a page.
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Letters of a title's beginning and end by which a part of it is told.
PIECE = 16


@dataclass(frozen=True, slots=True)
class Columns:
    """The forms of a set of records. `codes` number the distinct values of a column from 1; 0 is unknown.

    `short` and `common` say of each record whether its title says little: by its length, or because other works
    share it; `yearly` that its volume is the year, `from_one` that its pages begin at 1, as those of a manuscript do.
    `journals` is what the records say of journals.
    """

    forms: Sequence[Form]
    texts: dict[str, Texts]
    codes: dict[str, Ints]
    year: Ints
    author_count: Ints
    short: NDArray[np.bool_]
    common: NDArray[np.bool_]
    yearly: NDArray[np.bool_]
    from_one: NDArray[np.bool_]
    journals: Facts

    def __len__(self) -> int:
        return len(self.forms)


def factorise(values: Sequence[str]) -> Ints:
    """Return a number for each value, the same for the same value, 0 for the empty one."""
    place_of: defaultdict[str, int] = defaultdict(count(1).__next__)
    place_of[""] = 0
    return np.fromiter(map(place_of.__getitem__, values), np.int64, len(values))


# A title says little of a work when so many different ones bear it.
COMMON = 3
_MIN_WORDS, _MIN_LETTERS = 3, 16


def is_short(title: str) -> bool:
    """Whether a title is too short to tell a work by. Scripts without spaces say more in fewer letters."""
    if not title.isascii():
        return len(title) < _MIN_LETTERS // 2
    return len(title) < _MIN_LETTERS or title.count(" ") < _MIN_WORDS - 1


def common_titles(forms: Sequence[Form], titles: Ints) -> NDArray[np.bool_]:
    """Return whether each record's title is used for different works in this very set.

    No list of words: the set's own records tell. Works are told apart by volume and first page, and where these are
    unknown by first author; copies of one work have these in common and do not count.
    """
    places: dict[int, set[tuple[str, str]]] = {}
    people: dict[int, tuple[set[str], set[str]]] = {}
    shared = np.flatnonzero((titles > 0) & (np.bincount(titles)[titles] >= COMMON)) if len(titles) else titles
    for place, title in zip(shared.tolist(), titles[shared].tolist(), strict=True):
        form = forms[place]
        named, homeless = people.setdefault(title, (set(), set()))
        named.add(form.first_author)
        if form.first_page:
            places.setdefault(title, set()).add((form.volume, form.first_page))
        elif form.first_author:
            homeless.add(form.first_author)
    common = set()
    for title, (named, homeless) in people.items():
        found = len(places.get(title, ()))
        if _different(homeless) >= COMMON or (found >= COMMON and _different(named) > 1) or found >= 2 * COMMON:
            common.add(title)
    flags: NDArray[np.bool_] = np.isin(titles, np.fromiter(common, np.int64, len(common)))
    return flags


def _different(names: Iterable[str]) -> int:
    """Return of how many people names are: "J Smith" and "Smith" share the beginning of a word, and may be one."""
    groups: list[set[str]] = []
    for name in names:
        words = {word[:4] for word in name.split() if len(word) > 2} or {name}
        mine = [group for group in groups if not words.isdisjoint(group)]
        groups = [group for group in groups if words.isdisjoint(group)]
        groups.append(words.union(*mine))
    return len(groups)


def columns(forms: Sequence[Form], common: NDArray[np.bool_] | None = None, journals: Facts | None = None) -> Columns:
    """Return forms by column.

    Args:
        forms: the records; all of a review, or some of them where the next two are given.
        common: which titles several works bear, learnt from the whole review.
        journals: what the whole review says of journals.
    """
    rows: list[Sequence[Any]] = list(zip(*forms, strict=True)) if forms else [[] for _ in Form._fields]
    by_name = dict(zip(Form._fields, rows, strict=True))
    texts = {}
    for name in TEXTS:
        texts[name] = np.empty(len(forms), object)
        texts[name][:] = by_name[name]
    codes = {name: factorise(by_name[name]) for name in CODES}
    codes["head"] = factorise([title[:PIECE] for title in by_name["title"]])
    codes["tail"] = factorise([title[-PIECE:] for title in by_name["title"]])
    numbers = [page.lstrip(LETTERS) for page in by_name["first_page"]]
    codes["page_number"] = factorise(numbers)
    from_one = np.fromiter((number == "1" for number in numbers), np.bool_, len(forms))
    volumes = zip(by_name["volume"], by_name["year"], strict=True)
    yearly = np.fromiter((volume == str(year) for volume, year in volumes), np.bool_, len(forms))
    year = np.array(by_name["year"], np.int64)
    authors = np.array(by_name["author_count"], np.int64)
    short = np.fromiter(map(is_short, by_name["title"]), np.bool_, len(forms))
    common = common_titles(forms, codes["title"]) if common is None else common
    journals = facts(forms) if journals is None else journals
    return Columns(forms, texts, codes, year, authors, short, common, yearly, from_one, journals)
