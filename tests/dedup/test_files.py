"""`dedup files`: exports in, what is unique out, without a review folder."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

from evidence_review import spooled
from evidence_review.commands.dedup import results
from evidence_review.commands.dedup.files import run
from evidence_review.errors import FormatError, InputError, StorageError
from evidence_review.formats import open_file, reading
from evidence_review.model.record import Parsed

TABLE = """\
ID,title,author,year,journal,volume,number,pages,doi,abstract,isbn
a1,Stepped care for depression in rural clinics,"Núñez, Marta and Olsen, Per",2014,\
Journal of Rural Psychiatry,8,2,121-130,10.1000/jrp.121,,
a2,"Home monitoring after heart failure","Rossi, Ada and Bianchi, Ugo",2012,European Heart Letters,9,,77-85,,,
a3,"Erratum to: Home monitoring after heart failure","Rossi, Ada and Bianchi, Ugo",2012,European Heart Letters,9,,190,,,
a4,"Unilateral neglect in stroke","Chan, D and Man, W",2013,Geriatrics,29,,,,,
"""
RIS = """\
TY  - JOUR
TI  - Stepped care for depression in rural clinics.
AU  - Nunez, M.
AU  - Olsen, P.
PY  - 2014
JF  - J Rural Psychiatry
VL  - 8
SP  - 121
EP  - 30
AB  - Background. Stepped care is cheap where there are few doctors.
KW  - depression
AN  - 777
ER  -

TY  - JOUR
TI  - Unilateral neglect in stroke
AU  - Chan, D.
AU  - Man, W.
PY  - 2013
JF  - Geriatrics
VL  - 31
ER  -
"""


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    """Two exports: a table and a RIS file, with one paper in common."""
    (tmp_path / "scopus.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "ovid.ris").write_text(RIS, encoding="utf-8")
    return [tmp_path / "scopus.csv", tmp_path / "ovid.ris"]


def table(path: Path) -> list[Mapping[str, str]]:
    """Return a CSV's rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_record_has_a_row(exports: list[Path], tmp_path: Path) -> None:
    """Each record of each file is in duplicates.csv once; one that is kept has its own id as kept_id."""
    out = tmp_path / "out"
    run(exports, out)
    rows = table(out / "duplicates.csv")
    assert [(row["source_file"], row["source_id"]) for row in rows[:4]] == [
        ("scopus.csv", "a1"), ("scopus.csv", "a2"), ("scopus.csv", "a3"), ("scopus.csv", "a4"),
    ]  # fmt: skip
    assert [row["source_file"] for row in rows[4:]] == ["ovid.ris", "ovid.ris"]
    ids = {row["record_id"] for row in rows}
    assert len(ids) == 6
    copies = [row for row in rows if row["record_id"] != row["kept_id"]]
    (copy,) = copies
    assert {copy["kept_id"]} <= ids
    assert (copy["rule"], copy["decided_by"]) == ("title and place", "dedup")
    assert float(copy["score"]) > 8
    assert all((row["rule"], row["score"], row["decided_by"]) == ("", "", "") for row in rows if row is not copy)


@pytest.mark.parametrize("kind", ["csv", "preamble", "xlsx"])
def test_ids_are_those_of_the_table(kind: str, tmp_path: Path) -> None:
    """source_id is the cell of the column ID as it stands there: zeros, spaces, twice; a place where it is empty."""
    given = ["1", "0001", " 5 ", "a b", "a b", ""]
    rows = [["ID", "title", "year"], *([name, f"Study of {name or 'none'} in rural clinics", "2010"] for name in given)]
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / "table.xlsx"
        book.save(path)
    else:
        path = tmp_path / "table.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([*([["query: clinics"]] if kind == "preamble" else []), *rows])
    run([path], tmp_path / "out")
    found = [row["source_id"] for row in table(tmp_path / "out" / "duplicates.csv")]
    assert found == [*given[:-1], "#6"]


def test_doubtful_and_linked_pairs_have_their_own_files(exports: list[Path], tmp_path: Path) -> None:
    """A contradicting volume is a doubt, an erratum a link; both by record and source id, with why."""
    out = tmp_path / "out"
    run(exports, out)
    (doubt,) = table(out / "doubtful.csv")
    assert {doubt["source_file_1"], doubt["source_file_2"]} == {"scopus.csv", "ovid.ris"}
    assert doubt["rule"] == "two places"
    assert "contradict" in doubt["why"]
    (link,) = table(out / "linked.csv")
    assert {link["source_id_1"], link["source_id_2"]} == {"a2", "a3"}


def test_unique_records_are_composed_of_their_copies(exports: list[Path], tmp_path: Path) -> None:
    """unique.ris reads back as one record a cluster, with the abstract of one copy and the DOI of the other."""
    out = tmp_path / "out"
    summary = run(exports, out)
    read = [item for item in open_file(out / "unique.ris") if isinstance(item, Parsed)]
    assert len(read) == summary.data["unique"] == 5
    (stepped,) = [item.citation for item in read if item.citation.title.startswith("Stepped")]
    assert stepped.doi == "10.1000/jrp.121"
    assert stepped.abstract.startswith("Background.")
    assert stepped.keywords == ("depression",)
    assert [name.given for name in stepped.authors] == ["Marta", "Per"]


def test_run_twice_gives_the_same_bytes(exports: list[Path], tmp_path: Path) -> None:
    """The order of the files plays no part in who is merged, and a second run writes the same files."""
    run(exports, tmp_path / "one")
    run(exports, tmp_path / "two")
    names = ("duplicates.csv", "doubtful.csv", "linked.csv", "unique.ris")
    assert [(tmp_path / "one" / name).read_bytes() for name in names] == [
        (tmp_path / "two" / name).read_bytes() for name in names
    ]
    run(exports[::-1], tmp_path / "three")
    kept = [
        {row["record_id"]: row["kept_id"] for row in table(tmp_path / name / "duplicates.csv")}
        for name in ("one", "three")
    ]
    assert kept[0] == kept[1]


def test_rows_alike_in_every_byte_are_one(tmp_path: Path) -> None:
    """A row that stands twice is two records, of which one is kept."""
    path = tmp_path / "twice.csv"
    path.write_text(
        "title,year\nA survey of village pharmacies,2010\nA survey of village pharmacies,2010\n", encoding="utf-8"
    )
    assert run([path], tmp_path / "out").data["copies"] == 1
    assert len({row["record_id"] for row in table(tmp_path / "out" / "duplicates.csv")}) == 2


def test_what_cannot_be_read_is_counted_and_said(tmp_path: Path) -> None:
    """A record start with nothing in it is rejected with its line; in = out + rejected."""
    path = tmp_path / "holes.ris"
    path.write_text(f"TY  - JOUR\nER  -\n\n{RIS}", encoding="utf-8")
    summary = run([path], tmp_path / "out")
    assert summary.data["records"] == 2
    assert summary.data["rejected"] == {"holes.ris": 1}
    assert any("line 1" in line for line in summary.lines)


def test_files_without_a_record_are_all_named(tmp_path: Path) -> None:
    """Two files whose every start is rejected are refused together, each with its first line at fault."""
    for name in ("one.ris", "two.ris"):
        (tmp_path / name).write_text("TY  - JOUR\nER  -\n", encoding="utf-8")
    (tmp_path / "good.ris").write_text(RIS, encoding="utf-8")
    with pytest.raises(InputError, match=r"(?s)one\.ris holds no record.*line 1.*two\.ris holds no record") as refused:
        run([tmp_path / name for name in ("one.ris", "good.ris", "two.ris")], tmp_path / "out")
    assert "good.ris" not in str(refused.value)
    assert not (tmp_path / "out" / "unique.ris").exists()


def test_records_without_a_title_are_said(tmp_path: Path) -> None:
    """Where no known heading is that of titles nothing is merged, and the reader learns which column it may be."""
    path = tmp_path / "list.csv"
    path.write_text("ID,Name of the work,author,year\n1,Care,Kelly,2010\n2,Care,Kelly,2010\n", encoding="utf-8")
    summary = run([path], tmp_path / "out")
    assert (summary.data["copies"], summary.data["untitled"]) == (0, {"list.csv": 2})
    assert any("2 records without a title" in line and "Name of the work" in line for line in summary.lines)


def test_a_folder_that_takes_no_file_is_named(
    exports: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is there and may not be written in is named before anything is read, without a traceback."""

    def refused(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(spooled.tempfile, "TemporaryFile", refused)
    with pytest.raises(StorageError, match=r"out could not be written \(Permission denied\)"):
        run(exports, tmp_path / "out")


def test_a_file_of_no_format_is_refused(tmp_path: Path) -> None:
    """A picture, an empty file, a file named twice: refused by name, and nothing is written."""
    picture, good = tmp_path / "scan.png", tmp_path / "good.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    good.write_text("title\nA survey of village pharmacies\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"scan\.png"):
        run([good, picture], tmp_path / "out")
    with pytest.raises(InputError, match="named twice"):
        run([good, tmp_path / "." / "good.csv"], tmp_path / "out")
    (tmp_path / "empty.ris").touch()
    with pytest.raises(FormatError, match=r"(?s)2 files cannot be read.*scan\.png.*empty\.ris"):
        run([picture, good, tmp_path / "empty.ris"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_and_an_archive_give_what_their_files_give(exports: list[Path], tmp_path: Path) -> None:
    folder, packed = tmp_path / "exports", tmp_path / "exports.zip"
    (folder / "more").mkdir(parents=True)
    with zipfile.ZipFile(packed, "w") as archive:
        for path in exports:
            archive.write(path, f"more/{path.name}")
            path.rename(folder / "more" / path.name)
    run([folder], tmp_path / "one")
    run([packed], tmp_path / "two")
    for name in results.NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    named = {row["source_file"] for row in table(tmp_path / "one" / results.DUPLICATES)}
    assert named == {"scopus.csv", "ovid.ris"}
    both = run([folder, packed], tmp_path / "both")
    assert both.data["unique"] == run([folder], tmp_path / "again").data["unique"]
    assert len({row["source_file"] for row in table(tmp_path / "both" / results.DUPLICATES)}) == 4
    with pytest.raises(InputError, match="named twice"):
        run([folder, folder / "more" / "ovid.ris"], tmp_path / "three")
    with pytest.raises(InputError, match="lies in"):
        run([folder], folder / "results")
    assert not (folder / "results").exists()


def test_many_records_give_the_same_bytes(exports: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading and writing are shared among processes, as for large files, the results are those of one."""
    run(exports, tmp_path / "one")
    monkeypatch.setattr(reading, "_LARGE", 0)
    monkeypatch.setattr(results, "_MANY", 0)
    run(exports, tmp_path / "many")
    for name in results.NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


@pytest.mark.parametrize("name", ["duplicates.csv", "unique.ris"])
def test_what_is_somebody_elses_is_not_overwritten(name: str, exports: list[Path], tmp_path: Path) -> None:
    """A file under a name of the results that `dedup files` did not write: refused by name, and it stays."""
    out = tmp_path / "screening"
    out.mkdir()
    (out / name).write_text("pair,decision\n1,same\n", encoding="utf-8")
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=rf"screening holds {name} of something else"):
        run(exports, out)
    assert (out / name).read_text(encoding="utf-8") == "pair,decision\n1,same\n"
    assert sorted(path.name for path in out.iterdir()) == sorted(["notes.txt", name])


def test_what_is_read_is_not_overwritten(exports: list[Path], tmp_path: Path) -> None:
    """The unique records of last month with this month's export, into the same folder: refused, and they stay."""
    out = tmp_path / "out"
    run(exports, out)
    before = (out / "unique.ris").read_bytes()
    with pytest.raises(InputError, match=r"unique\.ris is to be read"):
        run([out / "unique.ris", exports[1]], out)
    assert (out / "unique.ris").read_bytes() == before


def test_the_folder_is_known_to_take_the_results_before_anything_is_read(tmp_path: Path) -> None:
    """A folder that cannot be made is refused at once, by name; a folder made for nothing is taken away again."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "list.csv").write_text("nothing,known\n1,2\n", encoding="utf-8")
    with pytest.raises(StorageError, match=r"file.out could not be written .*Choose another folder"):
        run([tmp_path / "list.csv"], tmp_path / "file" / "out")
    with pytest.raises(FormatError):
        run([tmp_path / "list.csv"], tmp_path / "some" / "where" / "deep")
    assert not (tmp_path / "some").exists()


def test_a_failure_in_writing_leaves_the_results_of_before(
    exports: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or Ctrl-C while the last file is written: the earlier results stay together, and no draft is left."""
    out = tmp_path / "out"
    run(exports[:1], out)
    (out / "unique.ris.part").write_text("a download of somebody's", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    for fault, told in (
        (OSError(28, "No space left on device"), StorageError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):

        def broken(*_: object, fault: BaseException = fault) -> Iterator[bytes]:
            yield b"TY  - "
            raise fault

        monkeypatch.setattr(results, "_unique", broken)
        with pytest.raises(told):
            run(exports, out)
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    monkeypatch.undo()
    run(exports, out)
    assert {path.name for path in out.iterdir()} == set(before)


_DYING = """
import os, signal, sys
from pathlib import Path
from evidence_review.commands.dedup import files, results

def dying(*_):
    yield b"TY  - "
    os.kill(os.getpid(), signal.SIGKILL)

results._unique = dying
files.run([Path(sys.argv[1])], Path(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_killed_run_left_goes_with_the_next(exports: list[Path], tmp_path: Path) -> None:
    """Only that: a folder of somebody's with such a name stays, and so does one that is being written."""
    out = tmp_path / "out"
    subprocess.run([sys.executable, "-c", _DYING, str(exports[0]), str(out)], check=False)
    assert [path.name[:11] for path in out.iterdir()] == ["unfinished-"]
    (out / "unfinished-thesis").mkdir()
    (out / "unfinished-thesis" / "unique.ris").write_text("mine", encoding="utf-8")
    busy = out / "unfinished-now"
    busy.mkdir()
    with FileLock(busy / ".evidence-review.lock"):
        run(exports, out)
        assert {path.name for path in out.iterdir()} == {*results.NAMES, "unfinished-thesis", "unfinished-now"}
    run(exports, out)
    assert {path.name for path in out.iterdir()} == {*results.NAMES, "unfinished-thesis"}


def test_half_a_character_keeps_nobody_from_the_rest(tmp_path: Path) -> None:
    """A title with half a character, as JSON can hold it, leaves tables that can be read as UTF-8."""
    twin = {"type": "article-journal", "title": "Care \ud83d of stroke in villages", "volume": "3",
            "author": [{"family": "Kelly"}], "issued": {"date-parts": [[2010]]}}  # fmt: skip
    path = tmp_path / "half.json"
    path.write_text(json.dumps([{"id": "a\ud83d", **twin}, {"id": "b", **twin, "volume": "9"}]), encoding="ascii")
    run([path], tmp_path / "out")
    (doubt,) = table(tmp_path / "out" / "doubtful.csv")
    assert "stroke in villages" in doubt["title_1"]
    assert len(table(tmp_path / "out" / "duplicates.csv")) == 2


def test_the_command_needs_no_review(exports: list[Path], tmp_path: Path) -> None:
    """The command line works in an empty folder, prints its data on stdout and its words on stderr."""
    command = [
        sys.executable,
        "-m",
        "evidence_review.cli",
        "dedup",
        "files",
        *map(str, exports),
        "--out",
        "out",
        "--json",
    ]
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["unique"] == 5
    assert "6 records in 2 files" in done.stderr
    assert sorted(path.name for path in empty.iterdir()) == ["out"]


def test_help_imports_nothing_heavy() -> None:
    """`--help` of the verb loads neither numpy nor rapidfuzz, so that it comes at once."""
    code = (
        "import sys; from evidence_review.cli import group\n"
        "try: group.main(['dedup', 'files', '--help'], standalone_mode=False)\n"
        "finally: assert not {'numpy', 'rapidfuzz', 'pydantic', 'openpyxl'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "unique.ris" in done.stdout


def test_titles_leave_as_text(tmp_path: Path) -> None:
    """A title that a spreadsheet would run as a formula has an apostrophe in front where people open the file."""
    path = tmp_path / "formula.csv"
    row = "=HYPERLINK(1) and the care of stroke,Kelly E,2010,Stroke"
    path.write_text(f"title,author,year,journal,volume\n{row},3\n{row},9\n", encoding="utf-8")
    run([path], tmp_path / "out")
    (doubt,) = table(tmp_path / "out" / "doubtful.csv")
    assert doubt["title_1"].startswith("'=HYPERLINK")
