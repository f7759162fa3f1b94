"""What can go wrong, as a tree; each branch knows the exit code it ends in.

ReviewError
├── InputError (1)        something a person wrote or set up is wrong: a file, a sheet, a folder
│   ├── ProtocolError     the protocol cannot be read as one; carries every problem at once
│   ├── SheetError        a sheet that came back is refused whole; carries every problem at once
│   ├── FormatError       a bibliographic file cannot be read
│   ├── LockedError       another process is writing the same review
│   └── StorageError      the disk is full, the folder is read-only, a file is damaged
├── UsageError (2)        the command line asks for something that does not exist
├── SourceError (3)       an outside service failed or gave less than it promised
└── IdentityError (4)     totals do not add up, or decisions wait: nothing final is written

Anything that is not a ReviewError is a bug of this program and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

EXIT_DONE = 0
EXIT_INPUT = 1
EXIT_USAGE = 2
EXIT_SOURCE = 3
EXIT_IDENTITY = 4
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it stands, and what to do about it.

    `where` is a file with a place in it, such as `protocols/x.yml line 12` or `sheet.csv row 41, column decision`.
    """

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text.rstrip('.')}. {self.remedy}" if self.remedy else text


class ReviewError(Exception):
    """A failure that has words for the person in front of the program."""

    exit_code = EXIT_INPUT

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])


class InputError(ReviewError):
    """Something a person wrote or set up is wrong."""


class ProtocolError(InputError):
    """The protocol cannot be read; `problems` has every fault found."""


class SheetError(InputError):
    """A sheet is refused whole; `problems` has every row at fault."""


class FormatError(InputError):
    """A bibliographic file cannot be read as any known format."""


class LockedError(InputError):
    """Another process holds the review's lock."""


class StorageError(InputError):
    """The disk or folder did not take what had to be written, or gave back something damaged."""


class UsageError(ReviewError):
    """The command line names something that does not exist."""

    exit_code = EXIT_USAGE


class SourceError(ReviewError):
    """An outside service failed, or gave less than it promised."""

    exit_code = EXIT_SOURCE


class IdentityError(ReviewError):
    """Totals do not add up, or decisions still wait."""

    exit_code = EXIT_IDENTITY


def suggest(wrong: str, valid: Iterable[str]) -> str:
    """Return a sentence with the nearest valid name and, when they are few, all of them."""
    names = sorted(set(valid))
    near = get_close_matches(wrong.lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    by_lower = {name.lower(): name for name in names}
    parts = [f"Did you mean '{by_lower[near[0]]}'?"] if near else []
    if names and len(names) <= 12:
        parts.append(f"Valid: {', '.join(names)}.")
    return " ".join(parts)
