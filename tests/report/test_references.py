"""References in the two styles that come with the program, held to what pandoc makes of the styles' own definitions."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

from evidence_review.commands.report.references import STYLES, apa, apa_cite, csl, letters, parted
from evidence_review.model.record import Citation, Name

FIXTURES = Path(__file__).parent / "fixtures"
DEFINED_BY = {"vancouver": "nlm-citation-sequence.csl", "apa": "apa.csl"}

CASES = {
    "article": Citation(
        type="article-journal", title="Twinning of hospitals: a cohort study", container="Globalization and Health",
        authors=(Name("Smith", "John Andrew"), Name("de Vries", "Anne-Marie"), Name("Öz", "Z")), year=2015,
        volume="11", issue="3", pages="48-59", doi="10.1000/x.1",
    ),
    "a question, seven authors in initials": Citation(
        type="article-journal", title="Does it work?", container="BMJ", year=2020, volume="3", article_number="e123",
        authors=tuple(Name(f"Name{letter}", "A B") for letter in "CDEFGHI"),
    ),
    "initials in one piece": Citation(
        type="article-journal", title="Short names", container="Lancet", year=2021, volume="7",
        authors=(Name("Roe", "AB"), Name("Doe", "J.")),
    ),
    "more authors than any list shows": Citation(
        type="article-journal", title="Many hands", container="Lancet", year=2021, volume="7",
        authors=tuple(Name(f"Name{chr(65 + place)}", "A") for place in range(24)),
    ),
    "book": Citation(
        type="book", title="Partnerships in health", authors=(Name("Lee", "K"),), year=2011,
        publisher="Oxford University Press", place="Oxford",
    ),
    "chapter": Citation(
        type="chapter", title="A chapter", authors=(Name("Roe", "Ann"), Name("Doe", "Jim")), year=2001, pages="1-9",
        container="A book of things", publisher="Wiley", place="London",
    ),
    "report of a group": Citation(
        type="report", title="A report on links", authors=(Name(literal="World Health Organization"),), year=2019,
        publisher="WHO Press", place="Geneva", urls=("https://example.org/x",),
    ),
    "nobody wrote it": Citation(
        type="article-journal", title="No authors here", container="Nature", year=2000, volume="1", pages="5",
    ),
}  # fmt: skip


def plain(text: str) -> str:
    """Return a reference without what is a matter of typesetting."""
    return re.sub(r"^\d+\. ", "", " ".join(text.replace("–", "-").split())).rstrip(".")


@pytest.mark.skipif(importlib.util.find_spec("pypandoc") is None, reason="the extra 'documents' is not installed")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("style", STYLES)
def test_a_reference_is_as_the_style_defines_it(style: str, case: str, tmp_path: Path) -> None:
    """Also what stands for it in the text, where that is not a number."""
    (tmp_path / "items.json").write_text(json.dumps([csl("R-1", CASES[case])]), encoding="utf-8")
    pandoc = importlib.import_module("pypandoc").get_pandoc_path()
    command = [pandoc, "--from=markdown", "--to=plain", "--wrap=none", "--citeproc", "--bibliography=items.json",
               f"--csl={FIXTURES / DEFINED_BY[style]}"]  # fmt: skip
    done = subprocess.run(
        command, input="[@R-1]\n", capture_output=True, cwd=tmp_path, encoding="utf-8", check=True, timeout=60
    )
    cited, entry = [part for part in done.stdout.split("\n\n") if part.strip()]
    assert plain(STYLES[style].entry(CASES[case])) == plain(entry)
    cite = STYLES[style].cite
    if cite is not None and CASES[case].authors:
        assert f"({cite(CASES[case])})" == cited.strip()


def test_what_has_no_facts_has_a_reference_all_the_same() -> None:
    nothing = Citation(type="document", title="")
    assert STYLES["vancouver"].entry(nothing) == "[No title]. [date unknown]."
    assert STYLES["apa"].entry(nothing) == "[No title]. (n.d.)."


@pytest.mark.parametrize("style", STYLES)
def test_the_address_at_the_end_becomes_the_link(style: str) -> None:
    text = STYLES[style].entry(CASES["article"])
    body, shown = parted(text, CASES["article"])
    assert body + shown == text
    assert "10.1000/x.1" in shown
    assert "10.1000" not in body
    assert parted(STYLES[style].entry(CASES["book"]), CASES["book"])[1] == ""


def test_documents_of_the_same_authors_and_year_are_told_apart_by_letters() -> None:
    """Letters follow the order of the studies, as those of their labels do; who stands alone that year has none."""
    roe = {"authors": (Name("Roe", "A"),), "year": 2020}
    found = letters(
        {
            "R-1": Citation(title="The zebra", **roe),
            "R-2": Citation(title="A cat", **roe),
            "R-3": Citation(title="Another year", authors=(Name("Roe", "A"),), year=2021),
            "R-4": Citation(title="No date", authors=(Name("Roe", "A"),)),
            "R-5": Citation(title="Dog", **roe),
        }
    )
    assert found == {"R-1": "a", "R-2": "b", "R-3": "", "R-4": "", "R-5": "c"}
    assert apa(Citation(title="A cat", **roe), "a").startswith("Roe, A. (2020a). A cat.")
    assert apa_cite(Citation(title="No date", authors=(Name("Roe", "A"),)), "b") == "Roe, n.d.-b"


def test_letters_go_on_after_z() -> None:
    many = {
        f"R-{place:03}": Citation(title=f"{place:03}", authors=(Name("Roe", "A"),), year=2020) for place in range(29)
    }
    assert list(letters(many).values())[24:] == ["y", "z", "aa", "ab", "ac"]
