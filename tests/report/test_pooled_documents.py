"""Pooled effects in documents: the forest plot, the table behind it and SWiM's items, in whatever format one reads."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import math
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pdf_ua
import pytest
from defusedxml import ElementTree
from extraction_reviews import make, protocol, rows_of, write

from evidence_review.commands.extract import run as extract
from evidence_review.commands.report.rendition import FORMATS, Wishes
from evidence_review.commands.report.run import run
from evidence_review.commands.synthesise.run import everything
from evidence_review.workspace.workspace import Workspace

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FORM = """\
id: f
fields: [{id: design, type: choice, options: [trial]}]
groups:
  - id: outcome
    fields:
      - {id: measure, type: choice, options: [deaths]}
      - {id: a, type: integer}
      - {id: b, type: integer}
      - {id: c, type: integer}
      - {id: d, type: integer}
"""
PLAN = """\
synthesis:
  pooling:
    - {title: Deaths, group: outcome, where: {measure: deaths}, measure: RR, method: DL,
       columns: {ai: a, bi: b, ci: c, di: d}}
"""
ARMS = (("4", "119", "11", "128"), ("6", "300", "29", "274"), ("3", "NR", "11", "209"))

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec("pypandoc") is None or importlib.util.find_spec("typst") is None,
    reason="the extra 'documents' (pypandoc-binary, typst) is not installed",
)


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three studies of which two can be pooled, rendered in every format."""
    review = make(tmp_path_factory.mktemp("pooled"), 3, protocol(FORM, PLAN, mode="single"))
    extract.sheet(review, "reviewer-1", "csv")
    sheet = review.layout.sheets / "extraction" / "reviewer-1-outcome.csv"
    arms = [dict(zip("abcd", arm, strict=True)) for arm in ARMS]
    write(
        sheet, [{**row, "item": "1", "measure": "deaths", **arm} for row, arm in zip(rows_of(sheet), arms, strict=True)]
    )
    extract.collect(review, ())
    everything(review)
    run(review, draft=True, wishes=Wishes(formats=FORMATS))
    return review


def data(review: Workspace, kind: str) -> bytes:
    return (review.layout.reports / f"report.{kind}").read_bytes()


def words(review: Workspace, kind: str, folder: Path) -> str:
    """The text of the report in one format, its blanks made single."""
    if kind in ("docx", "odt"):
        with zipfile.ZipFile(io.BytesIO(data(review, kind))) as archive:
            part = archive.read("word/document.xml" if kind == "docx" else "content.xml")
        text = " ".join(ElementTree.fromstring(part).itertext())
    elif kind == "pdf":
        pdftotext = shutil.which("pdftotext")
        if pdftotext is None:
            pytest.skip("no pdftotext (poppler-utils) here")
        (folder / "report.pdf").write_bytes(data(review, kind))
        command = [pdftotext, str(folder / "report.pdf"), "-"]
        text = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    else:
        text = re.sub(r"<[^>]*>", " ", data(review, kind).decode("utf-8"))
    return " ".join(text.split())


@needs_extra
@pytest.mark.parametrize("kind", ["html", "md", "docx", "odt", "pdf"])
def test_pooled_effects_stand_in_every_format(pooled: Workspace, kind: str, tmp_path: Path) -> None:
    text = words(pooled, kind, tmp_path)
    effect = json.loads((pooled.layout.reports / "pooling" / "deaths.json").read_text(encoding="utf-8"))["pooled"]
    assert "Deaths, risk ratio: 2 studies, DL" in text
    assert f"{math.exp(effect['estimate']):.2f} (" in text
    assert "Deaths, left out: Author3 2003, outcome 1 (b is" in text
    assert "Annex: Synthesis without meta-analysis (SWiM)" in text


@needs_extra
def test_the_forest_plot_of_a_document_is_told_in_words(pooled: Workspace) -> None:
    """Who cannot see the picture reads which studies it pools; the PDF with it is as accessible as any other."""
    with zipfile.ZipFile(io.BytesIO(data(pooled, "docx"))) as archive:
        document = ElementTree.fromstring(archive.read("word/document.xml"))
    told = [node.get("descr", "") for node in document.iter(f"{DRAWING}docPr")]
    assert any("Author1 2001" in one and "Author2 2002" in one for one in told)
    assert pdf_ua.faults(data(pooled, "pdf")) == []


@needs_extra
def test_tables_of_pooled_effects_are_tables_of_word(pooled: Workspace) -> None:
    with zipfile.ZipFile(io.BytesIO(data(pooled, "docx"))) as archive:
        document = ElementTree.fromstring(archive.read("word/document.xml"))
    heads = [" ".join(next(iter(table.iter(f"{WORD}tr"))).itertext()) for table in document.iter(f"{WORD}tbl")]
    assert any("Outcome" in head and "Prediction interval" in head for head in heads)


def test_planned_and_pooled_effects_meet_their_items(pooled: Workspace, tmp_path: Path) -> None:
    """The measure stands in the methods where a pooling is planned; results count once something was pooled."""
    rows = {}
    planned = make(tmp_path / "planned", 3, protocol(FORM, PLAN, mode="single"))
    run(planned, draft=True)
    for name, review in (("planned", planned), ("pooled", pooled)):
        text = (review.layout.reports / "checklists" / "prisma2020.csv").read_text(encoding="utf-8")
        rows[name] = {row["item"]: (row["status"], row["where"]) for row in csv.DictReader(text.splitlines())}
    assert rows["planned"]["12"] == rows["pooled"]["12"] == ("reported", "Synthesis methods")
    assert rows["planned"]["20b"] == ("TODO", "")
    assert rows["pooled"]["20b"] == ("reported", "Results of syntheses")
    assert "plans to pool Deaths (risk ratio; random effects by DerSimonian and Laird)." in words(
        planned, "md", tmp_path
    )
