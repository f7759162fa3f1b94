"""A bundle holds the whole review: checked to the byte, done again from its ledger, and safe to open."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from evidence_review.commands.audit.bundle import bundle, own_digest
from evidence_review.commands.audit.crate import METADATA
from evidence_review.commands.audit.replay import replay
from evidence_review.commands.audit.unpack import unpack
from evidence_review.commands.audit.verify import verify_bundle
from evidence_review.errors import IdentityError, InputError, ReviewError
from evidence_review.model.ledger import chain_faults, seal
from evidence_review.workspace.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example, taken from protocol to report by the program itself, then amended."""
    folder = tmp_path_factory.mktemp("example")
    for name in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / name, folder / name)
    for arguments in (["run"], ["protocol", "amend", "--section", "version", "--to", "'9'", "--reason", "a test"]):
        subprocess.run(
            [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *arguments],
            env={**os.environ, "SOURCE_DATE_EPOCH": "1795435200"}, check=True, capture_output=True,
        )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def packed(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its bundle."""
    out = tmp_path_factory.mktemp("bundle") / "review.zip"
    bundle(Workspace.open(example), out)
    return out


def test_the_bundle_is_checked_and_done_again_to_the_same_bytes(packed: Path) -> None:
    """Every run of the ledger, in a fresh folder, on its own inputs: every file has the hash that it had."""
    data = verify_bundle(packed, again=True).data
    runs = data["entries"]
    assert data["replayed"] == {"runs": runs, "files": data["replayed"]["files"], "skipped": []}
    assert runs >= 10 and data["replayed"]["files"] >= 30


def test_words_that_authors_wrote_and_changed_between_renderings_do_not_break_a_bundle(
    example: Path, tmp_path: Path
) -> None:
    """Each rendering is made again of what it took up, without what came later; of words that were changed since, the
    rendering is put back and named.
    """
    folder = tmp_path / "review"
    shutil.copytree(example, folder)

    def call(*arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *arguments],
            env={**os.environ, "SOURCE_DATE_EPOCH": "1795435200"}, check=True, capture_output=True,
        )  # fmt: skip

    beside = folder / "protocols" / "health-partnerships"
    call("report", "checklists")
    (beside / "checklists.csv").write_text("checklist,item,place,note\nprisma-s,14,,nobody\n", encoding="utf-8")
    call("report")
    (beside / "discussion.md").write_text("First.\n", encoding="utf-8")
    call("report")
    edited = Workspace.open(folder).ledger()[-1].run
    (beside / "discussion.md").write_text("Second.\n", encoding="utf-8")
    call("report")
    bundle(Workspace.open(folder), tmp_path / "b.zip")
    assert verify_bundle(tmp_path / "b.zip", again=True).data["replayed"]["skipped"] == [edited]


def test_the_same_review_gives_the_same_bundle(example: Path, packed: Path, tmp_path: Path) -> None:
    """The bytes depend on the review, not on the moment or the machine."""
    bundle(Workspace.open(example), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_the_metadata_are_an_ro_crate(packed: Path) -> None:
    """What RO-Crate 1.1 demands: a root with name, description, date and licence, every file listed, each entity once,
    no term that its context does not define.
    """
    with zipfile.ZipFile(packed) as archive:
        crate = json.loads(archive.read(METADATA))
        names = set(archive.namelist()) - {METADATA}
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    about, root = entities[METADATA], entities["./"]
    assert (about["@type"], about["conformsTo"], about["about"]) == (
        "CreativeWork", {"@id": "https://w3id.org/ro/crate/1.1"}, {"@id": "./"},
    )  # fmt: skip
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "datePublished", "license", "author"))
    assert all(entities[one["@id"]]["@type"] == "Person" for one in root["author"])
    assert {part["@id"] for part in root["hasPart"]} == names
    assert all(entities[name]["@type"] == "File" for name in names)
    defined = {
        "@id", "@type", "name", "description", "datePublished", "license", "identifier", "version", "hasPart", "about",
        "conformsTo", "softwareRequirements", "softwareVersion", "contentSize", "encodingFormat", "sha256",
        "author", "affiliation",
    }  # fmt: skip
    assert {key for entity in crate["@graph"] for key in entity} <= defined


def test_a_changed_byte_is_found_wherever_it_is(packed: Path, tmp_path: Path) -> None:
    """In headers, names, content, metadata, the list at the end and the digest itself."""
    data = packed.read_bytes()
    draw = random.Random(1)
    places = {0, 4, 10, 30, len(data) - 1, len(data) - 70, len(data) - 90, *draw.sample(range(len(data)), 60)}
    for place in sorted(places):
        forged = tmp_path / "forged.zip"
        forged.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with pytest.raises(ReviewError) as refused:
            unpack(forged, tmp_path / f"out{place}")
        assert "forged.zip" in str(refused.value), place


def test_a_changed_byte_of_a_file_names_that_file(packed: Path, tmp_path: Path) -> None:
    """In the packed data of each file, at its beginning, middle and end: the file is named, and no other."""
    data = packed.read_bytes()
    draw = random.Random(2)
    with zipfile.ZipFile(packed) as archive:
        entries = draw.sample(archive.infolist(), 25)
    for entry in entries:
        start = entry.header_offset + 30 + len(entry.filename.encode()) + len(entry.extra)
        for place in {start, start + entry.compress_size // 2, start + entry.compress_size - 1}:
            forged = tmp_path / "forged.zip"
            forged.write_bytes(data[:place] + bytes([data[place] ^ 32]) + data[place + 1 :])
            with pytest.raises(ReviewError) as refused:
                unpack(forged, tmp_path / "out")
            assert entry.filename in str(refused.value), (entry.filename, place, refused.value)


@pytest.mark.parametrize("more", [b"x", b"\0" * 100, b"PK\x05\x06" + bytes(18)], ids=["a byte", "zeros", "an end"])
@pytest.mark.parametrize("where", ["after", "before"])
def test_added_bytes_are_found(packed: Path, tmp_path: Path, more: bytes, where: str) -> None:
    """Also behind the end and before the beginning, where a reader of archives would not look."""
    data = packed.read_bytes()
    forged = tmp_path / "forged.zip"
    forged.write_bytes(data + more if where == "after" else more + data)
    with pytest.raises(ReviewError, match=r"forged\.zip"):
        unpack(forged, tmp_path / "out")


def test_a_changed_file_is_named(packed: Path, tmp_path: Path) -> None:
    """Somebody repacks the archive with one decision altered: the file is named."""
    forged = tmp_path / "forged.zip"
    name = "library/health-partnerships/decisions.csv"
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(forged, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data.replace(b"exclude", b"include", 1) if entry.filename == name else data)
    with pytest.raises(IdentityError, match=f"{name}: does not have the content"):
        unpack(forged, tmp_path / "out")


def test_a_result_that_does_not_follow_is_named(packed: Path, tmp_path: Path) -> None:
    """Somebody forges a result and reseals the whole ledger to match: done again, it comes out otherwise."""
    unpack(packed, tmp_path / "un")
    workspace = Workspace.open(tmp_path / "un")
    name = "library/health-partnerships/decisions.csv"
    entries = []
    for entry in workspace.ledger():
        outputs = {**entry.outputs, **({name: "0" * 64} if name in entry.outputs else {})}
        previous = entries[-1].hash if entries else entry.previous
        forged = replace(entry, outputs=outputs, previous=previous)
        entries.append(replace(forged, hash=seal(forged)))
    lines = [json.dumps(asdict(entry)) + "\n" for entry in entries]
    workspace.layout.ledger.write_text("".join(lines), encoding="utf-8")
    assert chain_faults(entries) == []
    (tmp_path / "again").mkdir()
    with pytest.raises(IdentityError, match=rf"Done again, run \d+-screen writes another {name}"):
        replay(workspace, tmp_path / "again")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside", "C:/outside", "a\\..\\outside"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str) -> None:
    """Names that lead out of the folder are refused before anything is written."""
    path = tmp_path / "evil.zip"
    listed = {"@graph": [{"@id": name, "@type": "File", "contentSize": "1", "sha256": "0" * 64}]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(METADATA, json.dumps(listed))
        archive.writestr(name, "x")
    with pytest.raises(IdentityError, match="outside the folder"):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "outside.txt").exists()


def test_a_file_that_grows_beyond_its_size_is_cut_off(tmp_path: Path) -> None:
    """A bomb: a small file of zeros that claims one byte is not unpacked further than that."""
    path = tmp_path / "bomb.zip"
    listed = {"@graph": [{"@id": "library/x", "@type": "File", "contentSize": "1", "sha256": "0" * 64}]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(METADATA, json.dumps(listed))
        archive.writestr("library/x", bytes(50_000_000))
    with pytest.raises(IdentityError, match="library/x"):
        unpack(path, tmp_path / "out")
    assert (tmp_path / "out" / "library" / "x").stat().st_size <= 2


@pytest.mark.parametrize(
    "data", [b"", b"no zip at all", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "no metadata"]
)
def test_what_is_no_bundle_is_said(tmp_path: Path, data: bytes) -> None:
    """Without a stack trace."""
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises((InputError, IdentityError), match=r"x\.zip"):
        unpack(path, tmp_path / "out")


def test_no_key_or_address_enters(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the user that stands in a sheet stops the bundle and the file is named."""
    folder = tmp_path / "review"
    shutil.copytree(example, folder)
    monkeypatch.setenv("NCBI_API_KEY", "0123456789abcdef")
    bundle(Workspace.open(folder), tmp_path / "good.zip")
    note = folder / "screening" / "health-partnerships" / "note.csv"
    note.write_text("key,0123456789abcdef\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"note\.csv holds your e-mail address or a key"):
        bundle(Workspace.open(folder), tmp_path / "bad.zip")
    assert not (tmp_path / "bad.zip").exists()


def test_licensed_full_texts_stay_out(example: Path, tmp_path: Path) -> None:
    """They are named as left out."""
    folder = tmp_path / "review"
    shutil.copytree(example, folder)
    copy = folder / "library" / "health-partnerships" / "fulltext" / "paper.pdf"
    copy.parent.mkdir()
    copy.write_bytes(b"%PDF-1.7")
    summary = bundle(Workspace.open(folder), tmp_path / "b.zip")
    assert list(summary.data["left_out"]) == ["library/health-partnerships/fulltext/paper.pdf"]
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pdf") and "fulltext" in name]
    assert own_digest(tmp_path / "b.zip")[0] == summary.data["sha256"]
