"""Secrets are taken out of whatever is kept, however the body is cut into chunks."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from evidence_review.net.scrub import REDACTED, Scrubber

SECRET, EMAIL = "s3cr/et+key&1", "Someone.Else+x@example.org"


@given(st.lists(st.sampled_from([SECRET, EMAIL, "text", "s3cr", "@example", "ß"]), max_size=12), st.data())
def test_no_cut_lets_a_secret_through_and_nothing_else_changes(parts: list[str], data: st.DataObject) -> None:
    """Scrubbing chunk by chunk gives what scrubbing the whole gives."""
    whole = "|".join(parts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    chunks = [whole[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    scrubber = Scrubber([SECRET, EMAIL])
    expected = whole.replace(SECRET.encode(), REDACTED).replace(EMAIL.encode(), REDACTED)
    assert b"".join(scrubber.stream(chunks)) == expected


def test_every_spelling_of_a_secret_is_found() -> None:
    """Plain, URL-encoded, JSON-escaped, in other case."""
    scrubber = Scrubber([SECRET, EMAIL])
    for spelling in (SECRET, quote(SECRET, safe=""), json.dumps(SECRET)[1:-1], EMAIL.lower(), quote(EMAIL, safe="")):
        assert scrubber.text(f"<{spelling}>") == "<REDACTED>"


def test_without_secrets_bodies_pass_unchanged() -> None:
    """Nothing is searched for where there is nothing to hide."""
    assert list(Scrubber([]).stream([b"a", b"b"])) == [b"a", b"b"]
