"""What people write in a decision cell, and what they plainly mean by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from evidence_review.errors import suggest
from evidence_review.model.events import EXCLUDE, INCLUDE, MAYBE
from evidence_review.model.protocol import Protocol, Reason
from evidence_review.sheets import fold

# `true` and `false` come back in the language of the spreadsheet, which takes them for its own.
_WORDS = {
    INCLUDE: (
        "include", "included", "in", "inc", "yes", "y", "1", "true", "keep", "relevant",
        "wahr", "vrai", "verdadero", "verdadeiro", "vero",
    ),
    EXCLUDE: (
        "exclude", "excluded", "out", "exc", "no", "n", "0", "false", "irrelevant", "not relevant",
        "falsch", "faux", "falso",
    ),
    MAYBE: ("maybe", "unsure", "unclear", "perhaps", "uncertain", "?"),
}  # fmt: skip


class Unknown(ValueError):
    """A cell whose meaning cannot be known; the message says why, `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabulary of one review at one stage: words for verdicts, codes and labels for reasons.

    `former` are those of reasons that once were allowed, in an earlier protocol or at this stage.
    """

    verdicts: Mapping[str, str]
    reasons: Mapping[str, str]
    answers: tuple[str, ...]
    former: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def plain() -> Words:
        """Return the words that every review understands."""
        return Words({fold(word): verdict for verdict, words in _WORDS.items() for word in words}, {}, ())

    @staticmethod
    def of(protocol: Protocol, stage: str, former: Iterable[Reason] = (), earlier: Iterable[Reason] = ()) -> Words:
        """Return the words of a protocol. Its own words go before ours.

        `former` are reasons that it has no more; `earlier` those that it had under other codes, as older sheets' drop-
        downs show them: their words say what is meant.
        """
        verdicts = dict(Words.plain().verdicts)
        for verdict, words in protocol.screening.words.items():
            verdicts.update({fold(word): verdict for word in words})
        allowed = reasons_of(protocol, stage)
        once = _by_text((*former, *protocol.eligibility.exclude))
        reasons = _by_text(allowed)
        for reason in earlier:
            today = reasons.get(_key(reason.label))
            if today is not None:
                reasons.setdefault(_key(answer(reason)), today)
        return Words(verdicts, reasons, tuple(answer(reason) for reason in allowed), once)

    def verdict(self, cell: str) -> str:
        """Return include, exclude, maybe, or "" for a blank cell.

        Raises:
            Unknown: the word means none of them.
        """
        word = fold(cell)
        if not word:
            return ""
        # A number that went through a spreadsheet may have got a decimal; "Include." a full stop.
        word = re.sub(r"^([01])[.,]0+$", r"\1", word).rstrip(".!") or word
        if word not in self.verdicts:
            parts = {self.verdicts.get(part.strip()) for part in re.split(r"[/,;+|]| or | and ", word)}
            if len(parts - {None}) > 1:
                raise Unknown(f"'{_shown(cell)}' gives two decisions", f"Keep one, or write {MAYBE}.")
            raise Unknown(
                f"'{_shown(cell)}' is not one of {INCLUDE}, {EXCLUDE}, {MAYBE}",
                suggest(word, self.verdicts).partition(" Valid:")[0]
                or "Write one of them, or list the word under 'screening: words' in the protocol.",
            )
        return self.verdicts[word]

    def reason(self, cell: str, taken: Collection[str] = ()) -> str:
        """Return the code of an exclusion reason, or "" for a blank cell; code, label or both may stand there.

        A former reason is one only where it is among those that were `taken`.

        Raises:
            Unknown: it is no reason of this stage, or more than one.
        """
        key = _key(cell)
        if not key:
            return ""
        if key in self.reasons:
            return self.reasons[key]
        if self.former.get(key) in taken:
            return self.former[key]
        parts = [part for part in re.split(r"[;,/+&\n]| and ", cell) if _key(part)]
        codes = {self.reasons[_key(part)] for part in parts if _key(part) in self.reasons}
        if len(parts) > 1 and len(codes) > 1:
            raise Unknown(
                f"'{_shown(cell)}' gives {len(codes)} reasons",
                "Keep the one primary reason and put the others into the note.",
            )
        code, _, label = key.partition(" ")
        if code in self.reasons and label in self.reasons:
            raise Unknown(
                f"'{_shown(cell)}' names two reasons: {self.reasons[code]}, and the words of {self.reasons[label]}",
                f"Write {self.reasons[code]} or {self.reasons[label]}; maybe the codes were given out anew.",
            )
        valid = ", ".join(dict.fromkeys(self.reasons.values())) or "none; the protocol lists no reasons"
        raise Unknown(f"'{_shown(cell)}' is no reason of this stage", f"Valid codes: {valid}.")


def _by_text(reasons: Iterable[Reason]) -> dict[str, str]:
    """Return the codes of reasons by all that people may write for them."""
    return {
        _key(text): reason.code
        for reason in reasons
        for text in (reason.label, f"{reason.code} {reason.label}", answer(reason), reason.code)
    }


def reasons_of(protocol: Protocol, stage: str) -> list[Reason]:
    """Return the exclusion reasons that may be used at a stage."""
    return [reason for reason in protocol.eligibility.exclude if stage in reason.stages]


def answer(reason: Reason) -> str:
    """Return a reason as the drop-down shows it: `E1: not a partnership`."""
    return f"{reason.code}: {reason.label}"


def _key(text: str) -> str:
    return fold(re.sub(r"[:.()\[\]]", " ", text))


def _shown(cell: str) -> str:
    text = " ".join(cell.split())
    return text if len(text) <= 60 else text[:57] + "..."
