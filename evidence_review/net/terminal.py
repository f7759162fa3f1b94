"""Telling a person at a terminal what happens: a bar for each source, and sentences above it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from evidence_review.net.talk import Talk


class Lines:
    """Says sentences on stderr, without a bar: what a log or a pipe gets."""

    def say(self, text: str) -> None:
        """Print the sentence."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the one place where talk is printed

    def progress(self, source: str, done: int, total: int | None) -> None:
        """Do nothing: a log needs no bar."""


@contextmanager
def talking() -> Iterator[Talk]:
    """Give somebody to talk to: with bars on a terminal, with sentences alone elsewhere."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        class Bars:
            """Draws one bar a source."""

            def say(self, text: str) -> None:
                """Print the sentence above the bars."""
                bars.console.print(text, markup=False, highlight=False)

            def progress(self, source: str, done: int, total: int | None) -> None:
                """Move the source's bar."""
                if source not in tasks:
                    tasks[source] = bars.add_task(source, total=total)
                bars.update(tasks[source], completed=done, total=total)

        yield Bars()
