"""The report: final only when everything adds up, the same twice, every number traceable, no text ever markup."""

from __future__ import annotations

import ast
import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_reviews import NASTY, PROTOCOL, make

from evidence_review.commands.init.run import run as start_review
from evidence_review.commands.report import rendition
from evidence_review.commands.report.check_flow import check_flow
from evidence_review.commands.report.conditions import EVIDENCE, conditions
from evidence_review.commands.report.record_lists import in_order
from evidence_review.commands.report.rendition import LAYOUTS, Wishes
from evidence_review.commands.report.run import gather, run
from evidence_review.errors import IdentityError, InputError, UsageError
from evidence_review.model.events import Decision
from evidence_review.state import shortcuts
from evidence_review.state.standing import stand
from evidence_review.workspace.workspace import Workspace


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")


@pytest.fixture
def review(tmp_path: Path) -> Workspace:
    return make(tmp_path / "review", 40)


def read(workspace: Workspace, name: str) -> str:
    return (workspace.layout.reports / name).read_text(encoding="utf-8")


def test_a_finished_review_gives_every_file(review: Workspace) -> None:
    summary = run(review)
    assert summary.exit_code == 0
    assert summary.data["final"]
    names = {path.relative_to(review.layout.reports).as_posix() for path in review.layout.reports.rglob("*.*")}
    assert {"report.md", "report.html", "flow.svg", "flow.csv", "numbers.json", "checklists/prisma2020.csv"} <= names
    assert "Made up for a test." in read(review, "report.md")


def test_rendering_twice_changes_nothing(review: Workspace) -> None:
    """The second rendering writes the same bytes, and so leaves no line in the ledger."""
    run(review)
    before = {path: path.read_bytes() for path in review.layout.folder.rglob("*") if path.is_file()}
    run(review)
    assert {path: path.read_bytes() for path in review.layout.folder.rglob("*") if path.is_file()} == before


def test_rendering_twice_changes_nothing_after_a_change_that_nobody_logged(review: Workspace) -> None:
    """The change is told as a deviation, in the same words each time, until something is done under it."""
    path = review.layout.protocol
    path.write_text(path.read_text(encoding="utf-8").replace("Narrative.", "Framework."), encoding="utf-8")
    texts = []
    for _ in range(3):
        run(Workspace.open(review.layout.folder))
        texts.append(read(review, "report.md"))
    assert texts[0] == texts[1] == texts[2]
    assert "| Synthesis: approach | Narrative. | Framework. (changed since the last run" in texts[0]


def test_what_waits_refuses_a_final_report_and_marks_a_draft(tmp_path: Path) -> None:
    review = make(tmp_path / "review", finished=False)
    with pytest.raises(IdentityError, match="awaiting title and abstract") as refused:
        run(review)
    assert refused.value.exit_code == 4
    assert not review.layout.reports.exists()
    run(review, draft=True)
    assert "er-watermark" in read(review, "flow.svg")
    assert "is-draft" in read(review, "report.html")
    assert "This report is not final" in read(review, "report.md")
    assert not json.loads(read(review, "numbers.json"))["final"]


def test_a_protocol_that_is_not_filled_in_is_warned_of(tmp_path: Path) -> None:
    """The page would say TO FILL IN to its readers."""
    workspace = make(tmp_path)
    assert not [line for line in run(workspace, draft=True).lines if "to be filled in" in line]
    text = workspace.layout.protocol.read_text(encoding="utf-8")
    workspace.layout.protocol.write_text(text.replace("Narrative.", "TO FILL IN"), encoding="utf-8")
    told = [
        line for line in run(Workspace.open(workspace.layout.folder), draft=True).lines if "to be filled in" in line
    ]
    assert len(told) == 1
    assert told[0].startswith("Warning: 1 place of the protocol still to be filled in, from line ")


def test_reports_that_await_classification_are_told_in_a_final_report(tmp_path: Path) -> None:
    """They have a box, a table and a line among the limitations; the template lacks their box, and says so."""
    awaited = PROTOCOL.replace("- code: E2\n", "- code: E2\n      stages: [full-text]\n      awaiting: true\n")
    review = make(tmp_path / "review", 40, protocol=awaited)
    assert run(review).data["final"]
    number = json.loads(read(review, "numbers.json"))["numbers"]["awaiting_classification"]
    assert number["n"] == len(number["ids"]) > 0
    assert f"Awaiting classification (n = {number['n']})" in read(review, "flow.svg").replace("\xa0", " ")
    text = read(review, "report.md")
    assert "none was excluded; 9 await classification" in text
    assert "Reports awaiting classification, neither included nor excluded" in text
    assert "what is known does not tell whether they are eligible" in text
    checked = check_flow(review.layout.reports / "flow.csv")
    assert (checked.exit_code, checked.data["failures"]) == (0, [])


def test_a_declared_difference_that_the_records_do_not_show_is_refused(tmp_path: Path) -> None:
    """Identities are named, with expected and found; a draft lists them."""
    declared = "adjustments:\n  - identity: I3\n    count: 2\n    reason: a supplement\n"
    review = make(tmp_path / "review", protocol=PROTOCOL + declared)
    with pytest.raises(IdentityError, match=r"I3 \(dbr_sought_reports\).*expected 11, found 9"):
        run(review)
    run(review, draft=True)
    assert "Totals do not add up: I3" in read(review, "report.md")
    assert [one["identity"] for one in json.loads(read(review, "numbers.json"))["identities"]] == ["I3"]


def test_a_stopped_screening_is_told_with_its_grounds(tmp_path: Path) -> None:
    """What a stopping rule left unread is counted apart, and the rule's own words stand in the methods."""
    review = make(tmp_path / "review", finished=False)
    left = review.snapshot()
    standing = stand(left)
    with review.transaction("screen") as tx:
        for record in standing.having("awaiting title and abstract screening"):
            words = ("stopping rule: hypergeometric, target 0.95", "p 0.0312 after 17 of 18; by reviewer-1")
            tx.add_events(
                [
                    Decision(
                        record, "title-abstract", "automation", "unscreened", *words, "automation", "", "", "", tx.when
                    )
                ]
            )
    run(review)
    text = read(review, "report.md")
    text = text.replace("\u00a0", " ")
    assert (
        "Screening stopped before every record was read; 1 record was left unscreened. The stopping rule is a "
        "hypergeometric test (Callaghan and Müller-Hansen 2020, doi:10.1186/s13643-020-01521-4): after 17 of 18 "
        "records it rejected that fewer than 95% of the eligible records had been found (p = 0.0312)." in text
    )
    assert "Left unscreened when screening stopped (n = 1)" in read(review, "flow.svg").replace("\u00a0", " ")
    assert "A stopping rule left 1 record unscreened." in text.replace("\u00a0", " ")


@pytest.mark.parametrize("name", ["decisions.csv", "records.jsonl", "retrievals.csv"])
def test_a_changed_decision_or_record_is_caught(review: Workspace, name: str) -> None:
    """What was changed past the program is named, and nothing is rendered from it, not even a draft."""
    path = review.layout.library / name
    changed = path.read_bytes().replace(b"include", b"exclude", 1).replace(b"number 9", b"number 8", 1)
    path.write_bytes(changed.replace(b"library", b"Library", 1))
    with pytest.raises(IdentityError, match=name):
        run(review, draft=True)


def test_each_number_leads_to_its_records_runs_and_files(review: Workspace) -> None:
    run(review)
    numbers = json.loads(read(review, "numbers.json"))["numbers"]
    known = set(review.snapshot().records)
    for key, number in numbers.items():
        if "ids" in number:
            assert len(set(number["ids"])) == number["n"], key
    assert set(numbers["database_results"]["ids"]) | set(numbers["website_results"]["ids"]) == known
    assert numbers["records_screened"]["identities"] == ["I2", "I3", "I12"]
    assert numbers["records_screened"]["runs"] == ["0003-screen", "0005-screen"]
    assert numbers["database_results"]["files"][0]["name"] == "pubmed.ris"
    assert numbers["new_studies"]["n"] == numbers["new_reports"]["n"] - 1


class Page(HTMLParser):
    """The text of a page, and the numbers that are marked with their key."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[tuple[str, str]] = []
        self.text: list[str] = []
        self._key = ""
        self._raw = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag in ("script", "style")
        self._key = dict(attrs).get("data-key") or "" if tag == "data" else ""

    def handle_endtag(self, tag: str) -> None:
        self._key = ""
        self._raw = False

    def handle_data(self, data: str) -> None:
        if self._key:
            self.marked.append((self._key, data))
        if not self._raw:
            self.text.append(data)


def test_marked_numbers_are_those_of_numbers_json(review: Workspace) -> None:
    """Every number that the page marks stands in numbers.json under its key, with the same value."""
    run(review)
    page = Page()
    page.feed(read(review, "report.html"))
    numbers = json.loads(read(review, "numbers.json"))["numbers"]
    assert len(page.marked) > 20
    for key, shown in page.marked:
        assert int(shown.replace(",", "")) == numbers[key]["n"]


# What templates may hold in digits: the names and addresses of what is cited.
CITED = re.compile(r"PRISMA 2020|et al\. \d{4}|Müller-Hansen 2020|doi:10\.\d+/[\w./-]*\w|95% CI|SHA-256|AC1")
TEMPLATES = Path(rendition.__file__).parent / "templates"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html.j2")), ids=lambda path: path.name)
def test_no_template_holds_a_number(path: Path) -> None:
    """A number that somebody typed into a template would stand in every report, whatever was counted."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{[%{#].*?[%}#]\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    assert re.findall(r"\d+", CITED.sub(" ", text)) == []


# The modules whose strings are sentences of a report: all but those that speak to who is at the keyboard, or to a
# program.
TO_OTHERS = ("check_flow", "checklists", "cli", "diff", "flow_file", "office", "prose", "render", "typeset")
SENTENCES = [
    *sorted(path for path in Path(rendition.__file__).parent.glob("*.py") if path.stem not in TO_OTHERS),
    *sorted(Path(shortcuts.__file__).parent.glob("*.py")),
]
# The names of identities, and the bounds that they hold numbers to.
BOUNDS = re.compile(r"\bI\d+\b|(never below|at least) 0|\b0 to 100\b")


def sentences(text: str) -> list[str]:
    """Return the pieces of running text among a module's strings: some words, and neither a docstring nor a pattern."""
    tree = ast.parse(text)
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, holders)}
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    shown = [
        str(node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Constant)
    ]
    running = [
        one for one in strings if re.search(r"[a-z]{3,},? |[ ][a-z]{3,}", one) and not re.search(r"[\\<>$]", one)
    ]
    return [one for one in running if one not in docs] + shown


@pytest.mark.parametrize("path", SENTENCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_sentence_of_the_program_holds_a_number(path: Path) -> None:
    """What is composed in Python has places for its numbers, as templates have."""
    found = sentences(path.read_text(encoding="utf-8"))
    assert [one for one in found if re.search(r"\d", BOUNDS.sub("", CITED.sub("", one)))] == []


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ('yield Told(f"{who} screened 112 records.")', True),
        ('yield Told("Records were sought in 3 sources.")', True),
        ('words = f"They read {12} of all."', True),
        ('yield Told(f"They read {n} of all.")', False),
        ('"""They read 12 of all."""', False),
    ],
)
def test_the_guard_against_typed_numbers_bites(text: str, caught: bool) -> None:
    assert any(re.search(r"\d", one) for one in sentences(text)) == caught


def test_each_number_is_counted_or_stands_in_what_people_and_sources_wrote(review: Workspace) -> None:
    """Each number in the report is one of numbers.json, or stands so in the protocol, the records or the searches."""
    run(review)
    data = json.loads(read(review, "numbers.json"))
    allowed = {str(number["n"]) for number in data["numbers"].values()}
    allowed |= {str(part["n"]) for number in data["numbers"].values() for part in number.get("parts", {}).values()}
    sources = [
        review.layout.protocol.read_text(encoding="utf-8"),
        json.dumps(data["figures"]),
        *(
            path.read_text(encoding="utf-8")
            for path in review.layout.library.rglob("*")
            if path.suffix in (".csv", ".json")
        ),
        review.layout.records.read_text(encoding="utf-8"),
        review.layout.ledger.read_text(encoding="utf-8"),
    ]
    allowed |= {digits for text in sources for digits in re.findall(r"\d+", text)}
    text = read(review, "report.md").split("## Annex: reporting checklists")[0]
    text = re.sub(r"\*(Table|Figure) \d+\.|Table \d+ holds", "", text)  # captions, and what points to them
    text = re.sub(r"\\\[\d+\\\]|^\d+\. ", "", text, flags=re.MULTILINE)  # places in the list of references
    text = CITED.sub("", text)
    assert [digits for digits in re.findall(r"\d[\d,]*", text) if digits.replace(",", "") not in allowed] == []


# Numbers of which numbers.json has no record ids: they count something else than records, reports or studies.
OF_OTHER_THINGS = ("items", "sources", "values")


def test_every_counted_number_leads_to_ids(review: Workspace) -> None:
    """Whatever counts records, reports or studies names them, unless it is what a source itself reported of a file."""
    run(review)
    numbers = json.loads(read(review, "numbers.json"))["numbers"]
    without = {
        key for key, one in numbers.items() if one["n"] and not one.get("ids") and one["unit"] not in OF_OTHER_THINGS
    }
    assert {
        key for key in without if not re.fullmatch(r"search\..*\.(hits|starts|loaded|known|rejected)", key)
    } == set()
    assert all(numbers[key]["runs"] and numbers[key]["files"] for key in without)


def test_hostile_text_appears_as_text(review: Workspace) -> None:
    """Titles, reasons and values with markup, templates, formulas or control characters are shown and never obeyed."""
    run(review)
    page = Page()
    html = read(review, "report.html")
    page.feed(html)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"img", "iframe", "object", "embed", "b", "base", "form", "link"}
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [
        {"type": "application/json", "id": "data"},
        {},
    ]
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:")), tag
    text = "".join(page.text)
    assert "<img src=x onerror=alert(1)>" in text
    assert "{{7*7}} {% raw %} ${7*7}" in text or "{{7*7}}" in text
    assert "49" not in re.findall(r"\b49\b", text)
    for name in ("report.html", "report.md", "flow.svg", "numbers.json"):
        assert "\0" not in read(review, name)
    assert "<script" not in read(review, "report.md")
    assert "<img" not in read(review, "report.md")
    assert NASTY[1].split()[0] in text


def test_a_settlement_is_told_after_what_it_settled() -> None:
    """Also where the sheets of all were collected at once, in the order of their names."""

    def said(role: str, when: str) -> Decision:
        return Decision("R-1", "full-text", role, "exclude", "E1", "", role, "1", "s.csv", "2", when)

    told = in_order([said("arbiter", "2026-11-20"), said("screener", "2026-11-20"), said("screener", "2026-11-21")])
    assert [one.role for one in told] == ["screener", "arbiter", "screener"]


def test_the_page_needs_no_network_and_says_so(review: Workspace) -> None:
    """A content security policy lets run only what is in the file, by its hash."""
    run(review)
    page = Page()
    page.feed(read(review, "report.html"))
    policy = next(
        a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 2
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert "style" not in attributes, tag


def test_the_authors_prose_is_taken_up_and_survives(review: Workspace) -> None:
    """Markdown beside the protocol becomes sections, with citations of records; its own markup is shown, not obeyed."""
    run(review)
    first = json.loads(read(review, "numbers.json"))["studies"][0]["reports"][0]
    own = review.layout.beside_protocol / "discussion.md"
    own.parent.mkdir(parents=True, exist_ok=True)
    table = "| a |\n|---|\n| c |\n"
    words = f"# What it means\n\nLinks *help* [@{first}], <script>alert(1)</script>, [@R-ZZZZZZZZ].\n\n{table}"
    own.write_text(words, encoding="utf-8")
    run(review)
    text = read(review, "report.md")
    assert "### What it means" in text
    assert re.search(r"Links \*help\* \\\[\d+\\\], &lt;script&gt;", text)
    assert "@R-ZZZZZZZZ" in text
    assert "<script>alert(1)" not in read(review, "report.html")
    assert own.read_text(encoding="utf-8") == words


def test_a_team_overrides_a_section(review: Workspace) -> None:
    own = review.layout.own_templates / "sections"
    own.mkdir(parents=True)
    (own / "other.html.j2").write_text("<h2>Our own end of {{ protocol.title }}</h2>\n", encoding="utf-8")
    run(review)
    assert "## Our own end of Do hospital links work?" in read(review, "report.md")


def test_a_team_overrides_a_block(review: Workspace) -> None:
    review.layout.own_templates.mkdir(parents=True)
    (review.layout.own_templates / "body.html.j2").write_text(
        '{% extends "packaged/body.html.j2" %}{% block other %}<p>Nothing else.</p>{% endblock %}', encoding="utf-8"
    )
    run(review)
    assert "Nothing else." in read(review, "report.md")
    assert "## Methods" in read(review, "report.md")


# A team's own template, and where and why it is refused: what is broken, and what reaches for more than the report.
BROKEN = {
    "<p>\n{% if %}": ("line 2", "Expected an expression"),
    "<p>\n\n{{ nothing.there }}": ("line 3", "'nothing' is undefined"),
    "\n{% include 'gone.j2' %}": ("line 2", "no template 'gone.j2'"),
    "{% include '../../../protocols/links.yml' %}": ("line 1", "no template"),
    "\n{% include 'sections/other.html.j2' %}": ("line 2", "includes itself without end"),
    "\n{{ 1 / 0 }}": ("line 2", "division by zero"),
    "{{ 'x' * 10 ** 9 }}": ("line 1", "length of more than"),
    "{{ 9 ** 99999999 }}": ("line 1", "too high"),
    "{{ 1 | nofilter }}": ("line 1", "No filter named"),
    "{{ picture('nobody') }}": ("line 1", "no picture 'nobody'"),
    "{{ written('nothing') }}": ("line 1", "nothing"),
    "{% for x in range(10**9) %}{% endfor %}": ("line 1", "Range too big"),
    "{{ 'a'.encode().decode('rot13') }}": ("line 1", "rot13"),
    "{{ protocol.__class__.__mro__ }}": ("line 1", "unsafe"),
    "{{ ''.format.__globals__ }}": ("line 1", "unsafe"),
    "{{ '{0.__class__}'.format(protocol) }}": ("line 1", "unsafe"),
    "{{ cycler.__init__.__globals__.os }}": ("line 1", "unsafe"),
    "{{ lipsum.__globals__ }}": ("line 1", "unsafe"),
    "{{ numbers._numbers.clear() }}": ("line 1", "unsafe"),
    "{{ studies.append(1) }}": ("line 1", "no attribute 'append'"),
    b"<p>\xff\xfe\xe9": ("sections/other.html.j2", "not UTF-8"),
}


@pytest.mark.parametrize("template", BROKEN)
def test_a_template_error_names_file_and_line(review: Workspace, template: str | bytes) -> None:
    """A broken or forbidden expression in a team's own template is the team's to mend: no stack trace, no report."""
    where, words = BROKEN[template]
    own = review.layout.own_templates / "sections"
    own.mkdir(parents=True)
    (own / "other.html.j2").write_bytes(template if isinstance(template, bytes) else template.encode("utf-8"))
    with pytest.raises(InputError) as refused:
        run(review)
    said = str(refused.value)
    assert "other.html.j2" in said
    assert where in said
    assert words in said
    assert not review.layout.reports.joinpath("report.md").exists()


def test_an_unknown_language_is_refused(review: Workspace) -> None:
    with pytest.raises(UsageError, match="klingon"):
        run(review, wishes=Wishes(language="klingon"))


def test_checklists_say_where_or_todo(review: Workspace) -> None:
    """Every item is reported somewhere or marked TODO for the authors."""
    run(review)
    rows = read(review, "checklists/prisma2020.csv").splitlines()
    assert len(rows) == 43
    assert any(",reported,Selection of studies," in row for row in rows)
    assert any(row.startswith("3,") and ",TODO,," in row for row in rows)


def test_an_empty_draft_reports_hardly_anything(tmp_path: Path) -> None:
    """A plan alone, with every TO FILL IN still there, meets no item on what was done or on what only people know."""
    start_review(tmp_path, "empty", "", "PICO")
    empty = Workspace.open(tmp_path, "empty")
    score = run(empty, draft=True).data["checklists"]
    assert {name: one["reported"] for name, one in score.items()} == {
        "prisma2020": 2, "prisma-abstracts": 0, "prisma-s": 0, "swim": 2, "rapid": 1,
    }  # fmt: skip
    rows = csv.DictReader(read(empty, "checklists/prisma2020.csv").splitlines())
    assert [row["item"] for row in rows if row["status"] == "reported"] == ["13a", "13d"]


def test_each_condition_of_a_checklist_is_known_and_can_be_unmet(review: Workspace) -> None:
    """A condition that always held would count an item whatever the report says."""
    used = {
        condition
        for path in (Path(rendition.__file__).parent / "data" / "checklists").glob("*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        for condition in row["check"].split("|")
    }
    assert {one for one in used if ":" not in one} - {"author"} == set(EVIDENCE)
    known = conditions(gather(review))
    assert {type(known(one)) for one in used} == {bool}


def test_checklists_give_their_evidence_and_a_score(review: Workspace) -> None:
    """What meets an item is named; what only the authors can say is counted, and listed in one file."""
    before = run(review).data["checklists"]["prisma2020"]
    rows = list(csv.DictReader(read(review, "checklists/prisma2020.csv").splitlines()))
    assert all(bool(row["evidence"]) == (row["status"] == "reported") for row in rows)
    score = next(csv.DictReader(read(review, "checklists/completeness.csv").splitlines()))
    assert score["reported"] == str(before["reported"]) == str(sum(row["status"] == "reported" for row in rows))
    assert score["left for the authors"].split() == [row["item"] for row in rows if row["status"] == "TODO"]
    review.layout.beside_protocol.mkdir(parents=True, exist_ok=True)
    (review.layout.beside_protocol / "introduction.md").write_text("Why.\n", encoding="utf-8")
    assert run(review).data["checklists"]["prisma2020"]["reported"] == before["reported"] + 1
    met = next(
        row for row in csv.DictReader(read(review, "checklists/prisma2020.csv").splitlines()) if row["item"] == "3"
    )
    assert met["evidence"] == "introduction.md, written by the authors; what it says is not checked"


PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><title>Where the evidence is</title>'
    "<desc>One study.</desc><script>alert(1)</script><rect width='9' height='9'/></svg>"
)


def draw(review: Workspace, text: str = PICTURE) -> Path:
    path = review.layout.reports / "maps" / "map.svg"
    with review.transaction("synthesise-map") as tx:
        tx.write(path, text.encode("utf-8"))
    return path


def test_pictures_of_other_commands_are_placed(review: Workspace) -> None:
    """Each has a number and its own words; in the page it is an image, where no script runs."""
    draw(review)
    run(review)
    text = read(review, "report.md")
    assert "![Where the evidence is. One study.](maps/map.svg)" in text
    assert "*Figure 2. Where the evidence is.*" in text
    html = read(review, "report.html")
    assert html.count("data:image/svg+xml;base64,") == 1
    assert "<script>alert(1)" not in html


def test_a_picture_drawn_before_the_last_values_says_so(review: Workspace) -> None:
    draw(review)
    with review.transaction("extract") as tx:
        tx.add_events([review.snapshot().values[0]])
    run(review)
    assert "values were recorded since then: draw it again" in read(review, "report.md")
    # Drawn again it is as old as the look at the values, although no line of it has changed; a second time nothing is.
    for _ in range(2):
        with review.transaction("synthesise-map") as tx:
            tx.draw(review.layout.reports / "maps" / "map.svg", PICTURE.encode("utf-8"))
    assert [entry.verb for entry in review.ledger()].count("synthesise-map") == 2
    run(review)
    assert "draw it again" not in read(review, "report.md")


def test_how_sure_the_review_is_makes_no_picture_old(review: Workspace) -> None:
    draw(review)
    with review.transaction("synthesise-cerqual") as tx:
        tx.add_events([replace(review.snapshot().values[0], study="F1", form="cerqual@2018")])
    run(review)
    assert "draw it again" not in read(review, "report.md")


@pytest.mark.parametrize("text", ["<svg>", '<!DOCTYPE a [<!ENTITY b "c">]><svg>&b;</svg>', PICTURE + " "])
def test_a_picture_that_is_not_what_a_run_drew_is_left_out(review: Workspace, text: str) -> None:
    """A broken picture, and one that was changed afterwards, is not shown."""
    path = draw(review, text.strip() if text.endswith(" ") else text)
    if text.endswith(" "):
        path.write_text(text, encoding="utf-8")
    run(review)
    assert "Figure 2" not in read(review, "report.md")


def test_every_link_of_the_page_leads_somewhere(review: Workspace) -> None:
    """Also where the authors have written no piece of their own, and in every layout."""
    for layout, stem in LAYOUTS.items():
        run(review, wishes=Wishes(layout=layout))
        page = Page()
        page.feed(read(review, f"{stem}.html"))
        ids = {attributes.get("id") for _, attributes in page.tags}
        links = [attributes["href"] or "" for tag, attributes in page.tags if tag == "a" and "href" in attributes]
        dead = [
            link for link in links if link.startswith("#") and not link.startswith("#list-") and link[1:] not in ids
        ]
        assert dead == [], layout


def test_an_older_rendering_beside_the_new_one_is_pointed_out(review: Workspace) -> None:
    """A brief from before the last decision would tell other numbers than the report beside it."""
    run(review, wishes=Wishes(layout="brief"))
    assert not [line for line in run(review).lines if "Older" in line]
    with review.transaction("screen") as tx:
        tx.add_events([review.snapshot().decisions[0]])
    told = next(line for line in run(review).lines if "Older" in line)
    assert "brief.html" in told
    assert "report.html" not in told


def test_a_review_without_records_has_a_plan_and_no_report(tmp_path: Path) -> None:
    """Right after `init`, with the least that a protocol can hold, a draft shows the plan; nothing is final."""
    (tmp_path / "protocols").mkdir()
    least = "review: bare\ntitle: A plan\nquestion: {text: Does it work?}\neligibility: {}\n"
    (tmp_path / "protocols" / "bare.yml").write_text(least, encoding="utf-8")
    bare = Workspace.open(tmp_path)
    with pytest.raises(IdentityError, match="no records yet"):
        run(bare)
    run(bare, draft=True)
    assert "No search has been recorded." in read(bare, "report.md")
    assert "No record has been screened." in read(bare, "report.md")
    assert "(n\u00a0=\u00a00)" in read(bare, "flow.svg")
    assert "er-watermark" in read(bare, "flow.svg")
