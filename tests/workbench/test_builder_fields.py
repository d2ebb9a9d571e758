"""The builder's fields: traits beside traits, every aggregate, and what is counted since when."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from coterie import days, event, hours, instant
from coterie.language import nodes as n
from coterie.language.data import from_data, to_data
from coterie.language.definitions import Segment
from coterie.language.expressions import Expression, node_of
from tests.server.whole import Process
from tests.workbench.building import AGAIN, ODD, plain, tree
from tests.workbench.served import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("workbench builder_fields")

order, cart, viewed = event("Order Completed"), event("Product Added"), event("Product Viewed")
dear = cart.where(cart["price"] > 20)
asked = event("Consent Updated")


def ref(name: str) -> Expression:
    """A trait of the shop."""
    return Expression(n.Ref(name))


monetary, frequency, usual = ref("monetary"), ref("frequency"), ref("average_order_value")
first_at, last_at = ref("first_order_at"), ref("last_order_at")
bought = ref("favourite_category")

WRITTEN: dict[str, Expression] = {
    "a trait with a trait": monetary > usual,
    "one less a number": monetary >= usual - 10,
    "one more a number": frequency == ref("visits_28d") + 2,
    "a multiple, written before": monetary > 2 * usual,
    "a multiple, written behind": monetary <= usual * Decimal("1.5"),
    "a part": monetary < usual / 2,
    "a calculation with a trait": monetary / frequency > usual,
    "an aggregate with a trait": order.sum("revenue", within=days(30)) > monetary,
    "two instants": last_at > first_at,
    "two instants, or the same": first_at <= last_at,
    "two texts": cart.last("category") != bought,
    "the first text": cart.first("category") == "Gifts",
    "the last of several texts": cart.last("category", within=days(30)).is_in(["Gifts", "Books"]),
    "the last number": order.last("revenue") >= 20,
    "the last truth": asked.last("granted"),
    "no last truth": ~asked.last("granted"),
    "the most frequent": cart.where(cart["price"] > 5).top("category") != "Gifts",
    "the most frequent with a trait": cart.top("category") == bought,
    "the latest": viewed.values("category", limit=3).has("Gifts"),
    "the latest numbers": cart.values("quantity", limit=2, within=days(7)).has(2),
    "whether there are any latest": viewed.values("category", limit=1).is_unknown(),
    "a faded number": viewed.decayed(half_life=days(7)) > 3,
    "a faded total": order.decayed("revenue", half_life=hours(12), within=days(90)) <= 10,
    "a rate": viewed.decayed(rate=Decimal("0.25")).between(1, 5),
    "the first instant": order.first_at() >= instant("2025-11-01"),
    "the age of the last": order.last_at().age() <= days(10),
    "the last instant with a trait": cart.last_at() > last_at,
    "none since the last": ~order.any(since=cart.last_at()),
    "some since the first with a condition": order.any(since=dear.first_at()),
    "how many since a trait": viewed.count(since=last_at) >= 3,
    "how much since a date": order.sum("revenue", since=instant("2025-12-01")) > 100,
    "a sequence since the last": viewed.then(order, within=days(1)).any(since=cart.last_at()),
}  # fmt: skip

ELSEWHERE: dict[str, Expression] = {
    "a number less a trait": monetary > 10 - usual,
    "both times": order.count(since=last_at, within=days(7)) > 1,
    "a frozen sum": order.decayed(half_life=days(7), step=days(1)) > 1,
    "a value worked out": order.sum(order["revenue"] * 2) > 10,
    "an instant within": ~order.any(since=cart.last_at(within=days(1))),
    "an instant of the day": order.any(since=instant("2025-12-01T12:30")),
}
"""What the builder has no fields for."""


def said(expressions: dict[str, Expression]) -> list[Any]:
    """Predicates as the page takes them."""
    return json.loads(msgspec.json.encode([to_data(node_of(one)) for one in expressions.values()]))


def test_what_is_written_in_python_opens_in_fields_and_stays_as_it_is(
    visit: Visit, served: Process
) -> None:
    """Traits beside traits, every aggregate, instants to count from: each reads back equal."""
    page = visit.open("/segments/new")
    words = served.get("/v1/vocabulary").json
    trees = said(WRITTEN)
    odd = page.evaluate(ODD, [tree(page), words, trees])
    assert [name for name, one in zip(WRITTEN, odd, strict=True) if one] == []
    again = page.evaluate(AGAIN, [tree(page), words, trees])
    for (name, one), back in zip(WRITTEN.items(), again, strict=True):
        assert plain(from_data(back, n.Expr)) == plain(node_of(one)), name


def test_what_has_no_fields_is_never_taken_for_what_has(visit: Visit, served: Process) -> None:
    """Nearly the same as what has them, and kept as it is written."""
    page = visit.open("/segments/new")
    words = served.get("/v1/vocabulary").json
    odd = page.evaluate(ODD, [tree(page), words, said(ELSEWHERE)])
    assert [name for name, one in zip(ELSEWHERE, odd, strict=True) if not one] == []


def test_each_of_them_means_something_and_is_counted(served: Process) -> None:
    """The sentence, the YAML and the count of every one."""
    for name, one in WRITTEN.items():
        draft = {"name": "draft", "definition": to_data(Segment(node_of(one)))}
        body = msgspec.json.encode(draft)
        checked = served.ask("POST", "/v1/definitions/check", body).json
        assert (name, checked["mistakes"]) == (name, [])
        assert checked["english"].startswith("people ")
        counted = served.ask("POST", "/v1/definitions/count", body).json
        assert (name, counted["mistakes"]) == (name, [])


def fine(visit: Visit) -> None:
    """See that what is there now, count and all, is accessible and fits a phone."""
    visit.page.locator("#count:not([aria-busy]) .big").wait_for()
    visit.accessible()
    visit.fits()


def saved(page: Page, served: Process, name: str) -> Any:
    """Save what the page has, and the predicate that it became."""
    page.get_by_text("Everybody was counted.").wait_for()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save").click()
    page.get_by_text(f"Saved as definitions/{name}.yaml.").wait_for()
    found = served.get(f"/v1/drafts/{name}").json["definition"]["predicate"]
    return from_data(found, n.Expr)


def test_traits_are_compared_by_fields(visit: Visit, served: Process) -> None:
    """A number with another less ten, an instant with another; the page shows both again."""
    page = visit.open("/segments/new")
    page.get_by_role("button", name="Add a trait or segment").click()
    first = page.locator(".item").nth(0)
    first.get_by_label("Trait or segment").select_option("monetary")
    first.get_by_role("button", name="Compare with a trait").click()
    assert page.evaluate("document.activeElement.ariaLabel") == "Compared with"
    first.get_by_label("Compared with").select_option("average_order_value")
    first.get_by_label("As it is, or worked out").select_option("+")
    first.get_by_label("By", exact=True).fill("10")
    page.get_by_role("button", name="Add a trait or segment").click()
    second = page.locator(".item").nth(1)
    second.get_by_label("Trait or segment").select_option("last_order_at")
    second.get_by_label("Comparison").select_option("later")
    assert second.get_by_label("Compared with").input_value() == "first_order_at"
    sentence = "monetary is at least (average_order_value + 10) and whose last_order_at is above"
    page.locator("#english", has_text=sentence).wait_for()
    fine(visit)
    expected = (monetary >= usual + 10) & (last_at > first_at)
    assert saved(page, served, "compared") == node_of(expected)
    page = visit.open("/segments/compared/edit")
    assert page.get_by_label("By", exact=True).input_value() == "10"
    first.get_by_role("button", name="Compare with a value").click()
    first.get_by_label("Value").fill("5")
    page.locator("#english", has_text="monetary is at least 5 and").wait_for()
    second.get_by_label("Comparison").select_option("known")
    page.locator("#english", has_text="whose last_order_at is known").wait_for()


def test_latest_values_and_a_faded_sum_are_built_by_fields(visit: Visit, served: Process) -> None:
    """A list that has a text, a sum that fades by a weight, and what was put first."""
    page = visit.open("/segments/new")
    adding = page.get_by_role("button", name="Add an event")
    item = page.locator(".item")
    for i in range(3):
        adding.click()
        item.nth(i).get_by_label("Event", exact=True).select_option("Product Added")
    item.nth(0).get_by_label("What is counted").select_option("values")
    item.nth(0).get_by_label("Property").select_option("category")
    item.nth(0).get_by_label("How many at most").fill("3")
    item.nth(0).get_by_label("Value").fill("Gifts")
    item.nth(1).get_by_label("What is counted").select_option("decayed")
    item.nth(1).get_by_label("Property").select_option("price")
    item.nth(1).get_by_label("How long").fill("14")
    item.nth(2).get_by_label("What is counted").select_option("first")
    item.nth(2).get_by_label("Property").select_option("category")
    item.nth(2).get_by_label("Comparison").select_option("is_not")
    item.nth(2).get_by_label("Value").fill("Books")
    page.locator("#english", has_text="first category of 'Product Added' is not").wait_for()
    fine(visit)
    latest = cart.values("category", limit=3).has("Gifts")
    faded = cart.decayed("price", half_life=days(14)) >= 1
    expected = latest & faded & (cart.first("category") != "Books")
    assert saved(page, served, "latest") == node_of(expected)


def test_events_since_another_are_built_by_fields(visit: Visit, served: Process) -> None:
    """No order since the last dear thing was put into a cart; three views since a date."""
    page = visit.open("/segments/new")
    adding = page.get_by_role("button", name="Add an event")
    first, second = (page.locator(".item").nth(i) for i in range(2))
    adding.click()
    first.get_by_label("Event", exact=True).select_option("Order Completed")
    first.get_by_label("What is counted").select_option("none")
    first.get_by_label("When").select_option("last_at")
    first.get_by_label("Since which event").select_option("Product Added")
    since = first.locator(".where", has=page.get_by_label("Since which event"))
    since.get_by_role("button", name="Add where").click()
    since.get_by_label("Property").select_option("price")
    since.get_by_label("Comparison").select_option("more_than")
    since.get_by_label("Value").fill("20")
    adding.click()
    second.get_by_label("Event", exact=True).select_option("Product Viewed")
    second.get_by_label("What is counted").select_option("count")
    second.get_by_label("Value").fill("3")
    second.get_by_label("When").select_option("date")
    second.get_by_label("After the beginning of").fill("2025-12-01")
    page.locator(
        "#english", has_text="no 'Order Completed' since the last 'Product Added'"
    ).wait_for()
    fine(visit)
    views = viewed.count(since=instant("2025-12-01")) >= 3
    assert saved(page, served, "since") == node_of(~order.any(since=dear.last_at()) & views)
    second.get_by_label("What is counted").select_option("last")
    page.locator("#english", has_text="last product_id of 'Product Viewed'").wait_for()
    assert second.get_by_label("When").locator("option").count() == 2


def test_mistake_marks_the_field_that_it_is_of(visit: Visit) -> None:
    """Of several fields of one condition, the one whose number is none."""
    page = visit.open("/segments/new")
    page.get_by_role("button", name="Add an event").click()
    page.get_by_label("Event", exact=True).select_option("Product Added")
    page.get_by_label("What is counted").select_option("values")
    page.get_by_label("Property").select_option("category")
    page.get_by_label("Value").fill("Gifts")
    page.get_by_role("button", name="Add where").click()
    where = page.locator(".where", has=page.get_by_role("button", name="Remove this where"))
    where.get_by_label("Property").select_option("price")
    limit = page.get_by_label("How many at most")
    wrong = page.locator("[aria-invalid]")
    limit.fill("some")
    page.locator(".item > .mistake", has_text="a whole number is needed").wait_for()
    assert [wrong.count(), limit.get_attribute("aria-invalid")] == [1, "true"]
    limit.fill("2")
    page.locator(".item > .mistake").wait_for(state="hidden")
    where.get_by_label("Value").fill("much")
    page.locator(".item > .mistake", has_text="a number is needed").wait_for()
    assert [wrong.count(), where.get_by_label("Value").get_attribute("aria-invalid")] == [1, "true"]
