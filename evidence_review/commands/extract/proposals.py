"""Reports that may belong to one study: the same trial number, or the same people and nearly the same title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from rapidfuzz import fuzz

from evidence_review.model.record import Citation, Record
from evidence_review.sheets import fold
from evidence_review.state.standing import Standing, stand
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

# Numbers of the registers of the WHO's network as they stand in abstracts and titles.
_TRIALS = re.compile(
    r"\b(NCT ?\d{8}|ISRCTN ?\d{8}|EUCTR ?\d{4}-\d{6}-\d{2}|ACTRN ?\d{14}|ChiCTR[ -]?(?:[A-Z]{2,4}-)?\d{8,10}|"
    r"CTRI/\d{4}/\d{2,3}/\d{5,6}|DRKS ?\d{8}|PACTR ?\d{15,16}|CRD ?\d{11})\b",
    re.IGNORECASE,
)
_REGISTERS = ("nct", "isrctn", "euctr", "actrn", "chictr", "ctri", "drks", "pactr", "prospero")
_ALIKE, _YEARS = 70, 5


def run(workspace: Workspace) -> Summary:
    """List pairs of included reports that stand as two studies and may be one; nothing is changed."""
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    found = list(pairs(standing, dict(snapshot.records)))
    lines = [f"{len(found)} pairs of reports that may belong to one study."]
    data = []
    for one, two, why in found:
        lines += [f"  {one} and {two}: {why}", f"    evidence-review extract link {two} --study {one} --by ID"]
        data.append({"reports": [one, two], "why": why})
    return Summary(tuple(lines), {"pairs": data})


def pairs(standing: Standing, records: dict[str, Record]) -> Iterator[tuple[str, str, str]]:
    """Yield (report, report, why) for reports of different studies, the earlier identified first."""
    reports = [(study.id, report) for study in standing.studies for report in study.reports]
    for (study, one), (other, two) in combinations(reports, 2):
        if study != other:
            why = reason(records[one].citation, records[two].citation)
            if why:
                yield one, two, why


def reason(one: Citation, two: Citation) -> str:
    """Return why two reports may be of one study; "" where nothing says so."""
    shared = trials(one) & trials(two)
    if shared:
        return f"both name {', '.join(sorted(shared))}"
    first, second = people(one), people(two)
    common = first & second
    near = one.year is None or two.year is None or abs(one.year - two.year) <= _YEARS
    if len(common) < 2 or len(common) < 0.5 * min(len(first), len(second)) or not near:
        return ""
    likeness = fuzz.token_set_ratio(fold(one.title), fold(two.title))
    return f"{len(common)} authors in common and titles alike ({likeness:.0f} of 100)" if likeness >= _ALIKE else ""


def trials(citation: Citation) -> set[str]:
    """Return the trial numbers that a report names, without spaces, in capitals."""
    text = " ".join((citation.title, citation.abstract, *citation.notes))
    named = {re.sub(r"[ ]", "", found).upper() for found in _TRIALS.findall(text)}
    return named | {value.replace(" ", "").upper() for scheme, value in citation.other_ids if scheme in _REGISTERS}


def people(citation: Citation) -> set[str]:
    """Return the authors as family name and first initial."""
    return {
        f"{fold(name.family)} {name.given[:1].casefold()}" if name.family else fold(name.literal)
        for name in citation.authors
    }
