"""Records that are longer than memory come back as they went in, and are printed as JSON that any program reads."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from evidence_review.cli import group
from evidence_review.spooled import Spooled

values = st.recursive(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.text("\ud800\udfff" + string.ascii_letters),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), max_size=5))
def test_what_goes_in_comes_out(records: list[dict[str, object]]) -> None:
    """Looked at whole, one by one and in part, before and after more was added; each line is JSON in UTF-8."""
    spooled = Spooled()
    for number, record in enumerate(records, start=1):
        spooled.append(record)
        assert list(spooled) == records[:number]
    assert len(spooled) == len(records)
    assert [spooled[place] for place in range(len(records))] == records
    assert spooled[1:] == records[1:]
    assert [json.loads(line.decode()) for line in spooled.lines()] == records
    if records:
        assert spooled[-1] == records[-1]
    with pytest.raises(IndexError):
        spooled[len(records)]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_it_is_printed_as_one_json_object(count: int, tmp_path: Path) -> None:
    articles = "".join(
        f"<PubmedArticle><MedlineCitation><PMID>{place + 1}</PMID><Article><Journal><Title>J</Title></Journal>"
        f"<ArticleTitle>Ein Ärger {place}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
        for place in range(count)
    )
    path = tmp_path / "reply.xml"
    path.write_text(f"<?xml version='1.0'?><PubmedArticleSet>{articles}</PubmedArticleSet>", encoding="utf-8")
    result = CliRunner().invoke(group, ["search", "parse", "pubmed", str(path), "--json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert [record["title"] for record in data["records"]] == [f"Ein Ärger {place}" for place in range(count)]
    assert data["rejected"] == []
