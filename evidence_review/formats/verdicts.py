"""Screening decisions that travel inside exports: Rayyan's notes, ASReview's labels, EPPI's column, Covidence's notes,
and tags such as people give in Zotero."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidence_review.model.events import EXCLUDE, INCLUDE, MAYBE
from evidence_review.model.record import Citation

_RAYYAN = re.compile(r"RAYYAN-INCLUSION:\s*\{(?P<pairs>[^}]*)\}")
_PAIR = re.compile(r'"(?P<who>[^"]+)"\s*=>\s*"(?P<word>[^"]+)"')
_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*(?P<reasons>[^|]*)")
_ASREVIEW = re.compile(r"ASReview_(?P<word>relevant|irrelevant)\b|ASREVIEW-LABEL:\s*(?P<label>[01])\b", re.IGNORECASE)
_EPPI = re.compile(r"EPPI-INCLUDED:\s*(?P<word>[IE])\b")
# Covidence writes the reason of a full-text exclusion before whatever was noted: "Exclusion reason: Wrong setting; ".
_COVIDENCE = re.compile(r"(?:^|\s)Exclusion reason:\s*(?P<reason>[^;|]*)")
_TAG = re.compile(r"(?P<word>included?|excluded?|maybe)(?:\s*[:\u2013-]\s*(?P<reason>.+))?", re.IGNORECASE)
COVIDENCE, TAGS = "Covidence", "tags"
_WORDS = {
    "included": INCLUDE, "include": INCLUDE, "excluded": EXCLUDE, "exclude": EXCLUDE, "maybe": MAYBE,
    "relevant": INCLUDE, "irrelevant": EXCLUDE, "1": INCLUDE, "0": EXCLUDE, "i": INCLUDE, "e": EXCLUDE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decided elsewhere: `who` as the other program names them, its `verdict` in our words,
    its reason."""

    who: str
    verdict: str
    reason: str = ""


def verdicts(citation: Citation, tags: Mapping[str, str] | None = None) -> Iterator[Verdict]:
    """Yield the decisions that came along with a record, in its notes and keywords; undecided gives none.

    Args:
        tags: tags that a team gave a meaning, and the verdict that each stands for. `included`, `exclude: reason` and
            their like are understood without.
    """
    said = {tag.casefold(): verdict for tag, verdict in (tags or {}).items()}
    for word in citation.keywords:
        if verdict := said.get(word.casefold()):
            yield Verdict(TAGS, verdict, word if verdict == EXCLUDE else "")
        elif match := _TAG.fullmatch(word):
            verdict = _WORDS[match.group("word").lower()]
            yield Verdict(TAGS, verdict, (match.group("reason") or "").strip() if verdict == EXCLUDE else "")
    for words in (*citation.notes, *citation.keywords):
        if match := _RAYYAN.search(words):
            reasons = _REASONS.search(words)
            reason = " ".join(reasons.group("reasons").split()) if reasons else ""
            for pair in _PAIR.finditer(match.group("pairs")):
                if verdict := _WORDS.get(pair.group("word").lower(), ""):
                    yield Verdict(pair.group("who"), verdict, reason if verdict == EXCLUDE else "")
        if match := _ASREVIEW.search(words):
            yield Verdict("ASReview", _WORDS[(match.group("word") or match.group("label")).lower()])
        if match := _COVIDENCE.search(words):
            yield Verdict(COVIDENCE, EXCLUDE, match.group("reason").strip())
        if match := _EPPI.search(words):
            yield Verdict("EPPI-Reviewer", _WORDS[match.group("word").lower()])
