"""How Word and OpenDocument look where no journal's style is given: A4, page numbers, ruled tables in small print.

It is pandoc's own style with these parts changed. What a newer pandoc words otherwise stays as pandoc has it; a test of
the result notices. Nothing here names a font: the reader's office program chooses.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from html import unescape

from evidence_review.drawing.svg import escape

_DATED = (1980, 1, 1, 0, 0, 0)

_A4 = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1304" w:right="1191" w:bottom="1304" w:left="1191" w:header="709" w:footer="567" w:gutter="0"/>'
    "</w:sectPr>"
)
_FOOTER = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:pPr><w:jc w:val="center"/>'
    '</w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText>'
    '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RULES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="9AA0A6"/>' for side in ("top", "bottom", "insideH")
)
_HEAD_ROW = (
    '<w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="5F6368"/>'
    '</w:tcBorders><w:shd w:val="clear" w:color="auto" w:fill="E9EEF5"/><w:vAlign w:val="bottom"/></w:tcPr>'
)


def _style(name: str, inner: str) -> str:
    """Return the pattern of `inner` within one style."""
    return rf'(<w:style [^>]*w:styleId="{name}"(?:(?!</w:style>).)*?){inner}'


Changes = Mapping[str, tuple[tuple[str, str], ...]]

# Part of the archive → (what stands there, what shall stand there). Word's sizes of print are in half points.
_WORD: Changes = {
    "word/styles.xml": (
        (r'(<w:docDefaults>.*?)<w:sz w:val="24" />\s*<w:szCs w:val="24" />',
         r'\1<w:sz w:val="21"/><w:szCs w:val="21"/>'),
        (_style("Compact", r"</w:pPr>"), r'\1</w:pPr><w:rPr><w:sz w:val="17"/><w:szCs w:val="17"/></w:rPr>'),
        (_style("BodyText", r'<w:spacing w:before="180" w:after="180" />'),
         r'\1<w:spacing w:before="100" w:after="120"/>'),
        (_style("Caption", r"<w:i />"), r'\1<w:b/><w:sz w:val="19"/><w:szCs w:val="19"/>'),
        (_style("Title", r'<w:jc w:val="center" />'), r'\1<w:jc w:val="left"/>'),
        (_style("Title", r'<w:sz w:val="56" />\s*<w:szCs w:val="56" />'), r'\1<w:sz w:val="40"/><w:szCs w:val="40"/>'),
        (_style("Heading1", r'<w:sz w:val="40" />\s*'), r'\1<w:sz w:val="30"/>'),
        (_style("Heading2", r'<w:sz w:val="32" />\s*'), r'\1<w:sz w:val="25"/>'),
        (_style("VerbatimChar", r'<w:sz w:val="22" />'), r'\1<w:sz w:val="17"/>'),
        (_style("Table", r'<w:tblCellMar>'), rf"\1<w:tblBorders>{_RULES}</w:tblBorders><w:tblCellMar>"),
        (_style("Table", r'(<w:tblStylePr w:type="firstRow">).*?(</w:tblStylePr>)'), rf"\1\2{_HEAD_ROW}\3"),
    ),
    "word/document.xml": ((r"()<w:sectPr>.*?</w:sectPr>", _A4),),
    "word/_rels/document.xml.rels": (
        (
            r"()</Relationships>",
            f'<Relationship Id="rIdFooter" Type="{_OFFICE}/footer" Target="footer1.xml"/></Relationships>',
        ),
    ),
    "[Content_Types].xml": (
        (
            r"()</Types>",
            '<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.footer+xml"/></Types>',
        ),
    ),
}  # fmt: skip


def _odt_style(name: str, inner: str) -> str:
    return rf'(<style:style [^>]*style:name="{name}"(?:(?!</style:style>).)*?){inner}'


def _cell(bottom: str, more: str = "") -> str:
    sides = "".join(f'fo:border-{side}="none" ' for side in ("top", "left", "right"))
    return rf'\1{sides}fo:border-bottom="{bottom}" fo:padding="0.04in"{more}'


_ODT: Changes = {
    "styles.xml": (
        (
            r'(<style:default-style style:family="paragraph">(?:(?!</style:default-style>).)*?)fo:font-size="12pt"',
            r'\1fo:font-size="10.5pt"',
        ),
        (r'()fo:page-height="11in" fo:page-width="8.5in"', 'fo:page-height="29.7cm" fo:page-width="21cm"'),
        (
            r'()fo:margin-bottom="1in" fo:margin-left="1in" fo:margin-right="1in" fo:margin-top="1in"',
            'fo:margin-bottom="2cm" fo:margin-left="2.1cm" fo:margin-right="2.1cm" fo:margin-top="2cm"',
        ),
        (_odt_style("Caption", r'fo:font-size="12pt" fo:font-style="italic"'),
         r'\1fo:font-size="9.5pt" fo:font-weight="bold"'),
        (_odt_style("Heading_20_2", r'fo:font-size="14pt" fo:font-style="italic"'), r'\1fo:font-size="12.5pt"'),
        (_odt_style("Heading_20_3", r'fo:font-size="14pt"'), r'\1fo:font-size="11.5pt"'),
        (_odt_style("Table_20_Contents", r"</style:style>"),
         r'\1<style:text-properties fo:font-size="8.5pt" style:font-size-complex="8.5pt"/></style:style>'),
        (_odt_style("Preformatted_20_Text", r'fo:font-size="10pt"'), r'\1fo:font-size="8.5pt"'),
        (_odt_style("TableCaption", r">"), r'\1><style:paragraph-properties fo:keep-with-next="always"/>'),
    ),
    "content.xml": (
        (_odt_style("TableHeaderRowCell", r'fo:border="none"'),
         _cell("1pt solid #5f6368", ' fo:background-color="#e9eef5"')),
        (_odt_style("TableRowCell", r'fo:border="none"'), _cell("0.5pt solid #9aa0a6")),
    ),
}  # fmt: skip


def word_reference(pandoc_default: bytes) -> bytes:
    """Return the reference document for Word, made from pandoc's."""
    return _changed(pandoc_default, _WORD, {"word/footer1.xml": _FOOTER})


def styled_odt(made: bytes) -> bytes:
    """Return an OpenDocument text that pandoc wrote, with the style above (its tables take none from a reference)."""
    return _changed(made, _ODT, {})


# A row stands on one page, where it fits.
_WORD_ROWS: Changes = {"word/document.xml": ((r"<w:tr>(?!\s*<w:trPr>)", "<w:tr><w:trPr><w:cantSplit/></w:trPr>"),)}
_ODT_ROWS: Changes = {
    "content.xml": (
        (r"<table:table-row>", '<table:table-row table:style-name="RowOnOnePage">'),
        (
            r"</office:automatic-styles>",
            '<style:style style:name="RowOnOnePage" style:family="table-row"><style:table-row-properties '
            'fo:keep-together="always"/></style:style></office:automatic-styles>',
        ),
    )
}


def whole_rows(made: bytes) -> bytes:
    """Return a document for Word or an OpenDocument text whose table rows are not torn apart between pages."""
    return _changed(made, {**_WORD_ROWS, **_ODT_ROWS}, {}, times=0)


def described_odt(made: bytes, html: str) -> bytes:
    """Return an OpenDocument text with the words of each picture of `html` beside it, which pandoc leaves out."""
    words = _ALT.findall(html)
    changes = tuple(
        (rf"((?:<draw:frame.*?</draw:frame>.*?){{{place}}}<draw:frame.*?)</draw:frame>",
         rf"\1<svg:desc>{_xml(text)}</svg:desc></draw:frame>")
        for place, text in enumerate(words)
    )  # fmt: skip
    return _changed(made, {"content.xml": changes}, {})


_ALT = re.compile(r'<img [^>]*?alt="([^"]*)"')


def _xml(text: str) -> str:
    """Return the text of an attribute of HTML as XML, ready to be a replacement."""
    return escape(unescape(text)).replace("\\", r"\\")


def _changed(archive: bytes, changes: Changes, more: Mapping[str, str], times: int = 1) -> bytes:
    """Return an archive with texts changed, each the first so many `times` (0: wherever it stands), and added.

    Every entry is dated alike, lest the hour of this rendering gets into the document; `mimetype` stays first and
    unpacked, as OpenDocument asks for.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            for pattern, replacement in changes.get(item.filename, ()):
                text = re.sub(pattern, replacement, data.decode("utf-8"), count=times, flags=re.DOTALL)
                data = text.encode("utf-8")
            new.writestr(zipfile.ZipInfo(item.filename, _DATED), data, item.compress_type)
        for name, text in more.items():
            new.writestr(zipfile.ZipInfo(name, _DATED), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()
