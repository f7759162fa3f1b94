"""What every verb's command line shares: the options given before the verb, and how a summary is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from evidence_review.summary import Summary
    from evidence_review.workspace.workspace import Workspace

# Set in a context's meta where one verb drives another and prints for it.
NESTED = "evidence_review.nested"

Call = Callable[[list[str]], "Summary"]


class State:
    """What the options before the verb said.

    `call` runs another verb on the same review without printing, for the verbs that drive others; `command` is the
    verb with what follows it, as it was typed.
    """

    def __init__(self, folder: Path, review: str | None, call: Call, command: tuple[str, ...]) -> None:
        self.folder = folder
        self.review = review
        self.call = call
        self.command = command

    def workspace(self) -> Workspace:
        """Open the review that the options name."""
        from evidence_review.workspace.workspace import Workspace

        return Workspace.open(self.folder, self.review, self.command)


def summarised(function: Callable[..., Summary]) -> Callable[..., Summary]:
    """Give a command `--json` and print the summary that its function returns.

    With --json the data goes to stdout and the words to stderr; without, the words go to stdout.
    """

    def command(*args: Any, as_json: bool, **kwargs: Any) -> Summary:
        summary = function(*args, **kwargs)
        if not click.get_current_context().meta.get(NESTED):
            emit(summary, as_json=as_json)
        return summary

    # The wrapper takes over the options declared below it, so its own must come after.
    return click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")(
        update_wrapper(command, function)
    )


def emit(summary: Summary, *, as_json: bool) -> None:
    """Print a summary."""
    for line in summary.lines:
        click.echo(line, err=as_json)
    if summary.next:
        click.echo(f"Next: {_as_called(summary.next)}", err=as_json)
    if as_json:
        _emit_data(summary.data)


def _as_called(step: str) -> str:
    """Return the next step with the review that this command was told to work on, so that it can be copied."""
    context = click.get_current_context(silent=True)
    state = context.find_object(State) if context is not None else None
    if state is None or state.review is None or "--review" in step:
        return step
    return step.replace("evidence-review ", f"evidence-review --review {state.review} ")


def _emit_data(data: Mapping[str, Any]) -> None:
    """Print data; where a part is longer than memory, a record a line."""
    from evidence_review.spooled import Spooled

    if not any(isinstance(value, Spooled) for value in data.values()):
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    out = sys.stdout.buffer
    for place, (key, value) in enumerate(data.items()):
        out.write((f"{',' if place else '{'}\n  {json.dumps(key)}: ").encode("ascii"))
        if isinstance(value, Spooled):
            for number, line in enumerate(value.lines()):
                out.write((b"," if number else b"[") + b"\n    " + line)
            out.write(b"\n  ]" if len(value) else b"[]")
        else:
            out.write(json.dumps(value).encode("ascii"))
    out.write(b"\n}\n")
    out.flush()


KIND = click.option(
    "--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True, help="Kind of sheet."
)


class SheetWork(Protocol):
    """The work of a verb whose typed sheets go out and come back: its `run` module."""

    def collect(self, workspace: Workspace, files: Sequence[Path], *, withdraw: bool = False) -> Summary:
        """Read sheets back."""

    def differences(self, workspace: Workspace) -> Summary:
        """Write the cells at which two people differ."""

    def verify(self, workspace: Workspace, verifier: str, kind: str) -> Summary:
        """Write sheets for a second person to check."""

    def status(self, workspace: Workspace) -> Summary:
        """Say how far the work is."""


def sheet_commands(verb: click.Group, work: Callable[[], SheetWork], words: Mapping[str, str]) -> None:
    """Give a verb the commands that all work on typed sheets has; `words` are the help of each."""

    @verb.command("collect", help=words["collect"])
    @click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option(
        "--withdraw",
        is_flag=True,
        help="Take back the values of deleted rows, and of cells that are empty though a copy of the sheet had them.",
    )
    @click.pass_obj
    @summarised
    def collect(state: State, files: tuple[Path, ...], withdraw: bool) -> Summary:
        return work().collect(state.workspace(), files, withdraw=withdraw)

    @verb.command("differences", help=words["differences"])
    @click.pass_obj
    @summarised
    def differences(state: State) -> Summary:
        return work().differences(state.workspace())

    @verb.command("verify", help=words["verify"])
    @click.option("--verifier", default="", metavar="ID", help="Who checks. Default: the protocol's verifier.")
    @KIND
    @click.pass_obj
    @summarised
    def verify(state: State, verifier: str, kind: str) -> Summary:
        return work().verify(state.workspace(), verifier, kind)

    @verb.command("status", help=words["status"])
    @click.pass_obj
    @summarised
    def status(state: State) -> Summary:
        return work().status(state.workspace())
