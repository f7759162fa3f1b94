"""Values made quickly are those that the constructor makes."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from evidence_review.model.events import Decision
from evidence_review.model.quick import maker
from evidence_review.model.record import Citation, Name, Record


@dataclasses.dataclass(frozen=True, slots=True)
class Bag:
    name: str
    things: list[str] = dataclasses.field(default_factory=list)


def test_a_value_made_quickly_equals_one_made_by_the_constructor() -> None:
    """In class, fields, defaults, hash and text."""
    for kind, values in (
        (Name, {"family": "Kelly"}),
        (Citation, {"title": "A", "authors": (Name("Kelly"),), "year": 2015}),
        (Record, {"id": "R-1", "source": "s", "run": "0001-load", "position": 1, "citation": Citation()}),
        (Decision, dict.fromkeys(Decision.__slots__, "x")),
    ):
        quick, slow = maker(kind)(**values), kind(**values)
        assert (quick, type(quick), hash(quick), repr(quick)) == (slow, kind, hash(slow), repr(slow))
        assert pickle.loads(pickle.dumps(quick)) == slow


def test_a_value_made_quickly_is_frozen_and_shares_nothing() -> None:
    """Its fields cannot be set, and two values have two lists."""
    make = maker(Bag)
    one, two = make("a"), make("b")
    assert one.things is not two.things
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "c"  # type: ignore[misc]


def test_a_class_that_does_more_than_set_fields_is_refused() -> None:
    """Its constructor cannot be left out."""

    @dataclasses.dataclass(frozen=True, slots=True)
    class Checked:
        name: str

        def __post_init__(self) -> None:
            raise AssertionError

    with pytest.raises(TypeError, match="Checked"):
        maker(Checked)
    with pytest.raises(TypeError, match="int"):
        maker(int)
