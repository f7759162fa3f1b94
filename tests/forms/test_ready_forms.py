"""Ready-made forms: each makes sheets, and a protocol names one by its id."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_reviews import PEOPLE

from evidence_review.model.form import Form
from evidence_review.sheets.form_layout import clashes, parts
from evidence_review.workspace import protocol_file, ready_forms


def written(tmp_path: Path, form: str, tables: str = "[design]") -> Path:
    (tmp_path / "protocols").mkdir(exist_ok=True)
    path = tmp_path / "protocols" / "small.yml"
    team = ", ".join(f"{{id: {person}}}" for person in PEOPLE)
    path.write_text(
        f"review: small\ntitle: T\nquestion: {{text: Q}}\neligibility: {{}}\nteam: [{team}]\n"
        f"extraction:\n  form: {form}\nsynthesis: {{tables: [{{title: T, columns: {tables}}}]}}\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("name", ready_forms.names())
def test_each_ready_made_form_makes_sheets_and_its_checks_name_its_fields(name: str) -> None:
    form = Form.model_validate(ready_forms.load(name))
    assert form.id == name
    assert parts(form)
    assert not list(clashes(form))
    for check in form.checks:
        known = {field.id for field in form.fields_of(check.group)}
        assert {*check.parts, *(word for word in (check.total, check.percent) if word)} <= known


def test_a_protocol_names_a_form_by_its_id(tmp_path: Path) -> None:
    protocol, problems = protocol_file.examine(written(tmp_path, "qualitative-study"), tmp_path)
    assert problems == ()
    assert protocol is not None and protocol.extraction.form is not None
    assert protocol.extraction.form.groups[0].id == "finding"


def test_an_unknown_form_and_an_unknown_column_are_named_with_their_lines(tmp_path: Path) -> None:
    _, problems = protocol_file.examine(written(tmp_path, "qualitativ-study", "[design, desing]"), tmp_path)
    assert problems[0].where == "protocols/small.yml line 7 (extraction.form)"
    assert "Did you mean 'qualitative-study'?" in problems[0].remedy
    _, problems = protocol_file.examine(written(tmp_path, "qualitative-study", "[design, desing]"), tmp_path)
    assert [str(problem) for problem in problems] == [
        "protocols/small.yml line 8 (synthesis.tables.1.columns.2): there is no field 'desing' for a table. "
        "Did you mean 'design'?"
    ]


def test_a_team_s_own_form_lies_beside_the_protocol(tmp_path: Path) -> None:
    path = written(tmp_path, "ours")
    own = tmp_path / "protocols" / "small" / "forms"
    own.mkdir(parents=True)
    (own / "ours.yml").write_text("id: ours\nfields: [{id: design}]\n", encoding="utf-8")
    protocol, problems = protocol_file.examine(path, tmp_path)
    assert problems == () and protocol is not None and protocol.extraction.form is not None
    (own / "ours.yml").write_text("id: ours\nfields: [{id: design", encoding="utf-8")
    assert "not valid YAML" in protocol_file.examine(path, tmp_path)[1][0].what
