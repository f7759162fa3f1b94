"""Published flows, re-created from their counts: the consistent ones pass, the others are refused by name."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from evidence_review.commands.report.check_flow import check_flow
from evidence_review.commands.report.flow_diagram import draw
from evidence_review.commands.report.labels import labels
from evidence_review.state import identities
from evidence_review.state.flow import Count, Flow

pytestmark = pytest.mark.corpus

# What the corpus calls a box → its key.
BOXES = {
    "dup": "duplicates", "removed_duplicates": "duplicates", "removed_other": "excluded_other",
    "screened": "records_screened", "excluded": "records_excluded", "excluded_ta": "records_excluded",
    "sought": "dbr_sought_reports", "not_retrieved": "dbr_notretrieved_reports", "assessed": "dbr_assessed",
    "assessed_ft": "dbr_assessed", "excluded_ft": "dbr_excluded", "included": "new_reports", "studies": "new_studies",
    "other_records_pooled": "pooled_results", "identified_other": "pooled_results", "identified_db": "database_results",
    "added_other_route": "other_included",
}  # fmt: skip


def published(case: dict[str, Any]) -> Flow:
    """The flow of one case of either file."""
    counts = {
        key: Count(key, "records", int(case[name])) for name, key in BOXES.items() if case.get(name) not in (None, "")
    }
    if isinstance(case.get("db"), dict):
        counts["database_results"] = _split("database_results", case["db"])
        counts["dbr_excluded"] = _split("dbr_excluded", case["reasons"])
    else:
        for key, named in (("database_results", case["per_database"]), ("dbr_excluded", case["ft_reasons"])):
            parts = {name.strip(): int(n) for name, n in re.findall(r"([^=;]+)=(\d+)", named)}
            inside = {name: n for name, n in parts.items() if name.lower() not in ("grey", "references", "other")}
            if inside and key in counts:
                counts[key] = Count(key, "records", counts[key].n, parts=_split(key, inside).parts)
    return Flow(counts)


def _split(key: str, parts: dict[str, int]) -> Count:
    return Count(
        key, "records", sum(parts.values()), parts={name: Count(key, "records", n) for name, n in parts.items()}
    )


def test_published_flows_with_every_box(corpus: Path) -> None:
    """Each flow gives `ok`, or exactly the boxes that its `expect` names."""
    cases = json.loads((corpus / "flows" / "published_flows.json").read_text(encoding="utf-8"))
    assert cases
    for case in cases:
        broken = {failure.box for failure in identities.hard(identities.check(published(case)))}
        wanted = set() if case["expect"] == "ok" else {BOXES[name] for name in case["expect"]}
        assert broken == wanted, case["id"]


def test_published_flows_as_files(corpus: Path, tmp_path: Path) -> None:
    """The same flows in the R package's form, columns `data` and `n` only, end in exit code 0 or 4."""
    for case in json.loads((corpus / "flows" / "published_flows.json").read_text(encoding="utf-8")):
        rows = [("data", "n")]
        rows += [(BOXES[name].replace("pooled", "website"), str(n)) for name, n in case.items() if name in BOXES]
        rows.append(("database_specific_results", "; ".join(f"{name}, {n}" for name, n in case["db"].items())))
        rows.append(("dbr_excluded", "; ".join(f"{name}, {n}" for name, n in case["reasons"].items())))
        path = tmp_path / f"{case['id']}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
        drawing = tmp_path / f"{case['id']}.svg"
        summary = check_flow(path, svg=drawing)
        assert drawing.exists() == (case["expect"] == "ok")
        if drawing.exists():
            text = drawing.read_text(encoding="utf-8").partition("</desc>")[2].replace("\u00a0", " ")
            numbers = [n for name, n in case.items() if name in BOXES]
            for n in [*numbers, *case["db"].values(), *case["reasons"].values()]:
                assert f"(n = {n:,})" in text, (case["id"], n)
        assert summary.exit_code == (0 if case["expect"] == "ok" else 4), case["id"]
        broken = {failure["box"] for failure in summary.data["failures"]}
        assert broken == (set() if case["expect"] == "ok" else {BOXES[name] for name in case["expect"]})


def test_published_flows_with_gaps(corpus: Path) -> None:
    """Of the flows that are not partial, the consistent pass, and the inconsistent name what is wrong."""
    with (corpus / "flows" / "published_flows.csv").open(encoding="utf-8", newline="") as stream:
        cases = [case for case in csv.DictReader(stream) if case["expect"] != "partial"]
    assert len(cases) > 10
    for case in cases:
        broken = identities.hard(identities.check(published(case)))
        assert bool(broken) == (case["expect"] == "inconsistent"), (case["case_id"], [str(item) for item in broken])


def test_the_diagram_shows_what_was_published(corpus: Path) -> None:
    """Every number of every consistent flow, with gaps or without, and each of its parts, stands in the diagram."""
    with (corpus / "flows" / "published_flows.csv").open(encoding="utf-8", newline="") as stream:
        flows = {case["case_id"]: published(case) for case in csv.DictReader(stream) if case["expect"] == "consistent"}
    for case in json.loads((corpus / "flows" / "published_flows.json").read_text(encoding="utf-8")):
        if case["expect"] == "ok":
            flows[case["id"]] = published(case)
    assert len(flows) > 12
    for name, flow in flows.items():
        text = draw(flow, labels(), name).partition("</desc>")[2].replace("\u00a0", " ")
        for key, number in flow.counts.items():
            for n in (number.n, *(part.n for part in number.parts.values())):
                assert f"(n = {n:,})" in text or (n == 0 and f"{key}" in ("pooled_results", "excluded_other")), (
                    name,
                    key,
                )


def test_any_changed_number_of_a_complete_flow_is_caught(corpus: Path) -> None:
    """Each number of each consistent flow, changed by one, breaks an identity."""
    for case in json.loads((corpus / "flows" / "published_flows.json").read_text(encoding="utf-8")):
        flow = published(case)
        if case["expect"] != "ok":
            continue
        for key, number in flow.counts.items():
            if key == "new_studies" and "new_reports" in flow.counts:
                continue
            changed = flow.with_count(Count(key, number.unit, number.n + 1, parts=number.parts))
            assert identities.hard(identities.check(changed)), (case["id"], key)
