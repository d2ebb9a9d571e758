"""What one plan says otherwise than another, and what of it breaks something."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from coterie.language.compatibility import compared
from coterie.language.plan import PlannedEvent, Property, TrackingPlan

P = Property


ZERO, ONE = Decimal(0), Decimal(1)


def of(*properties: Property, **more: Any) -> TrackingPlan:
    """A plan of one event with one property, or with none."""
    found = dict(zip("xy", properties, strict=False))
    return TrackingPlan(events={"Paid": PlannedEvent(properties=found)}, **more)


@pytest.mark.parametrize(
    ("old", "new", "change", "breaking"),
    [
        (of(P(type="integer")), of(P(type="decimal", scale=2)), "wider", False),
        (of(P(type="decimal", scale=2)), of(P(type="integer")), "type", True),
        (of(P(type="decimal", scale=2)), of(P(type="decimal", scale=1)), "type", True),
        (of(P(type="integer")), of(P(type="real")), "wider", False),
        (of(P(type="text")), of(P(type="integer")), "type", True),
        (of(P(type="integer", unit="kg")), of(P(type="integer", unit="g")), "unit", True),
        (of(P(type="integer")), of(P(type="integer", unit="g")), "unit", False),
        (of(P(type="text")), of(P(type="text", pii="contact")), "personal data", True),
        (of(P(type="text")), of(P(type="text", required=True)), "required", True),
        (of(P(type="text", required=True)), of(P(type="text")), "required", False),
        (of(P(type="integer")), of(P(type="integer", min=ZERO)), "narrower", True),
        (of(P(type="integer", min=ZERO)), of(P(type="integer", min=ONE)), "narrower", True),
        (of(P(type="integer", min=ONE)), of(P(type="integer", min=ZERO)), "wider", False),
        (of(P(type="integer", max=ONE)), of(P(type="integer", max=ZERO)), "narrower", True),
        (of(P(type="text", max_length=5)), of(P(type="text", max_length=9)), "wider", False),
        (of(P(type="text", one_of=("a",))), of(P(type="text", one_of=("a", "b"))), "wider", False),
        (of(P(type="text", one_of=("a", "b"))), of(P(type="text", one_of=("a", ))), "narrower",
         True),
        (of(P(type="text", one_of=("a",))), of(P(type="text")), "wider", False),
        (of(P(type="text")), of(P(type="text", format="country")), "narrower", True),
        (of(P(type="text", pattern="a")), of(P(type="text", pattern="b")), "narrower", True),
        (of(P(type="text")), of(P(type="text", mode="observe")), "wider", False),
        (of(P(type="text"), mode="observe"), of(P(type="text"), mode="coerce"), "narrower", True),
        (of(P(type="text")), of(), "removed", True),
        (of(), of(P(type="text")), "added", False),
        (of(), of(P(type="text", required=True)), "added", True),
        (of(), TrackingPlan(), "removed", True),
        (TrackingPlan(), of(), "added", False),
        (of(), of(unknown_events="quarantine"), "policy", True),
        (of(unknown_properties="drop"), of(unknown_properties="observe"), "policy", False),
        (of(unknown_properties="observe"), of(unknown_properties="drop"), "policy", True),
    ],
)  # fmt: skip
def test_each_change_is_named_and_classed(
    old: TrackingPlan, new: TrackingPlan, change: str, breaking: bool
) -> None:
    """Breaking is what may make something wrong that was right."""
    found = compared(old, new)
    assert [(one.change, one.breaking) for one in found] == [(change, breaking)]
    assert compared(new, new) == []


def test_lines_that_go_break_what_counts_them() -> None:
    """A new array of lines does not; one that carries less does."""
    item, none = PlannedEvent(), PlannedEvent(properties={"x": P(type="text")})
    lined = PlannedEvent(properties=none.properties, explode={"items": "Item"}, inherit=("x",))
    less = PlannedEvent(properties=none.properties, explode={"items": "Item"})
    plans = [TrackingPlan(events={"Paid": one, "Item": item}) for one in (none, lined, less)]
    assert [(one.change, one.breaking) for one in compared(plans[0], plans[1])] == [
        ("lines", False)
    ]
    assert [one.breaking for one in compared(plans[1], plans[0])] == [True, True]
    assert [one.breaking for one in compared(plans[1], plans[2])] == [True]


def test_words_are_no_change() -> None:
    """Descriptions, owners and purposes break nothing."""
    words = P(type="text", description="d", owner="o", purpose="p")
    assert compared(of(P(type="text")), of(words)) == []
