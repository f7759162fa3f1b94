"""The boxes behind inclusion: appraised, in the synthesis, in the meta-analysis; counted, checked, never typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_reviews import PROTOCOL, _value, make
from random_reviews import first_version, snapshots

from evidence_review.commands.report.after_inclusion import extended
from evidence_review.commands.report.run import gather, run
from evidence_review.model.events import Value
from evidence_review.state.counting import count
from evidence_review.state.identities import check, hard
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.state.values import fold
from evidence_review.workspace.workspace import Workspace

APPRAISED = PROTOCOL.replace("synthesis:\n", "appraisal:\n  tools: {any: mmat-2018}\nsynthesis:\n")


@pytest.fixture
def review(tmp_path: Path) -> Workspace:
    """A finished review in which two of the studies are appraised, one of them by two people."""
    made = make(tmp_path / "review", 40, protocol=APPRAISED)
    studies = gather(made).standing.studies
    with made.transaction("appraise") as tx:
        for study, person in ((studies[0], "reviewer-1"), (studies[0], "reviewer-2"), (studies[1], "reviewer-1")):
            fields = {"form": "mmat-2018@1", "by": person}
            tx.add_events([replace(judged(study.id, study.reports[0], tx.when), **fields)])
    return made


def judged(study: str, report: str, when: str) -> Value:
    return _value(study, report, "s1", "Yes", when)


def pool(review: Workspace, studies: list[str], *, pooled: bool = True) -> Path:
    path = review.layout.reports / "pooling" / "skills.json"
    data = {"pooled": {"k": len(studies)} if pooled else None, "effects": [{"study": study} for study in studies]}
    with review.transaction("synthesise-pool") as tx:
        tx.write(path, json.dumps(data).encode("utf-8"))
    return path


def test_studies_are_counted_once_and_by_tool(review: Workspace) -> None:
    flow = gather(review).flow
    appraised, together = flow.counts["appraised_studies"], flow.counts["synthesised_studies"]
    assert (appraised.n, appraised.parts["mmat-2018"].label) == (2, "Mixed Methods Appraisal Tool 2018")
    assert together.ids == flow.counts["new_studies"].ids
    assert flow.get("total_studies_ma") is None
    run(review)
    drawing = (review.layout.reports / "flow.svg").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "Studies appraised (n = 2)" in drawing
    assert "Mixed Methods Appraisal Tool" in drawing
    numbers = json.loads((review.layout.reports / "numbers.json").read_text(encoding="utf-8"))["numbers"]
    assert numbers["appraised_studies"]["identities"] == ["I10", "I12"]


def test_pooled_studies_are_those_of_the_last_pooling(review: Workspace) -> None:
    """Of a pooling that was changed, gave nothing, or is older than the values, nobody is counted."""
    ids = list(gather(review).flow.counts["new_studies"].ids or ())
    path = pool(review, ids[:3])
    assert gather(review).flow.n("total_studies_ma") == 3
    run(review)
    assert "total_studies_ma" in (review.layout.reports / "flow.csv").read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert gather(review).flow.n("total_studies_ma") is None
    pool(review, ids[:2], pooled=False)
    assert gather(review).flow.n("total_studies_ma") is None
    pool(review, ids[:2])
    with review.transaction("extract") as tx:
        tx.add_events([replace(review.snapshot().values[0], value="other", when=tx.when)])
    assert gather(review).flow.n("total_studies_ma") is None


def test_any_change_to_them_is_caught(review: Workspace) -> None:
    """A number that is not its ids, more than were included, or a study that was not included."""
    pool(review, list(gather(review).flow.counts["new_studies"].ids or ())[:3])
    flow = gather(review).flow
    assert hard(check(flow)) == ()
    for key in ("appraised_studies", "synthesised_studies", "total_studies_ma"):
        number = flow.counts[key]
        for wrong in (
            replace(number, n=number.n + 1),
            replace(number, n=number.n - 1),
            replace(number, n=99, ids=None, parts={}),
            replace(number, ids=(*(number.ids or ())[1:], "S-NOBODY")),
        ):
            assert {failure.box for failure in hard(check(flow.with_count(wrong)))} == {key}, wrong


def test_the_protocol_chooses_language_and_parts(tmp_path: Path) -> None:
    """What it hides is not drawn; the command line adds to it, and its language goes before the protocol's."""
    wish = "  language: fr\n  diagram: {hide: [sources, synthesis]}\n"
    review = make(tmp_path / "review", 40, protocol=PROTOCOL + wish)
    run(review)
    drawing = (review.layout.reports / "flow.svg").read_text(encoding="utf-8")
    assert "Références examinées" in drawing
    assert "PubMed" not in drawing
    assert "Études dans la synthèse" not in drawing


@settings(max_examples=150)
@given(snapshots(), st.data())
def test_studies_of_an_earlier_version_are_no_strangers(snapshot: Snapshot, data: st.DataObject) -> None:
    """In any second version of a review every included study may be appraised, old or new, joined anew or taken in."""
    kept = data.draw(st.integers(0, len(snapshot.records)))
    told = data.draw(st.integers(0, len(snapshot.decisions)))
    earlier = dict(list(snapshot.records.items())[:kept])
    first = replace(snapshot, records=earlier, decisions=snapshot.decisions[:told], links=())
    before = stand(first)
    second = replace(snapshot, editions=(first_version(before, kept),))
    standing = stand(second)
    said = [_value(study.id, study.reports[0], "s1", "Yes", "") for study in standing.studies]
    judged = fold((replace(value, form="tool@1") for value in said), standing)
    flow = extended(count(second, standing), second.protocol, standing.studies, judged, (), {"tool": "A tool"})
    assert flow.having("appraised_studies") == len(standing.studies)
    assert [failure for failure in hard(check(flow)) if failure.identity == "I10"] == []
