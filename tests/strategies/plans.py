"""Tracking plans in which one property has different types on different events."""

from __future__ import annotations

from hypothesis import strategies as st

from coterie.language.plan import PlannedEvent, Property, TrackingPlan

PURPOSES = {"analytics": "legitimate_interest", "marketing": "consent"}

EVENTS = ("Order Completed", "Product Added", 'it\'s "odd"')
PROPERTIES: dict[str, tuple[Property, ...]] = {
    "amount": (
        Property(type="decimal", scale=2),
        Property(type="integer"),
        Property(type="decimal", scale=4),
        Property(type="real"),
        Property(type="text"),
    ),
    "quantity": (Property(type="integer"), Property(type="decimal", scale=0)),
    "weight": (Property(type="real"),),
    "category": (Property(type="text"),),
    "gift": (Property(type="boolean"),),
    "due": (Property(type="instant"),),
}


@st.composite
def plans(draw: st.DrawFn) -> TrackingPlan:
    """A plan of two or three events; the first has every property."""
    events = draw(st.integers(2, 3))
    planned = {EVENTS[0]: PlannedEvent(properties={p: k[0] for p, k in PROPERTIES.items()})}
    for name in EVENTS[1:events]:
        kept = draw(st.sets(st.sampled_from(sorted(PROPERTIES)), min_size=3))
        planned[name] = PlannedEvent(
            properties={p: draw(st.sampled_from(PROPERTIES[p])) for p in sorted(kept)}
        )
    return TrackingPlan(events=planned)
