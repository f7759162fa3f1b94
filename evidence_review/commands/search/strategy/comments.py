"""Lines of a strategy that are notes to the reader: `# first concept`. PubMed knows none and would search the words."""

from __future__ import annotations

import re

from evidence_review.commands.search.strategy.numbered import ANY_SYNTAX, Report
from evidence_review.commands.search.strategy.tree import ADVICE, WARNING

_COMMENT = re.compile(r"^[ \t]*(#+[ \t]+(?![0-9])[^\n]+)$", re.MULTILINE)


def without(text: str, report: Report) -> str:
    """Return `text` with blanks in place of its comments, unless nothing would be left.

    `report` takes (code, severity, what, remedy, start, end) of each comment.
    """
    rest = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    if not rest.strip():
        return text
    for match in _COMMENT.finditer(text):
        severity = WARNING if ANY_SYNTAX.search(match[1].lstrip("#")) else ADVICE
        what = "this line begins with '# ', so it is read as a comment and not searched"
        report("comment", severity, what, "Take the '#' out if it belongs to the search.", *match.span(1))
    return rest
