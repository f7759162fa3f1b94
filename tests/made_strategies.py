"""Strategies made up for tests: trees of every shape, and text that nobody would write."""

from __future__ import annotations

from hypothesis import strategies as st

from evidence_review.commands.search.strategy.fields import CONTROLLED
from evidence_review.commands.search.strategy.tree import And, Dates, Node, Not, Or, Term

_WORDS = st.sampled_from(
    ["asthma", "child", "kidney", "vaccin*", "co-operation", "naïve", "B12", "alzheimer's", "x", "well being"]
)
_PHRASES = st.builds(lambda one, two: f"{one} {two}", _WORDS, _WORDS) | _WORDS


@st.composite
def terms(draw: st.DrawFn) -> Term:
    """A term as the parser would make it."""
    field = draw(st.sampled_from(["", "all", "tiab", "ti", "ab", "tw", "mh", "majr", "sh", "pt", "nm", "au", "la"]))
    text = draw(_PHRASES)
    quoted = draw(st.booleans()) or field in CONTROLLED
    explode = draw(st.booleans()) if field in ("mh", "majr", "sh") else True
    near = None
    if field in ("ti", "tiab") and " " in text and "*" not in text and draw(st.booleans()):
        near, quoted = draw(st.integers(0, 20)), True
    subheadings = tuple(draw(st.lists(_WORDS, max_size=2))) if field in ("mh", "majr") else ()
    return Term(text, field, quoted, explode, near, subheadings)


dates = st.builds(
    lambda first, last: Dates("dp", min(first, last), max(first, last)),
    st.sampled_from(["1999", "2010", "2010/05", "2010/05/31"]),
    st.sampled_from(["2012", "2020/02", "2020/12/31", "3000"]),
)


def trees(leaf: st.SearchStrategy[Node], most: int = 14) -> st.SearchStrategy[Node]:
    """Trees over the leaves, of up to about `most` of them."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts))),
            st.builds(Not, inner, inner),
        ),
        max_leaves=most,
    )


_SNIPPETS = st.sampled_from(
    ['"', "“", "[", "]", "(", ")", "[tiab]", "[mh:noexp]", "[tiab:~3]", "[dp]", " AND ", " OR ", " not ", "NOT", "#1",
     "#2", "\n#2 ", "\n1. ", "asthma", "kidney transplant*", "2010", ":", "*", "/", ",", " ", "\n", "and", "3000",
     "’", "\u00a0", "\x1c"]
)  # fmt: skip

texts = st.text(max_size=60) | st.lists(_SNIPPETS | st.text(max_size=3), max_size=30).map("".join)
