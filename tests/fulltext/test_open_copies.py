"""Open copies: asked of three services over real sockets, fetched, held to be the paper, kept with licence and hash."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_http import Answer, Asked, Server, as_json, serving
from pypdf import PdfReader, PdfWriter
from screening_reviews import PROTOCOL, again, everything

from evidence_review.commands.audit.bundle import bundle
from evidence_review.commands.audit.coded import bundle_coded
from evidence_review.commands.audit.explain import explain
from evidence_review.commands.audit.verify import verify_bundle
from evidence_review.commands.fulltext import add, attached, fetch, locate
from evidence_review.commands.fulltext import sheet as issue
from evidence_review.commands.fulltext.right_paper import check
from evidence_review.commands.report import conduct
from evidence_review.commands.report.material import gather
from evidence_review.errors import SheetError, UsageError
from evidence_review.model.events import Copy, Correction, Decision, Retrieval
from evidence_review.model.record import Citation, Parsed, citation_to_dict
from evidence_review.net.client import Timing
from evidence_review.net.pace import Rate
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

EMAIL = "reviewer@hospital.example"
PAPERS = {
    "10.1234/twin.1": "Twinning of two hospitals: a survey of nurses and midwives",
    "10.1234/twin.2": "Twinning of two hospitals: part 2, a cost analysis",
    "10.1234/twin.3": "What volunteers bring home from a health partnership",
    "10.1234/twin.4": "A hospital link after ten years, told by both partners",
}
BRISK = Timing(ceiling=2.0, tries=2, first_backoff=0.01, timeout=(5.0, 5.0), rate=Rate(1_000, at_once=100))


def pdf(*lines: str) -> bytes:
    """Return a PDF with these lines on its first page."""
    shown = " ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T*" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 40 800 Td {shown} ET".encode("latin-1")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def jats(title: str, doi: str) -> bytes:
    """Return an article in XML as Europe PMC gives it."""
    return (
        '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS 1.2//EN" "JATS-archivearticle1.dtd"><article><front><article-meta>'
        f'<article-id pub-id-type="doi">{doi}</article-id><title-group><article-title>{title}</article-title>'
        "</title-group></article-meta></front><body><p>Words of the paper.</p></body></article>"
    ).encode()


LOGIN = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please log in to read 10.1234/twin.2</body></html>"
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A review with four reports that are awaited."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    folder = tmp_path / "review"
    (folder / "protocols").mkdir(parents=True)
    plan = "mode: single, screeners: [reviewer-1]"
    (folder / "protocols" / "small.yml").write_text(PROTOCOL.format(plan=plan), encoding="utf-8")
    workspace = Workspace.open(folder)
    with workspace.transaction("load") as change:
        ids = [
            change.add_record(Parsed(Citation(title=title, doi=doi), f"raw {doi}"), "pubmed", change.run, place, "ris")[
                0
            ]
            for place, (doi, title) in enumerate(PAPERS.items(), start=1)
        ]
        change.add_events(
            Decision(one, "title-abstract", "reviewer-1", "include", "", "", "screener", "", "", "", change.when)
            for one in ids
        )
    return again(workspace)


def by_doi(workspace: Workspace) -> dict[str, str]:
    return {record.citation.doi: record.id for record in workspace.records()}


def replies(base: Callable[[], str]) -> Callable[[Asked], Answer]:
    """Return what the services and a publisher answer, on one server."""

    def unpaywall(doi: str) -> Answer:
        if doi == "10.1234/twin.4":
            return as_json({"error": True, "message": "not in the database"}, 404)
        places = {
            "10.1234/twin.1": [{"url_for_pdf": f"{base()}/go/1", "license": "cc-by", "version": "publishedVersion"}],
            "10.1234/twin.2": [{"url_for_pdf": f"{base()}/login", "license": None, "version": "publishedVersion"},
                               {"url_for_pdf": f"{base()}/other.pdf", "version": "submittedVersion"}],
        }  # fmt: skip
        return as_json({"doi": doi, "is_oa": doi in places, "oa_locations": places.get(doi, [])})

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/unpaywall/"):
            return unpaywall(asked.path.removeprefix("/unpaywall/"))
        if asked.path == "/openalex/works":
            work = {
                "id": "https://openalex.org/W1", "doi": "https://doi.org/10.1234/TWIN.2", "ids": {},
                "locations": [{"is_oa": True, "pdf_url": None, "landing_page_url": f"{base()}/page"},
                              {"is_oa": False, "pdf_url": f"{base()}/closed.pdf"}],
            }  # fmt: skip
            return as_json({"meta": {"count": 1, "next_cursor": None}, "results": [work]})
        if asked.path == "/europepmc/search":
            subscription = {"availabilityCode": "S", "documentStyle": "doi", "url": "https://doi.org/10.1234/twin.3"}
            found = {
                "id": "1", "source": "MED", "pmid": "1", "doi": "10.1234/twin.3", "pmcid": "PMC33", "license": "cc by",
                "isOpenAccess": "Y", "fullTextUrlList": {"fullTextUrl": [subscription]},
            }  # fmt: skip
            return as_json({"hitCount": 1, "resultList": {"result": [found]}, "request": {}})
        if asked.path == "/europepmc/PMC33/fullTextXML":
            return Answer(jats(PAPERS["10.1234/twin.3"], "10.1234/twin.3"))
        if asked.path == "/go/1":
            return Answer(b"", 302, {"Location": "/final.pdf", "Set-Cookie": "seen=1; Path=/"})
        if asked.path == "/final.pdf" and "seen=1" not in asked.headers.get("Cookie", ""):
            return Answer(b"", 302, {"Location": "/go/1"})
        if asked.path == "/final.pdf":
            return Answer(
                pdf(PAPERS["10.1234/twin.1"], f"Write to {EMAIL}"), headers={"Content-Type": "application/pdf"}
            )
        if asked.path == "/login":
            return Answer(LOGIN, headers={"Content-Type": "application/pdf"})
        if asked.path == "/other.pdf":
            return Answer(pdf("Twinning of two hospitals: part 1, a cost analysis", "and more words on the page"))
        return Answer(b"gone", 404)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    """Run the services and the publisher."""
    place: list[str] = []
    with serving(replies(lambda: place[0])) as running:
        place.append(running.url)
        yield running


def settings(tmp_path: Path, server: Server, email: str = EMAIL) -> Settings:
    urls = {name: f"{server.url}/{name}" for name in ("unpaywall", "openalex", "europepmc")}
    return Settings(email=email, urls=urls, cache=tmp_path / "cache")


def found(workspace: Workspace, event: str) -> list[Copy]:
    return [one for one in again(workspace).events(Copy) if one.event == event]


def test_open_copies_are_located_fetched_checked_and_kept(workspace: Workspace, server: Server, tmp_path: Path) -> None:
    """Of four reports two have an open copy that is the paper; a login page and another paper are refused by name."""
    chosen = settings(tmp_path, server)
    told = locate.run(again(workspace), settings=chosen, timing=BRISK)
    assert told.data["services"]["unpaywall"] == {"asked": 4, "located": 2, "failure": "", "skipped": False}
    assert (told.data["located"], told.exit_code) == (3, 0)
    done = fetch.run(again(workspace), settings=chosen, timing=BRISK)
    ids = by_doi(workspace)
    assert set(done.data["kept"]) == {ids["10.1234/twin.1"], ids["10.1234/twin.3"]}
    why = {one["address"].rpartition("/")[2]: one["why"] for one in done.data["refused"]}
    assert "a web page came, not the paper" in why["login"]
    assert "another paper came" in why["other.pdf"]
    assert done.data["pages"] == [{"report": ids["10.1234/twin.2"], "address": f"{server.url}/page"}]
    kept = {one.record: one for one in found(workspace, "kept")}
    one = kept[ids["10.1234/twin.1"]]
    assert (one.licence, one.version, one.by, one.kind) == ("cc-by", "publishedVersion", "unpaywall", "pdf")
    data = (workspace.layout.folder / one.file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == one.sha256
    # A copy is kept byte for byte: a paper may well hold the address of the person who reviews.
    assert EMAIL in PdfReader(workspace.layout.folder / one.file).pages[0].extract_text()
    assert kept[ids["10.1234/twin.3"]].kind == "xml"
    events = again(workspace).events(Retrieval)
    assert {event.record: event.outcome for event in events} == dict.fromkeys(done.data["kept"], "retrieved")
    asked = {(one.record, one.by) for one in found(workspace, "asked")}
    assert asked == {(one, by) for one in ids.values() for by in ("unpaywall", "openalex", "europepmc")}
    assert "closed.pdf" not in {asked.path.rpartition("/")[2] for asked in server.asked}


def test_the_methods_and_a_record_s_story_say_how_copies_were_found(
    workspace: Workspace, server: Server, tmp_path: Path
) -> None:
    """Who was asked, also in vain; what was named, refused, kept, brought by hand; nothing of what nobody did."""

    def methods() -> str:
        found = gather(again(workspace).snapshot(), {}, "", {})
        return " ".join(str(one) for one in conduct.retrieving(found)).replace("\u00a0", " ")

    ids = by_doi(workspace)
    assert methods() == ""
    chosen = settings(tmp_path, server, email="")
    locate.run(again(workspace), settings=chosen, timing=BRISK)
    assert methods() == (
        "Open copies of 4 reports were sought with OpenAlex and Europe PMC on 21 September 2026; "
        "one was named for 2 reports."
    )
    chosen = settings(tmp_path, server)
    locate.run(again(workspace), settings=chosen, timing=BRISK)
    fetch.run(again(workspace), settings=chosen, timing=BRISK)
    path = tmp_path / f"{ids['10.1234/twin.2']}.pdf"
    path.write_bytes(pdf(PAPERS["10.1234/twin.2"]))
    add.run(again(workspace), [path], where="library", by="reviewer-1")
    noted = Retrieval(ids["10.1234/twin.4"], "retrieved", "the authors", "", "reviewer-1", "", "", "2026-09-22")
    with again(workspace).transaction("fulltext") as tx:
        tx.add_events([noted])
    assert methods() == (
        "Open copies of 4 reports were sought with Unpaywall, OpenAlex and Europe PMC on 21 September 2026; "
        "one was named for 3 reports. Open copies of 2 reports were downloaded and recognised by title or DOI. "
        "Copies of 1 report were got elsewhere and filed. "
        "The retrieval sheets note 1 other report as obtained."
    )
    told = "\n".join(explain(again(workspace), ids["10.1234/twin.2"]).lines)
    for part in (
        "2026-09-21  Unpaywall asked for open copies",
        f"open copy named by Unpaywall: {server.url}/login (pdf, publishedVersion)",
        f"copy not taken from {server.url}/login: a web page came",
        f"copy kept as library/small/fulltext/{ids['10.1234/twin.2']}-",
        ", brought by reviewer-1; ",
    ):
        assert part in told, told
    first = "\n".join(explain(again(workspace), ids["10.1234/twin.1"]).lines)
    assert f"cc-by, publishedVersion), from {server.url}/go/1; " in first


def test_twice_asks_nobody_and_changes_nothing(workspace: Workspace, server: Server, tmp_path: Path) -> None:
    chosen = settings(tmp_path, server)
    for _ in range(2):
        locate.run(again(workspace), settings=chosen, timing=BRISK)
        fetch.run(again(workspace), settings=chosen, timing=BRISK)
    before, asked = everything(workspace.layout.folder), len(server.asked)
    locate.run(again(workspace), settings=chosen, timing=BRISK)
    fetch.run(again(workspace), settings=chosen, timing=BRISK)
    assert everything(workspace.layout.folder) == before
    assert len(server.asked) == asked
    locate.run(again(workspace), settings=chosen, timing=BRISK, again=True)
    assert len(server.asked) > asked


def test_the_e_mail_address_is_sent_and_written_nowhere(workspace: Workspace, server: Server, tmp_path: Path) -> None:
    locate.run(again(workspace), settings=settings(tmp_path, server), timing=BRISK)
    assert {asked.values.get("email") for asked in server.asked if "unpaywall" in asked.path} == {EMAIL}
    for name, data in everything(workspace.layout.folder).items():
        assert EMAIL.encode() not in data, name


def test_without_an_e_mail_address_unpaywall_is_not_asked_and_that_is_said(
    workspace: Workspace, server: Server, tmp_path: Path
) -> None:
    told = locate.run(again(workspace), settings=settings(tmp_path, server, ""), timing=BRISK)
    assert "EVIDENCE_REVIEW_EMAIL" in told.lines[0]
    assert not [asked for asked in server.asked if "unpaywall" in asked.path]
    assert told.data["services"]["unpaywall"]["skipped"] is True


def test_a_service_that_fails_is_named_and_the_others_still_count(
    workspace: Workspace, server: Server, tmp_path: Path
) -> None:
    """A failed service is never 'no open copy': exit code 3, and the next run asks it again."""
    answer = server.answer
    server.answer = lambda asked: Answer(b"{", 200) if "openalex" in asked.path else answer(asked)
    told = locate.run(again(workspace), settings=settings(tmp_path, server), timing=BRISK)
    assert told.exit_code == 3
    assert told.data["located"] == 3
    assert any(line.startswith("OpenAlex: FAILED") for line in told.lines)
    server.answer = answer
    assert locate.run(again(workspace), settings=settings(tmp_path, server), timing=BRISK).exit_code == 0


def test_a_publisher_that_breaks_off_is_tried_again_another_time(
    workspace: Workspace, server: Server, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, server)
    locate.run(again(workspace), settings=chosen, timing=BRISK)
    answer = server.answer
    server.answer = lambda asked: Answer(pdf("x"), fault="truncated") if "final" in asked.path else answer(asked)
    done = fetch.run(again(workspace), settings=chosen, timing=BRISK)
    assert done.exit_code == 3
    assert [one["report"] for one in done.data["failed"]] == [by_doi(workspace)["10.1234/twin.1"]]
    server.answer = answer
    assert fetch.run(again(workspace), settings=chosen, timing=BRISK).exit_code == 0
    assert len(found(workspace, "kept")) == 2


def test_an_address_inside_this_network_is_refused(workspace: Workspace, server: Server, tmp_path: Path) -> None:
    """What a service names may not reach into the reviewer's own network."""
    chosen = settings(tmp_path, server)
    locate.run(again(workspace), settings=chosen, timing=BRISK)
    done = fetch.run(again(workspace), settings=Settings(cache=tmp_path / "cache"), timing=BRISK)
    assert done.data["kept"] == {}
    assert {one["why"] for one in done.data["refused"]} == {"this address lies in a private network, not on the web"}


def test_an_address_that_leads_in_a_circle_is_left(workspace: Workspace, server: Server, tmp_path: Path) -> None:
    chosen = settings(tmp_path, server)
    locate.run(again(workspace), settings=chosen, timing=BRISK)
    answer = server.answer
    server.answer = lambda asked: Answer(b"", 302, {"Location": "/go/1"}) if "go/1" in asked.path else answer(asked)
    done = fetch.run(again(workspace), settings=chosen, timing=BRISK)
    assert "the address leads from page to page without an end" in {one["why"] for one in done.data["refused"]}


def test_the_retrieval_sheet_names_the_open_copy(workspace: Workspace, server: Server, tmp_path: Path) -> None:
    locate.run(again(workspace), settings=settings(tmp_path, server), timing=BRISK)
    issue.run(again(workspace))
    text = (workspace.layout.sheets / "full-text" / "retrieval.csv").read_text(encoding="utf-8-sig")
    assert "open_copy" in text.splitlines()[0] and "asked_on" in text.splitlines()[0]
    assert f"{server.url}/go/1" in text


def test_a_copy_got_elsewhere_is_added_by_its_name_its_text_or_a_person_s_word(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = by_doi(workspace)
    by_text, by_name, scan = tmp_path / "a.pdf", tmp_path / f"{ids['10.1234/twin.2']}.pdf", tmp_path / "scan.pdf"
    by_text.write_bytes(pdf("A hospital link after ten years,", "told by both partners", "and other words follow"))
    by_name.write_bytes(pdf("Something that is quite another paper", "with more than five words"))
    blank = PdfWriter()
    blank.add_blank_page(200, 200)
    blank.write(scan)
    told = add.run(again(workspace), [by_text], by="reviewer-1", where="library")
    assert set(told.data["kept"]) == {ids["10.1234/twin.4"]}
    with pytest.raises(SheetError, match=r"another paper came.*--sure"):
        add.run(again(workspace), [by_name])
    with pytest.raises(SheetError, match="no report of this review"):
        add.run(again(workspace), [scan])
    with pytest.raises(SheetError, match="it may be a scan"):
        add.run(again(workspace), [scan], record=ids["10.1234/twin.2"])
    add.run(again(workspace), [scan], record=ids["10.1234/twin.2"], by="reviewer-2", sure=True)
    events = {event.record: event for event in again(workspace).events(Retrieval)}
    assert (events[ids["10.1234/twin.4"]].where, events[ids["10.1234/twin.4"]].by) == ("library", "reviewer-1")
    assert "a person looked" in found(workspace, "kept")[-1].check
    page = tmp_path / "page.pdf"
    page.write_bytes(LOGIN)
    with pytest.raises(SheetError, match="a web page came"):
        add.run(again(workspace), [page], record=ids["10.1234/twin.1"], sure=True)
    (tmp_path / "plot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(SheetError, match=r"plot\.png: it is neither a PDF nor an article in XML"):
        add.run(again(workspace), [tmp_path / "plot.png"])
    before = everything(workspace.layout.folder)
    add.run(again(workspace), [by_text], by="reviewer-1", where="library")
    assert everything(workspace.layout.folder) == before


def test_files_attached_in_zotero_are_kept_if_they_are_the_paper(workspace: Workspace, tmp_path: Path) -> None:
    """From the data folder of the program; a linked file, another paper and a name that leads elsewhere are named."""
    ids = by_doi(workspace)
    names = {
        "10.1234/twin.1": ["PAPER222: other.pdf", "PAPER223: twin.pdf"],
        "10.1234/twin.2": ["LINKED22: at home.pdf"],
        "10.1234/twin.3": ["EVADES22: ../PAPER223/twin.pdf"],
    }
    with workspace.transaction("zotero") as change:
        for record in workspace.records():
            notes = tuple(f"Zotero attachment {name}" for name in names.get(record.citation.doi, ()))
            cited = json.dumps(citation_to_dict(replace(record.citation, notes=("Read this", *notes))))
            change.add_events([Correction(record.id, cited, "edited in Zotero", "zotero", change.when)])
    storage = tmp_path / "Zotero" / "storage"
    for key, name, title in (("PAPER222", "other.pdf", "Quite another"), ("PAPER223", "twin.pdf", "")):
        (storage / key).mkdir(parents=True)
        lines = (title or PAPERS["10.1234/twin.1"], "with more than five words in it")
        (storage / key / name).write_bytes(pdf(*lines))
    (storage / "EVADES22").mkdir()
    told = attached.run(again(workspace), storage.parent, by="reviewer-1", licence="library licence")
    first = ids["10.1234/twin.1"]
    assert list(told.data["kept"]) == [first]
    assert [line.partition(":")[0] for line in told.lines if line.startswith("Not taken")] == ["Not taken"]
    assert len(told.data["missing"]) == 2
    (kept,) = found(again(workspace), "kept")
    assert kept.sha256 == hashlib.sha256((storage / "PAPER223" / "twin.pdf").read_bytes()).hexdigest()
    (event,) = again(workspace).events(Retrieval)
    assert (event.record, event.where, event.by) == (first, "Zotero attachment PAPER223", "reviewer-1")
    before = everything(workspace.layout.folder)
    assert attached.run(again(workspace), storage).data["kept"] == {}
    assert everything(workspace.layout.folder) == before
    with pytest.raises(UsageError, match="data folder"):
        attached.run(again(workspace), tmp_path)


def test_a_bundle_that_leaves_a_copy_out_verifies(workspace: Workspace, tmp_path: Path) -> None:
    """The copy's address, hash and licence go along; its bytes do not, and nothing misses them."""
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("A hospital link after ten years,", "told by both partners", "and other words follow"))
    add.run(again(workspace), [path], licence="library licence")
    bundle(again(workspace), tmp_path / "bundle.zip")
    assert verify_bundle(tmp_path / "bundle.zip", again=True).exit_code == 0
    bundle_coded(again(workspace), tmp_path / "coded.zip")
    assert verify_bundle(tmp_path / "coded.zip", again=True).exit_code == 0


def test_copies_stay_out_of_a_bundle(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("A hospital link after ten years,", "told by both partners", "and other words follow"))
    add.run(again(workspace), [path], licence="library licence")
    bundle(again(workspace), tmp_path / "bundle.zip")
    names = zipfile.ZipFile(tmp_path / "bundle.zip").namelist()
    assert any(name.endswith("copies.csv") for name in names)
    assert not [name for name in names if "/fulltext/" in name]


CASES = [
    (pdf(PAPERS["10.1234/twin.1"].upper(), "some more words"), True, "title"),
    (pdf("Twin-", "ning of two hospitals: a survey of nurses and midwives", "some more words"), True, "title"),
    (pdf("An article whose heading is drawn", "https://doi.org/10.1234/TWIN.1", "and other words"), True, "DOI"),
    (pdf("An article whose heading is drawn", "https://doi.org/10.1234/twin.11", "and other words"), False, "another"),
    (pdf("An article whose heading is drawn", "https://doi.org/10.1234/twin.1.s2", "more words"), False, "another"),
    (pdf("An article whose heading is drawn", "https://doi.org/10.1234/", "twin.1", "and other words"), True, "DOI"),
    (b"\n\n" + pdf(PAPERS["10.1234/twin.1"], "some more words"), True, "title"),
    (b"%PDF-1.4 broken beyond repair", None, "no text"),
    (jats(PAPERS["10.1234/twin.1"], "10.1234/x"), True, "title"),
    (b"<article><front/></article>", False, "no article with a text"),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><article><body/>&b;</article>', False, "no article with a text"),
    (LOGIN, False, "a web page"),
    (b'<?xml version="1.0"?>\n<!-- x -->\n<html><body><article>' + LOGIN, False, "a web page"),
    (b"PK\x03\x04 something", False, "neither a PDF nor"),
    (b"", False, "neither a PDF nor"),
]


@pytest.mark.parametrize(("data", "right", "why"), CASES)
def test_the_right_paper_is_told_from_others(data: bytes, right: bool | None, why: str) -> None:
    citation = Citation(title=PAPERS["10.1234/twin.1"], doi="10.1234/twin.1")
    checked = check(data, [citation])
    assert (checked.right, why in checked.why) == (right, True), checked


def test_an_unknown_service_or_record_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'unpaywall'"):
        locate.run(again(workspace), only=["unpaywal"], settings=Settings(cache=tmp_path / "cache"))
    (tmp_path / "a.pdf").write_bytes(pdf("words"))
    with pytest.raises(UsageError, match="There is no record 'R-00000000'"):
        add.run(again(workspace), [tmp_path / "a.pdf"], record="R-00000000")
