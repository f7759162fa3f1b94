"""A person at a terminal sees a bar for each source; a log and a pipe get sentences alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TALK = (
    "from evidence_review.net.terminal import talking\n"
    "with talking() as talk:\n"
    "    talk.progress('pubmed', 5, 10)\n"
    "    talk.progress('arxiv', 3, None)\n"
    "    talk.say('PubMed: waiting 7 s [until] 19:40:00 UTC')\n"
    "    talk.progress('pubmed', 10, 10)\n"
)


def test_a_pipe_gets_the_sentences_alone() -> None:
    """No bar, no control characters, nothing on stdout."""
    done = subprocess.run([sys.executable, "-c", TALK], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == "PubMed: waiting 7 s [until] 19:40:00 UTC\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_terminal_gets_bars_and_the_sentences_above_them() -> None:
    """Each source has its own bar with how many of how many; the sentence is whole."""
    import pty

    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", TALK], stdout=subprocess.PIPE, stderr=follower, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(follower)
        seen = b""
        try:
            while part := os.read(leader, 4096):
                seen += part
        except OSError:
            pass
        assert process.stdout is not None
        assert process.stdout.read() == b""
    os.close(leader)
    text = seen.decode()
    assert "pubmed" in text
    assert "10/10" in text
    assert "arxiv" in text
    assert "PubMed: waiting 7 s [until] 19:40:00 UTC" in text
