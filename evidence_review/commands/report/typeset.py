"""PDF and PNG through typst: the same bytes whatever fonts the machine has, as long as the text is in their scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from markupsafe import Markup

from evidence_review.commands.report.render import environment
from evidence_review.drawing.svg import allowed
from evidence_review.errors import InputError

# Regular and bold of the family in whose widths the pictures are measured; typst brings a book face of its own.
_FONTS = resources.files("evidence_review.drawing") / "fonts"
_FAMILY = "Liberation Sans"
_NAMED = re.compile(r'font-family="[^"]*"')
# What is outside the scripts of that family: Latin, Greek, Cyrillic, Hebrew, punctuation, arrows, and the triangles
# that tell directions. Where the machine's fonts step in, another version of the family may be among them.
_OTHER_SCRIPT = re.compile(
    "[^\0-\u0513\u0591-\u05f4\u1e00-\u1fff\u2000-\u206f\u20a0-\u20bf\u2190-\u2195\u2212-\u2265\u25b2\u25ba\u25bc\u25c4]"
)
# Twice the resolution at which pictures are drawn (96 to the inch), so that they stay sharp in print.
_PPI = 192.0


class Typesetter:
    """Typst with the packaged fonts; the machine's own step in only for scripts that these lack."""

    def __init__(self, typst: Any, folder: Path) -> None:
        self._typst = typst
        self._folder = folder
        # Texts that stand as boxes in the PDF, because no font of this machine has them.
        self.missing: set[str] = set()

    @cached_property
    def _all_fonts(self) -> Any:
        return self._typst.Fonts(font_paths=[str(_FONTS)])

    @cached_property
    def _packaged_fonts(self) -> Any:
        return self._typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)])

    def _compile(self, path: Path, fonts: Any, **wishes: Any) -> bytes:
        return bytes(self._typst.compile(str(path), root=str(self._folder), font_paths=fonts, **wishes))

    def picture(self, name: str, svg: str) -> bytes:
        """Write a picture as SVG and PNG, and return the latter."""
        text = _NAMED.sub(f'font-family="{_FAMILY}"', svg)
        (self._folder / f"{name}.svg").write_text(text, encoding="utf-8", errors="replace")
        page = self._folder / f"{name}.typ"
        page.write_text(f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{name}.svg")\n', encoding="utf-8")
        fonts = self._all_fonts if _OTHER_SCRIPT.search(text) else self._packaged_fonts
        png = self._compile(page, fonts, format="png", ppi=_PPI)
        (self._folder / f"{name}.png").write_bytes(png)
        return png

    def pdf(self, body: str, given: Mapping[str, Any], moment: int) -> bytes:
        """Return the PDF of a body in typst's language, to PDF/UA-1; `given` fills the head of the document.

        Raises:
            InputError: typst refuses it, as it does where a picture has no words.
        """
        head = environment(self._folder / "none").get_template("document.typ.j2").render(given)
        path = self._folder / "report.typ"
        # pandoc centres its tables; text in cells reads better from the left.
        path.write_text(head + body.replace("align(center)[#table(", "align(left)[#table("), encoding="utf-8")
        wishes = {"format": "pdf", "pdf_standards": ["ua-1"], "timestamp": moment}
        for attempt in range(_PASSES):
            try:
                return self._compile(path, self._all_fonts if attempt else self._packaged_fonts, **wishes)
            except self._typst.TypstError as fault:
                found = {_meant(text) for text in _NO_GLYPH.findall(fault.diagnostic)}
                if not found:
                    raise InputError(f"The PDF cannot be made: {str(fault)[:500]}") from fault
                if attempt:
                    self._replace(found)
        raise InputError(f"The PDF cannot be made: no font of this machine has {' '.join(sorted(self.missing))}.")

    def _replace(self, texts: set[str]) -> None:
        """Put a box where no font has what stands there, in the text and in the pictures: PDF/UA takes no gaps."""
        self.missing |= texts
        for path in (self._folder / "report.typ", *self._folder.glob("*.svg")):
            text = path.read_text(encoding="utf-8")
            for one in sorted(texts, key=len, reverse=True):
                text = text.replace(one, _BOX)
            path.write_text(text, encoding="utf-8")


def _meant(text: str) -> str:
    """Return what typst wrote as `\\u{200b}`."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), text)


# How typst names a text for which it has no glyph (all of them at once); a cluster can come apart into further ones.
_NO_GLYPH = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_BOX = "\N{WHITE SQUARE}"
_PASSES = 5


def string(text: str) -> Markup:
    """Return text as a string of typst's language."""
    inner = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return Markup(f'"{inner}"')  # noqa: S704 - for typst, where these two marks are all that a string knows


def one_line(text: str) -> str:
    """Return text without line breaks, and with nothing that a document cannot hold."""
    return " ".join(allowed(text).split())
