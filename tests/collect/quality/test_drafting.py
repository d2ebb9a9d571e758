"""A plan drafted from traffic, compared with the plan by which the traffic was made."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coterie.collect.drafting import Traffic
from coterie.collect.gate import Gate
from coterie.language.events import Event
from coterie.language.plan import Property, TrackingPlan
from coterie.language.planfile import load
from coterie.simulate import simulate


@pytest.fixture(scope="module")
def made() -> tuple[TrackingPlan, list[Event]]:
    """A shop's true plan, and what happened in it."""
    shop = simulate(people=150, months=2, seed=5)
    return shop.plan(), [event for batch in shop.events() for event in batch]


def test_a_draft_is_the_shop_s_own_plan(made: tuple[TrackingPlan, list[Event]]) -> None:
    """Every event and property, its type, its scale, whether it is personal, and required."""
    true, events = made
    seen = Traffic(true)
    for event in events:
        seen.add(event)
    drafted = seen.plan()
    assert drafted.events.keys() == true.events.keys()
    for name, planned in true.events.items():
        found = drafted.events[name]
        assert found.explode == planned.explode
        assert found.inherit == planned.inherit
        assert found.properties.keys() == planned.properties.keys()
        for prop, declared in planned.properties.items():
            one = found.properties[prop]
            said = (declared.type, declared.scale, declared.pii)
            assert (one.type, one.scale, one.pii) == said, (name, prop)
            assert one.required or not declared.required, (name, prop)
    currency = drafted.events["Order Completed"].properties["currency"]
    assert currency.format == "currency"
    assert drafted.events["identify"].properties["country"].format == "country"
    assert drafted.events["identify"].properties["plan"].one_of == ("free", "plus")


def test_traffic_fits_its_own_draft(made: tuple[TrackingPlan, list[Event]], tmp_path: Path) -> None:
    """As a file, read back: everything that was seen passes it but the rare."""
    _, events = made
    seen = Traffic()
    for event in events:
        seen.add(event)
    (tmp_path / "draft.toml").write_text(seen.toml())
    drafted = load(tmp_path / "draft.toml")
    drafted.validate()
    gate = Gate(drafted)
    refused = sum(gate.judge(event, 2**62).refused is not None for event in events)
    assert refused <= 0.02 * len(events)
    assert {"Order Completed Line"} < drafted.events.keys()


def drafted(values: list[Any], name: str = "x") -> Property:
    seen = Traffic()
    for i, value in enumerate(values):
        seen.add(Event(source="w", message_id=str(i), name="E", occurred_at=0, received_at=0,
                       properties={} if value is ... else {name: value}))  # fmt: skip
    return seen.plan().events["E"].properties[name]


P = Property


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ([1, 2], "x", P(type="integer", required=True)),
        ([1, Decimal("2.55")], "x", P(type="decimal", scale=2, required=True)),
        ([True, False], "x", P(type="boolean", required=True)),
        (["a", ...], "x", P(type="text")),
        (["a", None], "x", P(type="text")),
        (["2026-01-31", "2026-02-01"], "x", P(type="text", format="date", required=True)),
        (["2026-01-31T10:00:00Z"], "x", P(type="instant", required=True)),
        (["red", "blue"] * 20, "x", P(type="text", one_of=("blue", "red"), required=True)),
        (["red", "blue"] * 20, "favourite_name", P(type="text", required=True)),
        (["red", "blue"] * 20, "sku", P(type="text", required=True)),
        (["red"] * 40, "x", P(type="text", required=True)),
        ([f"t{i}" for i in range(40)], "x", P(type="text", required=True)),
        (["ann"] * 50 + ["bob"] * 50, "firstName", P(type="text", pii="contact", required=True)),
        (["DE", "FR"], "shipping_country", P(type="text", format="country", required=True)),
        (["DE", "XX"], "country", P(type="text", required=True)),
        (["en-US"], "locale", P(type="text", format="language", required=True)),
        ([1] * 99 + ["odd"], "x", P(type="integer", required=True)),
    ],
)
def test_each_property_is_drafted_by_what_was_seen(
    values: list[Any], name: str, expected: Property
) -> None:
    """Few texts that come again are an enumeration, but never under a name of a person."""
    assert drafted(values, name) == expected


def test_a_draft_says_what_it_counted() -> None:
    """Beside each property; what a plan cannot declare is named in a comment; known events go."""
    seen = Traffic(TrackingPlan(events={}))
    for i in range(4):
        properties: dict[str, Any] = {"n": i, 'a "b"': "x", "tags": ["t"]}
        seen.add(Event(source="w", message_id=str(i), name='Say "hi"', occurred_at=0,
                       received_at=0, properties=properties))  # fmt: skip
    text = seen.toml()
    assert "# 4 seen" in text
    assert 'n = { type = "integer", required = true }  # 100.0% of the events, 4 values' in text
    assert "# tags: an object or a list, which a plan cannot declare" in text
    assert tomllib.loads(text)["events"]['Say "hi"']["properties"]['a "b"']["type"] == "text"
    assert Traffic(seen.plan()).toml() == "version = 1\n"
    known = Traffic(seen.plan())
    known.add(Event(source="w", message_id="1", name='Say "hi"', occurred_at=0, received_at=0))
    assert known.toml(new=True) == "version = 1\n"
