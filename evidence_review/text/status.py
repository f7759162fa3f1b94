"""What a publication is beside an ordinary one: preprint, conference abstract, erratum, retracted, protocol …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from evidence_review.model.record import STATUSES

# Words of databases' publication types, in lower case, and what they mean. The longest that fits counts.
_KINDS = {
    "retracted publication": "retracted",
    "retracted article": "retracted",
    "retracted": "retracted",
    "retraction of publication": "retraction-notice",
    "retraction notice": "retraction-notice",
    "retraction": "retraction-notice",
    "withdrawn publication": "retracted",
    "published erratum": "erratum",
    "erratum": "erratum",
    "corrigendum": "erratum",
    "correction": "erratum",
    "corrected and republished article": "update",
    "preprint": "preprint",
    "posted content": "preprint",
    "posted-content": "preprint",
    "meeting abstract": "abstract",
    "meeting abstracts": "abstract",
    "conference abstract": "abstract",
    "journal: conference abstract": "abstract",
    "abstract": "abstract",
    "clinical trial protocol": "protocol",
    "protocol": "protocol",
}
_TITLES = (
    (re.compile(r"\W*(?:retracted(?: article)?|withdrawn)\b\s*[:.\]\)]", re.I), "retracted"),
    (
        re.compile(
            r"\W*(?:notice of )?(?:retraction|withdrawal)(?: notice| note| of)?\b\s*(?::|to:|of |for |\.)", re.I
        ),
        "retraction-notice",
    ),
    (
        re.compile(
            r"\W*(?:(?:publisher|author)(?:'s|s)? )?(?:erratum|errata|corrigend\w+|correction)\b"
            r"\s*(?:to\b|for\b|:|$|\.|,)",
            re.I,
        ),
        "erratum",
    ),
    (
        re.compile(
            r".*\b(?:study|trial|review) protocol\b|.*\bprotocol (?:for|of) (?:a|an|the)\b|.*: (?:a )?protocol\b", re.I
        ),
        "protocol",
    ),
)
_TITLE_WORDS = ("retract", "withdraw", "errat", "corrigend", "correction", "protocol")
_MAYBE_HOME = ("xiv", "research s", "ssrn", "reprint", "authorea")
_PREPRINT_HOMES = re.compile(
    r"\b(?:bioRxiv|medRxiv|arXiv|Research Square|SSRN|Preprints(?:\.org)?|PsyArXiv|SocArXiv|OSF Preprints|ChemRxiv|"
    r"Authorea|Preprints with The Lancet)\b",
    re.IGNORECASE,
)


def statuses(title: str, container: str, kinds: Sequence[str], given: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the words of `STATUSES` that hold, from publication types, the title's first words and the container."""
    found = {word for word in given if word in STATUSES}
    for kind in kinds:
        lower = kind.strip().lower()
        if status := _KINDS.get(lower):
            found.add(status)
        elif ";" in lower or "," in lower:
            found.update(_KINDS[part.strip()] for part in re.split("[;,]", lower) if part.strip() in _KINDS)
    lower_title = title.lower()
    if any(map(lower_title.__contains__, _TITLE_WORDS)):
        for pattern, status in _TITLES:
            if pattern.match(title):
                found.add(status)
                break
    if container and _is_preprint_home(container):
        found.add("preprint")
    return tuple(word for word in STATUSES if word in found) if found else ()


@lru_cache(maxsize=4096)
def _is_preprint_home(container: str) -> bool:
    home = container.lower()
    return any(map(home.__contains__, _MAYBE_HOME)) and _PREPRINT_HOMES.search(container) is not None
