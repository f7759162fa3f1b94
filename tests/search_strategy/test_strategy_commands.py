"""`search translate` and `search lint`, as people and programs call them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_review.commands.search.strategy import run
from evidence_review.commands.search.strategy.translate import TARGETS
from evidence_review.errors import InputError, UsageError

STRATEGY = """#1 "Kidney Transplantation"[mesh] OR “renal graft”[tiab]
#2 africa*[tiab] OR "Developing Countries"[mh]
#3 #1 AND #2
"""


PROTOCOL = """
review: small
title: A small review
question: {text: Do partnerships work?}
eligibility: {include: [{id: I1, criterion: a partnership}]}
team: [{id: reviewer-1}]
sources:
  - {id: pubmed, name: PubMed, via: api, strategy: main}
  - {id: europepmc, name: Europe PMC, via: api, strategy: main}
  - {id: embase, name: Embase, via: file, strategy: spare}
strategies:
  main: twinning[tiab] AND hospital*[tiab]
  spare: twinning[ti] OR "Hospital Shared Services"[mh]
headings:
  hospital shared services: [shared hospital services]
"""


def call(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder that is no review."""
    command = [sys.executable, "-m", "evidence_review.cli", "search", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_translate_prints_the_interface_that_others_build_on(tmp_path: Path) -> None:
    """Tree, normalised strategy, and for each target a query and its terms with place, outcome and reason."""
    (tmp_path / "strategy.txt").write_text(STRATEGY, encoding="utf-8")
    done = call("translate", "--strategy-file", "strategy.txt", "--json", folder=tmp_path)
    data = json.loads(done.stdout)
    assert done.returncode == 0
    assert data["normalised"] == (
        '("Kidney Transplantation"[mh] OR "renal graft"[tiab]) AND (africa*[tiab] OR "Developing Countries"[mh])'
    )
    assert data["tree"]["kind"] == "and"
    assert list(data["targets"]) == list(TARGETS)
    term = data["targets"]["europepmc"]["terms"][0]
    assert {key: term[key] for key in ("text", "line", "column", "outcome")} == {
        "text": '"Kidney Transplantation"[mesh]',
        "line": 1,
        "column": 4,
        "outcome": "narrower",
    }
    assert term["why"]
    assert "Europe PMC" in done.stderr


def test_translate_for_people_shows_the_query_and_what_changed(tmp_path: Path) -> None:
    """One target, without JSON, on stdout."""
    (tmp_path / "strategy.txt").write_text(STRATEGY, encoding="utf-8-sig")
    done = call("translate", "--strategy-file", "strategy.txt", "--target", "scopus", folder=tmp_path)
    assert done.returncode == 0
    assert 'TITLE-ABS("renal graft")' in done.stdout
    assert "narrower, finds fewer" in done.stdout
    assert "openalex" not in done.stdout


def test_lint_ends_with_1_when_the_strategy_is_broken(tmp_path: Path) -> None:
    """A bracket without a partner is shown with a caret under it; advice alone ends with 0."""
    (tmp_path / "broken.txt").write_text("(a[ti] OR b[ti]", encoding="utf-8")
    (tmp_path / "sound.txt").write_text("a[ti] OR b[ti]", encoding="utf-8")
    broken = call("lint", "--strategy-file", "broken.txt", folder=tmp_path)
    sound = call("lint", "--strategy-file", "sound.txt", "--json", folder=tmp_path)
    assert (broken.returncode, sound.returncode) == (1, 0)
    assert "    (a[ti] OR b[ti]\n    ^\n" in broken.stdout
    assert [item["code"] for item in json.loads(sound.stdout)["findings"]] == ["no-heading"]


def test_in_a_review_each_strategy_is_written_for_the_sources_that_search_it(tmp_path: Path) -> None:
    """And for every target where no source of the protocol searches it."""
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    done = call("translate", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {name: list(item["targets"]) for name, item in json.loads(done.stdout)["strategies"].items()}
    assert found["main"] == ["pubmed", "europepmc"]
    assert found["spare"] == list(TARGETS)
    spare = json.loads(done.stdout)["strategies"]["spare"]["targets"]["openalex"]
    assert spare["query"] == 'twinning OR ("Hospital Shared Services" OR "shared hospital services")'
    one = call("translate", "--strategy", "main", "--target", "doaj", "--json", folder=tmp_path)
    assert list(json.loads(one.stdout)["strategies"]["main"]["targets"]) == ["doaj"]


def test_a_source_that_is_searched_through_another_is_written_in_the_syntax_of_that(tmp_path: Path) -> None:
    """Preprints through Europe PMC; their own interface takes no strategy, and people's names for sources do."""
    (tmp_path / "strategy.txt").write_text("a[ti]", encoding="utf-8")
    through = call("translate", "--strategy-file", "strategy.txt", "--target", "medrxiv", "--json", folder=tmp_path)
    assert json.loads(through.stdout)["targets"]["europepmc"]["query"] == "TITLE:a"
    named = call("translate", "--strategy-file", "strategy.txt", "--target", "medline", "--json", folder=tmp_path)
    assert list(json.loads(named.stdout)["targets"]) == ["pubmed"]
    dates = call("translate", "--strategy-file", "strategy.txt", "--target", "medrxiv-api", folder=tmp_path)
    assert (dates.returncode, "it knows dates alone" in dates.stderr) == (2, True)


def test_an_unknown_target_is_a_usage_error(tmp_path: Path) -> None:
    """Exit code 2, and the nearest name."""
    (tmp_path / "strategy.txt").write_text("a[ti]", encoding="utf-8")
    done = call("translate", "--strategy-file", "strategy.txt", "--target", "scopos", folder=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'scopus'?" in done.stderr


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (STRATEGY.encode("utf-8"), STRATEGY),
        (STRATEGY.encode("utf-8-sig"), STRATEGY),
        (STRATEGY.encode("utf-16"), STRATEGY),
        (STRATEGY.replace("\n", "\r\n").encode("utf-8"), STRATEGY),
    ],
)
def test_a_strategy_file_is_read_in_the_encodings_of_text_editors(tmp_path: Path, data: bytes, expected: str) -> None:
    """UTF-8 with and without a mark, UTF-16, Windows line ends."""
    path = tmp_path / "strategy.txt"
    path.write_bytes(data)
    assert run.read_text(path) == expected


def test_a_file_in_another_encoding_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """It is not guessed at."""
    path = tmp_path / "strategy.txt"
    path.write_bytes("caf\xe9[ti]".encode("cp1252"))
    with pytest.raises(InputError, match="Save it as UTF-8"):
        run.read_text(path)


def test_hits_are_read_whole_or_refused_with_each_row(tmp_path: Path) -> None:
    """Every row at fault is named."""
    path = tmp_path / "hits.csv"
    path.write_text('line,hits\n#1,"1,204"\n2,0\n', encoding="utf-8")
    assert run.read_hits(path) == {1: 1204, 2: 0}
    path.write_text("line,hits\none,3\n2,many\n3,4\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        run.read_hits(path)
    assert [problem.where[-5:] for problem in refused.value.problems] == ["row 2", "row 3"]


def test_a_file_and_a_name_together_are_refused(tmp_path: Path) -> None:
    """One of them is meant."""
    with pytest.raises(UsageError, match="not both"):
        run.strategies(lambda: pytest.fail("no review is opened"), tmp_path / "strategy.txt", "main")
