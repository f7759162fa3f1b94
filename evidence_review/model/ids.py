"""Ids that survive spreadsheets: a letter and a hyphen first, no digit-only or date-like form, no look-alikes."""

from __future__ import annotations

import hashlib
import re

# Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORT, LONG = 8, 20
# Two characters are ten bits.
_PAIRS = tuple(one + two for one in _ALPHABET for two in _ALPHABET)
_PLACES = tuple(range(5 * (LONG - 2), -1, -10))

RECORD_ID = re.compile(r"^R-[0-9A-HJKMNP-TV-Z]{8,20}$")
STUDY_ID = re.compile(r"^S-[0-9A-HJKMNP-TV-Z]{8,20}$")


def record_key(source: str, identity: str) -> str:
    """Return the 100-bit key of the record that `source` calls `identity` (its native id, else its raw text).

    Two records with one key are the same record. The id is `R-` and the key's first characters.
    """
    digest = hashlib.sha256(f"{source}\0{identity}".encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest, "big") >> (256 - 5 * LONG)
    return "".join([_PAIRS[(number >> place) & 1023] for place in _PLACES])


def record_id(key: str, length: int = SHORT) -> str:
    """Return the id of a key. Eight characters are 40 bits; the store takes more where two records would meet."""
    return "R-" + key[:length]


def study_id(main_report: str) -> str:
    """Return the id of the study whose main report is the record `main_report`."""
    return "S-" + main_report.removeprefix("R-")
