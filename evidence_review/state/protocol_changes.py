"""Two versions of a protocol, compared part by part."""

from __future__ import annotations

from typing import Any

NAMED = ("id", "code")
"""The keys by which an item of a list in the protocol is named."""


def flat(node: Any, path: str = "") -> dict[str, str]:
    """Return a tree as section → value, with list items named by their id or code where they have one."""
    if isinstance(node, dict):
        parts = {}
        for key, value in node.items():
            parts.update(flat(value, f"{path}.{key}" if path else str(key)))
        return parts
    if isinstance(node, list) and any(isinstance(item, dict) for item in node):
        parts = {}
        for place, item in enumerate(node):
            name = next((str(item[key]) for key in NAMED if isinstance(item, dict) and key in item), str(place + 1))
            parts.update(flat(item, f"{path}.{name}"))
        return parts
    return {path: _in_words(node)}


def differences(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return (section, old, new) for each part that differs, in the order of the old protocol, then the new."""
    parts = [*before, *(part for part in after if part not in before)]
    return [
        (part, before.get(part, ""), after.get(part, ""))
        for part in parts
        if before.get(part, "") != after.get(part, "")
    ]


def _in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_in_words(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_in_words(item)}" for key, item in value.items())
    return str(value)
