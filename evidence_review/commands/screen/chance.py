"""Chance that is the same in every run: draws for screening, seeded by the protocol."""

from __future__ import annotations

import random


def chance(*seed: object) -> random.Random:
    """Return a generator for a seed. It draws samples and shuffles; nothing secret hangs on it."""
    return random.Random(" ".join(map(str, seed)))  # noqa: S311 - no cryptography here
