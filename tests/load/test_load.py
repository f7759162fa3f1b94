"""`load`: bytes kept, every record start accounted for, nothing changed the second time or when a file is refused."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest

from evidence_review.commands.load.convert import convert
from evidence_review.commands.load.decisions import run as take_over
from evidence_review.commands.load.dry import look
from evidence_review.commands.load.export import run as export
from evidence_review.commands.load.plan import Wish
from evidence_review.commands.load.run import run
from evidence_review.errors import FormatError, InputError, UsageError
from evidence_review.formats import open_file
from evidence_review.formats.doubts import Doubts
from evidence_review.formats.slices import slices
from evidence_review.formats.write import WRITERS
from evidence_review.model.events import Decision
from evidence_review.model.record import Parsed
from evidence_review.state.standing import stand
from evidence_review.state.waiting import waiting
from evidence_review.summary import counted
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
team: [{id: reviewer-1}, {id: reviewer-2}]
strategies: {main: '"health partnership*"[tiab]'}
eligibility:
  include: [{id: I1, criterion: partnerships}]
  exclude: [{code: E1, label: wrong population}]
sources:
  - {id: embase, name: Embase, via: file, platform: Ovid, strategy: main, files: [embase.ris], searched_on: 2026-01-05,
     searched_by: reviewer-1, hits: 3}
  - {id: medline, name: MEDLINE, via: file}
  - {id: registers, name: A register, route: register, via: manual, searched_on: 2026-01-06, hits: 0}
  - {id: rayyan, name: Rayyan, via: file}
screening: {title_abstract: {mode: single, screeners: [reviewer-1]}}
"""


def ris(*titles: str, database: str = "Embase") -> str:
    return "".join(f"TY  - JOUR\nTI  - {title}\nPY  - 2020\nDB  - {database}\nER  - \n\n" for title in titles)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "protocols" / "small").mkdir(parents=True)
    (tmp_path / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    (tmp_path / "protocols" / "small" / "embase.ris").write_bytes(ris("One", "Two", "Three").encode())
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "library").rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_what_the_protocol_lists_is_loaded_with_its_search(folder: Path) -> None:
    """The run has what PRISMA-S asks for, the strategy's text, and the hash of the bytes that are kept."""
    summary = run(Workspace.open(folder))
    workspace = Workspace.open(folder)
    by_source = {made.source: made for made in workspace.runs()}
    made = by_source["embase"]
    assert (made.platform, made.strategy, made.searched_on, made.hits) == (
        "Ovid", '"health partnership*"[tiab]', "2026-01-05", 3,
    )  # fmt: skip
    assert (made.starts, made.loaded, made.known, made.rejected, made.state) == (3, 3, 0, 0, "complete")
    name, digest = made.files[0]
    assert name == "protocols/small/embase.ris"
    kept = workspace.layout.imports / f"{digest}.ris"
    assert kept.read_bytes() == (folder / name).read_bytes()
    assert [record.position for record in workspace.records()] == [1, 2, 3]
    assert {record.run for record in workspace.records()} == {made.id}
    assert summary.data["starts"] == 3


def test_a_manual_search_without_a_file_is_logged(folder: Path) -> None:
    run(Workspace.open(folder))
    made = next(made for made in Workspace.open(folder).runs() if made.source == "registers")
    assert (made.via, made.route, made.hits, made.starts, made.files) == ("manual", "register", 0, 0, ())


def test_a_source_without_a_file_yet_is_told_and_is_no_error(folder: Path) -> None:
    assert any(line.startswith("medline: nothing to load yet") for line in run(Workspace.open(folder)).lines)


def test_a_source_that_was_loaded_by_hand_is_not_said_to_wait_and_one_in_zotero_is_pulled(folder: Path) -> None:
    """Once anything came from a source, nobody is told to export it."""
    protocol = next((folder / "protocols").glob("*.yml"))
    named = "sources:\n  - {id: library, name: Library, platform: Zotero}\n"
    protocol.write_text(protocol.read_text(encoding="utf-8").replace("sources:\n", named), encoding="utf-8")
    (folder / "some.ris").write_text("TY  - JOUR\nTI  - A title\nER  - \n", encoding="utf-8")
    run(Workspace.open(folder), [folder / "some.ris"], Wish(source="medline"))
    lines = "\n".join(run(Workspace.open(folder)).lines)
    assert "medline: nothing to load yet" not in lines
    assert "library: nothing yet; 'evidence-review zotero pull --source library' reads it." in lines


def test_run_twice_changes_nothing(folder: Path) -> None:
    run(Workspace.open(folder))
    before = contents(folder)
    summary = run(Workspace.open(folder))
    assert contents(folder) == before
    assert summary.lines[0] == "Nothing new to load."


def test_a_file_that_grew_brings_only_what_is_new(folder: Path) -> None:
    run(Workspace.open(folder))
    (folder / "protocols" / "small" / "embase.ris").write_bytes(ris("One", "Two", "Three", "Four").encode())
    summary = run(Workspace.open(folder))
    assert {name: summary.data[name] for name in ("starts", "loaded", "known", "rejected")} == {
        "starts": 4, "loaded": 1, "known": 3, "rejected": 0,
    }  # fmt: skip


def test_rejected_starts_are_kept_with_line_and_reason(folder: Path) -> None:
    (folder / "protocols" / "small" / "embase.ris").write_text(f"TY  - JOUR\n{ris('One', 'Two')}", encoding="utf-8")
    run(Workspace.open(folder))
    made = next(made for made in Workspace.open(folder).runs() if made.source == "embase")
    assert made.rejections == ((1, "the record start has nothing after it"),)
    assert (made.starts, made.loaded, made.rejected) == (3, 2, 1)


def test_fewer_records_than_hits_make_the_search_incomplete(folder: Path) -> None:
    """A source that reported more than its file holds is named incomplete, with how many are missing; exit code 3."""
    (folder / "protocols" / "small" / "embase.ris").write_text(ris("One", "Two"), encoding="utf-8")
    summary = run(Workspace.open(folder))
    made = next(made for made in Workspace.open(folder).runs() if made.source == "embase")
    assert made.state == "incomplete"
    assert "1 is missing" in made.reason
    assert summary.exit_code == 3


def test_more_records_than_hits_are_loaded_and_said(folder: Path) -> None:
    """A number or a file that belongs to another search is the likely cause; only a person can tell."""
    (folder / "protocols" / "small" / "embase.ris").write_text(ris(*map(str, range(5))), encoding="utf-8")
    summary = run(Workspace.open(folder))
    made = next(made for made in Workspace.open(folder).runs() if made.source == "embase")
    assert (made.state, made.loaded, made.hits, summary.exit_code) == ("complete", 5, 3, 0)
    assert any("embase: its files hold 5 record starts, 2 more than the 3 hits" in line for line in summary.lines)


def test_one_unreadable_file_changes_nothing_at_all(folder: Path) -> None:
    good, bad = folder / "good.ris", folder / "bad.ris"
    good.write_text(ris("Good"), encoding="utf-8")
    bad.write_bytes(b"<!DOCTYPE html><html><head><title>Log in</title></head></html>")
    with pytest.raises(FormatError, match="web page"):
        run(Workspace.open(folder), [good, bad], Wish(source="medline"))
    assert contents(folder) == {}


def test_missing_files_are_told_all_at_once(folder: Path) -> None:
    protocol = folder / "protocols" / "small.yml"
    protocol.write_text(PROTOCOL.replace("[embase.ris]", "[a.ris, b.ris]"), encoding="utf-8")
    with pytest.raises(InputError) as fault:
        run(Workspace.open(folder))
    assert "a.ris" in str(fault.value) and "b.ris" in str(fault.value)


def test_a_misspelt_source_is_refused_with_the_nearest(folder: Path) -> None:
    (folder / "x.ris").write_text(ris("X"), encoding="utf-8")
    with pytest.raises(UsageError, match="Did you mean 'embase'"):
        run(Workspace.open(folder), [folder / "x.ris"], Wish(source="embasse"))


def test_a_source_that_the_protocol_lacks_needs_a_route(folder: Path) -> None:
    (folder / "x.ris").write_text(ris("X"), encoding="utf-8")
    run(Workspace.open(folder), [folder / "x.ris"], Wish(source="experts", route="other"))
    made = next(made for made in Workspace.open(folder).runs() if made.source == "experts")
    assert (made.route, made.loaded) == ("other", 1)


def test_the_source_is_found_from_what_the_records_say(folder: Path) -> None:
    (folder / "x.ris").write_text(ris("X", database="MEDLINE"), encoding="utf-8")
    run(Workspace.open(folder), [folder / "x.ris"])
    assert [record.source for record in Workspace.open(folder).records()] == ["medline"]


def test_a_file_that_says_nothing_about_its_source_is_asked_about(folder: Path) -> None:
    (folder / "x.ris").write_text("TY  - JOUR\nTI  - X\nER  - \n", encoding="utf-8")
    with pytest.raises(InputError, match="--source ID"):
        run(Workspace.open(folder), [folder / "x.ris"])


def test_a_file_of_a_search_that_the_program_makes_is_taken_for_it_if_that_is_said(folder: Path) -> None:
    """PubMed exported by hand, where the protocol has PubMed asked by its service; and where it has no files at all."""
    text = PROTOCOL.replace(
        "{id: medline, name: MEDLINE, via: file}", "{id: pm, name: PubMed, via: api, strategy: main}"
    )
    (folder / "protocols" / "small.yml").write_text(text, encoding="utf-8")
    (folder / "x.nbib").write_text("PMID- 12345\nTI  - X\n", encoding="utf-8")
    with pytest.raises(InputError, match="Add --source pm if"):
        run(Workspace.open(folder), [folder / "x.nbib"])
    run(Workspace.open(folder), [folder / "x.nbib"], Wish(source="pm"))
    again = run(Workspace.open(folder), [folder / "x.nbib"])
    assert [(entry["source"], entry["run"]) for entry in again.data["skipped"]] == [("pm", "0001-load.1")]


def test_what_to_look_at_is_counted_and_said(folder: Path) -> None:
    """A download that broke off, a title that another program garbled: said when loading, and before, not only kept."""
    garbled = ris("One", "RÃ©sumÃ©") + "TY  - JOUR\nTI  - The la"
    (folder / "cut.ris").write_text(garbled, encoding="utf-8")
    summary = run(Workspace.open(folder), [folder / "cut.ris"], Wish(source="medline"))
    expected = [
        "to look at: 1 × mojibake in title, line 7; a program before this one read it in a wrong encoding",
        "to look at: 1 × no end of record, line 13; the file may be cut off",
    ]
    assert [line.strip() for line in summary.lines if "to look at" in line] == expected
    assert summary.data["runs"][0]["doubts"] == {"mojibake in title": 1, "no end of record": 1}
    for full in (False, True):
        dry = look([folder / "cut.ris"], full=full)
        assert [line.strip() for line in dry.lines if "to look at" in line] == expected
        assert dry.data["doubts"] == summary.data["runs"][0]["doubts"]


def test_doubts_of_one_kind_are_counted_together() -> None:
    doubts = Doubts()
    for line, flags in enumerate((["year 2019, but dated 2018-12", "no title"], ["year 2003, but dated 2001"]) * 2, 5):
        doubts.note(line, flags)
    assert doubts.told() == [
        "to look at: 2 × no title, lines 5, 7",
        "to look at: 4 × year …, but dated …, lines 5, 6, 7, …",
    ]


def test_all_files_that_cannot_be_read_are_told_at_once(folder: Path) -> None:
    (folder / "in").mkdir()
    for name, words in (("a.ris", ris("A")), ("b.ris", ""), ("c.txt", "Notes on the search.")):
        (folder / "in" / name).write_text(words, encoding="utf-8")
    for wish in (Wish(), Wish(source="medline")):
        with pytest.raises(FormatError) as refused:
            run(Workspace.open(folder), [folder / "in"], wish)
        assert "2 files cannot be read" in str(refused.value)
        assert all(name in str(refused.value) for name in ("b.ris", "c.txt"))
    assert not list(Workspace.open(folder).records())


def test_a_file_of_several_databases_goes_to_its_sources(folder: Path) -> None:
    """Each record goes to the source that its DB tag names; together the runs have every record start."""
    mixed = ris("A", "B") + ris("C", database="MEDLINE") + "TY  - JOUR\n"
    (folder / "mixed.ris").write_text(mixed, encoding="utf-8")
    summary = run(Workspace.open(folder), [folder / "mixed.ris"])
    by_source = {
        entry["source"]: (entry["starts"], entry["loaded"], entry["rejected"]) for entry in summary.data["runs"]
    }
    assert by_source == {"embase": (3, 2, 1), "medline": (1, 1, 0)}


def test_a_folder_and_a_zip_are_loaded_file_by_file(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.ris").write_text(ris("A"), encoding="utf-8")
    with zipfile.ZipFile(folder / "in" / "more.zip", "w") as archive:
        archive.writestr("b.ris", ris("B"))
    summary = run(Workspace.open(folder), [folder / "in"], Wish(source="medline"))
    assert [Path(entry["file"]).name for entry in summary.data["runs"]] == ["a.ris", "b.ris"]
    assert summary.data["loaded"] == 2


def test_a_table_nobody_knows_is_read_by_the_columns_of_the_protocol(folder: Path) -> None:
    protocol = folder / "protocols" / "small.yml"
    columns = (
        "{id: medline, name: MEDLINE, via: file, files: [own.csv], columns: {title: Bezeichnung, year: Erschienen}}"
    )
    protocol.write_text(PROTOCOL.replace("{id: medline, name: MEDLINE, via: file}", columns), encoding="utf-8")
    (folder / "protocols" / "small" / "own.csv").write_text(
        "Bezeichnung;Erschienen\nEin Titel;2019\n", encoding="utf-8"
    )
    run(Workspace.open(folder))
    made = [record.citation for record in Workspace.open(folder).records() if record.source == "medline"]
    assert [(citation.title, citation.year) for citation in made] == [("Ein Titel", 2019)]


@pytest.mark.parametrize("target", ["ris", "csv", "bibtex", "csl-json", "endnote-xml", "nbib", "xlsx"])
def test_export_writes_a_set_that_reads_back(folder: Path, target: str) -> None:
    run(Workspace.open(folder))
    before = contents(folder)
    out = folder / f"out.{target}"
    summary = export(Workspace.open(folder), "awaiting", target, out)
    assert summary.data["records"] == 3
    assert sorted(item.citation.title for item in open_file(out)) == ["One", "Three", "Two"]  # type: ignore[union-attr]
    assert contents(folder) == before


def test_export_of_ris_as_ris_is_byte_for_byte(folder: Path) -> None:
    run(Workspace.open(folder))
    export(Workspace.open(folder), "all", "ris", folder / "out.ris")
    original = (folder / "protocols" / "small" / "embase.ris").read_bytes()
    assert (folder / "out.ris").read_bytes() == original


@pytest.mark.parametrize("target", ["csv", "xlsx"])
def test_a_table_of_what_was_excluded_says_why_and_by_whom(folder: Path, target: str) -> None:
    one_voice = RAYYAN.replace(', ""Bo""=>""Maybe""', "")
    (folder / "rayyan.csv").write_text(one_voice, encoding="utf-8")
    run(Workspace.open(folder), [folder / "rayyan.csv"], Wish(source="rayyan"))
    take_over(Workspace.open(folder), "rayyan", "title-abstract", ["Ann=reviewer-1"])
    out = folder / f"out.{target}"
    export(Workspace.open(folder), "all", target, out)
    raw = next(item.raw for item in open_file(out) if isinstance(item, Parsed) and item.citation.title == "Second")
    assert "E1: wrong population" in raw
    assert "reviewer-1" in raw


def test_where_reasons_have_no_place_that_is_among_the_losses(folder: Path) -> None:
    (folder / "rayyan.csv").write_text(RAYYAN.replace(', ""Bo""=>""Maybe""', ""), encoding="utf-8")
    run(Workspace.open(folder), [folder / "rayyan.csv"], Wish(source="rayyan"))
    take_over(Workspace.open(folder), "rayyan", "title-abstract", ["Ann=reviewer-1"])
    summary = export(Workspace.open(folder), "all", "ris", folder / "out.ris")
    (loss,) = [loss for loss in summary.data["losses"] if loss["field"] == "exclusion_reason"]
    assert (loss["records"], loss["why"]) == (1, "RIS has no field for it; CSV and XLSX have")


def test_an_empty_set_is_said_and_nothing_is_written(folder: Path) -> None:
    run(Workspace.open(folder))
    with pytest.raises(InputError, match="No record is in the set 'included'"):
        export(Workspace.open(folder), "included", "ris", folder / "out.ris")
    assert not (folder / "out.ris").exists()


RAYYAN = (
    "key,title,year,authors,notes,pubmed_id,pmc_id\n"
    'rayyan-1,First,2020,"A, B","RAYYAN-INCLUSION: {""Ann""=>""Included""}",,\n'
    'rayyan-2,Second,2020,"A, B","RAYYAN-INCLUSION: {""Ann""=>""Excluded"", ""Bo""=>""Maybe""} | '
    'RAYYAN-EXCLUSION-REASONS: wrong population",,\n'
)


def test_decisions_of_rayyan_are_taken_over_with_their_provenance(folder: Path) -> None:
    """Who, what, why and from which line of which file; a second time adds nothing."""
    (folder / "rayyan.csv").write_text(RAYYAN, encoding="utf-8")
    run(Workspace.open(folder), [folder / "rayyan.csv"], Wish(source="rayyan"))
    people = ["Ann=reviewer-1", "Bo=reviewer-2"]
    take_over(Workspace.open(folder), "rayyan", "title-abstract", people)
    made = Workspace.open(folder).events(Decision)
    assert [(one.screener, one.verdict, one.reason, one.row) for one in made] == [
        ("reviewer-1", "include", "", "2"), ("reviewer-1", "exclude", "E1", "3"), ("reviewer-2", "maybe", "", "3"),
    ]  # fmt: skip
    assert made[0].sheet.endswith("rayyan.csv")
    before = contents(folder)
    take_over(Workspace.open(folder), "rayyan", "title-abstract", people)
    assert contents(folder) == before


def test_decisions_by_somebody_unknown_are_refused(folder: Path) -> None:
    (folder / "rayyan.csv").write_text(RAYYAN, encoding="utf-8")
    run(Workspace.open(folder), [folder / "rayyan.csv"], Wish(source="rayyan"))
    with pytest.raises(InputError) as fault:
        take_over(Workspace.open(folder), "rayyan", "title-abstract", ["Ann=reviewer-1"])
    assert "'Bo'" in str(fault.value)


COVIDENCE = (
    "Title,Authors,Published Year,Covidence #,Study,Notes,Tags\n"
    'First,"A, B",2020,#1,A 2020,"Exclusion reason: Wrong population; (2021-03-01)(Jo): sure",\n'
    'Second,"C, D",2021,#2,C 2021,,to read\n'
    'Third,"E, F",2021,#3,E 2021,,excluded - wrong population\n'
)


def decided(folder: Path) -> list[tuple[str, str, str]]:
    return [(one.verdict, one.reason, one.row) for one in Workspace.open(folder).events(Decision)]


def test_decisions_of_covidence_and_of_tags_are_taken_over(folder: Path) -> None:
    """An exclusion reason in the notes, a tag that says it, and a tag that the team gave a meaning."""
    (folder / "list.csv").write_text(COVIDENCE, encoding="utf-8")
    run(Workspace.open(folder), [folder / "list.csv"], Wish(source="rayyan"))
    people = ["Covidence=reviewer-1", "tags=reviewer-2"]
    take_over(Workspace.open(folder), "rayyan", "full-text", people, ["to read=include"])
    assert decided(folder) == [("exclude", "E1", "2"), ("include", "", "3"), ("exclude", "E1", "4")]
    with pytest.raises(UsageError, match="TAG=VERDICT with one of include, exclude, maybe"):
        take_over(Workspace.open(folder), "rayyan", "full-text", people, ["to read=yes"])


def test_a_file_that_is_a_list_gives_each_of_its_records_the_decision(folder: Path) -> None:
    (folder / "list.csv").write_text(COVIDENCE, encoding="utf-8")
    run(Workspace.open(folder), [folder / "list.csv"], Wish(source="rayyan"))
    people = ["Covidence=reviewer-1", "tags=reviewer-1", "list=reviewer-1"]
    for _ in range(2):
        take_over(Workspace.open(folder), "rayyan", "full-text", people, every="exclude")
        assert sorted(decided(folder)) == [("exclude", "", "3"), ("exclude", "E1", "2"), ("exclude", "E1", "4")]


def program(*arguments: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "evidence_review.cli", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, check=False)


def test_dry_run_needs_no_review_and_its_data_has_the_agreed_shape(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(f"{ris('One', 'Two')}TY  - JOUR\n", encoding="utf-8")
    done = program("load", "x.txt", "--dry-run", "--full", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert (data["file"], data["format"], data["encoding"], data["starts"], data["records"]) == (
        "x.txt",
        "ris",
        "UTF-8",
        3,
        2,
    )
    assert data["rejected"] == [{"line": 13, "reason": "the record start has nothing after it"}]
    assert [record["title"] for record in data["preview"]] == ["One", "Two"]
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_dry_run_shows_the_record_beside_its_raw_lines(tmp_path: Path) -> None:
    (tmp_path / "x.ris").write_text(ris("One"), encoding="utf-8")
    said = program("load", "x.ris", "--dry-run", cwd=tmp_path).stdout.decode()
    assert "title             One" in said
    assert "     2  TI  - One" in said


def test_standard_input_and_a_file_named_like_a_command(tmp_path: Path) -> None:
    assert (
        b"1 record start = 1 record" in program("load", "-", "--dry-run", cwd=tmp_path, stdin=ris("A").encode()).stdout
    )
    (tmp_path / "export").write_text(ris("A"), encoding="utf-8")
    assert b"1 record start = 1 record" in program("load", "./export", "--dry-run", cwd=tmp_path).stdout


def test_standard_input_is_loaded_a_file_or_an_archive(tmp_path: Path) -> None:
    """What came on standard input is still there when it is read a second time, and is kept as it came."""
    one, two = ris("A").encode(), ris("B", "C").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b/two.ris", two)
    assert program("init", "review", cwd=tmp_path).returncode == 0
    for stdin, count in ((one, 1), (packed.getvalue(), 2)):
        done = program("load", "-", "--source", "mine", "--route", "database", cwd=tmp_path, stdin=stdin)
        assert done.returncode == 0, done.stderr
        assert f"{counted(count, 'record start')} = {count} loaded".encode() in done.stdout
    kept = {path.read_bytes() for path in (tmp_path / "library").rglob("*.*") if path.suffix in {".ris", ".txt"}}
    assert {one, two} <= kept


@pytest.mark.parametrize("target", sorted(WRITERS))
def test_several_processes_convert_as_one_does(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes, the same losses with the same records named, the same rejections, however the work is shared."""
    file = tmp_path / "many.ris"
    made = [
        f"TY  - {'POST' if number % 7 else 'JOUR'}\nTI  - Title {number} = {{some}} $kind\nAU  - Doe, J\nPY  - 2020\n"
        f"AB  - One; two, three\nKW  - a; b\nUR  - https://x.org/{number}\nUR  - https://y.org\nN1  - note\nER  - \n"
        if number % 50 else "TY  - JOUR\nER  - \n"
        for number in range(1, 301)
    ]  # fmt: skip
    file.write_text("".join(made))
    monkeypatch.setattr("evidence_review.formats.tagged.slices", partial(slices, size=9000))
    alone = convert([file], target, tmp_path / "alone")
    monkeypatch.setattr("evidence_review.formats.reading._LARGE", 0)
    monkeypatch.setattr("evidence_review.formats.reading.processors", lambda: 2)
    shared = convert([file], target, tmp_path / "shared")
    assert (tmp_path / "shared").read_bytes() == (tmp_path / "alone").read_bytes()
    assert shared.data["losses"] == alone.data["losses"]
    assert shared.data["files"] == alone.data["files"]
    assert (shared.data["records"], len(shared.data["files"][0]["rejected"])) == (294, 6)
    assert bool(shared.data["losses"]) == (target != "ris")


def test_convert_lists_its_losses(tmp_path: Path) -> None:
    # That it was retracted is lost by no field, for the title says so; notes are not kept apart.
    (tmp_path / "x.ris").write_text(
        ris("RETRACTED: One").replace("ER  -", "N1  - First\nN1  - Second\nER  -"), encoding="utf-8"
    )
    done = program("load", "convert", "x.ris", "--to", "bibtex", "--out", "x.bib", "--json", cwd=tmp_path)
    data = json.loads(done.stdout)
    assert [(loss["field"], loss["records"]) for loss in data["losses"]] == [("notes", 1)]
    assert data["losses"][0]["why"] == "BibTeX joins several into one"
    assert (tmp_path / "x.bib").read_text(encoding="utf-8").startswith("@article{")


def test_a_table_nobody_knows_is_refused_with_its_headings_and_read_once_they_are_explained(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "Bezeichnung;Urheberin\nEin Titel;Kelly E; Doe J\n".replace("; D", ", D"), encoding="utf-8"
    )
    refused = program("load", "x.csv", "--dry-run", cwd=tmp_path)
    assert refused.returncode == 1
    read = program("load", "x.csv", "--dry-run", "--column", "title=Bezeichnung", "--column", "authors=Urheberin",
                   "--json", cwd=tmp_path)  # fmt: skip
    data = json.loads(read.stdout)
    assert [(record["title"], len(record["authors"])) for record in data["preview"]] == [("Ein Titel", 2)]


def test_a_mapping_of_columns_that_does_not_fit_is_refused_with_suggestions(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Bezeichnung;Jahr\nEin Titel;2019\n", encoding="utf-8")
    refused = program(
        "load", "x.csv", "--dry-run", "--column", "tittle=Bezeichnung", "--column", "year=Jahrgang", cwd=tmp_path
    )
    said = refused.stdout.decode()
    assert "Did you mean 'title'?" in said and "Did you mean 'Jahr'?" in said


@pytest.mark.parametrize("count", [1, 2])
def test_the_library_has_the_same_bytes_however_many_processes_read_the_file(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    other = tmp_path_factory.mktemp("alone")
    shutil.copytree(folder / "protocols", other / "protocols")
    many = ris(*(f"Title {number}" for number in range(3000)))
    for place in (folder, other):
        (place / "protocols" / "small" / "embase.ris").write_text(many, encoding="utf-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795435200")
    run(Workspace.open(other))
    monkeypatch.setattr("evidence_review.formats.reading._LARGE", 1)
    monkeypatch.setattr("evidence_review.formats.reading.processors", lambda: count)
    monkeypatch.setattr("evidence_review.formats.tagged.slices", partial(slices, size=20_000))
    run(Workspace.open(folder))
    assert contents(folder) == contents(other)


def test_a_conversion_never_replaces_what_it_reads(tmp_path: Path) -> None:
    """Neither the file itself, by whatever name, nor one in the folder, which a second time would be read again."""
    first = tmp_path / "in" / "a.ris"
    first.parent.mkdir()
    first.write_text(ris("A"), encoding="utf-8")
    before = first.read_bytes()
    for named in (first, tmp_path / "in" / ".." / "in" / "a.ris"):
        with pytest.raises(InputError, match=r"is the file to be read, and would be replaced\. Choose another name"):
            convert([first], "csv", named)
    assert convert([first.parent], "csv", tmp_path / "in" / "all.csv").data["records"] == 1
    with pytest.raises(InputError, match="is there already, in the folder to be read"):
        convert([first.parent], "csv", tmp_path / "in" / "all.csv")
    assert first.read_bytes() == before


@pytest.mark.parametrize("out", ["library/small/records.jsonl", "library/new.ris", "protocols/small.yml"])
def test_an_export_never_replaces_what_the_review_stands_on(folder: Path, out: str) -> None:
    run(Workspace.open(folder))
    before = contents(folder)
    with pytest.raises(InputError, match="is where the review keeps files of its own"):
        export(Workspace.open(folder), "all", "ris", folder / out)
    assert contents(folder) == before


def test_a_conversion_says_which_bytes_it_could_not_decode(tmp_path: Path) -> None:
    """In the new file a sign stands for each; nobody would know which it was."""
    data = ris("Größe über Öl äöü", "Zwei Übel").encode()
    (tmp_path / "a.ris").write_bytes(data.replace(b"Zwei", b"Zw\xffi"))
    summary = convert([tmp_path / "a.ris"], "csv", tmp_path / "out.csv")
    (entry,) = summary.data["files"]
    line = data[: data.index(b"Zwei")].count(b"\n") + 1
    assert (entry["encoding"], len(entry["undecodable"])) == ("UTF-8", 1)
    assert entry["undecodable"][0].startswith(f"line {line}: byte 0xff")
    assert any(f"line {line}: byte 0xff" in said and "\ufffd stands for it" in said for said in summary.lines)


def test_a_wrong_number_or_day_is_corrected_by_loading_the_file_again(folder: Path) -> None:
    """What the command line says of a file that is there corrects its search; the note keeps what stood there."""
    export = folder / "medline.ris"
    export.write_bytes(ris("One", "Two", database="MEDLINE").encode())
    wrong = Wish(source="medline", searched_on="2026-02-01", hits=50)
    assert run(Workspace.open(folder), [export], wrong).exit_code == 3
    summary = run(Workspace.open(folder), [export], Wish(source="medline", searched_on="2026-02-03", hits=2))
    assert (summary.exit_code, summary.data["corrected"]) == (0, 1)
    (made,) = (one for one in Workspace.open(folder).runs() if one.source == "medline")
    assert (made.state, made.reason, made.hits, made.searched_on) == ("complete", "", 2, "2026-02-03")
    assert "searched on was 2026-02-01" in made.note
    assert "hits was 50" in made.note
    ledger = len(Workspace.open(folder).ledger())
    again = run(Workspace.open(folder), [export], Wish(source="medline", searched_on="2026-02-03", hits=2))
    assert "nothing changed" in again.lines[1]
    assert len(Workspace.open(folder).ledger()) == ledger


def test_a_search_is_complete_only_when_its_files_hold_all_hits(folder: Path) -> None:
    """A second file that brings one of three missing records leaves the search waiting; the last one completes it."""

    def waits() -> list[str]:
        snapshot = Workspace.open(folder).snapshot()
        return [item.what for item in waiting(snapshot, stand(snapshot)) if "medline" in item.what]

    for number, titles in enumerate((("One", "Two"), ("Two", "Three"), ("Four", "Five"))):
        export = folder / f"medline-{number}.ris"
        export.write_bytes(ris(*titles, database="MEDLINE").encode())
        wish = Wish(source="medline", searched_on="2026-02-01", hits=5 if number == 0 else None)
        last = run(Workspace.open(folder), [export], wish)
        assert last.exit_code == (0 if number == 2 else 3)
        assert len(waits()) == (0 if number == 2 else 1)
    assert any("all 5 hits" in line for line in last.lines)
    assert all(one.state == "complete" for one in Workspace.open(folder).runs() if one.source == "medline")


def test_a_later_search_keeps_its_own_hits(folder: Path) -> None:
    """A number with another day is of another search; the first search stays as it was."""
    for name, day, hits, titles in (
        ("first", "2026-02-01", 2, ("One", "Two")),
        ("second", "2027-02-01", 9, ("One", "Two", "Three")),
    ):
        export = folder / f"{name}.ris"
        export.write_bytes(ris(*titles, database="MEDLINE").encode())
        run(Workspace.open(folder), [export], Wish(source="medline", searched_on=day, hits=hits))
    made = [one for one in Workspace.open(folder).runs() if one.source == "medline"]
    assert [(one.hits, one.state) for one in made] == [(2, "complete"), (9, "incomplete")]
    assert "9 hits, its files hold 3 record starts: 6 are missing" in made[1].reason


def test_a_search_by_hand_on_a_later_day_is_logged_beside_the_first(folder: Path) -> None:
    """A register that is looked at again has two searches; a number changed in the protocol corrects its search."""
    path = folder / "protocols" / "small.yml"
    run(Workspace.open(folder))
    path.write_text(PROTOCOL.replace("2026-01-06, hits: 0", "2026-01-06, hits: 4"), encoding="utf-8")
    run(Workspace.open(folder))
    path.write_text(PROTOCOL.replace("2026-01-06, hits: 0", "2027-01-06, hits: 1"), encoding="utf-8")
    run(Workspace.open(folder))
    run(Workspace.open(folder))
    made = [one for one in Workspace.open(folder).runs() if one.source == "registers"]
    assert [(one.searched_on, one.hits) for one in made] == [("2026-01-06", 4), ("2027-01-06", 1)]


@pytest.mark.parametrize("logged_again", [True, False])
def test_the_wrong_day_of_a_search_by_hand_can_be_put_right(logged_again: bool, folder: Path) -> None:
    """The search stands once, with the right day; its note keeps the wrong one, and its first manifest stays."""
    path = folder / "protocols" / "small.yml"
    run(Workspace.open(folder))
    path.write_text(PROTOCOL.replace("2026-01-06, hits: 0", "2026-01-08, hits: 0"), encoding="utf-8")
    if logged_again:
        told = run(Workspace.open(folder)).lines
        assert any("--searched-on 2026-01-08 --instead-of 2026-01-06" in line for line in told)
    run(Workspace.open(folder), wish=Wish(source="registers", instead_of="2026-01-06"))
    before = contents(folder)
    run(Workspace.open(folder))
    assert contents(folder) == before
    made = [one for one in Workspace.open(folder).runs() if one.source == "registers"]
    assert [(one.searched_on, one.hits) for one in made] == [("2026-01-08", 0)]
    assert "2026-01-06" in made[0].note
    manifests = list((folder / "library" / "small" / "searches" / "registers").glob("*/manifest.json"))
    assert len(manifests) == 1 + logged_again


def test_a_day_is_put_right_only_where_the_wrong_and_the_right_one_are_known(folder: Path) -> None:
    """The same day again would come back with the next load; a day that nobody noted is of no search."""
    run(Workspace.open(folder))
    with pytest.raises(InputError, match="write the right day there first"):
        run(Workspace.open(folder), wish=Wish(source="registers", searched_on="2026-01-08", instead_of="2026-01-06"))
    with pytest.raises(InputError, match="those on record: 2026-01-06"):
        run(Workspace.open(folder), wish=Wish(source="registers", instead_of="2026-01-05"))


def test_a_folder_with_an_old_and_a_new_export_leaves_the_old_search_as_it_was(folder: Path) -> None:
    """The day and the number that come with a new file are those of the new search."""
    exports = folder / "exports"
    exports.mkdir()
    (exports / "a.ris").write_bytes(ris("One", "Two", database="MEDLINE").encode())
    run(Workspace.open(folder), [exports], Wish(source="medline", searched_on="2026-02-01", hits=2))
    (exports / "b.ris").write_bytes(ris("Three", database="MEDLINE").encode())
    run(Workspace.open(folder), [exports], Wish(source="medline", searched_on="2027-02-01", hits=1))
    made = [one for one in Workspace.open(folder).runs() if one.source == "medline"]
    assert [(one.searched_on, one.hits, one.note) for one in made] == [("2026-02-01", 2, ""), ("2027-02-01", 1, "")]
