"""A plan with every kind of rule, and events for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from coterie.language.events import Event
from coterie.language.plan import Mode, PlannedEvent, Property, TrackingPlan

PROPERTIES = {
    "order_id": Property(type="text", pattern="[A-Z]{2}-[0-9]+", required=True),
    "revenue": Property(type="decimal", scale=2, unit="GBP", unit_from="currency"),
    "currency": Property(type="text", format="currency"),
    "weight": Property(type="decimal", scale=3, unit="kg", unit_from="weight_unit"),
    "weight_unit": Property(type="text"),
    "pieces": Property(type="integer", min=Decimal(1), max=Decimal(100)),
    "score": Property(type="real", min=Decimal("0.1")),
    "tier": Property(type="text", one_of=("gold", "silver")),
    "note": Property(type="text", min_length=1, max_length=20),
    "first": Property(type="boolean"),
    "paid_at": Property(type="instant"),
    "email": Property(type="text", format="email", pii="contact"),
    "phone": Property(type="text", format="phone", region="GB", pii="contact"),
    "country": Property(type="text", format="country"),
    "language": Property(type="text", format="language"),
    "due": Property(type="text", format="date"),
    "who": Property(type="text", pii="identifier"),
}
LINE = {
    "price": Property(type="decimal", scale=2, required=True, unit="GBP"),
    "size": Property(type="text", one_of=("S", "M")),
}


def plan(mode: Mode = "enforce", **policy: Any) -> TrackingPlan:
    made = TrackingPlan(
        mode=mode,
        events={
            "Paid": PlannedEvent(properties=PROPERTIES, explode={"items": "Item"}),
            "Item": PlannedEvent(properties=LINE),
        },
        **policy,
    )
    made.validate()
    return made


def paid(properties: dict[str, Any] | None = None, /, **more: Any) -> Event:
    """An event that is right but for what is given."""
    values = {"order_id": "GB-1"} if properties is None else properties
    return Event(
        source="web", message_id="m", name="Paid", occurred_at=0, received_at=0, user_id="ann",
        properties=values | more,
    )  # fmt: skip


def one(declared: Property, value: Any, mode: Mode = "enforce") -> tuple[TrackingPlan, Event]:
    """A plan of one property, and an event with a value of it."""
    made = TrackingPlan(
        mode=mode, events={"Paid": PlannedEvent(properties={"x": declared})}
    )  # fmt: skip
    return made, paid({"x": value})


_LIKELY = st.sampled_from([
    "GB-1", " gb-1", "19,99", "19.99", "1.234,50", "1,234", "gbp", "GBP", "EUR", "lb", "kg", "true",
    "Yes", "no", "GOLD", " silver ", "Germany", "DEU", "de", "en_us", "en-US", "2026-01-31",
    "2026-01-31T10:00:00Z", "2026-01-31T10:00:00", "9999-12-31T23:59:59-01:00",
    "Ann@EXAMPLE.com", "020 7946 0018", "+442079460018", "3", "1e5", "-2",
    "", " ", "S", "m", "NaN", "\u0663", "a" * 300, "a\0b",
    {"value": 3, "unit": "lb"}, {"value": "2,5", "unit": "gbp"}, {"value": 1}, {"unit": "kg"},
])  # fmt: skip
_NUMBERS = st.one_of(
    st.integers(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.decimals(min_value=0, max_value=100, places=2),
    st.floats(),
    st.sampled_from([Decimal("1e300"), Decimal("1e-300"), 2**40, 2**40 + 1, Decimal("0.125")]),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, st.text(max_size=20), _LIKELY),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
"""Any value that JSON can say, and some that it cannot; likely ones often."""

ITEMS = st.lists(
    st.one_of(ANYTHING, st.fixed_dictionaries({}, optional={"price": ANYTHING, "size": ANYTHING})),
    max_size=3,
)
_POUNDS = st.decimals(min_value=-1000, max_value=1000, places=2)
USUAL: dict[str, st.SearchStrategy[Any]] = {
    "order_id": st.sampled_from(["GB-1", "DE-999", " GB-1 "]),
    "revenue": _POUNDS | _POUNDS.map(str) | st.sampled_from(["19,99", "1.234,50"]),
    "currency": st.sampled_from(["GBP", "gbp", " gbp", "EUR", None]),
    "weight": _POUNDS | st.sampled_from([{"value": 3, "unit": "lb"}, {"value": "2", "unit": "kg"}]),
    "weight_unit": st.sampled_from(["kg", "lb", "gram", "litre", "m**99", None]),
    "pieces": st.integers(-5, 105) | st.integers(1, 100).map(str),
    "score": st.floats(-1, 1e6) | st.integers(0, 5),
    "tier": st.sampled_from(["gold", "GOLD", " silver", "bronze"]),
    "note": st.text(max_size=25),
    "first": st.booleans() | st.sampled_from(["true", "No", 1, 0, "perhaps"]),
    "paid_at": st.sampled_from(
        ["2026-01-31T10:00:00Z", " 2026-01-31T10:00:00+01:00", "2026-01-31", "soon"]
    ),
    "email": st.emails() | st.sampled_from(["Ann@EXAMPLE.com", " ann@shop.example.com", "ann@"]),
    "phone": st.sampled_from(["020 7946 0018", "+442079460018", "+49 30 901820", "12"]),
    "country": st.sampled_from(["DE", "Germany", "deu", "de", "Atlantis"]),
    "language": st.sampled_from(["en", "en-US", "EN_us", "zh-hant-tw", "english"]),
    "due": st.sampled_from(["2026-01-31", " 2026-01-31", "2026-02-30", "31.01.2026"]),
    "who": ANYTHING,
    "items": ITEMS,
    "odd": ANYTHING,
}
"""What a property often says, right, nearly right and wrong."""


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An event of some properties, most of them usual."""
    names = draw(st.sets(st.sampled_from(sorted(USUAL)), max_size=4))
    strange = draw(st.integers(0, 3)) == 0
    return paid({"order_id": "GB-1"} | {
        name: draw(ANYTHING if strange else USUAL[name]) for name in sorted(names)
    })  # fmt: skip


EVENTS = events()
