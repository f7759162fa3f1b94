"""Whether the numbers of a flow add up: the identities between the boxes of the PRISMA 2020 flow diagram.

I1   the parts of a box of identified records sum to it
I2   records screened = identified from databases and registers, less what was removed before screening
I3   reports sought = records screened, less records excluded
I4   reports assessed = reports sought, less reports not retrieved
I5   the same down to retrieval for the other methods, which PRISMA gives no duplicates or screening box
I6   reports assessed from other methods = sought, less not retrieved
I7   reports included = assessed, less excluded, of both arms, and less those that await classification
I8   at least as many reports as studies (a warning: one report may hold several studies)
I9   studies (reports) in all = those of the previous version and the new ones, less a declared overlap
I10  studies appraised, in the synthesis or in the meta-analysis are among the studies included
I11  the reasons for exclusion sum to the reports excluded
I12  each count is the number of the ids behind it, and every record is in exactly one place

A number that is not known is left out of account, as far as that is sound: `x = a - b` with `b` unknown still demands
`x <= a`. So a published flow with gaps is refused only where no number in the gap could make it right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from evidence_review.model.protocol import Adjustment
from evidence_review.state.boxes import STATE_BOXES
from evidence_review.state.flow import Count, Flow
from evidence_review.state.standing import MAIN, OTHER
from evidence_review.state.versions import adjusted, changed_since


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken identity: `box` holds `found` where `expected` is right. A `soft` one is a warning.

    `expected` is a number, or words such as "at most 67"; `ids` the records concerned, where they are known.
    """

    identity: str
    statement: str
    expected: int | str
    found: int
    ids: tuple[str, ...] = ()
    box: str = ""
    soft: bool = False

    def __str__(self) -> str:
        """`I2 (records_screened): … expected 193, found 198`, with the first ids."""
        text = f"{self.identity} ({self.box}): {self.statement}: expected {self.expected}, found {self.found}"
        if self.ids:
            more = f" and {len(self.ids) - 5} more" if len(self.ids) > 5 else ""
            text += f"; records concerned: {', '.join(self.ids[:5])}{more}"
        return text


@dataclass(frozen=True, slots=True)
class Identity:
    """`box` = the sum of `plus` less the sum of `minus`; a term in `optional` that is unknown counts as 0."""

    id: str
    box: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]
    statement: str
    subject: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """The boxes on the right."""
        return (*self.plus, *self.minus)


# Boxes that every flow diagram has: where one is empty its number is unknown. Any other box that is not there is 0.
_OTHER_CORE = frozenset({"other_sought_reports", "other_notretrieved_reports", "other_assessed", "other_excluded"})
CORE = _OTHER_CORE | {
    "database_results", "duplicates", "records_screened", "records_excluded", "dbr_sought_reports",
    "dbr_notretrieved_reports", "dbr_assessed", "dbr_excluded", "new_reports", "new_studies", "previous_studies",
    "previous_reports",
}  # fmt: skip

_OTHER_RESULTS = ("website_results", "organisation_results", "citations_results", "other_results")
_OTHER_REMOVED = (
    "other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened",
    "other_awaiting_screening",
)  # fmt: skip
_OTHER_WAY = (
    "other_records_screened", "other_sought_reports", "other_assessed", "other_excluded", "other_included",
)  # fmt: skip

MAIN_ARM = (
    Identity(
        "I2", "records_screened", ("database_results", "register_results", "pooled_results"),
        ("duplicates", "excluded_automatic", "excluded_other", "unscreened", "awaiting_screening"),
        "records screened = records identified - removed before screening",
    ),
    Identity(
        "I3", "dbr_sought_reports", ("records_screened",), ("records_excluded",),
        "reports sought = records screened - records excluded",
    ),
    Identity(
        "I4", "dbr_assessed", ("dbr_sought_reports",),
        ("dbr_notretrieved_reports", "awaiting_retrieval", "awaiting_eligibility"),
        "reports assessed = reports sought - reports not retrieved",
    ),
)  # fmt: skip

OTHER_SCREENED = Identity(
    "I5", "other_records_screened", _OTHER_RESULTS, _OTHER_REMOVED,
    "records screened from other methods = records identified - removed before screening",
)  # fmt: skip
OTHER_SOUGHT_OF_SCREENED = Identity(
    "I5", "other_sought_reports", ("other_records_screened",), ("other_records_excluded",),
    "reports sought from other methods = records screened - records excluded",
)  # fmt: skip
OTHER_SOUGHT = Identity(
    "I5", "other_sought_reports", _OTHER_RESULTS, (*_OTHER_REMOVED, "other_records_excluded"),
    "reports sought from other methods = records identified - removed",
)  # fmt: skip
OTHER_ASSESSED = Identity(
    "I6", "other_assessed", ("other_sought_reports",),
    ("other_notretrieved_reports", "other_awaiting_retrieval", "other_awaiting_eligibility"),
    "reports assessed from other methods = reports sought - reports not retrieved",
)  # fmt: skip
INCLUDED_BY_ARM = (
    Identity(
        "I7", "dbr_included", ("dbr_assessed",), ("dbr_excluded", "awaiting_classification"),
        "reports included from databases and registers = reports assessed - reports excluded",
    ),
    Identity(
        "I7", "other_included", ("other_assessed",), ("other_excluded", "other_awaiting_classification"),
        "reports included from other methods = reports assessed - reports excluded",
    ),
)  # fmt: skip


def check(flow: Flow, adjustments: Iterable[Adjustment] = ()) -> tuple[Failure, ...]:
    """Return every identity that does not hold, hard ones first; soft ones are warnings and stop nothing.

    `adjustments` are declared differences, added to the expected side of the identity they name.
    """
    declared = tuple(adjustments)
    found = [
        *_parts(flow, declared),
        *_equations(flow, declared),
        *_totals(flow, declared),
        *_splits(flow),
        *_counted(flow),
        *_everyone_somewhere(flow),
        *_warnings(flow),
    ]
    return tuple(sorted(found, key=lambda failure: failure.soft))


def hard(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Return the failures that forbid a final report."""
    return tuple(failure for failure in failures if not failure.soft)


def _parts(flow: Flow, declared: Sequence[Adjustment]) -> Iterator[Failure]:
    """I1 and I11: a box is the sum of its parts."""
    for key, number in flow.counts.items():
        if not number.parts or key in _AFTERWARDS["studies"]:  # a study may be appraised with two tools
            continue
        excluded = key.endswith("excluded") or key.startswith("dbr_")
        identity = "I11" if excluded else "I1"
        expected = sum(part.n for part in number.parts.values()) + adjusted(declared, identity, key)
        if expected != number.n:
            what = "the reasons sum to the number excluded" if excluded else "the sources sum to the number identified"
            yield Failure(identity, what, expected, number.n, box=key)


def _equations(flow: Flow, declared: Sequence[Adjustment]) -> Iterator[Failure]:
    """I2 to I7, each number that is not given being worked out from those above it where they allow it."""
    known = {key: number.n for key, number in flow.counts.items()}
    chain = list(MAIN_ARM)
    if any(key in known for key in _OTHER_WAY):
        screened = "other_records_screened" in known
        chain += [OTHER_SCREENED, OTHER_SOUGHT_OF_SCREENED] if screened else [OTHER_SOUGHT]
        chain.append(OTHER_ASSESSED)
    elif "pooled_results" not in known:
        # A diagram that gives the other methods no way of their own (PRISMA 2009) screens all records together.
        known["pooled_results"] = sum(known.get(key, 0) for key in _OTHER_RESULTS)
    chain += [identity for identity in INCLUDED_BY_ARM if identity.box in known and identity.terms[0] in known]
    chain.append(_included(known))
    for identity in chain:
        failure = _evaluate(identity, known, declared, flow)
        if failure is not None:
            yield failure


def _included(known: Mapping[str, int]) -> Identity:
    """I7, in the form that the numbers allow: reports, or studies where a diagram counts only these."""
    box, words = "new_reports", "reports included"
    if not known.get("new_reports") and known.get("new_studies"):
        box, words = "new_studies", "studies included, no reports being given,"
    awaited = known.get("awaiting_classification") or known.get("other_awaiting_classification")
    waiting = " - reports awaiting classification" if awaited else ""
    if "other_included" in known and "other_assessed" not in known:
        return Identity(
            "I7", box, ("dbr_assessed", "other_included"), ("dbr_excluded", "awaiting_classification"),
            f"{words} = reports assessed - reports excluded{waiting} + reports added by other methods",
        )  # fmt: skip
    return Identity(
        "I7", box, ("dbr_assessed", "other_assessed"),
        ("dbr_excluded", "other_excluded", "awaiting_classification", "other_awaiting_classification"),
        f"{words} = reports assessed - reports excluded{waiting}, of both arms",
    )  # fmt: skip


def _evaluate(identity: Identity, known: dict[str, int], declared: Sequence[Adjustment], flow: Flow) -> Failure | None:
    """Check one identity; where its own box is unknown and the rest is not, work it out into `known`."""
    # Where other methods led to no report, nothing of their way is missing.
    core = CORE if known.get("other_sought_reports") or known.get("other_assessed") else CORE - _OTHER_CORE
    gaps_above = [key for key in identity.plus if key in core and key not in known]
    gaps_below = [key for key in identity.minus if key in core and key not in known]
    if identity.id == "I2" and "register_results" in known and "database_results" in gaps_above:
        gaps_above = []
    expected = (
        sum(known.get(key, 0) for key in identity.plus)
        - sum(known.get(key, 0) for key in identity.minus)
        + adjusted(declared, identity.id, identity.box)
    )
    found = known.get(identity.box)
    if found is None:
        if gaps_above or gaps_below:
            return None
        known[identity.box] = expected
        # Nothing can be less than nothing: more was taken away than there was.
        return _failure(identity, "at least 0", expected, flow) if expected < 0 else None
    if not gaps_above and not gaps_below:
        return _failure(identity, expected, found, flow) if found != expected else None
    if gaps_below and not gaps_above and found > expected:
        return _failure(identity, f"at most {expected}", found, flow)
    if gaps_above and not gaps_below and found < expected:
        return _failure(identity, f"at least {expected}", found, flow)
    return None


def _failure(identity: Identity, expected: int | str, found: int, flow: Flow) -> Failure:
    return Failure(
        identity.id, identity.statement, expected, found, _concerned(identity, flow), identity.box
    )  # fmt: skip


def _concerned(identity: Identity, flow: Flow) -> tuple[str, ...]:
    """Return the records that stand on one side only, where the ids are known."""
    box = flow.get(identity.box)
    if box is None or box.ids is None:
        return ()
    keeper_of = flow.keeper_of or {}

    def ids(keys: Iterable[str]) -> Counter[str]:
        return Counter(
            keeper_of.get(record, record) for key in keys if (number := flow.get(key)) for record in number.ids or ()
        )

    right = ids(identity.plus)
    right.subtract(ids(identity.minus))
    left = Counter(keeper_of.get(record, record) for record in box.ids)
    return tuple(record for record in {**right, **left} if right[record] != left[record])


# Boxes behind inclusion, by what they count.
_AFTERWARDS = {
    "studies": {
        "appraised_studies": "appraised",
        "synthesised_studies": "in the synthesis",
        "total_studies_ma": "in the meta-analysis",
    },
    "reports": {"total_reports_ma": "in the meta-analysis"},
}


def _totals(flow: Flow, declared: Sequence[Adjustment]) -> Iterator[Failure]:
    """I9 and I10."""
    for unit in ("studies", "reports"):
        previous, new, total = (flow.n(f"{word}_{unit}") for word in ("previous", "new", "total"))
        if previous is not None and new is not None and total is not None:
            overlap = changed_since(declared, unit, flow.since)
            if total != previous + new + overlap:
                what = f"{unit} in all = previous {unit} + new {unit}"
                yield Failure("I9", what, previous + new + overlap, total, box=f"total_{unit}")
        elif new is not None and total is not None and total < new:
            yield Failure("I9", f"the new {unit} are among all {unit}", f"at least {new}", total, box=f"total_{unit}")
        most = total if total is not None else new
        for box, which in _AFTERWARDS[unit].items():
            number = flow.get(box)
            if number is None:
                continue
            what = f"the {unit} {which} are among the {unit} included"
            if most is not None and number.n > most:
                yield Failure("I10", what, f"at most {most}", number.n, box=box)
            earlier = flow.since.earlier if flow.since else frozenset()
            strangers = tuple(sorted({*_ids(number)} - {*_ids(flow.get(f"new_{unit}"))} - earlier))
            if strangers:
                yield Failure("I10", what, number.n - len(strangers), number.n, strangers, box)


def _splits(flow: Flow) -> Iterator[Failure]:
    """I11: the records that people and automation excluded are all the records excluded."""
    for key in ("records_excluded", "other_records_excluded"):
        halves = [flow.n(f"{key}_human"), flow.n(f"{key}_automation")]
        whole = flow.n(key)
        if whole is not None and None not in halves and sum(half or 0 for half in halves) != whole:
            found = sum(half or 0 for half in halves)
            yield Failure("I11", "excluded by people + by automation = records excluded", whole, found, box=key)


def _counted(flow: Flow) -> Iterator[Failure]:
    """I12, first half: each count is the number of different ids behind it, and no less than nothing."""
    for key, number in flow.counts.items():
        for name, one in ((key, number), *((f"{key} {part}", half) for part, half in number.parts.items())):
            if one.n < 0:
                yield Failure("I12", "a count is never below 0", "at least 0", one.n, box=name)
            if one.ids is not None and len(set(one.ids)) != one.n:
                yield Failure("I12", "a count is the number of ids behind it", len(set(one.ids)), one.n, box=name)
    if flow.records is None:
        return
    for source, brought in flow.loaded.items():
        part = next((number.parts[source] for number in flow.counts.values() if source in number.parts), None)
        if part is not None and part.label and part.n != brought:
            what = f"the records of {part.label} are those that its runs brought"
            yield Failure("I12", what, brought, part.n, box=part.key)


def _everyone_somewhere(flow: Flow) -> Iterator[Failure]:
    """I12, second half: every record is identified once, and is a duplicate or in exactly one state of one arm."""
    if flow.records is None or flow.keeper_of is None:
        return
    identified = _counter(flow, ("database_results", "register_results", *_OTHER_RESULTS))
    yield from _same(Counter(flow.records), identified, "every record is identified from one source", "identified")
    keeper_of = flow.keeper_of
    arms = {
        MAIN: (("database_results", "register_results"), "duplicates", "records_screened"),
        OTHER: (_OTHER_RESULTS, "other_duplicates", "other_records_screened"),
    }
    for arm, (sources, duplicates, box) in arms.items():
        once = _counter(flow, sources)
        once.subtract(_ids(flow.get(duplicates)))
        unique = Counter({keeper_of.get(record, record): times for record, times in once.items() if times})
        placed = _counter(flow, STATE_BOXES[arm])
        what = f"every record from {arm} that is no duplicate is in exactly one place"
        yield from _same(unique, placed, what, box)
    included = _counter(flow, ("new_reports",))
    by_arm = _counter(flow, ("dbr_included", "other_included"))
    yield from _same(by_arm, included, "the reports included are those of both arms", "new_reports")


def _counter(flow: Flow, boxes: Iterable[str]) -> Counter[str]:
    """Return how often each record stands in these boxes."""
    return Counter(chain.from_iterable(_ids(flow.get(box)) for box in boxes))


def _ids(number: Count | None) -> tuple[str, ...]:
    return () if number is None or number.ids is None else number.ids


def _same(expected: Counter[str], found: Counter[str], statement: str, box: str) -> Iterator[Failure]:
    if dict.__eq__(expected, found):  # as nearly always: Counter would look each record up, for one may stand at 0
        return
    wrong = tuple(record for record in {**expected, **found} if expected[record] != found[record])
    if wrong:
        yield Failure("I12", statement, expected.total(), found.total(), wrong, box)


def _warnings(flow: Flow) -> Iterator[Failure]:
    """I8, and what adds up but is hardly meant so."""
    for word in ("new", "total"):
        reports, studies = flow.n(f"{word}_reports"), flow.n(f"{word}_studies")
        if reports and studies is not None and reports < studies:
            what = "there are at least as many reports as studies (a report may hold several)"
            yield Failure("I8", what, f"at least {studies}", reports, box=f"{word}_reports", soft=True)
    removed, screened = flow.n("excluded_other"), flow.n("records_screened")
    if removed and screened is not None and removed > screened:
        what = "most records left before screening for other reasons; excluding by title is screening (PRISMA 2020)"
        yield Failure("I2", what, f"at most {screened}", removed, box="excluded_other", soft=True)
