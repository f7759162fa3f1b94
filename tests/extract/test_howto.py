"""What the how-to pages show of a protocol is a protocol, and what they say of cells is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from extraction_reviews import PEOPLE

from evidence_review.commands.extract.forms import run
from evidence_review.errors import UsageError
from evidence_review.forms.cells import read_cell
from evidence_review.model.form import FormField
from evidence_review.workspace import protocol_file

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto"
TEAM = ", ".join(f"{{id: {person}}}" for person in PEOPLE)
START = f"review: small\ntitle: T\nquestion: {{text: Q}}\neligibility: {{}}\nteam: [{TEAM}]\n"


@pytest.mark.parametrize("page", ["extract.md", "appraise.md"])
def test_the_protocol_on_the_page_is_valid(tmp_path: Path, page: str) -> None:
    text = (HOWTO / page).read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0]
    (tmp_path / "protocols").mkdir()
    path = tmp_path / "protocols" / "small.yml"
    path.write_text(START + block, encoding="utf-8")
    protocol, problems = protocol_file.examine(path, tmp_path)
    assert problems == ()
    assert protocol is not None


def test_the_table_of_cells_is_so() -> None:
    text = (HOWTO / "extract.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(integer|number|percentage|date|yes-no|country|estimate)` \| (.*?) \| (.*?) \|$", text, re.M
    )
    assert len(rows) == 7
    for kind, written, read in rows:
        field = FormField(id="x", type=kind, unit="weeks" if kind == "number" else "")
        given, expected = re.findall(r"`([^`]+)`", written.replace("`;`", "")), re.findall(r"`([^`]+)`", read)
        for place, cell in enumerate(given):
            reading = read_cell(field, cell)
            assert reading is not None
            wanted = expected[min(place, len(expected) - 1)]
            assert reading.value == wanted or (kind == "estimate" and reading.value.replace("95% CI ", "") == wanted)


def test_ready_made_forms_are_listed_and_shown() -> None:
    assert "health-partnership" in run("").data
    assert any("finding (text) Finding" in line for line in run("qualitative-study").lines)
    with pytest.raises(UsageError, match="Did you mean 'tidier'"):
        run("tidyer")
