"""What a machine can check of PDF/UA-1 (ISO 14289-1), read from the file itself and not from what its writer claims.

veraPDF, which is the reference, needs Java and a download that package registries do not have. The numbers are those of
the conditions in the Matterhorn Protocol 1.1 (https://pdfa.org/resource/the-matterhorn-protocol/) that fit such files:
no forms, no scripts, no attachments, no media.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf

# Structure types of ISO 32000-1, 14.8.4.
_STANDARD = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl "
    "LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP "
    "Warichu WT WP Figure Formula Form"
)
STANDARD = frozenset(_STANDARD.split())
_PAINTING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "Do", "INLINE IMAGE"}
_INSIDE = {
    "TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"}, "LI": {"L"}, "LBody": {"LI"},
    "THead": {"Table"}, "TBody": {"Table"}, "TFoot": {"Table"}, "TOCI": {"TOC"},
}  # fmt: skip


def faults(data: bytes) -> list[str]:
    """Return what breaks PDF/UA-1, each with its Matterhorn condition; nothing where all that is checked holds."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [*_document(pdf), *_structure(pdf), *_pages(pdf), *_fonts(pdf)]


def _document(pdf: pikepdf.Pdf) -> Iterator[str]:
    root: Any = pdf.Root
    if not bool(root.get("/MarkInfo", {}).get("/Marked", False)):
        yield "06-001/01: the file does not say that it is tagged"
    if bool(root.get("/MarkInfo", {}).get("/Suspects", False)):
        yield "04-001: the tags are suspect"
    if "/Lang" not in root or not str(root.Lang):
        yield "11-006: the document has no language"
    if "/Metadata" not in root:
        yield "06-001: there are no metadata"
        return
    with pdf.open_metadata() as metadata:
        if str(metadata.get("pdfuaid:part")) != "1":
            yield "06-002: the metadata do not name PDF/UA-1"
        if not metadata.get("dc:title"):
            yield "06-003: the metadata have no title"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "07-001: the window does not show the title"
    if pdf.is_encrypted:
        yield "26-001: the file is encrypted"
    if "/StructTreeRoot" not in root:
        yield "01-005: there is no structure"


def _elements(node: Any, parent: str = "") -> Iterator[tuple[Any, str]]:
    """Yield every structure element with the type of its parent."""
    kids = node.get("/K")
    if kids is None:
        return
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid, parent
            yield from _elements(kid, str(kid.S)[1:])


def _words(element: Any) -> bool:
    return bool(str(element.get("/Alt", ""))) or bool(str(element.get("/ActualText", "")))


def _attribute(element: Any, name: str) -> Any:
    found = element.get("/A")
    for part in found if isinstance(found, pikepdf.Array) else [found]:
        if isinstance(part, pikepdf.Dictionary) and name in part:
            return part[name]
    return None


def _structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    root: Any = pdf.Root
    tree = root.get("/StructTreeRoot")
    if tree is None:
        return
    roles = {str(key)[1:]: str(value)[1:] for key, value in tree.get("/RoleMap", {}).items()}
    level, headings = 0, 0
    for element, parent in _elements(tree):
        kind = str(element.S)[1:]
        kind = roles.get(kind, kind) if kind not in STANDARD else kind
        if kind not in STANDARD:
            yield f"02-001: {kind} is mapped to no standard type"
        if kind in ("Figure", "Formula") and not _words(element):
            yield f"13-004: a {kind} has no alternative text"
        if kind in _INSIDE and roles.get(parent, parent) not in _INSIDE[kind]:
            yield f"09-004: a {kind} stands in {parent or 'nothing'}"
        if kind == "TH" and _attribute(element, "/Scope") is None and _attribute(element, "/Headers") is None:
            yield "15-003: a heading of a table has no scope"
        if kind == "Table" and not any(str(one.S) == "/TH" for one, _ in _elements(element)):
            yield "15-003: a table has no headings"
        if kind == "Link" and not any(_annotations(element)):
            yield "28-011: a link is tagged without its annotation"
        if len(kind) == 2 and kind[0] == "H" and kind[1].isdigit():
            headings += 1
            now = int(kind[1])
            if now > level + 1:
                yield f"14-003: a heading of level {now} follows one of level {level}"
            level = now
    if not headings:
        yield "14: there is no heading"


def _annotations(element: Any) -> Iterator[Any]:
    kids = element.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            if str(kid.get("/Type", "")) == "/OBJR":
                yield kid
            elif "/S" in kid:
                yield from _annotations(kid)


def _parents(pdf: pikepdf.Pdf) -> dict[int, Any]:
    root: Any = pdf.Root
    if "/StructTreeRoot" not in root or "/ParentTree" not in root.StructTreeRoot:
        return {}
    return dict(pikepdf.NumberTree(root.StructTreeRoot.ParentTree).items())


def _pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    parents = _parents(pdf)
    for number, page in enumerate(pdf.pages, start=1):
        body: Any = page.obj
        annotations = list(body.get("/Annots", []))
        if annotations and str(body.get("/Tabs", "")) != "/S":
            yield f"28-004: on page {number} the order of tabs is not that of the structure"
        for one in annotations:
            if str(one.get("/Subtype", "")) == "/Link" and not str(one.get("/Contents", "")):
                yield f"28-012: a link on page {number} has no words"
            if "/StructParent" not in one or int(one.StructParent) not in parents:
                yield f"28-002: an annotation on page {number} is not in the structure"
        marks = parents.get(int(body.get("/StructParents", -1)))
        yield from _content(page, number, marks)


def _content(page: pikepdf.Page, number: int, marks: Any) -> Iterator[str]:
    """Yield what is painted without a tag and without being called an artifact, and tags that lead nowhere."""
    open_: list[str] = []
    seen: set[int] = set()
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator in ("BDC", "BMC"):
            tag = str(instruction.operands[0])
            properties: Any = instruction.operands[1] if operator == "BDC" else None
            if isinstance(properties, pikepdf.Name):
                properties = page.resources.get("/Properties", {}).get(str(properties))
            mark = properties.get("/MCID") if isinstance(properties, pikepdf.Dictionary) else None
            if mark is not None:
                if int(mark) in seen:
                    yield f"01: mark {int(mark)} stands twice on page {number}"
                seen.add(int(mark))
                if marks is None or int(mark) >= len(marks):
                    yield f"01-006: mark {int(mark)} of page {number} is not in the structure"
            if tag == "/Artifact" and "tag" in open_:
                yield f"01-003: an artifact within tagged content on page {number}"
            if mark is not None and "artifact" in open_:
                yield f"01-004: tagged content within an artifact on page {number}"
            open_.append("artifact" if tag == "/Artifact" else "tag" if mark is not None else "")
        elif operator == "EMC":
            open_.pop()
        elif operator in _PAINTING and not any(open_):
            yield f"01-005: something on page {number} is neither tagged nor an artifact ({operator})"
        if operator in ("Tj", "TJ") and _missing(instruction.operands[0]):
            yield f"31-030: page {number} shows a character that its font does not have"


def _missing(shown: Any) -> bool:
    """Whether text holds glyph 0, which is .notdef; every font of such a file has codes of two bytes (Identity-H)."""
    parts = [shown] if isinstance(shown, pikepdf.String) else [one for one in shown if isinstance(one, pikepdf.String)]
    codes = (bytes(part) for part in parts)
    return any(code[place : place + 2] == b"\0\0" for code in codes for place in range(0, len(code), 2))


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    seen: set[tuple[int, int]] = set()
    for found in pdf.objects:
        font: Any = found
        if not isinstance(font, pikepdf.Dictionary) or str(font.get("/Type", "")) != "/Font" or font.objgen in seen:
            continue
        seen.add(font.objgen)
        name = str(font.get("/BaseFont", ""))[1:]
        kind = str(font.get("/Subtype", ""))
        if kind == "/Type0":
            if "/ToUnicode" not in font:
                yield f"10-001: what {name} shows cannot be read as text"
            inner = font.DescendantFonts[0]
            descriptor = inner.get("/FontDescriptor", {})
            if str(inner.get("/Subtype", "")) == "/CIDFontType2" and "/CIDToGIDMap" not in inner:
                yield f"31-008: {name} does not say which glyphs its characters have"
        elif kind in ("/CIDFontType0", "/CIDFontType2", "/Type3"):
            continue
        else:
            descriptor = font.get("/FontDescriptor", {})
        if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield f"31-009: {name} is not embedded"
