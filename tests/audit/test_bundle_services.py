"""A review that asked services is done again on another machine without any of them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path

import fake_zotero
import pytest
from fake_http import Answer, serving
from fake_services import EuropePmc, OpenAlex, OpenCitations

from evidence_review.commands.audit.reread import reread
from evidence_review.commands.audit.unpack import unpack
from evidence_review.commands.audit.verify import verify, verify_bundle
from evidence_review.errors import IdentityError
from evidence_review.model.events import Copy
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
eligibility: {}
strategies: {main: 'partnership[tiab]'}
sources: [{id: europepmc, name: Europe PMC, via: api, strategy: main}]
"""
GRAPH = {1: [3, 4], 2: [4], 3: [], 4: [], 6: [1]}


def program(folder: Path, urls: dict[str, str], *arguments: str, code: int = 0, **more: str) -> str:
    """Run the program as a person would, with services that lie elsewhere."""
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": "1790000000",
        "EVIDENCE_REVIEW_CACHE": str(folder.parent / "cache"),
    }
    environment |= {f"EVIDENCE_REVIEW_{name.upper()}_URL": url for name, url in urls.items()} | more
    done = subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a search that broke off and went on, citations followed twice, and an update."""
    folder = tmp_path_factory.mktemp("services") / "review"
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    (folder / "seeds.txt").write_text("10.5555/w.1\n2\n", encoding="utf-8")
    out = folder.parent / "review.zip"
    with ExitStack() as stack:
        answers = {
            "europepmc": EuropePmc(12, page=5).answer,
            "openalex": OpenAlex(GRAPH).answer,
            "opencitations": OpenCitations(GRAPH).answer,
        }
        servers = {name: stack.enter_context(serving(answer)) for name, answer in answers.items()}
        urls = {name: server.url for name, server in servers.items()}
        servers["europepmc"].faults = dict.fromkeys((2,), Answer(b'{"error": "bad"}', 400))
        program(folder, urls, "search", code=3)
        program(folder, urls, "search")
        chase = ("chase", "--seeds", str(folder / "seeds.txt"), "--service", "openalex", "--service", "opencitations")
        servers["opencitations"].faults = dict.fromkeys(range(1, 9), Answer(b'{"error": "bad"}', 400))
        program(folder, urls, *chase, code=3)
        servers["opencitations"].faults = {}
        program(folder, urls, *chase)
        program(folder, urls, "dedup")
        program(folder, urls, "audit", "bundle", str(out))
    return out


@pytest.fixture
def _nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EUROPEPMC", "OPENALEX", "OPENCITATIONS"):
        monkeypatch.setenv(f"EVIDENCE_REVIEW_{name}_URL", "http://127.0.0.1:9")


@pytest.mark.usefixtures("_nobody_answers")
def test_search_and_chase_are_read_again_offline(packed: Path) -> None:
    """What asked services is put back and read again from its archive; all else is done again."""
    data = verify_bundle(packed, again=True).data
    replayed = data["replayed"]
    assert data["reread"] == 5
    assert replayed["runs"] + len(replayed["skipped"]) == data["entries"]
    assert replayed["runs"] >= 1 and all("-search" in run or "-chase" in run for run in replayed["skipped"])


@pytest.mark.usefixtures("_nobody_answers")
def test_a_record_that_its_reply_does_not_give_is_named(packed: Path, tmp_path: Path) -> None:
    """Somebody forges a record and reseals the ledger: the archived reply gives another one."""
    unpack(packed, tmp_path / "un")
    layout = Workspace.open(tmp_path / "un").layout
    data = layout.records.read_bytes()
    layout.records.write_bytes(data.replace(b"number 3.", b"number 33.", 1))
    (tmp_path / "read").mkdir()
    with pytest.raises(IdentityError, match=r"records\.jsonl"):
        reread(Workspace.open(tmp_path / "un"), tmp_path / "read")


ZOTERO = """\
review: small
title: A small review
question: {text: Does it work?}
eligibility: {exclude: [{code: E1, label: no partnership}]}
team: [{id: anna-b}]
screening: {title_abstract: {mode: single, screeners: [anna-b]}}
sources: [{id: team-library, name: Team library, route: other, platform: Zotero, url: "https://www.zotero.org/groups/7"}]
"""


def test_a_review_that_was_pulled_from_zotero_and_pushed_into_it_is_done_again(tmp_path: Path) -> None:
    """Also where a report was made between two pulls: what the first one saw is still to be had."""
    folder = tmp_path / "review"
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(ZOTERO, encoding="utf-8")
    with fake_zotero.serving() as library:
        key = {"ZOTERO_API_KEY": fake_zotero.KEY}

        def call(*arguments: str) -> None:
            program(folder, {"zotero": library.url}, *arguments, **key)

        for number in range(3, 6):
            library.put("items", {"key": f"ITEMXX2{number}", "itemType": "book", "title": f"Book {number}"})
            call("zotero", "pull")
            call("zotero", "push")
            call("dedup")
            call("report", "--draft")
    out = tmp_path / "review.zip"
    program(folder, {}, "audit", "bundle", str(out))
    data = verify_bundle(out, again=True).data
    assert (data["reread"], data["records"], len(data["replayed"]["skipped"])) == (0, 3, 6)


@pytest.fixture
def with_a_copy(tmp_path: Path) -> Path:
    """A review for which somebody kept the copy of a full text, and of which a report was made afterwards."""
    folder = tmp_path / "Mein Ordner – é"
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(ZOTERO, encoding="utf-8")
    (folder / "one.ris").write_text("TY  - JOUR\nTI  - A title\nER  - \n", encoding="utf-8")
    program(folder, {}, "load", str(folder / "one.ris"), "--source", "team-library")
    workspace = Workspace.open(folder, command=("fulltext", "add", "one.pdf"))
    with workspace.transaction("fulltext-add") as change:
        copy = workspace.layout.fulltext / "one.pdf"
        change.write(copy, b"%PDF-1.7")
        record = next(workspace.records()).id
        change.add_events([Copy("kept", record, "", "pdf", "", "", "one.pdf", "0" * 64, "", "anna-b", change.when)])
    program(folder, {}, "report", "--draft")
    return folder


def test_a_review_with_full_texts_is_bundled_unpacked_and_worked_on(with_a_copy: Path, tmp_path: Path) -> None:
    """The copies are in no bundle; whoever unpacks one can still verify, report and bundle again."""
    out, elsewhere, name = tmp_path / "a.zip", tmp_path / "elsewhere", "library/small/fulltext/one.pdf"
    program(with_a_copy, {}, "audit", "bundle", str(out))
    assert verify_bundle(out, again=True).data["replayed"]["runs"] == 2
    elsewhere.mkdir()
    with zipfile.ZipFile(out) as archive:
        archive.extractall(elsewhere)
    assert "Not looked at, for a bundle holds none: 1 copy of a full text." in program(elsewhere, {}, "audit", "verify")
    program(elsewhere, {}, "report", "--draft")
    second = tmp_path / "b.zip"
    assert f"Left out: {name}" in program(elsewhere, {}, "audit", "bundle", str(second))
    assert second.read_bytes() == out.read_bytes()
    # In a folder that came from no bundle, a copy that is gone is a fault.
    (with_a_copy / name).unlink()
    with pytest.raises(IdentityError, match=r"one\.pdf.*is gone"):
        verify(Workspace.open(with_a_copy))


def test_who_brought_a_copy_stands_under_a_code(with_a_copy: Path, tmp_path: Path) -> None:
    """Also what cannot be done again, for it asked others, names nobody in a bundle with codes."""
    out = tmp_path / "coded.zip"
    assert "it still has" not in program(with_a_copy, {}, "audit", "bundle", str(out), "--codes")
    with zipfile.ZipFile(out) as archive:
        assert "person-1" in archive.read("library/small/copies.csv").decode()
        assert not [name for name in archive.namelist() if b"anna-b" in archive.read(name)]
    assert verify_bundle(out, again=True).data["replayed"]["skipped"] == ["0002-fulltext-add"]


def test_files_from_anywhere_are_loaded_again_and_no_path_of_a_machine_is_kept(tmp_path: Path) -> None:
    """A download, a folder and an archive outside, a file in a folder of the review, a sheet that came by mail."""
    folder, downloads = tmp_path / "review", tmp_path / "home" / "anna" / "Downloads"
    for place in (folder / "protocols", folder / "exports", downloads / "more"):
        place.mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(ZOTERO, encoding="utf-8")
    for number, path in enumerate((downloads / "a.ris", downloads / "more" / "b.ris", folder / "exports" / "c.ris")):
        path.write_text(f"TY  - JOUR\nTI  - Title {number}\nER  - \n", encoding="utf-8")
    with zipfile.ZipFile(downloads / "d.zip", "w") as archive:
        archive.writestr("in/d.ris", "TY  - JOUR\nTI  - Another\nER  - \n")
    for path in (downloads / "a.ris", downloads / "more", folder / "exports" / "c.ris", downloads / "d.zip"):
        program(folder, {}, "load", str(path), "--source", "team-library")
    program(folder, {}, "screen", "sheet")
    sheet = next((folder / "screening/small/title-abstract").glob("anna-b*.csv"))
    rows = sheet.read_text(encoding="utf-8-sig").splitlines()
    place = rows[0].split(",").index("decision")
    cells = rows[1].split(",")
    cells[place] = "include"
    (downloads / "back.csv").write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]), encoding="utf-8")
    program(folder, {}, "screen", "collect", str(downloads / "back.csv"))
    out = tmp_path / "review.zip"
    program(folder, {}, "audit", "bundle", str(out))
    assert verify_bundle(out, again=True).data["replayed"]["runs"] == 6
    with zipfile.ZipFile(out) as archive:
        assert not [name for name in archive.namelist() if b"Downloads" in archive.read(name)]
        assert not [name for name in archive.namelist() if str(tmp_path).encode() in archive.read(name)]


def test_what_was_read_from_standard_input_is_taken_as_written(tmp_path: Path) -> None:
    """Nobody can type it again, but its copy is there."""
    folder = tmp_path / "review"
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(ZOTERO, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), "load", "-", "--source", "team-library"],
        input=b"TY  - JOUR\nTI  - A title\nER  - \n", check=True, capture_output=True,
    )  # fmt: skip
    program(folder, {}, "audit", "bundle", str(tmp_path / "a.zip"))
    assert verify_bundle(tmp_path / "a.zip", again=True).data["replayed"]["skipped"] == ["0001-load"]
