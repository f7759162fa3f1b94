"""Effect direction tables with a sign test, where effects cannot be pooled.

Several outcomes of one study in one domain become one direction where at least 70 per cent agree, else they are mixed
(Boon and Thomson 2021, 10.1002/jrsm.1458). The sign test compares positive with negative studies and leaves mixed ones
out; votes are never counted by significance (Cochrane Handbook, chapter 12).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence_review.model.synthesis import Directions
from evidence_review.state.displays import answers, scale, spelling, units
from evidence_review.state.standing import Standing
from evidence_review.state.table_parts import NOT_SETTLED, Row, Source, Table, label

UP, DOWN, MIXED = "▲", "▼", "◄►"
_AGREE = 0.7
_SILENT = {"", "not reported", "not applicable", "unclear", "not judged", NOT_SETTLED}


def sign_test(positive: int, negative: int) -> float:
    """Return the two-sided p value of the exact binomial test that both are equally likely; 1 where there is none."""
    n = positive + negative
    tail = math.fsum(math.comb(n, k) for k in range(min(positive, negative) + 1)) / math.ldexp(1.0, n)
    return min(1.0, 2 * tail)


def one_direction(said: Sequence[str]) -> str:
    """Return the direction of several outcomes of one study."""
    for direction in (UP, DOWN):
        if said.count(direction) >= _AGREE * len(said):
            return direction
    return MIXED


@dataclass(frozen=True, slots=True)
class Directed:
    """What the entries of a group say: `arrows` by (study id, domain); `silent` entries have no direction."""

    domains: tuple[str, ...]
    arrows: Mapping[tuple[str, str], Sequence[str]]
    silent: int

    @property
    def found(self) -> dict[tuple[str, str], str]:
        """One direction for each study and domain."""
        return {key: one_direction(arrows) for key, arrows in self.arrows.items()}

    def says(self, study: str) -> bool:
        """Whether a study has any entry with a direction."""
        return any(key[0] == study for key in self.arrows)


def directed(source: Source, standing: Standing, asked: Directions) -> Directed:
    """Read the directions that the entries of a group have."""
    about, direction = f"{asked.group}.{asked.about}", f"{asked.group}.{asked.direction}"
    said: dict[tuple[str, str], list[str]] = {}
    spelled = spelling(source, about, asked.group)
    silent = 0
    for unit in units(source, standing, asked.group):
        given = "; ".join(answers(source, unit, direction, asked.group))
        if given in _SILENT:
            silent += 1
            continue
        arrow = {asked.positive: UP, asked.negative: DOWN}.get(given, MIXED)
        for given_domain in answers(source, unit, about, asked.group):
            said.setdefault((unit.study.id, spelled(given_domain)), []).append(arrow)
    given_domains = [domain for _, domain in said]
    domains = [domain for domain in scale(source, about, asked.group, given_domains) if domain in given_domains]
    return Directed(tuple(domains), said, silent)


def direction_table(source: Source, standing: Standing, asked: Directions) -> Table:
    """Return studies by domains with an arrow and the number of outcomes behind it, and the sign test in a last row."""
    read = directed(source, standing, asked)
    found = read.found
    rows = [
        Row(study.id, (study.label, *(_shown(read.arrows.get((study.id, domain), ())) for domain in read.domains)))
        for study in standing.studies
        if read.says(study.id)
    ]
    if rows:
        rows.append(Row("", ("Sign test", *(tested(found, domain) for domain in read.domains))))
    heading = f"Study ↓ {label(source.form, f'{asked.group}.{asked.about}', asked.group)} →"
    notes = [
        f"{UP} {asked.positive}, {DOWN} {asked.negative}, {MIXED} mixed or none; the number is that of outcomes. "
        f"Outcomes of one study have one direction where {_AGREE:.0%} of them agree."
    ]
    if read.silent:
        notes.append(f"Outcomes without a direction, so not shown: {read.silent}.")
    without = [study.label for study in standing.studies if not read.says(study.id)]
    if without:
        notes.append(f"No outcome with a direction from: {', '.join(without)}.")
    return Table(asked.title, (heading, *read.domains), tuple(rows), tuple(notes))


def _shown(arrows: Sequence[str]) -> str:
    if not arrows:
        return "–"
    return one_direction(arrows) + (f" {len(arrows)}" if len(arrows) > 1 else "")


def tested(found: Mapping[tuple[str, str], str], domain: str) -> str:
    """Return a domain's sign test in words."""
    arrows = [arrow for (_, one), arrow in found.items() if one == domain]
    positive, negative = arrows.count(UP), arrows.count(DOWN)
    if not positive + negative:
        return "no study with one direction"
    p = sign_test(positive, negative)
    return f"{positive} {UP} and {negative} {DOWN}, p {p:.3f}"
