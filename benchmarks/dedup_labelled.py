"""How well does dedup do on labelled sets, whole and with fields taken away at random?

usage: dedup_labelled.py DIR … [--json]

Each DIR holds records.csv (ID, title, author, year, …) and truth.csv (ID, cluster). Printed are record-level
sensitivity, studies lost and pair precision of automatic merges, doubtful pairs as a share of records, and sensitivity
after the doubtful pairs are answered by the labels; then precision and sensitivity with 10, 30 and 60 percent of DOIs,
pages, authors, journals or years missing, one field at a time and all at once.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evidence_review.commands.dedup import engines
from evidence_review.commands.dedup.find import Edges, Found, edges, find
from evidence_review.commands.dedup.form import Form, match_form
from evidence_review.commands.dedup.gather import gather
from evidence_review.model.record import Citation

FIELDS: dict[str, dict[str, object]] = {
    "DOI": {"doi": ""},
    "pages": {"pages": "", "article_number": ""},
    "authors": {"authors": ()},
    "journal": {"container": "", "container_abbrev": "", "issn": ()},
    "year": {"year": None, "date": ""},
}
SHARES = (0.1, 0.3, 0.6)
_SEEDS = 3


def pairs(counts: Counter[object]) -> int:
    """Return how many pairs are within groups of these sizes."""
    return sum(count * (count - 1) // 2 for count in counts.values())


def metrics(truth: Sequence[str], keeper_of: Sequence[int]) -> dict[str, float]:
    """Return sensitivity and studies lost by record, precision and recall by pair."""
    survivors = Counter(truth[place] for place in set(keeper_of))
    copies = len(truth) - len(set(truth))
    missed = sum(count - 1 for count in survivors.values())
    merged: Counter[object] = Counter(keeper_of)
    right: Counter[object] = Counter(zip(truth, keeper_of, strict=True))
    return {
        "sensitivity": 1 - missed / copies if copies else 1.0,
        "lost": len(set(truth)) - len(survivors),
        "precision": pairs(right) / pairs(merged) if pairs(merged) else 1.0,
        "recall": pairs(right) / pairs(Counter(truth)) if copies else 1.0,
    }


def judged(citations: Sequence[Citation], ids: Sequence[str]) -> tuple[list[Form], Edges, Found]:
    """Find duplicates among citations."""
    forms = [match_form(citation) for citation in citations]
    found = edges(engines.embedded(forms), ids)
    return forms, found, find(forms, ids, found)


def whole(citations: Sequence[Citation], ids: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Measure a set as it is."""
    forms, edges_found, found = judged(citations, ids)
    told = metrics(truth, found.keeper_of)
    same = [(edge.one, edge.two) for edge, _ in found.doubts if truth[edge.one] == truth[edge.two]]
    distinct = [(edge.one, edge.two) for edge, _ in found.doubts if truth[edge.one] != truth[edge.two]]
    told["doubtful"] = len(found.doubts) / len(ids)
    told["answered"] = metrics(truth, find(forms, ids, edges_found, same, distinct).keeper_of)["sensitivity"]
    return told


def missing(
    citations: Sequence[Citation], ids: Sequence[str], truth: Sequence[str], names: Sequence[str], share: float
) -> dict[str, float]:
    """Measure a set with a share of some fields taken away, the mean of several draws."""
    sums: Counter[str] = Counter()
    for seed in range(_SEEDS):
        draw = random.Random(f"{names} {share} {seed}")
        cut = []
        for citation in citations:
            for name in names:
                citation = replace(citation, **FIELDS[name]) if draw.random() < share else citation
            cut.append(citation)
        sums.update(metrics(truth, judged(cut, ids)[2].keeper_of))
    return {key: value / _SEEDS for key, value in sums.items()}


def main() -> None:
    """Print a block for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    everything = {}
    for folder in arguments.folders:
        with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as stream:
            cluster_of = {row["ID"]: row["cluster"] for row in csv.DictReader(stream)}
        records = gather([folder / "records.csv"])
        ids = records.source_ids
        citations = [record.citation for record in records]
        truth = [cluster_of[identifier] for identifier in ids]
        result = {"records": len(ids), "whole": whole(citations, ids, truth)}
        for names in [*([name] for name in FIELDS), list(FIELDS)]:
            label = names[0] if len(names) == 1 else "all of them"
            result[label] = {f"{share:.0%}": missing(citations, ids, truth, names, share) for share in SHARES}
        everything[folder.name] = result
        if arguments.json:
            continue
        told = result["whole"]
        print(
            f"{folder.name} ({len(ids)} records): sensitivity {told['sensitivity']:.4f}, "
            f"studies lost {told['lost']:.0f}, pair precision {told['precision']:.4f}, recall {told['recall']:.4f}, "
            f"doubtful {told['doubtful']:.2%}, answered {told['answered']:.4f}"
        )
        for label in (*FIELDS, "all of them"):
            shares = "   ".join(
                f"{share} precision {one['precision']:.4f} sensitivity {one['sensitivity']:.3f} lost {one['lost']:.1f}"
                for share, one in result[label].items()
            )
            print(f"  without {label:12}{shares}")
    if arguments.json:
        print(json.dumps(everything, indent=2))


if __name__ == "__main__":
    main()
