"""DOCX, ODT and PDF: native tables and headings, pictures with words beside them, the same bytes each time."""

from __future__ import annotations

import html
import importlib.util
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pdf_ua
import pikepdf
import pytest
from defusedxml import ElementTree
from made_reviews import NASTY, PROTOCOL, make
from pypdf import PdfReader

from evidence_review.commands.report import documents, lists
from evidence_review.commands.report.rendition import FORMATS, LAYOUTS, Wishes
from evidence_review.commands.report.run import gather, run
from evidence_review.commands.report.typeset import _OTHER_SCRIPT
from evidence_review.errors import InputError, UsageError
from evidence_review.state.directions import DOWN, MIXED, UP
from evidence_review.workspace.workspace import Workspace

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec("pypandoc") is None or importlib.util.find_spec("typst") is None,
    reason="the extra 'documents' (pypandoc-binary, typst) is not installed",
)


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A review in all formats."""
    review = make(tmp_path_factory.mktemp("documents") / "review", 40)
    run(review, wishes=Wishes(formats=FORMATS))
    return review


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A review in which every title would act, if anything took it for more than text."""
    review = make(tmp_path_factory.mktemp("hostile") / "review", 40, hostile=True)
    run(review, wishes=Wishes(formats=FORMATS))
    return review


def read(review: Workspace, name: str) -> bytes:
    return (review.layout.reports / name).read_bytes()


def docx(review: Workspace) -> ElementTree:
    with zipfile.ZipFile(io.BytesIO(read(review, "report.docx"))) as archive:
        return ElementTree.fromstring(archive.read("word/document.xml"))


@needs_extra
def test_word_has_headings_tables_and_a_picture_with_words(rendered: Workspace) -> None:
    root = docx(rendered)
    styles = [style.get(f"{WORD}val") for style in root.iter(f"{WORD}pStyle")]
    assert styles.count("Title") == 1
    assert styles.count("Heading1") > 5  # the title has a style of its own
    assert styles.count("Heading2") > 5
    tables = list(root.iter(f"{WORD}tbl"))
    assert len(tables) == read(rendered, "report.html").decode("utf-8").count("<table")
    picture = next(root.iter(f"{DRAWING}docPr"))
    assert "Records screened (n" in (picture.get("descr") or "")


@needs_extra
def test_no_row_of_a_table_is_torn_between_pages(rendered: Workspace) -> None:
    rows = list(docx(rendered).iter(f"{WORD}tr"))
    kept = [row.find(f"{WORD}trPr/{WORD}cantSplit") is not None for row in rows]
    heads = [row.find(f"{WORD}trPr/{WORD}tblHeader") is not None for row in rows]
    assert all(kept[place] or heads[place] for place in range(len(rows)))
    with zipfile.ZipFile(io.BytesIO(read(rendered, "report.odt"))) as archive:
        text = archive.read("content.xml").decode("utf-8")
    assert "<table:table-row>" not in text
    assert text.count('<style:style style:name="RowOnOnePage"') == 1


@needs_extra
def test_a_word_that_no_line_holds_is_broken_in_the_pdf_and_read_as_one(tmp_path: Path) -> None:
    review = make(tmp_path / "review", 40)
    word = 2 * "Pneumonoultramicroscopicsilicovolcanoconiosis"
    text = review.layout.protocol.read_text(encoding="utf-8")
    review.layout.protocol.write_text(re.sub(r"(?m)^title: .*$", f"title: {word}", text), encoding="utf-8")
    run(Workspace.open(review.layout.folder), draft=True, wishes=Wishes(formats=("pdf",)))
    lines = PdfReader(io.BytesIO(read(review, "report.pdf"))).pages[0].extract_text().splitlines()
    assert word not in lines
    assert "".join(lines).replace(" ", "").startswith(word)


@needs_extra
def test_every_number_of_the_text_is_in_word_too(rendered: Workspace) -> None:
    """The sentence on the selection of studies stands in the document as it does in Markdown."""
    text = "".join(node.text or "" for node in docx(rendered).iter(f"{WORD}t"))
    markdown = read(rendered, "report.md").decode("utf-8")
    sentence = next(line for line in markdown.splitlines() if " gave " in line and "Screening of titles" in line)
    plain = re.sub(r"\s+", " ", sentence)
    assert plain in re.sub(r"\s+", " ", text)


def odt_text(review: Workspace, between: str = "") -> str:
    with zipfile.ZipFile(io.BytesIO(read(review, "report.odt"))) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    # OpenDocument writes further blanks as elements.
    for blank in root.iter("{urn:oasis:names:tc:opendocument:xmlns:text:1.0}s"):
        blank.text = " "
    return between.join(root.itertext())


def pdf_text(review: Workspace, tmp_path: Path) -> str:
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("no pdftotext (poppler-utils) here")
    path = tmp_path / "report.pdf"
    path.write_bytes(read(review, "report.pdf"))
    return subprocess.run([pdftotext, str(path), "-"], capture_output=True, encoding="utf-8", check=True).stdout


def squeezed(text: str) -> str:
    """Return text without blanks, line ends and what says in which direction to read."""
    return re.sub(r"[\s\u00a0\u00ad\u200b\u202a-\u202e\u2066-\u2069]", "", text)


def page_text(review: Workspace, stem: str = "report") -> str:
    """The text of the page, without its contents, records and code; what is on its pictures in words included."""
    page = read(review, f"{stem}.html").decode("utf-8").split("<main", 1)[1].split("</main>", 1)[0]
    page = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r" \1 ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


@needs_extra
@pytest.mark.parametrize("kind", ["docx", "odt", "pdf", "md"])
def test_no_format_has_a_number_that_the_page_has_not(rendered: Workspace, kind: str, tmp_path: Path) -> None:
    """On the page each number is traced (see test_report); no number comes up in another format alone."""
    known = set(re.findall(r"\d+", page_text(rendered)))
    if kind == "docx":
        text = "\n".join("".join(n.text or "" for n in one.iter(f"{WORD}t")) for one in docx(rendered).iter(f"{WORD}p"))
    elif kind == "odt":
        text = odt_text(rendered, between=" ")
    elif kind == "md":
        text = re.sub(r"^\d+\. ", "", read(rendered, "report.md").decode("utf-8"), flags=re.MULTILINE)
    else:
        lines = pdf_text(rendered, tmp_path).splitlines()
        # Without the numbers of pages and of the references, and what a line's end has cut in two.
        lines = [line for line in lines if not re.fullmatch(r"\d{1,2}\.?", line.strip())]
        text = "\n".join(re.findall(r"(?<=[ (])\d+(?=[ ,;:)])", "\n".join(lines)))
    assert set(re.findall(r"\d+", text)) - known == set()


@needs_extra
@pytest.mark.parametrize("kind", ["docx", "odt", "pdf", "html"])
def test_hostile_titles_are_text_in_every_format(hostile: Workspace, kind: str, tmp_path: Path) -> None:
    """Markup, templates, formulas, control characters, LaTeX and typst are shown as they stand, and nothing is run."""
    if kind == "docx":
        text = "".join(node.text or "" for node in docx(hostile).iter(f"{WORD}t"))
    elif kind == "odt":
        text = odt_text(hostile)
    elif kind == "pdf":
        text = pdf_text(hostile, tmp_path)
    else:
        text = html.unescape(re.sub(r"<[^>]*>", "", read(hostile, "report.html").decode("utf-8")))
    assert "\0" not in text
    shown = squeezed(text)
    found = gather(hostile)
    named = {report for study in found.standing.studies for report in study.reports}
    named |= {one.id for one in lists.excluded(found.snapshot, found.standing)}
    assert {found.snapshot.records[report].citation.title for report in named} == set(NASTY)
    for title in NASTY:
        words = title.replace("\0", "\ufffd").split()[:40]
        # In a PDF what is to be read from the right stands as it is painted, so only the letters can be compared.
        if kind == "pdf" and "\u202e" in title:
            words = list(title.translate(dict.fromkeys(map(ord, "\u202e\u202c "))))
        # A machine without a font for an emoji shows a box and says so.
        boxed = [re.sub("[\U00010000-\U0010ffff]", "\N{WHITE SQUARE}", word) for word in words]
        pairs = zip(words, boxed, strict=True)
        missing = [word for word, box in pairs if squeezed(word) not in shown and squeezed(box) not in shown]
        assert missing == [], title
    assert "<imgsrc=xonerror=alert(1)>" in shown  # an extracted value


@needs_extra
def test_no_formula_field_or_link_comes_from_hostile_text(hostile: Workspace) -> None:
    """Word and OpenDocument know fields that compute and links that run; only the number of the page is one."""
    with zipfile.ZipFile(io.BytesIO(read(hostile, "report.docx"))) as archive:
        parts = {
            name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith((".xml", ".rels"))
        }
    assert {field.strip() for text in parts.values() for field in re.findall(r"<w:instrText[^>]*>(.*?)<", text)} <= {
        "PAGE"
    }
    targets = re.findall(r'Type="[^"]*/hyperlink"[^>]*?Target="([^"]*)"', parts["word/_rels/document.xml.rels"])
    assert all(target.startswith(("https://", "http://", "#")) for target in targets)
    with zipfile.ZipFile(io.BytesIO(read(hostile, "report.odt"))) as archive:
        content = archive.read("content.xml").decode("utf-8")
    assert not re.search(r"<(script|form|office:scripts?)[ :>]|xlink:href=.javascript:|text:formula", content)


@needs_extra
def test_the_same_review_gives_the_same_bytes(rendered: Workspace) -> None:
    names = ("report.docx", "report.odt", "report.pdf", "flow.png")
    before = {name: read(rendered, name) for name in names}
    run(rendered, wishes=Wishes(formats=FORMATS))
    assert {name: read(rendered, name) for name in names} == before


@needs_extra
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_pdf_of_each_layout_is_accessible(rendered: Workspace, layout: str) -> None:
    """What a machine can check of PDF/UA-1 holds: tags, words for pictures, headings, tables, links, fonts."""
    run(rendered, wishes=Wishes(layout=layout, formats=("pdf",)))
    assert pdf_ua.faults(read(rendered, f"{LAYOUTS[layout]}.pdf")) == []


def structure(pdf: pikepdf.Pdf, kind: str) -> Any:
    """The first structure element of a kind."""
    return next(element for element, _ in pdf_ua._elements(pdf.Root.StructTreeRoot) if str(element.S) == f"/{kind}")


def unnamed_title(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        del metadata["dc:title"]


def untagged(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"BT /F0 9 Tf (x) Tj ET")


BREAKS: dict[str, Callable[[pikepdf.Pdf], object]] = {
    "06-001/01": lambda pdf: pdf.Root.MarkInfo.__setitem__("/Marked", False),
    "11-006": lambda pdf: pdf.Root.__delitem__("/Lang"),
    "06-003": unnamed_title,
    "07-001": lambda pdf: pdf.Root.ViewerPreferences.__setitem__("/DisplayDocTitle", False),
    "01-005": untagged,
    "02-001": lambda pdf: structure(pdf, "P").__setitem__("/S", pikepdf.Name.Paragraph),
    "13-004": lambda pdf: structure(pdf, "Figure").__delitem__("/Alt"),
    "14-003": lambda pdf: structure(pdf, "H2").__setitem__("/S", pikepdf.Name.H4),
    "15-003": lambda pdf: structure(pdf, "TH").__delitem__("/A"),
    "09-004": lambda pdf: structure(pdf, "TR").__setitem__("/S", pikepdf.Name.Sect),
    "28-004": lambda pdf: [page.obj.__delitem__("/Tabs") for page in pdf.pages if "/Tabs" in page.obj],
    "28-012": lambda pdf: [
        one.__delitem__("/Contents") for page in pdf.pages for one in page.obj.get("/Annots", [])
    ],
    "10-001": lambda pdf: [
        font.__delitem__("/ToUnicode") for font in pdf.objects
        if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font
    ],
    "31-009": lambda pdf: [
        font.__delitem__(name) for font in pdf.objects if isinstance(font, pikepdf.Dictionary)
        for name in ("/FontFile2", "/FontFile3") if name in font
    ],
}  # fmt: skip


@needs_extra
@pytest.mark.parametrize("condition", BREAKS)
def test_the_check_of_accessibility_bites(rendered: Workspace, condition: str) -> None:
    """A PDF that is broken in one way is found to be broken in that way."""
    with pikepdf.open(io.BytesIO(read(rendered, "report.pdf"))) as pdf:
        BREAKS[condition](pdf)
        out = io.BytesIO()
        pdf.save(out)
    assert any(fault.startswith(condition) for fault in pdf_ua.faults(out.getvalue()))


@needs_extra
def test_what_no_font_has_is_a_box_and_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without the fonts of a script the PDF is still made, still accessible, and the summary names it."""
    typst = pytest.importorskip("typst")
    packaged = typst.Fonts
    monkeypatch.setattr(typst, "Fonts", lambda **wishes: packaged(**{**wishes, "include_system_fonts": False}))
    written = '"这是什么 — Do hospital links work? 🏥 A rapid evidence review"'
    protocol = re.sub(r"^title: .*$", f"title: {written}", PROTOCOL, flags=re.MULTILINE)
    review = make(tmp_path / "review", protocol=protocol)
    summary = run(review, wishes=Wishes(formats=("pdf",)))
    told = next(line for line in summary.lines if "no font" in line)
    assert "这" in told
    assert "🏥" in told
    assert pdf_ua.faults(read(review, "report.pdf")) == []


@needs_extra
def test_the_pdf_holds_the_same_words(rendered: Workspace, tmp_path: Path) -> None:
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("no pdftotext (poppler-utils) here")
    path = tmp_path / "report.pdf"
    path.write_bytes(read(rendered, "report.pdf"))
    done = subprocess.run([pdftotext, "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    text = re.sub(r"\s+", " ", done.stdout)
    numbers = json.loads(read(rendered, "numbers.json"))["numbers"]
    assert f"{numbers['sum.identified']['n']} records, other methods" in text
    assert "<img src=x onerror=alert(1)>" in text.replace(" ", " ")


TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"


def opened(path: Path, folder: Path) -> Any:
    """What LibreOffice Writer makes of a document when it opens it."""
    soffice = shutil.which("soffice")
    if soffice is None or shutil.which("lowriter") is None:
        pytest.skip("no LibreOffice Writer here")
    command = [soffice, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
               "--convert-to", "fodt", "--outdir", str(folder / "opened"), str(path)]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=180, check=True)
    return ElementTree.fromstring((folder / "opened" / f"{path.stem}.fodt").read_bytes())


@needs_extra
@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_libreoffice_sees_headings_captions_tables_pictures_and_references(
    rendered: Workspace, kind: str, tmp_path: Path
) -> None:
    """As many of each as the page has; pictures are PNG with words beside them."""
    path = tmp_path / f"report.{kind}"
    path.write_bytes(read(rendered, f"report.{kind}"))
    root = opened(path, tmp_path)
    page = read(rendered, "report.html").decode("utf-8").split("<main", 1)[1].split("</main>", 1)[0]
    levels = [int(one.get(f"{TEXT}outline-level")) for one in root.iter(f"{TEXT}h") if "".join(one.itertext()).strip()]
    assert [levels.count(level) for level in (1, 2)] == [page.count("<h2"), page.count("<h3")]
    assert levels[0] == 1
    assert len(list(root.iter(f"{TABLE}table"))) == page.count("<table")
    parents = {one.get(f"{STYLE}name"): one.get(f"{STYLE}parent-style-name") for one in root.iter(f"{STYLE}style")}

    def is_caption(style: str | None) -> bool:
        return style is not None and ("Caption" in style or style == "Table" or is_caption(parents.get(style)))

    captions = ["".join(one.itertext()) for one in root.iter(f"{TEXT}p") if is_caption(one.get(f"{TEXT}style-name"))]
    assert len([one for one in captions if re.match(r"(Table|Figure) \d+\. ", one)]) == len(
        re.findall(r"<caption>Table|<figcaption>Figure", page)
    )
    words = [one.text or "" for one in root.iter() if one.tag in (f"{SVG}desc", f"{SVG}title")]
    assert any("Records screened (n" in one for one in words)
    assert (
        b"image/png" in (tmp_path / "opened" / "report.fodt").read_bytes()
        or b"iVBORw0KGgo" in (tmp_path / "opened" / "report.fodt").read_bytes()
    )
    items = ["".join(one.itertext()) for one in root.iter(f"{TEXT}list-item")]
    cited = re.findall(r'<li id="ref-R-\w+">(.*?)</li>', page, re.DOTALL)
    assert cited
    for entry in cited:
        assert squeezed(html.unescape(re.sub("<[^>]*>", "", entry))) in {squeezed(one) for one in items}


@needs_extra
def test_a_draft_is_marked_in_the_pdf(tmp_path: Path) -> None:
    review = make(tmp_path / "review", finished=False)
    run(review, draft=True, wishes=Wishes(formats=("pdf",)))
    run(review, draft=True)
    assert b"%PDF" in read(review, "report.pdf")


@needs_extra
def test_a_journals_citation_style_is_used(rendered: Workspace, tmp_path: Path) -> None:
    """With a CSL file the references are written by that style, and cited by it in the text."""
    style = tmp_path / "own.csl"
    style.write_text(
        '<?xml version="1.0" encoding="utf-8"?><style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" '
        'version="1.0"><info><title>Own</title><id>own</id><updated>2026-01-01T00:00:00+00:00</updated></info>'
        '<citation><layout prefix="{" suffix="}" delimiter="; "><text variable="title"/></layout></citation>'
        '<bibliography><layout suffix=" #"><text variable="DOI"/></layout></bibliography></style>',
        encoding="utf-8",
    )
    run(rendered, wishes=Wishes(formats=("docx",), csl=style))
    text = "".join(node.text or "" for node in docx(rendered).iter(f"{WORD}t"))
    assert "{Title number 9}" in text
    assert "10.1000/links.9 #" in text
    run(rendered, wishes=Wishes(formats=FORMATS))


def cited_twice(folder: Path) -> Workspace:
    """A review whose authors cite two reports at once."""
    review = make(folder)
    run(review)
    studies = json.loads(read(review, "numbers.json"))["studies"]
    first, second = (study["reports"][0] for study in studies[:2])
    review.layout.beside_protocol.mkdir(parents=True)
    (review.layout.beside_protocol / "results.md").write_text(f"It helps [@{first}; @{second}].\n", encoding="utf-8")
    return review


def test_authors_and_years_stand_in_the_text_where_the_style_wants_them(tmp_path: Path) -> None:
    """Vancouver numbers its references; APA cites by name in the text and lists without numbers."""
    review = cited_twice(tmp_path / "review")
    run(review)
    assert re.search(r"It helps \\\[\d, \d\\\]\.", read(review, "report.md").decode("utf-8"))
    run(review, wishes=Wishes(references="apa"))
    text = read(review, "report.md").decode("utf-8")
    assert re.search(r"It helps \(Author\w & The .+?, \d{4}; Author\w & The .+?, \d{4}\)\.", text)
    assert "\n1. Author" not in text
    assert "\n- Author" in text


@needs_extra
def test_two_reports_cited_at_once_are_one_citation_of_the_journals_style(tmp_path: Path) -> None:
    review = cited_twice(tmp_path / "review")
    run(review, wishes=Wishes(formats=("docx",), csl=Path(__file__).parent / "fixtures" / "apa.csl"))
    text = "".join(node.text or "" for node in docx(review).iter(f"{WORD}t"))
    assert re.search(r"It helps \(Author\w & [^();]*; Author\w & [^();]*\)\.", text), text[text.find("It helps") :][
        :200
    ]


@needs_extra
def test_a_reference_document_gives_its_styles(rendered: Workspace, tmp_path: Path) -> None:
    journal = tmp_path / "journal.docx"
    with (
        zipfile.ZipFile(io.BytesIO(read(rendered, "report.docx"))) as ours,
        zipfile.ZipFile(journal, "w") as new,
    ):
        for name in ours.namelist():
            data = ours.read(name)
            if name == "word/styles.xml":
                data = data.replace(b"0F4761", b"AA0011")
            new.writestr(name, data)
    run(rendered, wishes=Wishes(formats=("docx",), reference_doc=journal))
    with zipfile.ZipFile(io.BytesIO(read(rendered, "report.docx"))) as archive:
        assert b"AA0011" in archive.read("word/styles.xml")
    with pytest.raises(InputError, match=r"no file .*gone\.docx"):
        run(rendered, wishes=Wishes(formats=("docx",), reference_doc=tmp_path / "gone.docx"))
    with pytest.raises(InputError, match="pandoc could not write"):
        broken = tmp_path / "broken.docx"
        broken.write_bytes(b"no archive")
        run(rendered, wishes=Wishes(formats=("docx",), reference_doc=broken))


def test_without_the_extra_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review = make(tmp_path / "review")

    def gone(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(documents.importlib, "import_module", gone)
    with pytest.raises(InputError, match=r"evidence-review\[documents\]"):
        run(review, wishes=Wishes(formats=("docx",)))
    assert not review.layout.reports.exists()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_written_beside_the_others(tmp_path: Path, layout: str) -> None:
    """The full report keeps its name and numbers; another layout has its own."""
    review = make(tmp_path / "review")
    review.layout.beside_protocol.mkdir(parents=True)
    (review.layout.beside_protocol / "messages.md").write_text("- Links **help**.\n", encoding="utf-8")
    run(review, wishes=Wishes(layout=layout))
    text = read(review, f"{LAYOUTS[layout]}.md").decode("utf-8")
    assert ("Links **help**." in text) == (layout not in ("annexes", "checklists"))
    assert ("### Eligibility criteria" in text) == (layout in ("full", "1-3-25"))
    assert ("TODO: write" in text) == (layout == "1-3-25")
    assert (
        review.layout.reports / ("numbers.json" if layout == "full" else f"{LAYOUTS[layout]}.numbers.json")
    ).exists()


@pytest.mark.parametrize("wishes", [Wishes(layout="poster"), Wishes(references="harvard"), Wishes(formats=("doc",))])
def test_a_word_that_does_not_exist_is_a_usage_error(tmp_path: Path, wishes: Wishes) -> None:
    with pytest.raises(UsageError):
        run(make(tmp_path / "review"), wishes=wishes)


def test_the_signs_of_directions_are_drawn_with_the_packaged_fonts() -> None:
    """With the machine's fonts, another version of the same family would give other bytes."""
    for sign in (UP, DOWN, MIXED):
        assert not _OTHER_SCRIPT.search(f"Sign test: 1 {sign}")
    assert _OTHER_SCRIPT.search("健康")
