"""EndNote's tagged format (`.enw`), which is refer/BibIX with more tags: https://en.wikipedia.org/wiki/Refer_(software)."""

from __future__ import annotations

import re

from evidence_review import text
from evidence_review.formats.layout import Layout, Roles, Tags
from evidence_review.formats.normalise import Bag
from evidence_review.formats.types import from_word

_ROLES = Roles(
    first={
        "title": ("%T",),
        "title_original": ("%Q", "%!"),
        "container": ("%J", "%B"),
        "volume": ("%V",),
        "issue": ("%N",),
        "pages": ("%P",),
        "abstract": ("%X",),
        "language": ("%G",),
        "publisher": ("%I",),
        "place": ("%C",),
        "database": ("%~", "%W"),
        "authors": ("%A",),
        "editors": ("%E",),
    },
    every={
        "year": ("%D",),
        "date": ("%8",),
        "number": ("%@",),
        "doi": ("%R",),
        "keywords": ("%K",),
        "urls": ("%U", "%>"),
        "notes": ("%O", "%Z"),
    },
    # CNKI and Wanfang put all keywords into one.
    split={"keywords": "[;\uff1b]"},
)
_KNOWN = frozenset(f"%{sign}" for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ@!#$[]()<>+*?&:;~^=|'\"-_`,.{}")


def _finish(tags: Tags, bag: Bag, dialect: str) -> None:
    word = tags["%0"][0] if "%0" in tags else ""
    csl = from_word(word)
    if not csl:
        # Refer itself has no types: what is given tells.
        csl = (
            "article-journal" if "%J" in tags else "chapter" if "%B" in tags else "book" if "%I" in tags else "document"
        )
    bag["type"] = [csl]
    if csl == "book":
        bag.pop("container", None)
    if "%J" in tags and len(tags["%J"]) > 1 and csl == "article-journal":
        bag["container"] = [tags["%J"][0]]
    if bag["year"] and not bag["date"]:
        bag["date"] = list(bag["year"])
    bag["doi"] = [value for value in (*bag["doi"], *bag["urls"]) if "10." in value]
    bag["pmid"] = [value for value in tags.of("%M") if text.pmid(value) == value and len(value) > 4]


LAYOUT = Layout(
    name="enw",
    start=re.compile(r"%0(?:\s|$)"),
    end=None,
    line=re.compile(r"^\ufeff?(?:(%[^\s%])(?:[ \t]|$))?(.*)$", re.MULTILINE),
    heads=frozenset({"%0", "\ufeff%"}),
    roles=Roles(_ROLES.first, _ROLES.every, _ROLES.split, _finish),
    frame=frozenset({"%0"}),
    known=_KNOWN,
    gap=True,
    one_a_line=frozenset({"%K"}),
    tagged=re.compile(r"%[^\s%](?:\s|$)"),
    paragraphs=re.compile(r"%[XZO]\s"),
)
