"""Cells that a spreadsheet would run as a formula leave with one apostrophe in front and come back without it.

The two functions are inverse to each other on every text, so nothing is lost when a title really begins with an
apostrophe and an equals sign. The characters are those of OWASP's page on CSV injection
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + text if _DANGEROUS.match(text) else text


def unguard(text: str) -> str:
    """Return what a guarded cell meant."""
    return text[1:] if _GUARDED.match(text) else text
