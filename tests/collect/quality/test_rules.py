"""Rules of a property: what each mode makes of a value that breaks them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from coterie.collect.gate import Gate, Violation
from coterie.errors import PlanError
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from tests.collect.quality.plans import one, paid, plan

P = Property
EUR = P(type="decimal", scale=2, unit="EUR")
KG = P(type="decimal", scale=3, unit="kg")
BROKEN: list[tuple[Property, Any, str, Any]] = [
    (P(type="integer", min=Decimal(0), max=Decimal(120)), 121, "out_of_range", None),
    (P(type="integer", max=Decimal(120)), "120", "wrong_type", 120),
    (P(type="real", min=Decimal("0.1")), 0.05, "out_of_range", None),
    (P(type="decimal", scale=2), "19,99", "wrong_type", Decimal("19.99")),
    (P(type="decimal", scale=2), "19.99", "wrong_type", Decimal("19.99")),
    (P(type="decimal", scale=2), "1.234,5", "wrong_type", Decimal("1234.5")),
    (P(type="decimal", scale=2), "1,234,567.5", "wrong_type", Decimal("1234567.5")),
    (P(type="decimal", scale=2), "1,234", "wrong_type", None),
    (P(type="decimal", scale=2), "19.999", "wrong_type", None),
    (P(type="decimal", scale=2), "19 EUR", "wrong_type", None),
    (P(type="decimal", scale=2), [1], "wrong_type", None),
    (P(type="boolean"), "true", "wrong_type", True),
    (P(type="boolean"), " No", "wrong_type", False),
    (P(type="boolean"), 1, "wrong_type", True),
    (P(type="boolean"), "perhaps", "wrong_type", None),
    (P(type="text"), 17850, "wrong_type", "17850"),
    (P(type="text"), True, "wrong_type", None),
    (P(type="instant"), " 2026-01-31T10:00:00Z ", "bad_instant", "2026-01-31T10:00:00Z"),
    (P(type="instant"), "soon", "bad_instant", None),
    (P(type="instant"), "2026-01-31T10:00:00", "bad_instant", None),
    (P(type="text", min_length=2, max_length=3), "a", "bad_length", None),
    (P(type="text", max_length=3), " abc ", "bad_length", "abc"),
    (P(type="text", one_of=("gold", "silver")), "GOLD ", "not_listed", "gold"),
    (P(type="text", one_of=("a", "A")), " a", "not_listed", "a"),
    (P(type="text", one_of=("gold",)), "bronze", "not_listed", None),
    (P(type="text", pattern="[A-Z]{2}-[0-9]+"), " GB-1", "mismatch", "GB-1"),
    (P(type="text", pattern="[A-Z]{2}-[0-9]+"), "gb-1", "mismatch", None),
    (P(type="text", pattern="a*"), "a" * 256, "mismatch", None),
    (P(type="text", format="date"), " 2026-01-31", "bad_format", "2026-01-31"),
    (P(type="text", format="date"), "2026-02-30", "bad_format", None),
    (P(type="text", format="date"), "20260131", "bad_format", None),
    (P(type="text", format="country"), "Germany", "bad_format", "DE"),
    (P(type="text", format="country"), "deu", "bad_format", "DE"),
    (P(type="text", format="country"), "Atlantis", "bad_format", None),
    (P(type="text", format="currency"), "eur ", "bad_format", "EUR"),
    (P(type="text", format="language"), "en_us", "bad_format", "en-US"),
    (P(type="text", format="language"), "english", "bad_format", None),
    (P(type="text", format="email", pii="contact"), " a@b.example.com", "bad_format",
     "a@b.example.com"),
    (P(type="text", format="email", pii="contact"), "a@", "bad_format", None),
    (P(type="text", format="phone", pii="contact"), "12", "bad_format", None),
    (P(type="text", format="phone", pii="contact", region="GB"), 442079460018, "wrong_type",
     "+442079460018"),
    (P(type="text", pii="contact"), ["a"], "wrong_type", None),
    (KG, {"value": 2, "unit": "lb"}, "wrong_type", Decimal("0.907")),
    (KG, {"value": "2,5", "unit": "kg"}, "wrong_type", Decimal("2.5")),
    (KG, {"value": 2, "unit": "litre"}, "wrong_type", None),
    (KG, {"value": 2, "unit": "lb", "more": 1}, "wrong_type", None),
    (P(type="integer", unit="gram"), {"value": 2, "unit": "kg"}, "wrong_type", 2000),
    (P(type="integer", unit="kg"), {"value": 1, "unit": "gram"}, "wrong_type", None),
    (P(type="real", unit="degF"), {"value": 20, "unit": "degC"}, "wrong_type", 68),
    (EUR, {"value": 2, "unit": "eur"}, "wrong_type", 2),
    (EUR, {"value": 2, "unit": "GBP"}, "wrong_type", None),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "value", "reason", "mended"), BROKEN)
def test_each_mode_does_what_it_says(
    declared: Property, value: Any, reason: str, mended: Any
) -> None:
    """Enforce refuses, observe lets through, coerce repairs and keeps the original or refuses."""
    strict, event = one(declared, value)
    refused = Gate(strict).judge(event, 0).refused
    assert refused is not None
    assert refused[0] == reason
    seen = Gate(one(declared, value, "observe")[0]).judge(event, 0)
    assert seen.refused is None
    assert seen.event is event
    assert [one.action for one in seen.violations] == ["observed"]
    coerced = Gate(one(declared, value, "coerce")[0]).judge(event, 0)
    if mended is None:
        assert coerced.refused is not None
    else:
        assert coerced.event.properties == {"x": mended}
        assert coerced.event.context == {"coerced": {"x": value}}
        assert [one.action for one in coerced.violations] == ["coerced"]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (P(type="text", format="email"), "Ann.O'Neil@shop.example.com"),
        (P(type="text", format="phone", region="GB"), "020 7946 0018"),
        (P(type="text", format="phone"), "+44 20 7946 0018"),
        (P(type="text", format="language"), "zh-Hant-TW"),
        (P(type="text", format="country"), "DE"),
        (P(type="integer", min=Decimal(0)), 0),
        (P(type="decimal", scale=2, max=Decimal("9.99")), Decimal("9.99")),
        (P(type="text", pii="identifier"), 5),
    ],
)
def test_what_is_right_passes_in_every_mode(declared: Property, value: Any) -> None:
    """Both ends of a range belong to it; a number in any notation is a phone's."""
    for mode in ("enforce", "observe"):
        made, event = one(declared, value, mode)  # type: ignore[arg-type]
        assert Gate(made).judge(event, 0) == (event, None, ())


@pytest.mark.parametrize("value", [2**40 + 1, Decimal("NaN"), Decimal("0.125")])
def test_limits_hold_in_every_mode(value: Any) -> None:
    """No sum may overflow and none may be inexact, whatever is only observed."""
    made, event = one(P(type="decimal", scale=2), value, "observe")
    assert Gate(made).judge(event, 0).refused is not None
    nul, said = one(P(type="text"), "a\0", "observe")
    assert Gate(nul).judge(said, 0).refused == ("nul", "properties.x: text, not str")


def test_a_property_beside_tells_the_unit() -> None:
    """It is converted, and says the plan's unit from then on; both originals are kept."""
    gate = Gate(plan("coerce"))
    event = paid({"order_id": "GB-1", "weight": 2, "weight_unit": "lb"})
    judged = gate.judge(event, 0)
    assert judged.event.properties == {
        "order_id": "GB-1", "weight": Decimal("0.907"), "weight_unit": "kg",
    }  # fmt: skip
    assert judged.event.context == {"coerced": {"weight": 2, "weight_unit": "lb"}}
    assert judged.violations == (Violation("properties.weight", "unit", "coerced"),)


def test_another_currency_is_refused() -> None:
    """Nobody knows its rate; its own code in small letters is the same currency."""
    gate = Gate(plan("coerce"))
    judged = gate.judge(paid({"order_id": "GB-1", "revenue": 5, "currency": "EUR"}), 0)
    assert judged.refused == ("bad_unit", "properties.revenue: in GBP")
    judged = gate.judge(paid({"order_id": "GB-1", "revenue": 5, "currency": "gbp"}), 0)
    assert judged.event.properties["currency"] == "GBP"


def test_lines_are_judged_by_their_own_event() -> None:
    """The path says which item; counts say only which array. A repair keeps the items' order."""
    event = paid({"order_id": "GB-1", "items": [{"price": 1}, {"price": "2,50", "size": "m"}]})
    judged = Gate(plan()).judge(event, 0)
    assert judged.refused == ("wrong_type", "properties.items[1].price: decimal(2), not str")
    assert judged.violations[0].path == "properties.items[].price"
    mended = Gate(plan("coerce")).judge(event, 0).event
    assert mended.properties["items"] == [{"price": 1}, {"price": Decimal("2.5"), "size": "M"}]
    assert mended.context == {"coerced": {"items": [{}, {"price": "2,50", "size": "m"}]}}


@pytest.mark.parametrize(
    ("policy", "refused", "kept", "action"),
    [
        ("allow", False, True, None),
        ("observe", False, True, "observed"),
        ("drop", False, False, "dropped"),
        ("quarantine", True, True, "refused"),
    ],
)
def test_unknown_properties_go_by_the_policy(
    policy: str, refused: bool, kept: bool, action: str | None
) -> None:
    """Their names are told nowhere: they come from outside. Items have the policy, too."""
    event = paid({"order_id": "GB-1", "jane@x.example": 1, "items": [{"price": 1, "odd": 2}]})
    judged = Gate(plan(unknown_properties=policy)).judge(event, 0)
    assert (judged.refused is not None) is refused
    assert ("jane@x.example" in judged.event.properties) is kept
    assert ("odd" in judged.event.properties["items"][0]) is kept
    paths = {v.path for v in judged.violations}
    assert paths == (set() if action is None else {"properties.*", "properties.items[].*"})
    assert {v.action for v in judged.violations} == ({action} if action else set())
    assert "jane" not in str((judged.refused, judged.violations))


@pytest.mark.parametrize(("policy", "n"), [("allow", 0), ("observe", 1), ("quarantine", 1)])
def test_unknown_events_go_by_the_policy(policy: str, n: int) -> None:
    """An event that the plan does not name is stored, counted, or quarantined."""
    made = TrackingPlan(unknown_events=policy)  # type: ignore[arg-type]
    judged = Gate(made).judge(paid(), 0)
    assert len(judged.violations) == n
    refused = None if judged.refused is None else judged.refused[0]
    assert refused == ("unplanned" if policy == "quarantine" else None)


def test_the_nearest_mode_counts() -> None:
    """The property's own, else the event's, else the plan's; so do unknown properties."""
    made = TrackingPlan(mode="observe", unknown_properties="quarantine", events={
        "Paid": PlannedEvent(mode="coerce", unknown_properties="allow", properties={
            "a": P(type="integer"), "b": P(type="integer", mode="enforce"),
        }),
        "Seen": PlannedEvent(properties={"a": P(type="integer")}),
    })  # fmt: skip
    gate = Gate(made)
    assert gate.judge(paid({"a": "1", "odd": 1}), 0).event.properties == {"a": 1, "odd": 1}
    assert gate.judge(paid({"b": "1"}), 0).refused is not None
    assert made.mode_of("Seen", "a") == "observe"
    assert made.others_of("Seen") == "quarantine"


def test_a_line_may_be_made_of_lines_like_itself() -> None:
    """A comment has replies, which have replies."""
    made = TrackingPlan(events={"Comment": PlannedEvent(
        properties={"n": P(type="integer")}, explode={"replies": "Comment"})})  # fmt: skip
    event = paid({"n": 1, "replies": [{"n": 2, "replies": [{"n": "3"}]}]})
    judged = Gate(made).judge(type(event)(
        source="w", message_id="m", name="Comment", occurred_at=0, received_at=0,
        properties=event.properties), 0)  # fmt: skip
    assert judged.refused == (
        "wrong_type", "properties.replies[0].replies[0].n: integer, not str",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "match"),
    [
        (P(type="integer", pattern="a"), "of this type"),
        (P(type="text", min=Decimal(1)), "of this type"),
        (P(type="boolean", one_of=("a",)), "of this type"),
        (P(type="integer", min=Decimal(2), max=Decimal(1)), "between the bounds"),
        (P(type="integer", min=Decimal("Infinity")), "a bound is a number"),
        (P(type="text", region="GB"), "has a region"),
        (P(type="decimal", unit_from="y"), "says none"),
        (P(type="decimal", unit="kg", unit_from="y"), "no text of this event"),
        (P(type="integer", pii="contact"), "is a text"),
        (P(type="text", one_of=("",)), "empty text"),
        (P(type="decimal", scale=7), "0 to 6"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declared: Property, match: str) -> None:
    """Before any event comes, with its place."""
    with pytest.raises(PlanError, match=match) as caught:
        one(declared, 1)[0].validate()
    assert caught.value.where.startswith("Paid.x")


def test_numbers_of_one_unit_property_are_kept_in_one_unit() -> None:
    """It could not tell two units after a repair."""
    made = TrackingPlan(events={"Paid": PlannedEvent(properties={
        "u": P(type="text"), "a": P(type="integer", unit="kg", unit_from="u"),
        "b": P(type="integer", unit="m", unit_from="u")})})  # fmt: skip
    with pytest.raises(PlanError, match="different ones"):
        made.validate()
