"""The archive keeps every reply as it came, says when one is gone or changed, and shrugs off a torn line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_http import Answer, serving
from fake_services import EuropePmc

from evidence_review.commands.audit.verify import verify
from evidence_review.commands.search.run import run
from evidence_review.errors import IdentityError, StorageError
from evidence_review.net.client import Timing
from evidence_review.net.exchange import Request
from evidence_review.workspace.archive import Archive, opened
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


@pytest.fixture
def searched(review: Callable[..., Workspace], settings: Callable[..., Settings], brisk: Timing) -> Workspace:
    """A review whose search took one try more than its three pages."""
    workspace = review("europepmc")
    with serving(EuropePmc(25, page=10).answer) as server:
        server.faults = {2: Answer(b"oops", 503)}
        # A busy machine must not add a try that timed out to the four that the tests count.
        patient = replace(brisk, timeout=(60.0, 60.0), ceiling=60.0)
        run(workspace, settings=settings({"europepmc": server.url}), timing=patient)
    return workspace


def only_run(workspace: Workspace) -> Path:
    """Return the folder of the one search run."""
    (journal,) = workspace.layout.searches.glob("*/*/journal.jsonl")
    return journal.parent


def test_every_reply_is_kept_also_the_failed_ones(searched: Workspace) -> None:
    """Four requests, four bodies, four journal lines with status, outcome and time."""
    lines = Archive(only_run(searched)).lines
    assert [(line.number, line.status, line.outcome) for line in lines] == [
        (1, 200, "ok"),
        (2, 503, "server-error"),
        (3, 200, "ok"),
        (4, 200, "ok"),
    ]
    assert all(line.when and line.sha256 and line.request.startswith("GET http://127.0.0.1") for line in lines)
    assert Archive(only_run(searched)).reply(lines[1]).head() == b"oops"
    assert verify(searched).exit_code == 0


def test_a_changed_or_missing_reply_is_named(searched: Workspace) -> None:
    """One byte is enough, in a body or in the journal."""
    body = only_run(searched) / "replies" / "00003.gz"
    before = body.read_bytes()
    body.write_bytes(before[:-9] + bytes([before[-9] ^ 1]) + before[-8:])
    with pytest.raises(IdentityError, match=r"00003\.gz"):
        verify(searched)
    with pytest.raises(StorageError, match=r"00003\.gz"):
        run(searched, offline=True, settings=Settings.blank())
    body.unlink()
    with pytest.raises(IdentityError, match=r"00003\.gz"):
        verify(searched)
    body.write_bytes(before)
    journal = only_run(searched) / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"status":503', b'"status":500'))
    with pytest.raises(IdentityError, match=r"journal\.jsonl"):
        verify(searched)


def test_a_torn_last_line_is_written_over(tmp_path: Path) -> None:
    """A process that died while it wrote a line leaves no trace in what is read, and nothing before it is lost."""
    request = Request("http://a", "/b", (("q", "1"),))
    with opened(tmp_path, "search") as archive:
        archive.note(request, archive.keep(request, 200, {}, [b"one"]), "ok")
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"number":2,"key":"torn')
    other = Request("http://a", "/b", (("q", "2"),))
    with opened(tmp_path, "search") as archive:
        assert [line.number for line in archive.lines] == [1]
        assert archive.find(other) is None
        archive.note(other, archive.keep(other, 200, {}, [b"two"]), "ok")
    assert journal.read_bytes().startswith(whole)
    found = Archive(tmp_path).find(other)
    assert found is not None
    assert found.head() == b"two"


def test_a_body_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    """What was not received whole is not kept."""

    def chunks():  # type: ignore[no-untyped-def]
        yield b"some"
        raise OSError("gone")

    request = Request("http://a", "/b")
    with opened(tmp_path, "search") as archive, pytest.raises(OSError, match="gone"):
        archive.keep(request, 200, {}, chunks())
    assert list((tmp_path / "replies").iterdir()) == []


def test_another_host_or_key_finds_the_same_reply(tmp_path: Path) -> None:
    """A reply is found by what was asked, not by where or with whose key."""
    first = Request("http://a:1", "/b", (("q", "1"),), secret_params=(("api_key", "x"),))
    with opened(tmp_path, "search") as archive:
        archive.note(first, archive.keep(first, 200, {}, [b"one"]), "ok")
        assert archive.find(Request("http://b:2", "/b", (("q", "1"),), secret_params=(("api_key", "y"),))) is not None
        assert archive.find(Request("http://a:1", "/b", (("q", "2"),))) is None
