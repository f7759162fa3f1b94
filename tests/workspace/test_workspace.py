"""A review folder is read and changed through one door."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from evidence_review.errors import InputError, LockedError, StorageError, UsageError
from evidence_review.model.events import Decision
from evidence_review.model.ledger import chain_faults
from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.workspace import lock
from evidence_review.workspace.workspace import Workspace

PAPER = Parsed(
    Citation(title="Élan, “quoted”\nand\ttabbed", authors=(Name("Kelly", "E"), Name(literal="THET")), year=2015),
    raw="TI  - Élan\n",
    line=3,
    native_id="26666356",
    trace=(("title", "TI", 3),),
    flags=("mojibake in title",),
)


NOTE = 'a, "b"\nc'


def decision(record: str) -> Decision:
    return Decision(record, "title-abstract", "reviewer-1", "include", "", NOTE, "screener", "1", "s.csv", "2", "t")


def test_a_record_comes_back_as_it_was_written(workspace: Workspace) -> None:
    """Every field of a record survives the file, and the same native id is known the second time."""
    with workspace.transaction("load") as change:
        identifier, new = change.add_record(PAPER, "pubmed", change.run, 1, "nbib")
        again, second = change.add_record(dataclasses.replace(PAPER, raw="other"), "pubmed", change.run, 2, "nbib")
    assert new and not second and identifier == again
    (record,) = workspace.records()
    assert (record.id, record.citation, record.raw, record.trace, record.flags) == (
        identifier, PAPER.citation, PAPER.raw, PAPER.trace, PAPER.flags,
    )  # fmt: skip


def test_ids_depend_on_source_and_native_id_only(workspace: Workspace) -> None:
    """The same paper from another source is another record."""
    with workspace.transaction("load") as change:
        one, _ = change.add_record(PAPER, "pubmed", change.run, 1, "nbib")
        two, new = change.add_record(PAPER, "embase", change.run, 1, "nbib")
    assert new and one != two


def test_events_are_appended_and_read_back(workspace: Workspace) -> None:
    """Commas, quotes and line breaks in a note survive; the header stands once."""
    for record in ("R-AAAAAAAA", "R-BBBBBBBB"):
        with workspace.transaction("screen") as change:
            change.add_events([decision(record)])
    assert [event.record for event in workspace.events(Decision)] == ["R-AAAAAAAA", "R-BBBBBBBB"]
    assert workspace.events(Decision)[0] == decision("R-AAAAAAAA")
    assert workspace.layout.decisions.read_text(encoding="utf-8").count("record,stage") == 1


def test_a_run_that_changes_nothing_leaves_no_trace(workspace: Workspace) -> None:
    """Not even a ledger line."""
    with workspace.transaction("load"):
        pass
    assert workspace.ledger() == ()


def test_the_ledger_is_one_chain_and_any_change_to_it_is_seen(workspace: Workspace) -> None:
    """Each entry follows from the one before; an edited count breaks the chain at that entry."""
    for number in range(3):
        with workspace.transaction("load", {"n": number}) as change:
            change.write(workspace.layout.library / "x", str(number).encode())
            change.counts["records"] = number
    entries = list(workspace.ledger())
    assert [entry.run for entry in entries] == ["0001-load", "0002-load", "0003-load"]
    assert chain_faults(entries) == []
    forged = dataclasses.replace(entries[1], counts={"records": 99})
    assert chain_faults([entries[0], forged, entries[2]]) == [(2, "was changed after it was written")]
    assert chain_faults([entries[0], entries[2]])[0][0] == 3


def test_an_error_in_the_middle_changes_nothing(workspace: Workspace) -> None:
    """A command that fails leaves the folder as it was."""
    with pytest.raises(InputError), workspace.transaction("load") as change:
        change.add_record(PAPER, "pubmed", change.run, 1, "nbib")
        raise InputError("no")
    assert list(workspace.records()) == []
    assert not workspace.layout.pending.exists()


def test_a_second_writer_is_told_who_holds_the_lock(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes at once: the later one waits, then says which command and process is writing."""
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.2)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(workspace.layout.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(LockedError, match=rf"evidence-review load' \(process {holder.pid}"),
            lock.held(workspace.layout.lock, "dedup", "now", wait=0.2),
        ):
            pass
    finally:
        holder.kill()
        holder.wait()
    with workspace.transaction("load"):  # the lock of a dead process is free
        pass


HOLDER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from evidence_review.workspace.workspace import Workspace
    with Workspace.open(Path(sys.argv[1])).transaction("load"):
        print("held", flush=True)
        sys.stdin.read()
    """
)


def test_no_review_here_says_how_to_start_one(tmp_path: Path) -> None:
    """An empty folder is no review folder."""
    with pytest.raises(InputError, match="evidence-review init"):
        Workspace.open(tmp_path)


def test_in_a_folder_of_a_review_the_review_is_named(workspace: Workspace) -> None:
    """Whoever stands among the sheets is told where to go."""
    folder = workspace.layout.folder
    with pytest.raises(InputError, match=f"{folder} is one: go there, or put --folder {folder} before the verb"):
        Workspace.open(folder / "protocols")


def test_unknown_and_ambiguous_reviews_are_named(workspace: Workspace) -> None:
    """A misspelt review gets the nearest name; two reviews ask for a choice."""
    folder = workspace.layout.folder
    with pytest.raises(UsageError, match="Did you mean 'small'"):
        Workspace.open(folder, "smal")
    (folder / "protocols" / "other.yml").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="--review"):
        Workspace.open(folder)


@pytest.mark.parametrize("name", ["records.jsonl", "ledger.jsonl"])
def test_a_damaged_file_is_named_with_its_line(workspace: Workspace, name: str) -> None:
    """A truncated line names file and line instead of a stack trace."""
    path = workspace.layout.library / name
    path.parent.mkdir(parents=True)
    path.write_text('{"key":"AAAAAAAAAAAAAAAAAAAA","id":"R-AAAAAAAA"', encoding="utf-8")
    with pytest.raises(StorageError, match="line 1 is damaged"):
        list(workspace.records()) if name.startswith("records") else workspace.ledger()


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are POSIX")
def test_a_disk_that_is_full_changes_nothing(workspace: Workspace) -> None:
    """When the system refuses more bytes the command says so, exits 1 and leaves the folder as it was."""
    child = subprocess.run(
        [sys.executable, "-c", FULL, str(workspace.layout.folder)], capture_output=True, text=True, timeout=60
    )
    assert child.returncode == 1, child.stderr
    assert "free some space" in child.stderr and "Traceback" not in child.stderr
    assert list(workspace.records()) == [] and workspace.ledger() == ()


FULL = textwrap.dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from evidence_review.errors import ReviewError
    from evidence_review.workspace.workspace import Workspace
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        with Workspace.open(Path(sys.argv[1])).transaction("load") as change:
            change.write(Path(sys.argv[1]) / "library" / "small" / "big", b"x" * 10000)
    except ReviewError as fault:
        print(fault, file=sys.stderr)
        sys.exit(fault.exit_code)
    """
)


@pytest.mark.skipif(os.name == "nt", reason="users and their permissions are POSIX")
def test_a_folder_that_may_not_be_written_is_said(workspace: Workspace) -> None:
    """Permissions are named with a remedy, not with a stack trace."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(workspace.layout.folder, folder, dirs_exist_ok=True)
        child = subprocess.run([sys.executable, "-c", READ_ONLY, folder], capture_output=True, text=True, timeout=60)
        Path(folder).chmod(0o755)
    assert child.returncode == 1, child.stderr
    assert "may not be written" in child.stderr and "Traceback" not in child.stderr


# Root may write everywhere, so the child becomes another user, after it has loaded what it needs.
READ_ONLY = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from evidence_review.errors import ReviewError
    from evidence_review.workspace.workspace import Workspace
    folder = Path(sys.argv[1])
    workspace = Workspace.open(folder)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        with workspace.transaction("load") as change:
            change.write(folder / "library" / "small" / "x", b"1")
    except ReviewError as fault:
        print(fault, file=sys.stderr)
        sys.exit(fault.exit_code)
    """
)


def test_the_ledger_names_the_protocol_and_keeps_its_version(workspace: Workspace) -> None:
    """Each entry holds the hash of the protocol it ran under, and a copy of that version is kept."""
    with workspace.transaction("load") as change:
        change.write(workspace.layout.library / "x", b"1")
    (entry,) = workspace.ledger()
    digest = entry.inputs["protocols/small.yml"]
    kept = workspace.layout.protocol_versions / f"{digest}.yml"
    assert kept.read_bytes() == workspace.layout.protocol.read_bytes()
    assert entry.run == "0001-load"


def test_a_collected_sheet_is_kept_byte_for_byte(workspace: Workspace) -> None:
    """The person goes on editing theirs; the row that a decision names stays to be looked up."""
    sheet = workspace.layout.sheets / "title-abstract" / "reviewer-1.csv"
    sheet.parent.mkdir(parents=True)
    sheet.write_bytes(b"\xef\xbb\xbfrecord;decision\r\nR-AAAAAAAA;include\r\n")
    with workspace.transaction("screen") as change:
        digest = hashlib.sha256(sheet.read_bytes()).hexdigest()
        change.read_input(workspace.layout.inside(sheet), digest)
        change.add_events([decision("R-AAAAAAAA")])
    assert (workspace.layout.collected / f"{digest}.csv").read_bytes() == sheet.read_bytes()


@pytest.mark.parametrize("gone", [False, True])
def test_what_something_else_changed_is_not_vouched_for(gone: bool, workspace: Workspace) -> None:
    """A file of people's words that was replaced or deleted is named by the next command that would add to it."""
    with workspace.transaction("screen") as tx:
        tx.add_events([decision("R-1")])
    file = workspace.layout.decisions
    before = file.read_bytes()
    if gone:
        file.unlink()
    else:
        file.write_bytes(before.replace(b"R-1", b"R-2"))
    refused = pytest.raises(StorageError, match=r"decisions\.csv is (not as|gone since) run 0001-screen")
    with refused, workspace.transaction("screen") as tx:
        tx.add_events([decision("R-3")])
    file.write_bytes(before)
    with workspace.transaction("screen") as tx:
        tx.add_events([decision("R-3")])
    assert [event.record for event in workspace.events(Decision)] == ["R-1", "R-3"]


def test_a_change_is_not_made_on_what_another_process_changed_meanwhile(workspace: Workspace) -> None:
    """Read, then overtaken: the later writer is told and starts afresh; its own changes do not count as another's."""
    late = Workspace.open(workspace.layout.folder)
    assert late.events(Decision) == ()
    with workspace.transaction("screen") as change:
        change.add_events([decision("R-AAAAAAAA")])
    with pytest.raises(LockedError, match="changed this review while"), late.transaction("screen") as change:
        change.add_events([decision("R-AAAAAAAA")])
    assert len(workspace.events(Decision)) == 1
    for record in ("R-BBBBBBBB", "R-CCCCCCCC"):
        workspace.events(Decision)
        with workspace.transaction("screen") as change:
            change.add_events([decision(record)])
