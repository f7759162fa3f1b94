"""Documents say what is so: the reference is the program's help, links lead somewhere, named commands exist."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from evidence_review.cli import VERBS, group

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")], key=lambda path: path.relative_to(CHECKOUT)
)
NAMES = [path.relative_to(CHECKOUT).as_posix() for path in PAGES]


# Pages made from the program, with what makes them.
MADE = {"reference.md": "make_reference", "dedup-rules.md": "make_dedup_rules"}


def made(name: str) -> str:
    """Return a page as the module of that name in docs/ makes it."""
    path = CHECKOUT / "docs" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.render())


@pytest.mark.parametrize("page", MADE)
def test_pages_made_from_the_program_say_what_it_does(page: str) -> None:
    """UPDATE_GOLDEN=1 writes them anew; read the difference."""
    path, expected = CHECKOUT / "docs" / page, made(MADE[page])
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(expected, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == expected, f"run: python docs/{MADE[page]}.py"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str) -> None:
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    assert f"evidence-review {verb}" in (command.help or "") + (command.epilog or "")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    lost = []
    for target in targets:
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = page.parent / file if file else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            lost.append(target)
    assert lost == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = CHECKOUT / "docs" / "README.md"
    listed = {(index.parent / name).resolve() for name in re.findall(r"\]\(([^)#\s]+\.md)", index.read_text("utf-8"))}
    pages = set((CHECKOUT / "docs").rglob("*.md")) - {index}
    assert sorted(str(page.relative_to(CHECKOUT)) for page in pages if page.resolve() not in listed) == []


def anchors(path: Path) -> set[str]:
    """Return the anchors that a Markdown page's headings get."""
    headings = re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def shown_commands(page: Path) -> list[list[str]]:
    """Return the evidence-review commands that a page's code blocks show, as words."""
    # Every block is matched with its language, or the end of one in another language would begin the next.
    found = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    blocks = [block for language, block in found if language in ("", "sh", "bash", "console", "text")]
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("evidence-review ")]


def refused(words: list[str]) -> str:
    """Return what the program says against a command line, "" where it can be parsed; files need not exist."""
    command: click.Command = group
    context: click.Context | None = None
    rest = words[1:]
    while True:
        try:
            context = command.make_context(command.name or "evidence-review", rest, parent=context)
        except click.exceptions.Exit:  # --help and --version
            return ""
        except click.BadParameter as fault:
            # A missing parameter is one, too; but a value may be a file that only the reader has.
            return fault.format_message() if isinstance(fault, click.MissingParameter) else ""
        except click.UsageError as fault:
            return fault.format_message()
        rest = [*context._protected_args, *context.args]
        if not isinstance(command, click.Group) or not rest:
            return ""
        found = command.get_command(context, rest[0])
        if found is None:
            return f"no command {rest[0]}"
        command, rest = found, rest[1:]


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "reference.md"], ids=lambda page: page.name)
def test_the_commands_that_pages_show_can_be_typed(page: Path) -> None:
    """Each verb, sub-command, option and argument that a page tells people to type is one that the program takes."""
    commands = shown_commands(page)
    assert [f"{' '.join(words)}: {said}" for words in commands if (said := refused(words))] == []


def test_there_is_a_page_for_each_task() -> None:
    """Twenty or more how-tos, short, each with a command to type or a link to where it stands."""
    pages = sorted((CHECKOUT / "docs" / "howto").glob("*.md"))
    assert len(pages) >= 20
    assert [page.name for page in pages if not shown_commands(page)] == []


def sessions(page: Path) -> list[tuple[str, list[str]]]:
    """Return the (command, printed lines) that a page's console blocks show, in order."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def test_the_tutorial_shows_what_the_program_prints(tmp_path: Path) -> None:
    """Each command of the tutorial runs in order on the example; what is shown is printed, in that order."""
    for part in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / part, tmp_path / part)
    made = re.search(r"^EXAMPLE_DATE := (\d+)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert made is not None
    environment = {**os.environ, "SOURCE_DATE_EPOCH": made.group(1), "PYTHONUTF8": "1", "COLUMNS": "400"}
    shown = sessions(CHECKOUT / "docs" / "tutorial.md")
    assert shown
    for command, lines in shown:
        done = subprocess.run(
            [sys.executable, "-m", "evidence_review.cli", *shlex.split(command)[1:]],
            cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        wanted = ".*".join(re.escape(part) for part in "\n".join(lines).split("…"))
        assert re.search(wanted, done.stdout, re.S), f"{command}\nshown:\n{lines}\nprinted:\n{done.stdout}"
