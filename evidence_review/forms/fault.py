"""A cell that cannot be taken as it stands."""

from __future__ import annotations


class CellFault(ValueError):
    """What is wrong with a cell's text, and how to mend it. Where the cell lies is known to whoever reads the sheet.

    `answer` is the one that a field with given answers does not have, "" where something else is wrong.
    """

    def __init__(self, what: str, remedy: str = "", answer: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.answer = answer
