"""Whatever happens to a sheet, it is taken whole with every value accounted for, or refused whole in words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from extraction_reviews import everything, fill, make, rows_of, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_review.commands.extract import run
from evidence_review.errors import ReviewError
from evidence_review.model.events import WITHDRAWN, Value
from evidence_review.state.standing import stand
from evidence_review.state.values import fold
from evidence_review.workspace.workspace import Workspace

GOOD = {
    "design": "survey",
    "country": "uk; Rwanda",
    "participants": "1,234",
    "finding": "It worked",
    "finding page": "4",
}
TEXTS = st.one_of(
    st.sampled_from(["", "NR", "survey", "=1+1", "'=x", "12", "S-XXXXXXXX", "reviewer-2", "characteristics@2", "1"]),
    st.text(max_size=20),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        workspace = make(Path(place))
        run.sheet(workspace, "reviewer-1", "csv")
        fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: GOOD)
        fill(workspace.layout.sheets / "extraction" / "reviewer-1-outcome.csv", lambda number, row: {"measure": "m"})
        yield Path(place)


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_sheet_is_taken_or_refused_and_values_add_up(folder: Path, data: st.DataObject) -> None:
    workspace = Workspace.open(folder)
    path = (
        workspace.layout.sheets
        / "extraction"
        / data.draw(st.sampled_from(["reviewer-1.csv", "reviewer-1-outcome.csv"]))
    )
    kept = path.read_bytes()
    rows = rows_of(path)
    for _ in range(data.draw(st.integers(1, 3))):
        what = data.draw(st.sampled_from(["cell", "drop row", "double row", "drop column", "rename column", "shuffle"]))
        names = list(rows[0]) if rows else []
        if not rows or not names:
            break
        if what == "cell":
            data.draw(st.sampled_from(rows))[data.draw(st.sampled_from(names))] = data.draw(TEXTS)
        elif what == "drop row":
            rows.remove(data.draw(st.sampled_from(rows)))
        elif what == "double row":
            rows.append(dict(data.draw(st.sampled_from(rows))))
        elif what == "shuffle":
            rows = data.draw(st.permutations(rows))
        else:
            name = data.draw(st.sampled_from(names))
            new = data.draw(st.sampled_from(["note", "x", name.upper()])) if what == "rename column" else None
            rows = [
                {(new or key if key == name else key): text for key, text in row.items() if new or key != name}
                for row in rows
            ]
    before, events = everything(folder), len(workspace.events(Value))
    try:
        write(path, rows, list(rows[0]) if rows else ["study_id", "form"])
        changed = everything(folder)
        try:
            summary = run.collect(workspace, ())
        except ReviewError as fault:
            assert str(fault)
            assert everything(folder) == changed
        else:
            added = workspace.events(Value)[events:]
            assert len(added) == summary.data["new"] + summary.data["withdrawn"]
            assert sum(value.status == WITHDRAWN for value in added) == summary.data["withdrawn"]
            assert run.collect(workspace, ()).data["new"] == 0
            snapshot = workspace.snapshot()
            assert all(cell.people for cell in fold(snapshot.values, stand(snapshot)).cells.values())
    finally:
        path.write_bytes(kept)
    assert set(before) <= set(everything(folder))
