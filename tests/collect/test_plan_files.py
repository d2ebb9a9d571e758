"""The tracking plan as files and as a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.collect.gate import Gate
from coterie.errors import PlanError
from coterie.language.dictionary import dictionary
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.planfile import PlanStore, load, save


def plan(**events: Property) -> TrackingPlan:
    """One event a keyword, with one property ``x``."""
    return TrackingPlan(
        events={name: PlannedEvent(properties={"x": prop}) for name, prop in events.items()}
    )


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    """Every field of it."""
    full = TrackingPlan(version=3, events={
        "a": PlannedEvent(
            properties={"x": Property(type="decimal", scale=2, unit="GBP", pii="none",
                                      purpose="analytics", owner="shop", description="d",
                                      required=True)},
            explode={"lines": "b"}, inherit=("x",), description="A", purpose="p", owner="o"),
        "b": PlannedEvent(),
    })  # fmt: skip
    save(full, tmp_path / "plan.toml")
    assert load(tmp_path / "plan.toml") == full


def test_files_of_a_folder_are_one_plan(tmp_path: Path) -> None:
    """An event stands in one of them."""
    store = PlanStore(tmp_path)
    assert store.load() == TrackingPlan()
    save(plan(a=Property(type="text")), tmp_path / "one.toml")
    save(plan(b=Property(type="text")), tmp_path / "two.toml")
    assert set(store.load().events) == {"a", "b"}
    save(plan(a=Property(type="text")), tmp_path / "two.toml")
    with pytest.raises(PlanError, match="two files"):
        store.load()


def test_an_extended_plan_keeps_what_was_written(tmp_path: Path) -> None:
    """Types widen; descriptions stay; new events go to their source's file."""
    store = PlanStore(tmp_path)
    save(plan(a=Property(type="integer", description="mine")), tmp_path / "hand.toml")
    draft = plan(a=Property(type="decimal", scale=2), b=Property(type="text"))
    merged, changes = store.extend(draft, "orders")
    assert changes == ["a.x becomes decimal(2)", "b is new"]
    assert merged == store.load()
    assert merged.version == 2
    assert load(tmp_path / "hand.toml").events["a"].properties["x"].description == "mine"
    assert set(load(tmp_path / "orders.toml").events) == {"b"}
    assert store.extend(draft, "orders") == (merged, [])


def test_a_property_of_another_type_is_refused(tmp_path: Path) -> None:
    """Nothing is written then."""
    store = PlanStore(tmp_path)
    save(plan(a=Property(type="text")), tmp_path / "hand.toml")
    with pytest.raises(PlanError, match="another type"):
        store.extend(plan(a=Property(type="integer"), b=Property(type="text")), "orders")
    assert set(store.load().events) == {"a"}


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "bad.toml").write_text("[events.a]\nproperties = 3\n")
    with pytest.raises(PlanError, match="cannot be read") as caught:
        PlanStore(tmp_path).load()
    assert "bad.toml" in str(caught.value)


def test_the_dictionary_names_everything_once() -> None:
    """A section an event, a row a property, its lines and its personal data."""
    told = TrackingPlan(events={
        "Order": PlannedEvent(
            properties={"total": Property(type="decimal", scale=2, unit="GBP", required=True),
                        "mail": Property(type="text", pii="contact", description="a|b")},
            explode={"items": "Item"}, inherit=("total",), description="Bought.", owner="shop"),
        "Item": PlannedEvent(),
    })  # fmt: skip
    page = dictionary(told)
    assert "Each item of `items` is also the event Item." in page
    assert "| `total` | decimal(2) | GBP |  |  |  | yes |  |" in page
    assert "contact (stored as a pseudonym)" in page
    assert r"a\|b" in page
    assert "One line of Order." in page


@pytest.mark.parametrize(
    ("value", "declared", "reason"),
    [
        (1, Property(type="integer"), None),
        (True, Property(type="integer"), "wrong_type"),
        (1.5, Property(type="integer"), "wrong_type"),
        (1.25, Property(type="decimal", scale=1), "too_precise"),
        (2**40 + 1, Property(type="integer"), "too_large"),
        (float("nan"), Property(type="real"), "not_a_number"),
        ("1", Property(type="decimal", scale=1), "wrong_type"),
        ("a\0", Property(type="text"), "nul"),
        ("soon", Property(type="instant"), "bad_instant"),
        ("2023-05-01T00:00:00Z", Property(type="instant"), None),
        (None, Property(type="text", required=True), "missing"),
        ("yes", Property(type="boolean"), "wrong_type"),
    ],
)
def test_the_gate_refuses_what_the_plan_does_not_allow(
    value: object, declared: Property, reason: str | None
) -> None:
    """The same for an event and for the lines inside it."""
    one = Event(source="s", message_id="m", name="a", occurred_at=0, received_at=0,
                properties={"x": value})  # fmt: skip
    found = Gate(plan(a=declared)).judge(one, 0).refused
    assert (found and found[0]) == reason
    nested = Event(source="s", message_id="m", name="p", occurred_at=0, received_at=0,
                   properties={"items": [{"x": value}]})  # fmt: skip
    events = plan(a=declared).events | {"p": PlannedEvent(explode={"items": "a"})}
    found = Gate(TrackingPlan(events=events)).judge(nested, 0).refused
    assert (found and found[0]) == reason
