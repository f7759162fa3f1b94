"""Names of people and groups, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from evidence_review.model.record import Name
from evidence_review.text.running import clean, is_null

_PARTICLE_WORDS = """
van von vom der den de del della dello delle degli di da das dos do du la le lo los las el al bin ibn ter ten te zu zur
zum af av af' d' 't
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|2nd|3rd|4th)\.?", re.IGNORECASE)
# Suffixes that are the initials of two given names at least as often: `Platt, SR`, `Ivanov II`.
_LIKE_INITIALS = re.compile(r"JR|SR|II|IV")
_GROUP = re.compile(
    r"\b(?:group|groups|organi[sz]ation|organisations|society|committee|consortium|university|collaboration|collaborat\w+|"
    r"network|team|ministry|institute|institution|association|foundation|department|agency|council|centre|center|"
    r"study|trial|trialists|investigators|commission|office|programme|program|project|board|federation|alliance|union|"
    r"hospital|college|academy|bureau|bank|company|inc|ltd|llc|gmbh|corporation|initiative|partnership|unicef|unaids|"
    r"nations|government|task\s?force|working\s+party|panel|registry|laborator\w+|division|service|services|trust|"
    r"fund|secretariat|coalition|unit|school|academies|societies|ministries|authority|pharmaceuticals?|pharma|therapeutics)\b",
    re.IGNORECASE,
)
_GROUP_WORD = re.compile(r"\b(?:of|for|and|the|on)\b")
_INITIALS = re.compile(r"(?:[A-Z\u00c0-\u00de]\.?-?){1,4}")
_ET_AL = re.compile(r"[\s,;]*(?:\b(?:et\.?\s+al|and\s+others|u\.\s?a|et\s+coll)\b\.?|\.\.\.|…)\s*$", re.IGNORECASE)


def person(text: str, order: str = "suffix-last") -> Name:
    """Return a name. A group keeps its words as they are; an empty text gives an empty name.

    `order` is how three parts between commas are meant: "suffix-last" is `family, given, suffix` (RIS),
    "suffix-middle" is `family, suffix, given` (BibTeX).
    """
    return _person(text.strip(), order)


@lru_cache(maxsize=1 << 14)
def _person(text: str, order: str) -> Name:
    if "," in text:
        return _with_commas(text, order) if text.isprintable() else _with_commas(" ".join(text.split()), order)
    return _without_comma(" ".join(text.split()))


def _with_commas(text: str, order: str) -> Name:
    parts = [" ".join(part.split()) if "  " in part else part.strip() for part in text.split(",")]
    while parts and not parts[-1]:
        parts.pop()
    if not parts:
        return Name()
    if len(parts) == 1:
        # A group is marked by a comma after it: "Cochrane Bone,".
        return Name(literal=parts[0])
    if len(parts) == 2:
        if not parts[0]:
            return _without_comma(parts[1])
        if len(parts[1]) < 5 and parts[1][:1] in "jJsSiI234" and _SUFFIX.fullmatch(parts[1]):
            if " " not in parts[0] or _are_initials(parts[1], parts[0].split(" ")):
                given, suffix = (parts[1], "") if _LIKE_INITIALS.fullmatch(parts[1]) else ("", parts[1])
                return Name(parts[0], given, suffix)
            named = _without_comma(parts[0])
            return named if named.literal else Name(named.family, named.given, parts[1])
        if (len(parts[1]) > 6 or " " in parts[0]) and (
            _GROUP.search(parts[1]) or (parts[0].count(" ") > 1 and _GROUP.search(parts[0]))
        ):
            return Name(literal=", ".join(parts))
        return _with_suffix(parts[0], parts[1])
    if len(parts) == 3 and order == "suffix-middle":
        return Name(parts[0], parts[2], parts[1])
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[1]):
        return Name(parts[0], parts[2], parts[1])
    if len(parts) == 3 and len(parts[2]) <= 5 and not _GROUP_WORD.search(text):
        return Name(parts[0], parts[1], parts[2])
    if _GROUP.search(text) or _GROUP_WORD.search(text):
        return Name(literal=", ".join(parts))
    return Name(parts[0], ", ".join(parts[1:]))


def _with_suffix(family: str, given: str) -> Name:
    """Return a name whose suffix may stand behind the family name, as Scopus writes it: `Patrick Jr., R. L.`."""
    rest, _, suffix = family.rpartition(" ")
    if rest and _SUFFIX.fullmatch(suffix) and not _LIKE_INITIALS.fullmatch(suffix):
        return Name(rest, given, suffix)
    return Name(family, given)


def _are_initials(word: str, others: Sequence[str]) -> bool:
    """Whether `SR` or `JR` beside the other words of a name are initials: nothing else among them is."""
    return word in {"SR", "JR"} and not any(map(_INITIALS.fullmatch, others))


def _without_comma(text: str) -> Name:
    """Read `Kelly EM`, `E. M. Kelly`, `Emma van der Berg` or a group."""
    words = text.split(" ")
    if len(words) == 1 or not text[0].isalpha() or _GROUP.search(text) or _GROUP_WORD.search(text):
        return Name(literal=text)
    suffix = ""
    if len(words) == 2 and _SUFFIX.fullmatch(words[1]) and not _LIKE_INITIALS.fullmatch(words[1]):
        return Name(words[0], "", words[1])
    if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) and not _are_initials(words[-1], words[:-1]):
        suffix = words.pop()
    if _INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]):
        cut = len(words) - 1
        while cut > 1 and _INITIALS.fullmatch(words[cut - 1]) and len(words[cut - 1]) <= 2:
            cut -= 1
        return Name(" ".join(words[:cut]), " ".join(words[cut:]), suffix)
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in _PARTICLES and words[cut - 1][0].islower():
        cut -= 1
    if words[0].lower() in _PARTICLES and words[0][0].islower():
        return Name(literal=text)
    return Name(" ".join(words[cut:]), " ".join(words[:cut]), suffix)


def is_et_al(name: str) -> bool:
    """Whether what stands for a name only says that there are more."""
    return bool(name.strip()) and not alone(name).strip(" .,;")


def alone(name: str) -> str:
    """Return a name, or a part of one, without an "et al." behind it."""
    return _ET_AL.sub("", name)


def uncut(names: Sequence[Name]) -> tuple[tuple[Name, ...], bool]:
    """Return names in parts without an "et al." behind them, and whether there was one: the list is cut short then."""
    found = []
    for name in names:
        if name.literal:
            found.append(Name(literal=alone(name.literal)))
        else:
            found.append(Name(alone(name.family), alone(name.given), alone(name.suffix)))
    if found == list(names):
        return tuple(names), False
    return tuple(name for name in found if str(name)), True


def is_particle(word: str) -> bool:
    """Whether a word is a particle that belongs to the family name, such as `van` or `de`."""
    return word.lower() in _PARTICLES


def people(names: Iterable[str], order: str = "suffix-last") -> tuple[tuple[Name, ...], bool]:
    """Return the names, and whether the list is cut short by an "et al."."""
    found: list[Name] = []
    truncated = False
    for text in names:
        name, cut_short = _listed(text, order)
        truncated = truncated or cut_short
        if name is not None:
            found.append(name)
    return tuple(found), truncated


@lru_cache(maxsize=1 << 14)
def _listed(text: str, order: str) -> tuple[Name | None, bool]:
    """Return one name of a list, if it is one, and whether it says that there are more."""
    text = clean(text)
    shorter = _ET_AL.sub("", text)
    return None if is_null(shorter) else person(shorter, order), shorter != text
