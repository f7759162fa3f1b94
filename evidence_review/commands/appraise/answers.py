"""What the judgements in other people's tables mean, in whatever case, abbreviation or wording they stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from evidence_review.errors import suggest
from evidence_review.forms.fault import CellFault
from evidence_review.forms.tools import Level, Tool
from evidence_review.sheets import fold

# Judgements of the tools of this field, from good to bad: where a table's tool has no word of its own for an answer,
# and for tables of no tool in particular.
WORDS: Mapping[str, Level] = MappingProxyType(
    {
        "low": "good", "yes": "good", "partial yes": "some", "some concerns": "some", "moderate": "some",
        "high": "poor", "no": "poor", "serious": "poor", "critical": "worst", "very high": "worst",
        "unclear": "unclear", "can't tell": "unclear", "no information": "unclear", "not applicable": "none",
    }
)  # fmt: skip
_SAME: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("ni", "no info", "not enough information", "no information available"), "no information")
    | dict.fromkeys(("na", "n/a", "n.a.", "not assessed"), "not applicable")
    | dict.fromkeys(("ct", "can’t tell", "cant tell", "cannot tell", "can not tell", "don't know"), "can't tell")
    | dict.fromkeys(("some concern", "sc", "some"), "some concerns")
    | dict.fromkeys(("py", "partially yes"), "partial yes")
    | dict.fromkeys(("unsure", "uncertain"), "unclear")
    | dict.fromkeys(("vh",), "very high")
    | {"+": "low"}
)
_INITIALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "l": ("low",), "s": ("some concerns", "serious"), "h": ("high",), "m": ("moderate",), "c": ("critical",),
        "u": ("unclear",), "y": ("yes",), "n": ("no", "no information"),
    }
)  # fmt: skip
_TAIL = re.compile(r" (?:overall )?(?:risk(?: of bias)?|concerns?(?: regarding applicability)?|bias)$")
# RevMan's yellow question mark is an unclear risk or some concerns by version; robvis writes some concerns as a minus,
# RevMan a high risk.
_SIGNS = ("-", "–", "—", "−", "?", "x", "×", "!")


def understand(tool: Tool, text: str) -> str:
    """Return a tool's answer, or a known judgement that the tool does not have, for what a cell says.

    Raises:
        CellFault: it means nothing, or different things in different programs.
    """
    scale = {fold(answer): answer for answer in (*tool.overall.answers, *tool.answers)}
    word = fold(text)
    if word in scale:
        return scale[word]
    if word in _SIGNS or text.strip() in _SIGNS:
        raise CellFault(f"'{text}' means different things in different programs", _valid(tool, ""))
    for one in (_SAME.get(word, word), _TAIL.sub("", word), _SAME.get(_TAIL.sub("", word), "")):
        if one in scale:
            return scale[one]
        if one in WORDS:
            return one.capitalize()
    for one in _INITIALS.get(word, ()):
        if one in scale or (not scale and one in WORDS):
            return scale.get(one, one.capitalize())
    raise CellFault(f"'{text}' is no answer of {tool.id}", _valid(tool, text))


def _valid(tool: Tool, text: str) -> str:
    return suggest(text, tool.answers) if tool.answers else f"Known: {', '.join(map(str.capitalize, WORDS))}."


def level(tool: Tool, answer: str) -> Level:
    """Return what an answer means for a reader."""
    return tool.answers.get(answer) or tool.overall.answers.get(answer) or WORDS.get(fold(answer), "unclear")
