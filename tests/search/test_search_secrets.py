"""Keys, tokens and e-mail addresses are in no file of the review and in no message, also when a service echoes them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest
from fake_http import Answer, Asked, serving
from fake_services import EuropePmc, PubMed

from evidence_review.commands.search.count import run as count
from evidence_review.commands.search.run import run
from evidence_review.errors import InputError
from evidence_review.net.client import Timing
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

EMAIL = "reviewer.one+search@example.org"
SOURCES = ("pubmed", "europepmc", "openalex", "crossref", "semanticscholar", "core", "scopus", "datacite", "ieee")
KEYS = {name: f"KEY-{name}-{'x9' * 8}" for name in (*SOURCES, "scopus-token", "zotero")}


def every_byte(workspace: Workspace) -> bytes:
    """Return the bytes of every file of the review folder, compressed ones opened."""
    found = b""
    for path in sorted(workspace.layout.folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += path.name.encode() + data + (gzip.decompress(data) if path.suffix == ".gz" else b"")
    return found


def echo(asked: Asked) -> Answer:
    """Answer with everything that was sent, in several spellings, as an error."""
    sent = {**asked.values, **asked.headers}
    body = json.dumps({"error": "not accepted", "message": sent, "status": "failed", "message-type": "x"})
    text = json.dumps(sent)
    return Answer(
        body.encode(), 400, {"X-RateLimit-Echo": text[:4000].replace("\n", " "), "Location": f"/?{text[:500]}"}
    )


@pytest.mark.parametrize("broken", ["echoing errors", "nobody listens", "good answers that echo"])
def test_no_secret_is_found_by_a_byte_search(
    broken: str,
    review: Callable[..., Workspace],
    settings: Callable[..., Settings],
    brisk: Timing,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Archive, ledger, records, manifests, summaries and messages are searched for every secret."""
    workspace = review(*SOURCES)

    def good(asked: Asked) -> Answer:
        model = EuropePmc(3) if "cursorMark" in asked.values else PubMed.of(3)
        if "fcgi" not in asked.path and "cursorMark" not in asked.values:
            return echo(asked)
        answer = model.answer(asked)
        return Answer(
            answer.body.replace(b"partnership", json.dumps(dict(asked.values))[1:-1].replace('"', "").encode())
        )

    with serving(echo if broken == "echoing errors" else good) as server:
        url = "http://127.0.0.1:9" if broken == "nobody listens" else server.url
        chosen = settings(dict.fromkeys(SOURCES, url), keys=KEYS, email=EMAIL)
        brisk_once = Timing(**{**brisk.__dict__, "tries": 1})
        summary = run(workspace, settings=chosen, timing=brisk_once)
        counted = count(workspace, settings=chosen, timing=brisk_once)
    assert summary.exit_code == 3
    seen = every_byte(workspace) + repr((summary, counted, chosen)).encode() + "".join(capsys.readouterr()).encode()
    assert len(workspace.runs()) == len(SOURCES)
    if broken != "nobody listens":
        sent = [json.dumps([dict(asked.values), dict(asked.headers)]) for asked in server.asked]
        assert any(EMAIL in text for text in sent)
        assert any(KEYS["openalex"] in text for text in sent)
    for secret in (EMAIL, *KEYS.values()):
        for spelling in (secret, secret.replace("@", "%40").replace("+", "%2B"), secret.lower()):
            assert spelling.encode() not in seen


def test_settings_come_from_the_environment_first_and_then_the_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The file gives what the environment does not; both work for every source."""
    path = tmp_path / "settings.toml"
    path.write_text('email = "file@example.org"\n[keys]\npubmed = "from-file"\ncore = "core-file"\n', encoding="utf-8")
    base = {"EVIDENCE_REVIEW_SETTINGS": str(path), "NCBI_API_KEY": "from-environment", "HOME": str(tmp_path)}
    loaded = Settings.load({**base, "EVIDENCE_REVIEW_DOAJ_URL": "http://127.0.0.1:1/", "EVIDENCE_REVIEW_ERIC_KEY": "e"})
    assert (loaded.email, loaded.key("pubmed"), loaded.key("core")) == (
        "file@example.org",
        "from-environment",
        "core-file",
    )
    assert (loaded.url("doaj", "https://doaj.org"), loaded.key("eric")) == ("http://127.0.0.1:1", "e")
    assert "from-environment" not in repr(loaded)
    path.write_text('email = "secret@example.org\n', encoding="utf-8")
    with pytest.raises(InputError) as fault:
        Settings.load(base)
    assert "secret" not in str(fault.value)
