"""A BibTeX record that uses macros, or takes fields from its proceedings, says the same wherever it goes."""

from __future__ import annotations

from pathlib import Path

from evidence_review.commands.load.convert import convert
from evidence_review.formats import open_file
from evidence_review.model.record import Citation, Parsed

FILE = """\
@string{acm = "ACM"}
@string(jacm = "Journal of the " # acm)
@article{one, title = {One}, journal = jacm, year = 2001, month = mar}
@inproceedings{two, title = {Two}, crossref = {proc}}
@proceedings{proc, title = {Proceedings of X}, publisher = acm # { Press}, year = 2002}
@article{three, title = {Three}, journal = jacm}
"""


def citations(path: Path) -> list[Citation]:
    return [item.citation for item in open_file(path) if isinstance(item, Parsed)]


def test_macros_are_defined_once_where_an_untouched_record_goes(tmp_path: Path) -> None:
    """Each entry goes out byte for byte; without its macros it would have lost its journal."""
    file, out = tmp_path / "a.bib", tmp_path / "b.bib"
    file.write_text(FILE, encoding="utf-8")
    convert([file], "bibtex", out)
    written = out.read_text(encoding="utf-8")
    assert all(line in written for line in FILE.splitlines())
    assert written.count("@string(jacm") == written.count("@string{acm") == 1
    assert citations(out) == citations(file)
    assert citations(file)[0].container == "Journal of the ACM"


def test_a_macro_is_resolved_in_what_a_paper_takes_from_its_proceedings(tmp_path: Path) -> None:
    file = tmp_path / "a.bib"
    file.write_text(FILE, encoding="utf-8")
    two = citations(file)[1]
    assert (two.container, two.publisher, two.year) == ("Proceedings of X", "ACM Press", 2002)
