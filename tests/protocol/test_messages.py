"""A protocol that is wrong is told so whole: every fault with its line, in words, with the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.commands.init.run import template
from evidence_review.errors import InputError, ReviewError
from evidence_review.workspace.protocol_file import examine

GOOD = template("small", "A small review", "PICO")


def problems(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "protocols" / "small.yml"
    (tmp_path / "protocols" / "small").mkdir(parents=True, exist_ok=True)
    (tmp_path / "protocols" / "small" / "known-items.csv").write_text("title\n", encoding="utf-8")
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return [str(problem) for problem in examine(path, tmp_path)[1]]


@pytest.mark.parametrize("framework", ["PICO", "SPICE", "SPIDER"])
def test_the_protocol_that_init_writes_is_valid(tmp_path: Path, framework: str) -> None:
    """A newcomer's first check succeeds."""
    assert problems(tmp_path, template("small", "A: 'small' \"review\" #1", framework)) == []


# (what is changed in a good protocol, into what, what the message must say). Each says why a person would do it.
FAULTS = [
    pytest.param("timeline:", "timelin:", ["'timelin'", "Did you mean 'timeline'"], id="misspelt key"),
    pytest.param("    mode: dual\n", "    mode: duel\n", ["'duel'", "Did you mean 'dual'"], id="misspelt word"),
    pytest.param("framework: PICO", "framework: pico", ["'pico'", "Did you mean 'PICO'"], id="wrong case"),
    pytest.param("started:   ", "started: 31.03.2026 #", ["not a date", "2026-03-31"], id="a date as people write it"),
    pytest.param("started:   ", "started: 2026-02-30 #", ["no day 2026-02-30", "year-month-day"], id="no such day"),
    pytest.param("  - code: E2", "  - code: E1", ["'E1' stands twice"], id="code twice"),
    pytest.param("[reviewer-1, reviewer-2]", "[reviewer-1, reviewer-9]", ["'reviewer-9' is not in the team"], id="who"),
    pytest.param("strategy: main", "strategy: man", ["no strategy 'man'", "'main'"], id="strategy that is not there"),
    pytest.param("review: small ", "review: other ", ["the file is named 'small.yml'"], id="renamed"),
    pytest.param("known-items.csv", "known.csv", ["no file 'known.csv'"], id="file that is not there"),
    pytest.param("languages: [en]", "languages: en", ["must be a list"], id="value for list"),
    pytest.param("question:", "question: why\nquestio:", ["keys with values"], id="value for section"),
    pytest.param("timeline:", "\ttimeline:", ["not valid YAML", "spaces, not tabs"], id="tab"),
    pytest.param("    mode: dual\n", "    mode: dual\n    mode: dual\n", ["may stand only once"], id="key twice"),
    pytest.param("criterion: TO FILL IN", "criterion: adults: 18+", ["quotes around a value"], id="colon in a value"),
    pytest.param("minimum: 0", "minimum: few", ["number"], id="word for number"),
    pytest.param("mode: dual\n    screeners: [reviewer-1, reviewer-2]", "mode: dual\n    screeners: [reviewer-1]",
                 ["needs two screeners"], id="dual with one"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_each_fault_is_named_with_line_and_remedy(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    """The message has the file, the line of the change, what is wrong and a way out."""
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    found = problems(tmp_path, text)
    assert found, "nothing was noticed"
    assert any(all(word in message for word in said) for message in found), found
    assert all("protocols/small.yml line " in message for message in found)


def test_every_fault_is_named_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    """Faults of form and faults between parts come together."""
    text = GOOD.replace("timeline:", "timelin:").replace("    mode: dual", "    mode: duel")
    text = text.replace("screeners: [reviewer-1, reviewer-2]", "screeners: [reviewer-1, reviewer-9]")
    found = problems(tmp_path, text)
    assert len(found) == 5
    lines = [int(message.split(" line ")[1].split(" ")[0]) for message in found]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"- a\n- b\n", "list"),
        (b"review: caf\xe9\n", "not UTF-8"),
        (b"review: [", "not valid YAML"),
        (b"x" * 2_000_001, "2,000,000"),
    ],
    ids=["empty", "list", "cp1252", "truncated", "huge"],
)
def test_what_is_no_protocol_is_said(tmp_path: Path, data: bytes, said: str) -> None:
    """Empty, truncated, wrongly encoded and huge files end in a message."""
    try:
        found = problems(tmp_path, data)
    except InputError as fault:
        found = [str(fault)]
    assert any(said in message for message in found), found


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_editors_marks_do_not_matter(tmp_path: Path, encoding: str) -> None:
    """A byte-order mark, or UTF-16 as some editors save it, reads the same."""
    assert problems(tmp_path, GOOD.encode(encoding)) == []


@given(st.data())
@settings(max_examples=80)
def test_no_damage_to_a_protocol_ends_in_a_stack_trace(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Lines dropped, doubled, indented or replaced: either it is valid or the problems are told."""
    lines = GOOD.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "double", "indent", "noise"]))
        if change == "drop":
            lines[place] = ""
        elif change == "double":
            lines[place] *= 2
        elif change == "indent":
            lines[place] = "  " + lines[place]
        else:
            lines[place] = data.draw(st.text(max_size=30)) + "\n"
    try:
        problems(tmp_path_factory.mktemp("damaged"), "".join(lines).encode("utf-8", "surrogatepass"))
    except ReviewError as fault:
        assert str(fault)
