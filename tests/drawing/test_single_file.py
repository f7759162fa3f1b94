"""Data in a page: the same characters with and without orjson, none that could end the script."""

from __future__ import annotations

import json

import pytest

from evidence_review import compact_json
from evidence_review.drawing.single_file import script_data

EVERY = ["".join(map(chr, range(0xD800))), "".join(map(chr, range(0xE000, 0x110000)))]
DATA = {"text": EVERY, "n": [0, -1, 2**63, 1.5, None, True], "pair": ("a", {"b": []})}


@pytest.mark.parametrize("data", [DATA, {"lone": "a\ud800b"}, {"long": 2**70}])
def test_data_reads_back_and_is_the_same_with_and_without_orjson(data: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every character, a lone surrogate, a number that orjson does not take."""
    quick = script_data(data)
    monkeypatch.setattr(compact_json, "orjson", None)
    assert script_data(data) == quick
    assert not set("<>&\u2028\u2029\0") & set(quick)
    plain = json.loads(json.dumps(data, ensure_ascii=False).replace("\\u0000", "\\ufffd"))
    assert json.loads(quick.replace("\\u0000", "\\ufffd")) == plain
