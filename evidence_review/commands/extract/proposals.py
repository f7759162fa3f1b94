"""Reports that may belong to one study: one trial number, or the same people with a like title or the same site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from rapidfuzz import fuzz

from evidence_review.forms import countries
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
_KINDS = {"hospital", "university", "clinic", "infirmary", "hospice"}
# With a capital these begin sentences and no names.
_NO_NAMES = {"at", "in", "the", "from", "of", "to", "a", "and", "by", "with", "for", "between", "staff"}
_MOST_WORDS = 5
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
    if likeness >= _ALIKE:
        return f"{len(common)} authors in common and titles alike ({likeness:.0f} of 100)"
    places = sites(one) & sites(two)
    return f"{len(common)} authors in common and the same site ({', '.join(sorted(places))})" if places else ""


def trials(citation: Citation) -> set[str]:
    """Return the trial numbers that a report names, without spaces, in capitals."""
    text = " ".join((citation.title, citation.abstract, *citation.notes))
    named = {re.sub(r"[ ]", "", found).upper() for found in _TRIALS.findall(text)}
    return named | {value.replace(" ", "").upper() for scheme, value in citation.other_ids if scheme in _REGISTERS}


def sites(citation: Citation) -> set[str]:
    """Return the hospitals and universities that a report names, and what its title says after *in* or *at*.

    Countries are no sites: one team often works in one country on several studies.
    """
    words = f"{citation.title}. {citation.abstract}".split()
    named = {_before(words, place) for place, word in enumerate(words) if word.strip(",.;:()'’").casefold() in _KINDS}
    title = citation.title.split()
    placed = {_after(title, place) for place, word in enumerate(title) if word.casefold() in ("in", "at")}
    return {name for name in named | placed if name and countries.find(name) is None}


def _before(words: list[str], end: int) -> str:
    """Return the capitalised words before the kind of an institution, with it; "" where it has no name."""
    start = end
    while start > max(0, end - _MOST_WORDS) and _is_name(words[start - 1]):
        start -= 1
    return " ".join(words[start : end + 1]).strip(",.;:()'’") if start < end else ""


def _after(words: list[str], place: int) -> str:
    """Return the capitalised words after *in* or *at*."""
    found: list[str] = []
    for word in words[place + 1 : place + 1 + _MOST_WORDS]:
        bare = word.strip(",.;:()'’?!")
        if not bare[:1].isupper():
            break
        found.append(bare)
        if bare != word:
            break
    return " ".join(found)


def _is_name(word: str) -> bool:
    return word[:1].isupper() and word[-1:] not in ",.;:)" and word.casefold() not in _NO_NAMES


def people(citation: Citation) -> set[str]:
    """Return the authors as family name and first initial."""
    return {
        f"{fold(name.family)} {name.given[:1].casefold()}" if name.family else fold(name.literal)
        for name in citation.authors
    }
