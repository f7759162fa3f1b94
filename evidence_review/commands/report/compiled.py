"""Packaged templates compiled once and kept beside them, as Python keeps its modules: it is a tenth of a report's time.

A team's own templates are compiled each time: nothing of a review is kept outside its folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

_DIGEST = hashlib.sha256().digest_size


class Compiled(BytecodeCache):
    """Where the compiled templates of `folder` lie: in the `__pycache__` that Python would use there.

    `options` are those of the templates' world in words: other options or another Jinja make other code. What cannot
    be read, is damaged or cannot be written is as if it were not there.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self._folder = folder
        self._cache = Path(importlib.util.cache_from_source(str(folder / "templates.py"))).parent
        self._made_by = f"{jinja2.__version__} {options}"

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the name of a template's file in the cache, "" for one that is not kept."""
        if filename is None or Path(filename).parent != self._folder / Path(name.removeprefix("packaged/")).parent:
            return ""
        return hashlib.sha256(f"{self._made_by}|{sys.version}|{name}|{filename}".encode()).hexdigest()[:32]

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, where its template was compiled from this very source before."""
        with suppress(OSError, ValueError):
            data = self._path(bucket).read_bytes()
            digest, code = data[:_DIGEST], data[_DIGEST:]
            if hashlib.sha256(code).digest() == digest:
                bucket.load_bytecode(io.BytesIO(code))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, whole or not at all."""
        if not bucket.key or sys.dont_write_bytecode:
            return
        code = bucket.bytecode_to_string()
        with suppress(OSError):
            self._cache.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._cache, suffix=".tmp", delete=False) as stream:
                stream.write(hashlib.sha256(code).digest() + code)
            try:
                os.replace(stream.name, self._path(bucket))  # noqa: PTH105 - both are names in one folder
            except OSError:
                Path(stream.name).unlink()
                raise

    def _path(self, bucket: Bucket) -> Path:
        if not bucket.key:
            raise ValueError("this template is not kept")
        return self._cache / f"{bucket.key}.j2c"
