"""What every part of a protocol has in common: it is frozen and refuses unknown keys; words, days and ids in it."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Part(BaseModel):
    """A part of the protocol: frozen, and without keys that nobody knows.

    What checks it is built when it is first asked: of a whole protocol that is the whole's, not that of every part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


def _as_date(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str) and value:
        try:
            return datetime.date.fromisoformat(value.strip()).isoformat()
        except ValueError:
            raise ValueError("is not a date; write it as year-month-day, such as 2026-03-31") from None
    return value


def _as_text(value: object) -> object:
    """Accept a bare number or date where text is meant: `version: 1.0`, `code: 7`."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, datetime.date)):
        return str(value)
    return value


Text = Annotated[str, BeforeValidator(_as_text)]
Date = Annotated[str, BeforeValidator(_as_date)]
Key = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64)]
