"""What definitions read is found by name, and nothing else is."""

from __future__ import annotations

import pytest

from coterie import case, event, segment, trait
from coterie.discover.auditing.usage import events_of, segmented, usage
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import PlannedEvent, Property, TrackingPlan

AMOUNT, TEXT = Property(type="decimal", scale=2), Property(type="text")
PLAN = TrackingPlan(
    events={
        "Order Completed": PlannedEvent(
            properties={"revenue": AMOUNT, "coupon": TEXT, "products": TEXT, "currency": TEXT},
            explode={"products": "Product Purchased"},
            inherit=("currency",),
        ),
        "Product Purchased": PlannedEvent(properties={"sku": TEXT, "currency": TEXT}),
        "Order Refunded": PlannedEvent(properties={"revenue": AMOUNT}),
        "Page": PlannedEvent(properties={"path": TEXT}),
        "identify": PlannedEvent(),
    }
)


@pytest.fixture(scope="module")
def library() -> Library:
    order, refund = event("Order Completed"), event("Order Refunded")
    line = event("Product Purchased")
    spend = trait((order | refund).sum("revenue"))
    couponed = trait(order.where(order["coupon"].is_known()).count())
    home = trait(line.where(line["currency"] == "GBP").count())
    idle = trait(order.count())
    rich = segment(spend > 100, purpose="analytics")
    level = trait(case((couponed > 1, 1), otherwise=0))
    found = {"spend": spend, "couponed": couponed, "home": home, "idle": idle, "rich": rich,
             "level": level}  # fmt: skip
    definitions: Definitions = named(found)
    return Library(definitions, PLAN, {"analytics": "legitimate_interest"}, "analytics")


def test_properties_are_read_where_they_stand(library: Library) -> None:
    """In values, in predicates, for each event of a union that has them, and through lines."""
    read = usage(library).properties
    assert read["Order Completed", "revenue"] == {"spend"}
    assert read["Order Refunded", "revenue"] == {"spend"}
    assert read["Order Completed", "coupon"] == {"couponed"}
    assert read["Product Purchased", "currency"] == {"home"}
    assert read["Order Completed", "currency"] == {"home"}  # inherited by the line
    assert read["Order Completed", "products"] == {"home"}  # what the line is exploded from
    assert ("Product Purchased", "sku") not in read
    assert not any(event == "Page" for event, _ in read)


def test_events_and_definitions_are_read_by_name(library: Library) -> None:
    """Identities are read by whatever joins them."""
    found = usage(library)
    assert found.events["Order Refunded"] == {"spend"}
    assert "Page" not in found.events
    assert found.events["identify"] == {"identity"}
    assert found.definitions["spend"] == {"rich"}
    assert events_of(library, "rich") == {"Order Completed", "Order Refunded"}


def test_a_trait_is_idle_unless_a_segment_rests_on_it(library: Library) -> None:
    """However many other traits refer to it."""
    assert segmented(library) == {"spend"}
