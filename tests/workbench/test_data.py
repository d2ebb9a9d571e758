"""The data in a browser: sources, the plan, what was not as planned, attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coterie.project import Project
from tests.server.served import basic, until
from tests.server.whole import Process
from tests.workbench.served import Visit, copied, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("workbench data")

PAGES = ["/data", "/data/plan", "/data/violations", "/data/quarantine"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit_a_phone(visit: Visit, path: str) -> None:
    """axe-core finds nothing on light or dark paper; nothing is wider than the window."""
    page = visit.open(path)
    assert page.locator("nav.tabs a[aria-current=page]").get_attribute("href") == path
    page.locator("[aria-busy=true]").first.wait_for(state="detached")
    visit.accessible()
    visit.fits()


def test_attributes_come_once_they_are_looked_through(visit: Visit) -> None:
    """The page looks again by itself; a target says how much each tells of it."""
    page = visit.open("/data/audit?target=champions")
    page.locator("#audit tbody tr").first.wait_for()
    assert page.get_by_role("columnheader", name="Tells, bits").count() == 1
    row = page.locator("#audit tr", has=page.locator("a[href$='trait=frequency_rank']"))
    assert "champions" in row.inner_text()
    visit.accessible()
    visit.fits()


def test_plan_is_filtered_while_somebody_types(visit: Visit) -> None:
    """Events and properties in which it does not stand go."""
    page = visit.open("/data/plan")
    assert page.get_by_role("heading", name="Email Opened").count() == 1
    page.get_by_label("Event or property contains").fill("refund")
    page.get_by_role("heading", name="Email Opened").wait_for(state="detached")
    assert page.get_by_role("heading", name="Order Refunded").count() == 1
    page.get_by_label("Event or property contains").fill("nothing has this")
    page.get_by_text("Nothing is planned that has this in it").wait_for()


def test_api_tells_the_plan_as_its_files_say(served: Process, shop: Path) -> None:
    """Each event with each property; a search keeps those in which it stands."""
    with Project(shop) as project:
        plan = project.plan
    told = served.get("/v1/data/plan").json
    assert [each["name"] for each in told["events"]] == sorted(plan.events)
    for each in told["events"]:
        assert [p["name"] for p in each["properties"]] == sorted(
            plan.events[each["name"]].properties
        )
    found = served.get("/v1/data/plan?search=campaign_id").json["events"]
    assert {p["name"] for each in found for p in each["properties"]} == {"campaign_id"}


def test_api_audits_what_is_held(served: Process) -> None:
    """Attributes with their use; there is nothing to tell of a name that is none."""
    told = served.get("/v1/data/audit").json
    known = {each["name"]: each for each in told["attributes"]}
    assert "champions" in known["frequency_rank"]["used_by"]
    assert known["frequency_rank"]["information"] is None
    assert served.get("/v1/data/audit?target=nothing").status == 404
    assert served.get("/v1/data/violations?days=0").status == 400


@pytest.fixture
def sending(shop: Path, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A server of a shop of one test's own, and a write key for it."""
    folder = copied(shop, tmp_path)
    with Project(folder) as project:
        _, key = project.sources.add("web")
    with serving(folder, tmp_path / "log") as process:
        yield process, key


def test_what_a_source_does_wrong_is_told(window: Page, sending: tuple[Process, str]) -> None:
    """A refused value is counted for its source, drawn by day, and its reason is shown."""
    process, key = sending
    at = datetime.now(UTC).isoformat()
    sent = [
        {"type": "track", "event": "Order Completed", "messageId": f"m{i}", "userId": "somebody",
         "timestamp": at, "properties": {"order_id": "o1", "currency": "EUR", "revenue": revenue}}
        for i, revenue in enumerate(["not a number", 12.5])
    ]  # fmt: skip
    body = json.dumps({"batch": sent}).encode()
    assert process.ask("POST", "/v1/batch", body, authorization=basic(key)).status == 200
    until(lambda: process.get("/v1/data/violations").json["n"] > 0)
    (wrong,) = process.get("/v1/data/violations?source=web").json["violations"]
    assert (wrong["event"], wrong["source"], wrong["n"]) == ("Order Completed", "web", 1)
    visit = Visit(window, f"http://127.0.0.1:{process.port}")
    page = visit.open("/data/violations")
    page.locator("#violations .chart svg").first.wait_for()
    assert "revenue" in page.locator("#violations").inner_text()
    visit.accessible()
    visit.fits()
    page = visit.open("/data")
    row = page.locator("tr", has=page.locator("th", has_text="web"))
    row.wait_for()
    (told,) = [s for s in process.get("/v1/data/sources").json["sources"] if s["name"] == "web"]
    assert (told["keys"], told["quarantined"], told["violations"]) == (1, 1, 1)
    assert told["reason"] in row.inner_text()
    assert told["last"] is not None
    visit.accessible()
    visit.fits()
    visit.leave()
    assert visit.wrong == []
