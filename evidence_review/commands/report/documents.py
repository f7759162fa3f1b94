"""DOCX, ODT, PDF and PNG of a report, through pandoc and typst (the extra `documents`): native tables, tagged PDF.

The report's HTML goes to pandoc, which writes Word and OpenDocument, and typst's language for the PDF. The PDF is made
to PDF/UA-1, which typst checks as it writes; a picture without alternative text would be refused.
"""

from __future__ import annotations

import datetime
import importlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from markupsafe import Markup

from evidence_review.commands.report import office
from evidence_review.commands.report.references import csl
from evidence_review.commands.report.typeset import Typesetter, one_line, string
from evidence_review.errors import InputError, StorageError
from evidence_review.model.record import Citation
from evidence_review.summary import counted

_TEMPLATES = resources.files("evidence_review.commands.report") / "templates"
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Source:
    """What documents are made of. `html` is for `pdf`, with pictures such as `flow.svg`, and for `docx` and `odt`, with
    `flow.png`; `svgs` are the pictures by name; `date` is the data's, not the clock's. `slides` are wide pages to show.
    """

    html: Mapping[str, str]
    svgs: Mapping[str, str]
    title: str
    authors: tuple[str, ...]
    language: str
    date: str
    draft: str = ""
    citations: tuple[tuple[str, Citation], ...] = ()
    slides: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """A journal's wishes: a DOCX or ODT whose styles are taken over, and a CSL file for citations."""

    reference_doc: Path | None = None
    csl: Path | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents by ending, and what the people who made them should know."""

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


def make(formats: Sequence[str], source: Source, style: Style) -> Documents:
    """Return the documents.

    Raises:
        InputError: the extra is not installed, or a file of the style cannot be used.
    """
    pandoc, typst = _tools()
    for path in (style.reference_doc, style.csl):
        if path is not None and not path.is_file():
            raise InputError(f"There is no file {path}.")
    with tempfile.TemporaryDirectory(prefix="evidence-review-") as name:
        folder = Path(name)
        typesetter = Typesetter(typst, folder)
        pngs = {name: typesetter.picture(name, svg) for name, svg in source.svgs.items()}
        filter_path = folder / "document.lua"
        filter_path.write_text((_TEMPLATES / "document.lua.j2").read_text(encoding="utf-8"), encoding="utf-8")
        # pandoc is a program of its own: one for each format at the same time, as far as there are processors.
        with ThreadPoolExecutor() as pool:
            targets = {kind: "typst" if kind == "pdf" else kind for kind in formats if kind != "png"}
            written = {
                kind: pool.submit(_pandoc, pandoc, folder, source, style, target) for kind, target in targets.items()
            }
        made: dict[str, bytes] = {}
        for kind in formats:
            if kind == "png":
                made[kind] = pngs["flow"]
            elif kind == "pdf":
                made[kind] = _pdf(typesetter, written[kind].result(), source)
            else:
                data = office.whole_rows(written[kind].result().read_bytes())
                made[kind] = _finished_odt(data, source, style) if kind == "odt" else data
        return Documents(made, tuple(_without_font(typesetter.missing)))


def _finished_odt(made: bytes, source: Source, style: Style) -> bytes:
    described = office.described_odt(made, source.html["docx"])
    return described if style.reference_doc is not None else office.styled_odt(described)


def _without_font(missing: set[str]) -> Iterator[str]:
    if missing:
        shown = " ".join(sorted(missing)[:12])
        yield (
            f"In the PDF a box stands for {counted(len(missing), 'character')} that no font of this machine has "
            f"({shown}). Install a font of that script, such as one of the Noto family, and render again."
        )


def _tools() -> tuple[str, Any]:
    try:
        pypandoc = importlib.import_module("pypandoc")
        typst = importlib.import_module("typst")
        return str(pypandoc.get_pandoc_path()), typst
    except (ImportError, OSError) as fault:
        raise InputError(
            "DOCX, ODT, PDF and PNG need the extra 'documents', which is not installed: "
            "python -m pip install 'evidence-review[documents]'. HTML and Markdown need nothing."
        ) from fault


def _pandoc(pandoc: str, folder: Path, source: Source, style: Style, kind: str) -> Path:
    """Run pandoc; return the file it wrote."""
    out = folder / f"report.{kind}"
    html = source.html["pdf" if kind == "typst" else "docx"]
    page = folder / f"{kind}.html"
    page.write_text(html, encoding="utf-8", errors="replace")
    command = [pandoc, "--from=html", f"--to={kind}", "--lua-filter=document.lua", f"--output={out.name}"]
    command += [f"--metadata=lang:{source.language}"]
    if kind != "typst":
        command += ["--standalone", f"--metadata=title:{one_line(source.title)}"]
        reference = style.reference_doc or (_reference(pandoc, folder) if kind == "docx" else None)
        if reference is not None:
            command.append(f"--reference-doc={reference.resolve()}")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(_epoch(source.date)), "EVIDENCE_REVIEW_CITE": ""}
    environment["EVIDENCE_REVIEW_SLIDES"] = "yes" if source.slides else ""
    if style.csl is not None:
        items = [csl(key, citation) for key, citation in source.citations]
        references = folder / f"{kind}-references.json"
        references.write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
        command += ["--citeproc", f"--bibliography={references.name}", f"--csl={style.csl.resolve()}"]
        environment["EVIDENCE_REVIEW_CITE"] = "yes"
    command.append(page.name)
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise StorageError(f"pandoc took more than {_SECONDS} seconds for the {kind}; nothing was written.") from fault
    if done.returncode:
        raise InputError(f"pandoc could not write the {kind}: {done.stderr.strip()[:500]}")
    return out


def _reference(pandoc: str, folder: Path) -> Path:
    """Write the reference document that is used where a journal gives none."""
    done = subprocess.run(
        [pandoc, "--print-default-data-file=reference.docx"], capture_output=True, timeout=_SECONDS, check=True
    )
    out = folder / "reference.docx"
    out.write_bytes(office.word_reference(done.stdout))
    return out


def _pdf(typesetter: Typesetter, written: Path, source: Source) -> bytes:
    body = written.read_text(encoding="utf-8")
    authors = Markup("").join(string(author) + ", " for author in source.authors)
    head = {
        "title": string(source.title),
        "authors": Markup("({})").format(authors),
        "language": string(source.language),
        "draft": source.draft,
        "slides": source.slides,
    }
    return typesetter.pdf(body, head, _epoch(source.date))


def _epoch(date: str) -> int:
    """Return a date as seconds since 1970, so that documents carry the data's date and are the same each time."""
    day = datetime.date.fromisoformat(date) if date else datetime.date(2000, 1, 1)
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())
