"""Arrows go down: cli, commands, console, what commands share, state, model, the ground. A verb imports no other."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import evidence_review
from evidence_review.cli import VERBS

PACKAGE = Path(evidence_review.__file__).parent
GROUND = {"", "errors", "summary", "csv_text", "compact_json", "spooled"}
FLOOR = {
    **dict.fromkeys(GROUND, 0),
    "model": 1,
    # A name in normal form is the model's Name, so text stands beside the model and not below it.
    "text": 1,
    "state": 2,
    "sheets": 3,
    "drawing": 3,
    "net": 3,
    "workspace": 4,
    "sources": 5,
    "forms": 5,
    # A file of a database's own XML is read by the reader of that source's replies.
    "formats": 6,
    "console": 7,
    "commands": 8,
    "cli": 9,
    "__main__": 10,
}
HEAVY = ("pydantic", "openpyxl", "rapidfuzz", "requests", "jinja2", "ruamel", "pyzotero", "rich", "numpy")


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names of this package that a module imports, without the package's own name."""
    inside = path.relative_to(PACKAGE.parent).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            base = inside[: -node.level] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            names = [f"{module}.{alias.name}" for alias in node.names]
        yield from (name.partition(".")[2] for name in names if name.partition(".")[0] == PACKAGE.name)


def wrong_arrows(name: str, targets: list[str]) -> list[str]:
    """Return what a module (dotted, without the package) imports against the rules."""
    own = name.split(".")
    wrong = []
    for target in targets:
        parts = target.split(".")
        head = parts[0] if parts[0] in FLOOR else ""
        if own[0] == "commands" and head == "commands":
            # Only `commands` itself and the verb's own package may be named.
            bad = len(parts) > 1 and parts[1] != own[1]
        elif own[0] == "commands" and head == "console":
            bad = not own[-1].endswith("cli")
        else:
            bad = FLOOR[head] > FLOOR[own[0] if own[0] in FLOOR else ""]
        if bad:
            wrong.append(target)
    return wrong


def modules() -> list[tuple[str, Path]]:
    """Return every module of the package as its dotted name and file; a package goes by its own name."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts), path))
    return found


def test_every_arrow_goes_down_and_no_verb_imports_another() -> None:
    wrong = {
        f"{name} imports {target}" for name, path in modules() for target in wrong_arrows(name, list(imports(path)))
    }
    assert sorted(wrong) == []


def test_no_module_needs_itself_through_others() -> None:
    """Modules of one floor may use each other, but never in a circle."""
    known = dict(modules())
    needs: dict[str, set[str]] = {}
    for name, path in known.items():
        found = {target if target in known else target.rpartition(".")[0] for target in imports(path)}
        needs[name] = (found & set(known)) - {name}
    # Take away what needs nothing that is left, and what nothing that is left needs: circles remain.
    left = set(needs)
    while loose := {name for name in left if not needs[name] & left or not any(name in needs[other] for other in left)}:
        left -= loose
    assert {name: sorted(needs[name] & left) for name in sorted(left)} == {}


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("commands.dedup.run", "commands.screen.run"),
        ("commands.dedup.run", "console.State"),
        ("commands.dedup.cli", "cli.group"),
        ("state.flow", "workspace.workspace"),
        ("model.record", "state.clusters"),
        ("formats.ris", "commands.load.run"),
        ("errors", "model.record"),
    ],
)
def test_the_check_bites(module: str, target: str) -> None:
    """Each kind of wrong arrow is named."""
    assert wrong_arrows(module, [target]) == [target]


def test_only_command_line_modules_know_click() -> None:
    """`run.py` and what it stands on can be used without a terminal."""
    knowing = []
    for name, path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if any(found.partition(".")[0] == "click" for found in names) and not name.endswith(("cli", "console")):
            knowing.append(name)
    assert knowing == []


@pytest.mark.parametrize("verb", VERBS)
def test_help_loads_nothing_heavy(verb: str) -> None:
    """`evidence-review VERB --help` imports the verb's command line and not what its work needs."""
    code = (
        "import sys, importlib; "
        f"importlib.import_module('evidence_review.commands.{verb}.cli'); "
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
