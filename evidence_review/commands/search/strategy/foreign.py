"""What was pasted in from another platform: PubMed reads its marks as words, so each is named with what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence_review.commands.search.strategy.tokens import Places
from evidence_review.commands.search.strategy.tree import ADVICE, WARNING, Fault

CODE = "foreign-syntax"
_TAG = "Write a tag: [tiab]."
_NEAR = 'Write "two words"[tiab:~3].'
_HEADING = "Write the heading with [mh]."

_BARE_HEADING = (
    r"(?<![\w/-])(?<!exp )(?<!exp \*)\*?(?!exp )[A-Za-z][A-Za-z ,-]{2,60}/"
    r"(?=\s+(?:or|and|OR|AND)\b|\s*(?:$|\)|\n))"
)

# (pattern, platform, what to write instead). PubMed has none of these.
_LANGUAGE = "Write the limit: english[la]."
_LINES = "Number the lines #1, #2, and join them: #1 AND #2."
_FIELDS = "(?:ti|ab|kw|au|de|lnk|tn|jt)"

# (pattern, platform, what to write instead). PubMed has none of these.
_MARKS = tuple(
    (re.compile(pattern), platform, remedy)
    for pattern, platform, remedy in (
        (r"\.(?:ti|ab|tw|mp|kw|kf|pt|sh|hw|au|fs)(?:,(?:ti|ab|tw|kw|kf|hw))*\.(?=\s|\)|$)", "Ovid", _TAG),
        (r"\b[aA][dD][jJ]\d{0,2}\b", "Ovid", _NEAR),
        (r"\bexp \*?[A-Za-z][A-Za-z ,-]{0,60}/", "Ovid", "Write the heading with [mh]; it is exploded."),
        (_BARE_HEADING, "Ovid", _HEADING),
        (r"(?m)^[ \t]*(?:\d+[.):]?[ \t]+)?limit \d+ to [^\n]{1,60}", "Ovid", _LANGUAGE),
        (rf"(?<=[\w')*\"]):{_FIELDS}(?:,{_FIELDS})*\b", "Embase.com or Cochrane", _TAG),
        (r"'[^'\n]{2,60}'/(?:exp|de|mj)\b", "Embase.com", _HEADING),
        (r"\[(?:[a-z]{4,12}|\d{4}-\d{4})\]/(?:lim|py)\b", "Embase.com", _LANGUAGE),
        (r"\bNEAR/\d+|\bNEXT/\d+", "Embase.com, Cochrane or Web of Science", _NEAR),
        (r"\[mh \"?[^\]]{1,80}\]", "Cochrane", "Write the heading first, then [mh]."),
        (r"\bMeSH descriptor: ?\[[^\]]{1,80}\](?: explode all trees)?", "Cochrane", _HEADING),
        (r"\b(?:TITLE-ABS-KEY|TITLE-ABS|INDEXTERMS|SRCTITLE|AFFILCOUNTRY)\(", "Scopus", _TAG),
        (r"\bPUBYEAR\s*[<>=]", "Scopus", "Write the years: 2010:3000[dp]."),
        (r"\bLIMIT-TO\s*\(", "Scopus", _LANGUAGE),
        (r"\b(?:W|PRE)/\d+\b", "Scopus", _NEAR),
        (r"\b(?:TS|TI|AB|AK|SO|PY)\s?=\s?(?=[(\"\w])", "Web of Science", _TAG),
        (r"\(M[HM] \"", "EBSCO", _HEADING),
        (r"\b(?:TI|AB|SU|TX)[ \t]+(?=\(|\"|[a-z]+[*)]|[a-z]+[ \t]+(?:OR|AND|NOT)\b)", "EBSCO", _TAG),
        (r"\b[NW]\d{1,2}\b(?=\s+[\"(a-z])", "EBSCO", _NEAR),
        (r"\bS\d{1,3}\b(?:[ \t]+(?:AND|OR|NOT)[ \t]+S\d{1,3}\b)+", "EBSCO or ProQuest", _LINES),
        (r"\b(?:noft|ti,ab|mesh\.exact|MESH\.EXACT)\(", "ProQuest", _TAG),
    )
)
_MOST_OF_A_KIND = 20


def foreign(text: str, places: Places) -> Iterator[Fault]:
    """Yield a fault for each mark of another platform."""
    for pattern, platform, remedy in _MARKS:
        for count, match in enumerate(pattern.finditer(text)):
            if count == _MOST_OF_A_KIND:
                break
            what = f"'{match[0].strip()[:30]}' is {platform} syntax; PubMed reads it as words"
            yield Fault(CODE, WARNING, what, remedy, places.at(*match.span()))


_HEADLINE = re.compile(
    r"^[ \t]*(?:#?\d{1,3}[.):]?[ \t]+)?(?!Search:)([A-Z][A-Za-z/&-]*(?: [A-Za-z/&-]+){0,3}):[ \t]*(?=$|[(\"“\w])",
    re.ASCII | re.MULTILINE,
)


def headlines(text: str, places: Places) -> Iterator[Fault]:
    """Yield a fault for each line that begins like a headline (`Population: …`): its words are searched, too."""
    for match in _HEADLINE.finditer(text):
        what = f"'{match[1]}:' looks like a headline, and PubMed searches its words"
        yield Fault("headline", ADVICE, what, "Take it out.", places.at(*match.span(1)))
