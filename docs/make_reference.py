"""Write docs/reference.md from the program's own help: `python docs/make_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from evidence_review import errors
from evidence_review.cli import group

TARGET = Path(__file__).with_name("reference.md")
WIDTH = 100
CODES = (
    (errors.EXIT_DONE, "done"),
    (errors.EXIT_INPUT, "something in your input is wrong: the message says what, where, and what to do"),
    (errors.EXIT_USAGE, "the command line names something that does not exist"),
    (errors.EXIT_SOURCE, "an outside source failed or gave less than it promised"),
    (errors.EXIT_IDENTITY, "refused: totals do not add up, or decisions wait"),
    (errors.EXIT_INTERRUPTED, "interrupted; what was finished is kept"),
)


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield (name as typed, help text) of a command and of all below it."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands(below, context_of(below, name, context))


def context_of(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    """Return a context whose help has the same width on every terminal."""
    return command.context_class(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )  # fmt: skip


def render() -> str:
    """Return the reference as Markdown."""
    lines = [
        "# Command reference",
        "",
        "Made by `docs/make_reference.py` from the program's own help; a test holds the two together.",
        "",
        "Every command takes `--help`; those that print a summary take `--json`, which puts it on stdout for programs.",
        "",
        "| exit code | meaning |",
        "|---|---|",
        *(f"| {code} | {meaning} |" for code, meaning in CODES),
    ]
    for name, text in commands(group, context_of(group, "evidence-review", None)):
        lines += ["", f"{'##' if name.count(' ') < 2 else '###'} `{name}`", "", "```text", text.rstrip(), "```"]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8", newline="\n")
