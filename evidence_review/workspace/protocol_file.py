"""Reading the protocol: YAML 1.2 with line numbers, every problem at once, the nearest valid name beside each."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from evidence_review.errors import InputError, Problem, ProtocolError, suggest
from evidence_review.model.protocol import Protocol, Reason
from evidence_review.summary import counted
from evidence_review.workspace import protocol_checks, ready_forms

PLACEHOLDER = "TO FILL IN"
"""What a new protocol says wherever its authors have a word to say."""

_MOST_BYTES = 2_000_000
_MOST_ALIASES = 200
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def yaml() -> YAML:
    """Return a reader and writer that keeps comments, quotes and order."""
    handler = YAML(typ="rt")
    handler.preserve_quotes = True
    handler.width = 4096
    handler.indent(mapping=2, sequence=4, offset=2)
    return handler


def read(path: Path, folder: Path) -> Protocol:
    """Read and check a protocol.

    Raises:
        ProtocolError: with every problem found.
        InputError: there is no such file, or it is no text.
    """
    protocol, problems = examine(path, folder)
    if protocol is None or problems:
        raise ProtocolError(f"The protocol has {counted(len(problems), 'problem')}; nothing was done.", problems)
    return protocol


def reasons(path: Path) -> list[Reason]:
    """Return the reasons for exclusion of an earlier version, which need not be valid today; [] where none is read."""
    try:
        return [
            Reason.model_validate(item) for item in plain(tree_of(text_of(path), path.name))["eligibility"]["exclude"]
        ]
    except (InputError, ProtocolError, ValidationError, KeyError, TypeError):
        return []


def to_fill_in(path: Path) -> list[tuple[int, str]]:
    """Return line number and text of each place that a new protocol left to its authors and that is still so."""
    return [
        (number, line.strip())
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if PLACEHOLDER in line.partition("#")[0]
    ]


def text_of(path: Path) -> str:
    """Return the protocol's text.

    Raises:
        InputError: it is missing, too large, or not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no protocol at {path}. Start one with 'evidence-review init NAME'.") from None
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path} has {len(data):,} bytes; a protocol has at most {_MOST_BYTES:,}. Is it another file?")
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as fault:
                line = data.count(b"\n", 0, fault.start) + 1
                raise InputError(
                    f"{path} line {line}: byte {data[fault.start]:#04x} is not UTF-8. "
                    "Save the file as UTF-8 in your editor ('Save as', encoding UTF-8)."
                ) from None
    raise AssertionError("the empty mark matches every file")


def examine(path: Path, folder: Path) -> tuple[Protocol | None, tuple[Problem, ...]]:
    """Return the protocol (None where it cannot be made) and every problem with it."""
    return examine_text(text_of(path), path, folder)


def examine_text(text: str, path: Path, folder: Path) -> tuple[Protocol | None, tuple[Problem, ...]]:
    """Examine `text` as if it stood in the file `path`."""
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    tree, problems = _parse(text, name)
    if problems:
        return None, tuple(problems)
    if not isinstance(tree, dict):
        what = "is empty" if tree is None else "is a list or a single value, not keys with values"
        return None, (Problem(f"{name} line 1", what, "Start from the one that 'evidence-review init' writes."),)
    places = Places(tree, name)
    data = plain(tree)
    problems = ready_forms.resolve(data, path.with_suffix("") / "forms", places.of("extraction", "form"))
    try:
        protocol: Protocol | None = Protocol.model_validate(data)
    except ValidationError as fault:
        problems.extend(_explain(fault, tree, name))
        protocol = _without_faults(data, fault)
    if protocol is not None:
        problems.extend(protocol_checks.check(protocol, path, places.of))
    return (None if problems else protocol), tuple(sorted(problems, key=_line))


def _without_faults(data: Any, fault: ValidationError) -> Protocol | None:
    """Return the protocol without its faulty parts, so that what remains can be cross-checked; None if too little does.

    Where something is missing, its parent goes; not an item of a list, for then the places of all after it would
    shift and be named wrongly.
    """
    for _ in range(5):
        for error in reversed(fault.errors(include_url=False)):
            path = [step for step in error["loc"] if isinstance(step, int) or _is_key(step)]
            if error["type"] == "missing":
                path = path[:-1]
            if not path or isinstance(path[-1], int):
                return None
            _drop(data, path)
        try:
            return Protocol.model_validate(data)
        except ValidationError as next_fault:
            fault = next_fault
    return None


def _drop(node: Any, path: Sequence[str | int]) -> None:
    try:
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]
    except (KeyError, IndexError, TypeError):
        return  # a part of it went before


def _line(problem: Problem) -> int:
    return int(problem.where.partition(" line ")[2].partition(" ")[0] or 0)


def tree_of(text: str, name: str) -> Any:
    """Return the YAML tree of a protocol's text, with its comments, for editing.

    Raises:
        ProtocolError: the text is no valid YAML.
    """
    tree, problems = _parse(text, name)
    if problems:
        raise ProtocolError("The protocol cannot be read; nothing was changed.", problems)
    return tree


def _parse(text: str, name: str) -> tuple[Any, list[Problem]]:
    if text.count("*") > _MOST_ALIASES and sum(line.lstrip("- ").startswith("*") for line in text.splitlines()) > 50:
        return None, [Problem(name, "has too many YAML aliases", "Write the values out.")]
    try:
        return yaml().load(io.StringIO(text)), []
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        where = f"{name} line {mark.line + 1}, column {mark.column + 1}" if mark else name
        what = " ".join(part for part in (fault.context, fault.problem) if part)
        return None, [Problem(where, f"is not valid YAML: {what.splitlines()[0]}", _yaml_remedy(what))]
    except ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        what = f"has a control character (U+{fault.character:04X})"
        return None, [Problem(f"{name} line {line}", what, "Delete it: it came with copying from another program.")]
    except (YAMLError, ValueError, RecursionError) as fault:
        if day := _impossible_day(text):
            line, written = day
            return None, [Problem(f"{name} line {line}", f"there is no day {written}", "Write year-month-day.")]
        return None, [Problem(name, f"is not valid YAML: {fault}", "Check the indentation and quotes.")]


def _impossible_day(text: str) -> tuple[int, str] | None:
    """Return line and words of the first date that no calendar has: the YAML reader names neither."""
    for number, line in enumerate(text.splitlines(), 1):
        for written in _DAY.findall(line.partition("#")[0]):
            try:
                date.fromisoformat(written)
            except ValueError:
                return number, written
    return None


def _yaml_remedy(what: str) -> str:
    if "duplicate key" in what:
        return "A key may stand only once: join the two, or rename one."
    if "tab" in what or "\\t" in what:
        return "Indent with spaces, not tabs."
    if "mapping values are not allowed" in what:
        return "Put quotes around a value that contains a colon, and check the indentation."
    return "Check the indentation, quotes and brackets of this line and the one above."


def plain(node: Any) -> Any:
    """Return a YAML tree as plain values, so that nothing of the reader leaks into the protocol.

    A key with nothing behind it is not set: it reads as if the line were not there.
    """
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items() if value is not None}
    if isinstance(node, list):
        return [plain(item) for item in node]
    if isinstance(node, str):
        return str(node)
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return node


class Places:
    """Where each part of a YAML tree stands in its file."""

    def __init__(self, tree: Any, name: str) -> None:
        self._tree = tree
        self._name = name

    def of(self, *path: str | int) -> str:
        """Return `file line n (a.b.c)` for a path of keys and indexes; the nearest parent's line where it is absent."""
        node, line = self._tree, 0
        for step in path:
            try:
                marks = node.lc
                line = marks.key(step)[0] if isinstance(node, dict) else marks.item(step)[0]
                node = node[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        shown = ".".join(str(step + 1) if isinstance(step, int) else str(step) for step in path)
        return f"{self._name} line {line + 1}" + (f" ({shown})" if shown else "")


_REMEDIES = {
    "missing": "Add it.",
    "string_type": "Write text here; put quotes around words that YAML would read as something else.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "float_parsing": "Write a number, with a point before decimals.",
    "tuple_type": "Write a list: one '- item' a line, or [a, b].",
    "list_type": "Write a list: one '- item' a line, or [a, b].",
    "dict_type": "Write keys with values, indented below it.",
    "model_type": "Write keys with values, indented below it.",
    "model_attributes_type": "Write keys with values, indented below it.",
    "string_pattern_mismatch": "Begin with a letter; then letters, digits, '-' and '_' only.",
}
_WORDS = {
    "missing": "is missing",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be keys with values",
    "model_type": "must be keys with values",
    "model_attributes_type": "must be keys with values",
}


def _explain(fault: ValidationError, tree: Any, name: str) -> Iterator[Problem]:
    places = Places(tree, name)
    seen = set()
    for error in fault.errors(include_url=False):
        location = [step for step in error["loc"] if isinstance(step, int) or _is_key(step)]
        kind = error["type"]
        where = places.of(*location)
        if where in seen:
            continue
        seen.add(where)
        last = str(location[-1]) if location else "the protocol"
        if kind == "extra_forbidden":
            yield Problem(where, f"unknown key '{last}'", suggest(last, _keys_at(location[:-1])))
        elif kind == "literal_error":
            given = error["input"]
            valid = [word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            yield Problem(where, f"'{given}' is not one of the words allowed here", suggest(str(given), valid))
        else:
            message = str(error["msg"]).removeprefix("Value error, ")
            what = _WORDS.get(kind, message[0].lower() + message[1:])
            given = (
                "" if kind == "missing" or isinstance(error["input"], (dict, list)) else f" (found '{error['input']}')"
            )
            yield Problem(where, f"{last}: {what}{given}", _REMEDIES.get(kind, ""))


def _is_key(step: str) -> bool:
    """Whether a step of pydantic's location is a key of the file (and not the tag of a union's branch)."""
    return not (step in {"str", "function-before", "constrained-str"} or "[" in step)


def _keys_at(path: Sequence[str | int]) -> list[str]:
    """Return the keys that may stand at a path of the protocol."""
    model: Any = Protocol
    for step in path:
        if isinstance(step, int) or not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        field = model.model_fields.get(step)
        if field is None:
            continue
        model = _inner_model(field.annotation) or model
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found:
            return found
    return None
