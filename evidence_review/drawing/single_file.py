"""HTML pages in one file: a policy that lets in nothing but what the file itself carries, and data that stays data.

The policy names style and script by their hashes (https://www.w3.org/TR/CSP3/#source-list-syntax), so that a title that
smuggled in markup could run nothing and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from markupsafe import Markup

from evidence_review.compact_json import dumps


def policy(style: str, script: str) -> Markup:
    """Return the content security policy of a page with this one style sheet and this one script.

    It is ready for an attribute in double quotes: its single quotes stay as they are, so that a person can read it.
    """
    return Markup(  # noqa: S704 - fixed words and base64
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def script_data(data: Any) -> Markup:
    """Return data as JSON that cannot end the script element in which it stands, and that every parser reads."""
    text = dumps(data)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign.encode(), b"\\u%04x" % ord(sign))
    return Markup(text.decode("utf-8", "surrogatepass").replace("\0", "\\ufffd"))  # noqa: S704 - no '<' is left in it


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
