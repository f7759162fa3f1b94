"""Codes in place of people's names: which there are, and how a text, a sheet or a value looks with them.

The ids of the team, names, ORCID iDs and affiliations are replaced wherever they stand as whole words. Words that the
program itself uses for roles, such as `arbiter`, name nobody and stay.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evidence_review.errors import InputError, Problem
from evidence_review.model.protocol import Protocol
from evidence_review.model.record import Record

_ROLES = frozenset(
    {"arbiter", "screener", "verifier", "consensus", "automation", "extractor", "appraiser", "searcher", "lead"}
)
_WHEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Codes:
    """What stands for what: name to code."""

    code_of: Mapping[str, str]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest = sorted(map(re.escape, self.code_of), key=len, reverse=True)
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(longest)})(?![^\W_])")

    def text(self, text: str) -> str:
        """Return a text with codes."""
        return self._pattern.sub(lambda found: self.code_of[found[0]], text)

    def value(self, value: Any) -> Any:
        """Return a JSON value with codes in its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, (list, tuple)) else value

    def data(self, data: bytes) -> bytes:
        """Return a text file or an XLSX workbook with codes; what is neither stays as it is."""
        if data.startswith(b"PK\x03\x04"):
            return self._workbook(data)
        try:
            return self.text(data.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            return data

    def _workbook(self, data: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                part = source.read(entry)
                if entry.filename.endswith((".xml", ".rels")):
                    part = self.text(part.decode("utf-8")).encode("utf-8")
                target.writestr(zipfile.ZipInfo(entry.filename, _WHEN), part, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def found_in(self, data: bytes) -> list[str]:
        """Return the names that still stand in a text."""
        return sorted(set(self._pattern.findall(data.decode("utf-8", "replace"))))


def codes(protocol: Protocol, records: Iterable[Record]) -> Codes:
    """Return a code for each person of the team; codes sort as the ids did.

    Raises:
        InputError: nobody is named, or an id is also a word in the records, where it could not be told apart.
    """
    people = sorted((member for member in protocol.team if member.id not in _ROLES), key=lambda member: member.id)
    if not people:
        raise InputError("The protocol's team names nobody: there is nothing to replace by codes.")
    digits = len(str(len(people)))
    code_of: dict[str, str] = {}
    for number, member in enumerate(people, start=1):
        for name in (member.id, member.name, member.orcid, member.affiliation):
            if name:
                code_of.setdefault(name, f"person-{number:0{digits}d}")
    made = Codes(code_of)
    problems = []
    for record in records:
        told = record.citation
        for name in made.found_in("\n".join((told.title, told.abstract, told.container, *told.keywords)).encode()):
            problems.append(
                Problem(record.id, f"has '{name}' as a word", f"Give that person another id than '{name}'.")
            )
    if problems:
        raise InputError("A person's name cannot be told apart from words of the records.", problems[:5])
    return made
