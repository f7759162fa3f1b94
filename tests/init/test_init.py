"""`init`: the first minute of a new user."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_review.commands.init.run import run
from evidence_review.commands.protocol.run import check
from evidence_review.commands.search.run import run as search
from evidence_review.errors import InputError, UsageError
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


@pytest.mark.parametrize("framework", ["PICO", "SPICE", "SPIDER"])
def test_a_new_protocol_is_valid_and_says_what_is_to_fill_in(tmp_path: Path, framework: str) -> None:
    """Whatever the framework of the question, the first check finds no error, only open places."""
    run(tmp_path, "trial", "", framework)
    summary = check(Workspace.open(tmp_path, "trial"))
    assert summary.data["valid"] is True
    assert summary.data["to_fill_in"]


def test_a_strategy_that_nobody_wrote_is_not_searched(tmp_path: Path) -> None:
    """A new protocol shows an example in a comment, and asks no service before there is a strategy."""
    run(tmp_path, "trial", "", "PICO")
    with pytest.raises(InputError) as caught:
        search(Workspace.open(tmp_path, "trial"), settings=Settings.blank())
    assert [problem.where for problem in caught.value.problems] == ["strategies.main"]


def test_a_title_with_quotes_brackets_and_umlauts_is_kept_to_the_letter(tmp_path: Path) -> None:
    """The title is data, not a template."""
    title = 'Über "links": {name} & {{7*7}} # no comment'
    run(tmp_path, "trial", title, "PICO")
    assert Workspace.open(tmp_path, "trial").protocol.title == title


def test_a_review_that_exists_is_left_alone(tmp_path: Path) -> None:
    """The second init is refused, and not a byte changes."""
    run(tmp_path, "trial", "", "PICO")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="exists already"):
        run(tmp_path, "trial", "another", "SPICE")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "name", ["", "../out", "a/b", "1st", "-x", "con.txt", "a b", "x" * 65, "trial\n", "CON", "lpt1"]
)
def test_a_name_that_would_not_do_as_a_file_name_is_refused(tmp_path: Path, name: str) -> None:
    """On any system: no separators, no dots, a letter first."""
    with pytest.raises(UsageError, match="cannot be a review's name"):
        run(tmp_path, name, "", "PICO")
    assert list(tmp_path.iterdir()) == []
