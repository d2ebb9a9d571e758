"""The tracking plan that a mapping implies: a first draft to be edited and kept."""

from __future__ import annotations

from coterie.collect.mapping import Field, Mapping, Order
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.types import MAX_SCALE

CONSENT = PlannedEvent(
    description="A person allowed or withdrew a purpose.",
    properties={
        "purpose": Property(type="text", required=True),
        "granted": Property(type="boolean", required=True),
        "notice": Property(type="text", description="The notice that was shown."),
    },
)


def draft(mapping: Mapping, names: tuple[str, ...] = ()) -> TrackingPlan:
    """The plan of what a mapping brings in.

    Parameters
    ----------
    names : tuple of str
        Event names found in the mapped column, besides those that the mapping states.

    Examples
    --------
    >>> from coterie.collect.mapping import Field, Named, When
    >>> plan = draft(Mapping(source="web", instant=When(column="at"),
    ...     event=Named(name="Page Viewed"), properties={"path": Field(column="url")}))
    >>> plan.kind("Page Viewed", "path")
    Text()
    """
    own = {name: planned(field) for name, field in mapping.properties.items()}
    if mapping.kind == "traits":
        events = {"identify": PlannedEvent(properties=own, description="What a person declared.")}
    else:
        events = {}
        for name in dict.fromkeys((*mapping.names(), *names)):
            events |= _event(name, own, mapping.order)
    if mapping.consents:
        events["Consent Updated"] = CONSENT
    return TrackingPlan(events=events)


def planned(field: Field) -> Property:
    """The declaration of one mapped field; what is classed is text, because it is hashed."""
    return Property(
        type="text" if field.pii != "none" else field.type,
        scale=field.scale if field.pii == "none" else 0,
        unit=field.unit, pii=field.pii, description=field.description, required=field.required,
    )  # fmt: skip


def _event(name: str, own: dict[str, Property], order: Order | None) -> dict[str, PlannedEvent]:
    if order is None:
        return {name: PlannedEvent(properties=own)}
    line = line_event(order, name)
    lines = _line(order)
    total = {order.revenue: lines[order.revenue]} if order.revenue in lines else {}
    parent = PlannedEvent(properties=own | total, explode={order.array: line}, inherit=(order.key,))
    key = {order.key: own[order.key]}
    return {name: parent, line: PlannedEvent(properties=key | lines)}


def line_event(order: Order, name: str) -> str:
    """The name of the line event of an event: as mapped, or its own with ``Line``."""
    return order.lines.get(name, f"{name} Line")


def _line(order: Order) -> dict[str, Property]:
    lines = {name: planned(field) for name, field in order.fields.items()}
    if order.quantity and order.price:
        scale = sum(order.fields[name].scale for name in (order.quantity, order.price))
        lines[order.revenue] = Property(
            type="decimal", scale=min(scale, MAX_SCALE), unit=order.unit,
            description="Quantity times price; below zero where money went back.",
        )  # fmt: skip
    lines["kind"] = Property(
        type="text", required=True, description="product, or what the mapping's rules name"
    )
    return lines
