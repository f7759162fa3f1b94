"""The flow diagram: whatever its numbers and words, every line stays in its box and every count is shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_reviews import snapshots

from evidence_review.commands.report.flow_boxes import PARTS, Options
from evidence_review.commands.report.flow_diagram import describe, draw
from evidence_review.commands.report.labels import labels, languages
from evidence_review.model.protocol import Adjustment, Diagram
from evidence_review.state.counting import count
from evidence_review.state.flow import Count, Flow
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand

SVG = "{http://www.w3.org/2000/svg}"
LABEL = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=120)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A flow with any numbers, sources and reasons."""
    n = st.integers(0, 10**7)
    keys = ["database_results", "register_results", "duplicates", "excluded_automatic", "unscreened",
            "records_screened", "records_excluded", "dbr_sought_reports", "dbr_notretrieved_reports", "dbr_assessed",
            "dbr_excluded",
            "new_studies", "new_reports", "awaiting_screening", "awaiting_eligibility"]  # fmt: skip
    keys += draw(st.sampled_from(([], ["website_results", "other_results", "other_duplicates", "other_records_screened",
                                       "other_records_excluded", "other_sought_reports", "other_assessed",
                                       "other_excluded"])))  # fmt: skip
    keys += draw(st.sampled_from(([], ["previous_studies", "total_studies"], ["previous_reports", "total_reports"])))
    keys += draw(st.sampled_from(([], ["appraised_studies"], ["synthesised_studies", "total_studies_ma"],
                                  ["appraised_studies", "synthesised_studies"])))  # fmt: skip
    split = (
        "appraised_studies",
        "database_results",
        "website_results",
        "records_excluded",
        "dbr_excluded",
        "other_excluded",
    )
    counts = {}
    for key in keys:
        parts = draw(st.lists(LABEL, max_size=4, unique=True)) if key in split else []
        counts[key] = Count(
            key, "records", draw(n), parts={name: Count(key, "records", draw(n), label=name) for name in parts}
        )
    return Flow(counts)


def placed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


@settings(max_examples=60)
@given(flows(), st.sampled_from(languages()), LABEL)
def test_every_line_stays_in_its_box(flow: Flow, language: str, title: str) -> None:
    """Text is held to its measured width, and that width and its lines lie inside the box's rectangle."""
    root = placed(draw(flow, labels(language), title))
    boxes = [group for group in root.iter(f"{SVG}g") if "er-box" in (group.get("class") or "")]
    assert boxes
    for box in boxes:
        rect = box.find(f"{SVG}rect")
        assert rect is not None
        x, y, wide, high = (float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
        for text in box.iter(f"{SVG}text"):
            left, baseline = float(text.get("x", "0")), float(text.get("y", "0"))
            assert x <= left
            assert left + float(text.get("textLength") or 0) <= x + wide + 0.01
            assert y < baseline < y + high


@settings(max_examples=60)
@given(flows(), st.sampled_from(languages()))
def test_boxes_do_not_overlap_and_lie_on_the_paper(flow: Flow, language: str) -> None:
    root = placed(draw(flow, labels(language), "A review", draft="DRAFT: something waits"))
    paper = (float(root.get("width", "0")), float(root.get("height", "0")))
    rects = [
        tuple(float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
        for group in root.iter(f"{SVG}g")
        for rect in group.findall(f"{SVG}rect")
    ]
    for place, (x, y, wide, high) in enumerate(rects):
        assert x >= 0
        assert y >= 0
        assert x + wide <= paper[0]
        assert y + high <= paper[1]
        for u, v, broad, tall in rects[place + 1 :]:
            assert x + wide <= u or u + broad <= x or y + high <= v or v + tall <= y


@settings(max_examples=80)
@given(snapshots())
def test_every_count_of_a_review_is_shown(snapshot: Snapshot) -> None:
    """Each box shows its number, and the description for those who hear the diagram says the same numbers."""
    flow = count(snapshot, stand(snapshot))
    words = labels("en")
    said = re.sub(r"\s+", " ", describe(flow, words).replace("\u00a0", " "))
    drawn = re.sub(
        r"\s+",
        " ",
        " ".join(t.text or "" for t in placed(draw(flow, words, "x")).iter(f"{SVG}text")).replace("\u00a0", " "),
    )
    shown = [
        "records_screened",
        "records_excluded",
        "dbr_sought_reports",
        "dbr_notretrieved_reports",
        "dbr_assessed",
        "dbr_excluded",
    ]
    for key, label in zip(shown, ("Records screened", "Records excluded", "Reports sought for retrieval",
                                  "Reports not retrieved", "Reports assessed for eligibility", "Reports excluded"),
                          strict=True):  # fmt: skip
        sentence = f"{label} (n = {flow.having(key):,})"
        assert sentence in said
        assert sentence in drawn
    assert ("via other methods" in drawn) == flow.has_other_arm
    assert ("Previous studies" in drawn) == flow.is_update


def test_the_drawing_has_a_title_and_a_description() -> None:
    root = placed(draw(Flow({}), labels("en"), "Links & <b>bold</b>"))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "PRISMA 2020 flow diagram: Links & <b>bold</b>"
    assert description is not None
    assert description.text
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "er-title er-desc"


def test_declared_differences_stand_below_the_diagram() -> None:
    svg = draw(Flow({}), labels("en"), "x", adjustments=[Adjustment(identity="I3", count=2, reason="a supplement")])
    assert "Declared difference at I3: +2 (a supplement)." in svg


# What only this part shows.
SHOWN = {
    "sources": "Alpha", "totals": "Records identified from (n\u00a0=\u00a03)", "reasons": "Beta",
    "title-abstract-reasons": "Gamma", "automation": "By automation tools", "unscreened": "when screening stopped",
    "awaiting": "Awaiting full text", "appraisal": "Studies appraised", "synthesis": "Studies in the synthesis",
    "adjustments": "Declared difference",
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_each_part_can_be_switched_off(part: str) -> None:
    """Each is shown unless it is hidden, and hiding it hides nothing else."""
    flow = Flow({
        "database_results": Count("", "records", 3, parts={"a": Count("", "records", 3, label="Alpha")}),
        "duplicates": Count("", "records", 0),
        "unscreened": Count("", "records", 1),
        "dbr_excluded": Count("", "reports", 3, parts={"E1": Count("", "", 3, label="Beta")}),
        "records_excluded": Count("", "records", 3, parts={"E1": Count("", "", 3, label="Gamma")}),
        "records_excluded_automation": Count("", "records", 1),
        "awaiting_retrieval": Count("", "reports", 2),
        "appraised_studies": Count("", "studies", 2, parts={"t": Count("", "studies", 2, label="MMAT")}),
        "synthesised_studies": Count("", "studies", 2),
    })  # fmt: skip
    declared = [Adjustment(identity="I3", count=2, reason="a supplement")]
    everything = draw(flow, labels("en"), "x", adjustments=declared)
    without = draw(flow, labels("en"), "x", adjustments=declared, options=Options(frozenset({part})))
    for name, words in SHOWN.items():
        assert words in everything
        assert (words in without) == (name != part), name


def test_the_protocol_offers_every_part_to_hide() -> None:
    assert set(get_args(get_args(Diagram.model_fields["hide"].annotation)[0])) == set(PARTS)


@pytest.mark.parametrize("code", languages())
def test_every_language_has_every_label(code: str) -> None:
    """No language falls back to English, and each keeps the places for numbers."""
    english, other = labels("en").words, labels(code).words
    assert set(other) == set(english)
    for key, text in english.items():
        assert re.findall(r"\{\w+\}", other[key]) == re.findall(r"\{\w+\}", text), key
    if code != "en":
        same = [key for key in english if english[key] == other[key] and len(english[key]) > 14]
        assert same == []


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium here: what a browser draws cannot be measured")
    return found


def test_a_browser_draws_the_widths_that_were_measured(chromium: str, tmp_path: Path) -> None:
    """Without the hold of textLength, Chromium's own widths are at most 2 % from ours."""
    fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    if not re.search("Liberation Sans|Arial|Helvetica|Nimbus Sans|Arimo", fonts) and not os.environ.get("CI"):
        pytest.skip("no font of Helvetica's widths here, such as Liberation Sans")
    samples = [
        "Reports assessed for eligibility (n = 1,234)",
        "Identificación de nuevos estudios",
        "Überprüfung – WAVE",
    ]
    from evidence_review.drawing.svg import FONT
    from evidence_review.drawing.text import width

    texts = "".join(f'<text font-size="100" font-family="{FONT}">{text}</text>' for text in samples)
    page = tmp_path / "page.html"
    page.write_text(
        f'<meta charset="utf-8"><svg xmlns="http://www.w3.org/2000/svg">{texts}</svg><script>document.title = '
        "[...document.querySelectorAll('text')].map(t => t.getComputedTextLength()).join(' ')</script>",
        encoding="utf-8",
    )
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync",
               f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    drawn = [float(number) for number in re.search(r"<title>([^<]*)</title>", dom).group(1).split()]  # type: ignore[union-attr]
    for text, found in zip(samples, drawn, strict=True):
        assert abs(found - width(text, 100)) / found < 0.02, text
