"""What a target is, and what becomes of a term in it."""

from __future__ import annotations

import calendar
import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evidence_review.commands.search.strategy.tree import Dates, Term

EXACT, BROADER, NARROWER, DROPPED = "exact", "broader", "narrower", "dropped"
OUTCOMES = (EXACT, BROADER, NARROWER, DROPPED)

# What an inexact term does to the whole search: in NOT, a broader term takes more away.
SAME, MORE, FEWER, UNCERTAIN = "same", "more", "fewer", "uncertain"


# Bytes of a URL-encoded query that leave room for the rest of a request's first line: most web servers take 8 KB of it.
URL_LIMIT = 7_000


@dataclass(frozen=True, slots=True)
class Rendering:
    """A leaf in a target's syntax, closed in itself so that any operator may stand beside it.

    `outcome` compares what it finds with what PubMed finds for the leaf; `why` says what differs and `mend` what a
    reviewer may do. A `guess` stands in for something that the target has not got (words for a heading): it is
    never used to take records away. `parameter` is set beside the query instead of in it.
    """

    query: str
    outcome: str = EXACT
    why: str = ""
    mend: str = ""
    guess: bool = False
    parameter: Mapping[str, str] | None = None


def dropped(why: str, mend: str = "") -> Rendering:
    """Return the rendering of a leaf that a target has nothing for."""
    return Rendering("", DROPPED, why, mend)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one leaf. `text` stands at `line` and `column` of the strategy; `query` is its translation.

    `effect` is what the difference does to the whole result: same, more, fewer or uncertain.
    """

    text: str
    term: str
    field: str
    line: int
    column: int
    outcome: str
    query: str = ""
    why: str = ""
    mend: str = ""
    effect: str = SAME


@dataclass(frozen=True, slots=True)
class Translation:
    """A strategy for one target: its `query`, `parameters` to be set beside it, and a row for each leaf.

    An empty query means that nothing of the strategy can be searched there: it must not be sent. `queries` is the
    query alone, or, where the target refuses its length, several that find the same between them. `notes` are about
    the whole.
    """

    target: str
    query: str
    rows: tuple[Row, ...] = ()
    parameters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    queries: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a target combines expressions; what is combined stands in brackets."""

    and_: str = " AND "
    or_: str = " OR "
    not_: str = " NOT "


@dataclass(frozen=True, slots=True)
class Target:
    """A source that a strategy can be written for.

    `term` and `dates` turn leaves into renderings; `top_dates` does so for a range that limits the whole search,
    where the source takes it beside the query; `limit` is the longest query in URL-encoded bytes, with `limit_note`;
    a `bag` combines nothing: its query is the list of the words.
    """

    name: str
    label: str
    term: Callable[[Term], Rendering]
    dates: Callable[[Dates], Rendering]
    grammar: Grammar = Grammar()
    top_dates: Callable[[Dates], Rendering] | None = None
    limit: int = 0
    limit_note: str = "A URL is safe up to about 8 KB"
    notes: tuple[str, ...] = ()
    bag: bool = False


_INVERTED = re.compile(r"^([^,]+), (.+)$")


def natural(heading: str) -> str:
    """Return a heading in the order of speech: `Adenocarcinoma, Follicular` as `Follicular Adenocarcinoma`.

    Headings with "and" or with several commas are lists rather than inversions and stay as they are.
    """
    match = _INVERTED.match(heading)
    if not match or "," in match[2] or re.search(r"\band\b", heading):
        return heading
    return f"{match[2]} {match[1]}"


def words_of(text: str) -> list[str]:
    """Return the words of a text, cut at spaces, hyphens and other marks; truncation marks stay."""
    return re.findall(r"[^\W_][\w'*]*|\*", text)


def year_span(dates: Dates) -> tuple[int, int | None, bool]:
    """Return the first year, the last one (None where open) and whether whole years are meant."""
    first, last = int(dates.start[:4]), int(dates.end[:4])
    whole = _january_first(dates.start) and _december_last(dates.end)
    return first, (None if last >= 3000 else last), whole


def day_span(dates: Dates) -> tuple[str, str | None]:
    """Return the first and the last day as `2010-05-01`; the last is None where open."""
    last = None if dates.end[:4] >= "3000" else _day(dates.end, "12", "31")
    return _day(dates.start, "01", "01"), last


def _day(date: str, month: str, day: str) -> str:
    """Return a date to the day; a day "31" that nobody wrote is the last of its month."""
    year, *rest = date.split("/")
    month = rest[0] if rest else month
    longest = calendar.monthrange(int(year), int(month))[1]
    written = int(rest[1]) if len(rest) == 2 else int(day)
    return f"{year}-{month}-{min(written, longest):02d}"


def _january_first(date: str) -> bool:
    return len(date) == 4 or date.endswith("/01/01") or (len(date) == 7 and date.endswith("/01"))


def _december_last(date: str) -> bool:
    return len(date) == 4 or date[:4] >= "3000" or date.endswith("/12/31") or (len(date) == 7 and date.endswith("/12"))
