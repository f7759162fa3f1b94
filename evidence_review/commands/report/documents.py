"""DOCX, ODT, PDF and PNG of a report, through pandoc and typst (the extra `documents`): native tables, tagged PDF.

The report's HTML goes to pandoc, which writes Word and OpenDocument, and typst's language for the PDF. The PDF is made
to PDF/UA-1, which typst checks as it writes; a picture without alternative text would be refused.
"""

from __future__ import annotations

import datetime
import importlib
import io
import json
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from markupsafe import Markup

from evidence_review.commands.report.references import csl
from evidence_review.commands.report.render import environment
from evidence_review.errors import InputError, StorageError
from evidence_review.model.record import Citation

FORMATS = ("docx", "odt", "pdf", "png")
_TEMPLATES = resources.files("evidence_review.commands.report") / "templates"
_SECONDS = 120
_PPI = 192.0


@dataclass(frozen=True, slots=True)
class Source:
    """What documents are made of. `html` is for `pdf`, with pictures such as `flow.svg`, and for `docx` and `odt`, with
    `flow.png`; `svgs` are the pictures by name; `date` is the data's, not the clock's.
    """

    html: Mapping[str, str]
    svgs: Mapping[str, str]
    title: str
    authors: tuple[str, ...]
    language: str
    date: str
    draft: str = ""
    citations: tuple[tuple[str, Citation], ...] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """A journal's wishes: a DOCX or ODT whose styles are taken over, and a CSL file for citations."""

    reference_doc: Path | None = None
    csl: Path | None = None


def make(formats: Sequence[str], source: Source, style: Style) -> dict[str, bytes]:
    """Return the documents by ending.

    Raises:
        InputError: the extra is not installed, or a file of the style cannot be used.
    """
    if not formats:
        return {}
    pandoc, typst = _tools()
    for path in (style.reference_doc, style.csl):
        if path is not None and not path.is_file():
            raise InputError(f"There is no file {path}.")
    with tempfile.TemporaryDirectory(prefix="evidence-review-") as name:
        folder = Path(name)
        pngs = {name: _png(typst, folder, name, svg) for name, svg in source.svgs.items()}
        filter_path = folder / "document.lua"
        filter_path.write_text((_TEMPLATES / "document.lua.j2").read_text(encoding="utf-8"), encoding="utf-8")
        made: dict[str, bytes] = {}
        for kind in formats:
            if kind == "png":
                made[kind] = pngs["flow"]
            elif kind == "pdf":
                made[kind] = _pdf(pandoc, typst, folder, source, style)
            else:
                made[kind] = _pandoc(pandoc, folder, source, style, kind).read_bytes()
        return made


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


def _png(typst: Any, folder: Path, name: str, svg: str) -> bytes:
    """Write a picture as SVG and PNG, and return the latter; typst draws text also where the machine has no fonts."""
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8", errors="replace")
    page = folder / f"{name}.typ"
    page.write_text(f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{name}.svg")\n', encoding="utf-8")
    png = bytes(typst.compile(str(page), root=str(folder), format="png", ppi=_PPI))
    (folder / f"{name}.png").write_bytes(png)
    return png


def _pandoc(pandoc: str, folder: Path, source: Source, style: Style, kind: str) -> Path:
    """Run pandoc; return the file it wrote."""
    out = folder / f"report.{kind}"
    html = source.html["pdf" if kind == "typst" else "docx"]
    (folder / "report.html").write_text(html, encoding="utf-8", errors="replace")
    command = [pandoc, "--from=html", f"--to={kind}", "--lua-filter=document.lua", f"--output={out.name}"]
    command += [f"--metadata=lang:{source.language}"]
    if kind != "typst":
        command += ["--standalone", f"--metadata=title:{_one_line(source.title)}"]
        reference = style.reference_doc or (_reference(pandoc, folder) if kind == "docx" else None)
        if reference is not None:
            command.append(f"--reference-doc={reference.resolve()}")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(_epoch(source.date)), "EVIDENCE_REVIEW_CITE": ""}
    if style.csl is not None:
        items = [csl(key, citation) for key, citation in source.citations]
        (folder / "references.json").write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
        command += ["--citeproc", "--bibliography=references.json", f"--csl={style.csl.resolve()}"]
        environment["EVIDENCE_REVIEW_CITE"] = "yes"
    command.append("report.html")
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
    """Return pandoc's own reference document with smaller print in tables, whose cells are of the style Compact."""
    done = subprocess.run(
        [pandoc, "--print-default-data-file=reference.docx"], capture_output=True, timeout=_SECONDS, check=True
    )
    out = folder / "reference.docx"
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "word/styles.xml":
                data = _COMPACT.sub(rb'\g<0><w:rPr><w:sz w:val="17"/><w:szCs w:val="17"/></w:rPr>', data, count=1)
                data = _BODY_SIZE.sub(rb'<w:sz w:val="21"/>', data, count=1)
            # Dated, lest the hour of this rendering gets into the document.
            new.writestr(zipfile.ZipInfo(item.filename, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out


# The end of the paragraph properties of the style Compact, after which its character properties go; and the size of
# the document's defaults (in half points).
_COMPACT = re.compile(rb'<w:style [^>]*w:styleId="Compact"(?:(?!</w:style>).)*?</w:pPr>', re.DOTALL)
_BODY_SIZE = re.compile(rb'<w:sz w:val="24"\s*/>')


def _pdf(pandoc: str, typst: Any, folder: Path, source: Source, style: Style) -> bytes:
    body = _pandoc(pandoc, folder, source, style, "typst").read_text(encoding="utf-8")
    head = environment(folder / "none").get_template("document.typ.j2").render(
        title=_typst(source.title),
        authors=Markup("({})").format(Markup("").join(_typst(author) + ", " for author in source.authors)),
        language=_typst(source.language),
        draft=source.draft,
    )  # fmt: skip
    path = folder / "report.typ"
    # pandoc centres its tables; text in cells reads better from the left.
    path.write_text(head + body.replace("align(center)[#table(", "align(left)[#table("), encoding="utf-8")
    try:
        return bytes(
            typst.compile(
                str(path), root=str(folder), format="pdf", pdf_standards=["ua-1"],
                timestamp=_epoch(source.date),
            )
        )  # fmt: skip
    except typst.TypstError as fault:
        raise InputError(f"The PDF cannot be made: {str(fault)[:500]}") from fault


def _typst(text: str) -> Markup:
    inner = _one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return Markup(f'"{inner}"')  # noqa: S704 - for typst, where these two marks are all that a string knows


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "\ufffd").split())


def _epoch(date: str) -> int:
    """Return a date as seconds since 1970, so that documents carry the data's date and are the same each time."""
    day = datetime.date.fromisoformat(date) if date else datetime.date(2000, 1, 1)
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())
