"""Somebody is found by any id, explained at any instant, and followed live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from coterie.project import Project
from tests.server.served import basic
from tests.server.whole import Process
from tests.workbench.served import PATIENCE, Visit, copied, serving

pytestmark = pytest.mark.xdist_group("workbench people")

SPEED = 600
"""Seconds of the served shop's clock in one: half an hour passes in three."""

HESITANT = "interested_but_hesitant"

expect.set_options(timeout=PATIENCE)


class Live(NamedTuple):
    """A shop whose clock runs fast, and the key that its website sends with."""

    process: Process
    key: str

    def send(self, event: str, number: int, **properties: Any) -> None:
        """Have the visitor do something now."""
        message = {
            "type": "track", "event": event, "messageId": f"live-{number}",
            "userId": "visitor-1", "properties": properties,
        }  # fmt: skip
        body = json.dumps({"batch": [message]}).encode()
        reply = self.process.ask("POST", "/v1/batch", body, authorization=basic(self.key))
        assert (reply.status, reply.json) == (200, {"success": True})


@pytest.fixture(scope="module")
def somebody(shop: Path) -> str:
    """A person of the shop with orders."""
    with Project(shop) as project:
        table = project.segments["champions"].profiles("monetary").arrow
        return str(table.sort_by([("monetary", "descending")])["profile"][0].as_py())


@pytest.fixture
def live(shop: Path, tmp_path: Path) -> Iterator[Live]:
    """The shop served by a clock of its own that runs fast."""
    with _live(shop, tmp_path, "--speed", str(SPEED)) as found:
        yield found


@pytest.fixture
def calm(shop: Path, tmp_path: Path) -> Iterator[Live]:
    """The shop served by the machine's clock."""
    with _live(shop, tmp_path) as found:
        yield found


@contextmanager
def _live(shop: Path, folder: Path, *options: str) -> Iterator[Live]:
    copy = copied(shop, folder)
    with Project(copy) as project:
        _, key = project.sources.add("website")
    with serving(copy, folder / "log", *options) as process:
        yield Live(process, key)


def test_search_is_accessible_and_fits_a_phone(visit: Visit) -> None:
    """With who changed last, and with nobody found."""
    for path in ("/people", "/people?id=nobody"):
        visit.open(path)
        visit.accessible()
        visit.fits()


def test_person_is_accessible_and_fits_a_phone(visit: Visit, somebody: str) -> None:
    """The page, the box with reasons, and the reasons as a page."""
    page = visit.open(f"/people/{somebody}")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    visit.accessible()
    visit.fits()
    page.locator("a.why").first.click()
    page.locator("#box h1").wait_for()
    visit.accessible()
    visit.open(f"/people/{somebody}/why/champions")
    visit.accessible()
    visit.fits()


def test_somebody_is_found_and_it_is_read_why(visit: Visit, somebody: str) -> None:
    """From the search in the head to the reasons and back, by keyboard alone."""
    page = visit.open("/")
    page.get_by_role("searchbox").focus()
    page.keyboard.type(somebody)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{somebody}")
    row = page.locator("tr[data-name=champions]")
    expect(row.locator(".since")).not_to_have_attribute("aria-busy", "true")
    row.locator("a.why").focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("In this segment")
    expect(box).to_contain_text("recency_rank is 5")
    expect(box).to_contain_text("To leave, it would take")
    expect(box.locator("h1")).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(row.locator("a.why")).to_be_focused()


def test_every_reason_has_a_value_or_none_at_all(visit: Visit, somebody: str) -> None:
    """A length of time, which nothing is counted of, is told without an empty box."""
    page = visit.open(f"/people/{somebody}/why/lifecycle_stage")
    assert page.get_by_text("the time since the last").count() > 0
    assert "" not in [box.strip() for box in page.locator(".truth").all_inner_texts()]


def test_timeline_is_filtered_without_leaving_the_page(visit: Visit, somebody: str) -> None:
    """By event, or entrances and exits alone; the address says what is shown."""
    page = visit.open(f"/people/{somebody}")
    page.get_by_label("Show").select_option("Order Completed")
    page.wait_for_url("**event=Order+Completed")
    names = page.locator("#timeline strong")
    assert set(names.all_inner_texts()) == {"Order Completed"}
    page.get_by_label("Show").select_option("changes")
    page.wait_for_url("**event=changes")
    assert names.count() == 0
    assert page.locator("#timeline .entered").count() > 0


def test_slider_goes_back_in_time_and_now_returns(visit: Visit, somebody: str) -> None:
    """At the beginning there was nothing yet; the page says as of when it is true."""
    page = visit.open(f"/people/{somebody}")
    state = page.locator("#state")
    expect(state).to_contain_text("Live")
    page.get_by_label("Move through time").press("Home")
    expect(state).to_contain_text("As of")
    expect(page.locator("tr[data-name=champions]")).to_have_count(0)
    page.get_by_role("button", name="Now").click()
    expect(page.locator("tr[data-name=champions]")).to_have_count(1)


def test_hesitant_cart_is_followed_live(live: Live, window: Page) -> None:
    """Half an hour after the cart the page says so by itself, and an order ends it."""
    live.send("Product Viewed", 1, product_id="p1", name="Puzzle", currency="EUR")
    visiting = Visit(window, f"http://127.0.0.1:{live.process.port}")
    page = visiting.page
    _found(visiting, live)
    row = page.locator(f"tr[data-name={HESITANT}]")
    expect(row).to_have_count(0)
    live.send("Product Added", 2, product_id="p1", name="Puzzle", quantity=1)
    row.wait_for()
    expect(row.locator(".until")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#timeline .entered").first).to_contain_text(HESITANT)
    live.send("Order Completed", 3, order_id="o1", revenue=20, total=20, currency="EUR")
    row.wait_for(state="detached")
    visiting.leave()
    assert visiting.wrong == []


def _found(visiting: Visit, live: Live) -> Page:
    """The visitor's page, once their first event is known."""
    for _ in range(200):
        if live.process.get("/v1/people/visitor-1").status == 200:
            break
        visiting.page.wait_for_timeout(50)
    return visiting.open("/people?id=visitor-1")


def test_text_from_outside_is_inert(calm: Live, window: Page) -> None:
    """Scripts, marks of direction, emoji and 10,000 characters are text and break nothing."""
    odd = "<script>alert(1)</script>\u202e\U0001f600" + "x" * 10_000
    calm.send(f"{odd[:200]}", 1, **{odd[:150]: odd, "list": [odd, {"a": odd}]})
    calm.send("Product Added", 2, name=odd)
    visiting = Visit(window, f"http://127.0.0.1:{calm.process.port}")
    page = _found(visiting, calm)
    expect(page.locator("#timeline")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    visiting.fits()
    visiting.accessible()
    visiting.leave()
    assert visiting.wrong == []


def test_everything_of_the_page_is_asked_of_the_api(served: Process, somebody: str) -> None:
    """People, one person, what happened, what is to come, and why; as of any instant."""
    one = served.get(f"/v1/people/{somebody}").json
    assert one["profile"] == somebody
    assert served.get(f"/v1/people?id={somebody}").json["people"][0]["profile"] == somebody
    assert served.get("/v1/people").json["moved"]
    story = served.get(f"/v1/people/{somebody}/timeline?event=changes").json
    assert {entry["kind"] for s in story["sessions"] for entry in s["entries"]} >= {"entered"}
    coming = served.get(f"/v1/people/{somebody}/coming").json["memberships"]
    assert {each["name"] for each in coming} == {each["name"] for each in one["memberships"]}
    assert served.get(f"/v1/people/{somebody}/why/champions").json["holds"] is True
    past = served.get(f"/v1/people/{somebody}?at={one['first']}").json
    assert past["n_events"] < one["n_events"]


def test_what_is_not_there_is_said(served: Process, somebody: str) -> None:
    """Nobody, no name, no instant: each with its status and its code."""
    asked = {
        "/v1/people/nobody": (404, "unknown_person"),
        f"/v1/people/{somebody}/why/nothing": (404, "unknown_name"),
        f"/v1/people/{somebody}?at=yesterday": (400, "mistaken"),
    }
    for path, expected in asked.items():
        reply = served.get(path)
        assert (reply.status, reply.json["code"]) == expected, path
    assert served.get("/people/nobody", accept="text/html").status == 404
    assert served.get(f"/v1/people/{somebody}?at=9999-12-31T23:59:59-14:00").status == 200
    assert served.get(f"/v1/people/{somebody}/coming?at=0001-01-01T00:00:00Z").status == 200


def test_holder_of_a_token_for_one_purpose_is_told_of_nobody(
    shop: Path, tmp_path: Path, somebody: str
) -> None:
    """People and their reasons are for those who run the project."""
    folder = copied(shop, tmp_path)
    with Project(folder) as project:
        _, token = project.tokens.add("mailer", "marketing")
    with serving(folder, tmp_path / "log") as process:
        for path in ("/v1/people", f"/v1/people/{somebody}", f"/people/{somebody}"):
            assert process.get(path, authorization=f"Bearer {token}").status == 404
