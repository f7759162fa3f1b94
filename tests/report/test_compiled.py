"""Templates kept compiled say what their source says, and whatever is wrong with what was kept is passed over."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import FileSystemLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from evidence_review.commands.report.compiled import Compiled


def world(folder: Path, options: str = "") -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder), autoescape=True, bytecode_cache=Compiled(folder, options)
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates in which bytecode may be kept."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "one.j2").write_text("{{ 1 + 1 }} {{ word }}", encoding="utf-8")
    return tmp_path / "templates"


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").glob("*.j2c"))


def shown(folder: Path) -> str:
    return world(folder).get_template("one.j2").render(word="<b>")


def test_a_template_is_kept_once_and_follows_its_source(folder: Path) -> None:
    """The second world reads what the first compiled; a changed source is compiled anew."""
    assert shown(folder) == shown(folder) == "2 &lt;b&gt;"
    assert len(kept(folder)) == 1
    (folder / "one.j2").write_text("{{ 2 + 2 }}", encoding="utf-8")
    assert shown(folder) == "4"


def test_other_options_make_other_code(folder: Path) -> None:
    """What one world compiled is not read by a world with other options."""
    shown(folder)
    world(folder, "others").get_template("one.j2")
    assert len(kept(folder)) == 2


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_what_is_damaged_is_compiled_anew(folder: Path, damage: bytes | None) -> None:
    """Empty, foreign or cut off."""
    shown(folder)
    [path] = kept(folder)
    path.write_bytes(path.read_bytes()[:-5] if damage is None else damage)
    assert shown(folder) == "2 &lt;b&gt;"


def test_nothing_is_kept_where_nothing_may_be_written_or_the_template_is_a_teams_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that cannot be made, Python told to write no bytecode, and templates from elsewhere."""
    own = folder.parent / "own"
    own.mkdir()
    (own / "one.j2").write_text("mine", encoding="utf-8")
    elsewhere = ImmutableSandboxedEnvironment(loader=FileSystemLoader(own), bytecode_cache=Compiled(folder, ""))
    assert elsewhere.get_template("one.j2").render() == "mine"
    assert not kept(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    shown(folder)
    assert not kept(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (folder / "__pycache__").write_text("in the way", encoding="utf-8")
    assert shown(folder) == "2 &lt;b&gt;"
