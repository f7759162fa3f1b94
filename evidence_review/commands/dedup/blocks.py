"""Pairs of records that share a blocking key, each pair once, in blocks that are capped and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from evidence_review.commands.dedup import keys
from evidence_review.commands.dedup.form import Form

Ints = NDArray[np.int64]
WINDOW = 20


@dataclass(slots=True)
class Capped:
    """What the cap did: blocks split by further fields, and pairs not compared for that, by key.

    A pair that one key leaves out may be compared for another key's sake, so the number is the most that is left out.
    """

    split: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


def hash_rows(forms: Sequence[Form]) -> NDArray[np.uint32]:
    """Return the key hashes: one row a record, one column a key."""
    flat = np.fromiter((value for form in forms for value in keys.hashes(form)), np.uint32, len(forms) * len(keys.KEYS))
    return flat.reshape(len(forms), len(keys.KEYS))


def _pairs_within(order: Ints, starts: Ints, sizes: Ints, count: int) -> Ints:
    """Return every pair within each block (a run in `order`) as first * count + second, first < second."""
    found = []
    # Blocks of one size are handled together, so that no loop runs over blocks.
    for size in np.unique(sizes):
        first, second = np.triu_indices(int(size), 1)
        base = starts[sizes == size][:, None]
        one, two = order[base + first].ravel(), order[base + second].ravel()
        found.append(np.minimum(one, two) * count + np.maximum(one, two))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _runs(values: NDArray[np.uint64]) -> tuple[Ints, Ints, Ints]:
    """Return the order that sorts `values`, and the starts and sizes of the runs of equal values longer than one."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    sizes = np.diff(edges)
    many = sizes > 1
    return order, edges[:-1][many], sizes[many]


def _split(forms: Sequence[Form], members: Ints, values: NDArray[np.uint64], level: int) -> NDArray[np.uint64]:
    _, text = keys.FINER[level]
    finer = np.fromiter(
        (crc32(text(forms[member]).encode("utf-8", "surrogatepass")) for member in members.tolist()),
        np.uint64,
        len(members),
    )
    mixed: NDArray[np.uint64] = (values * np.uint64(0x9E3779B97F4A7C15)) ^ (finer * np.uint64(0xC2B2AE3D27D4EB4F))
    return mixed


def key_pairs(forms: Sequence[Form], column: NDArray[np.uint32], name: str, capped: Capped) -> list[Ints]:
    """Return the pairs that one key brings together, in arrays that may repeat a pair.

    A block is handled without a look at any other, so that it may as well be handled on another machine.
    """
    count = len(forms)
    members = np.flatnonzero(column)
    values = column[members].astype(np.uint64)
    found: list[Ints] = []
    crowded = compared = 0
    for level in range(len(keys.FINER) + 1):
        order, starts, sizes = _runs(values)
        small = sizes <= keys.CAP
        found.append(_pairs_within(members[order], starts[small], sizes[small], count))
        compared += len(found[-1]) if level else 0
        if small.all():
            break
        if not level:
            crowded = int((sizes[~small] * (sizes[~small] - 1) // 2).sum())
            capped.split[name] = int((~small).sum())
        if level == len(keys.FINER):
            found += _window_pairs(forms, members, order, starts[~small], sizes[~small])
            compared += sum(len(part) for part in found[level + 1 :])
            break
        large = np.concatenate(
            [order[start : start + size] for start, size in zip(starts[~small], sizes[~small], strict=True)]
        )
        members, values = members[large], values[large]
        values = _split(forms, members, values, level)
    if crowded > compared:
        capped.left_out[name] = crowded - compared
    return found


def _window_pairs(forms: Sequence[Form], members: Ints, order: Ints, starts: Ints, sizes: Ints) -> list[Ints]:
    """Compare each record of a block that cannot be split with its neighbours in the order of all its fields."""
    count = len(forms)
    found = []
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        block = sorted(members[order[start : start + size]].tolist(), key=lambda member: forms[member])
        near = np.array(block, np.int64)
        for step in range(1, min(WINDOW, size - 1) + 1):
            one, two = near[:-step], near[step:]
            found.append(np.minimum(one, two) * count + np.maximum(one, two))
    return found


def candidates(forms: Sequence[Form], rows: NDArray[np.uint32] | None = None) -> tuple[Ints, Capped]:
    """Return the pairs to compare as sorted codes first * len(forms) + second, and what the cap did."""
    rows = hash_rows(forms) if rows is None else rows
    capped = Capped()
    found: list[Ints] = [np.empty(0, np.int64)]
    for place, key in enumerate(keys.KEYS):
        found += key_pairs(forms, rows[:, place], key.name, capped)
    codes = np.concatenate(found)
    codes.sort()
    return codes[np.concatenate(([True], codes[1:] != codes[:-1]))] if len(codes) else codes, capped
