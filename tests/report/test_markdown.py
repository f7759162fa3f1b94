"""The report's HTML as Markdown: what stands in code is shown as it is."""

from __future__ import annotations

import pytest

from evidence_review.commands.report.markdown import from_html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>read as <code>nurs*[tiab] OR TITLE_ABS:&lt;x&gt;</code>.</p>", "read as `nurs*[tiab] OR TITLE_ABS:<x>`."),
        ("<p><code>a ` b</code></p>", "``a ` b``"),
        ("<p><code>`a</code></p>", "`` `a ``"),
        ("<p>a_b and <code>a_b</code></p>", r"a\_b and `a_b`"),
        ("<table><tr><th>q</th></tr><tr><td><code>a | b</code></td></tr></table>", "| q |\n| --- |\n| `a \\| b` |"),
    ],
)
def test_code_has_no_marks_that_a_reader_would_see(html: str, expected: str) -> None:
    """A backslash in a code span would be printed; backticks inside need a longer fence."""
    assert from_html(html) == expected + "\n"
