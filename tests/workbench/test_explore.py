"""Explore draws everybody in a browser, and answers the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pytest

from coterie.project import Project
from tests.server.whole import Process
from tests.workbench.served import Visit

pytestmark = pytest.mark.xdist_group("workbench explore")

END = "2026-01-01"
"""The last day of the simulated shop."""
PICTURES = {
    "distribution": {"trait": "monetary", "at": END},
    "rfm": {"at": END},
    "flow": {"since": "2025-11-15", "until": END},
    "retention": {"at": END},
    "funnel": {"until": END},
    "comparison": {"a": "champions", "b": "hibernating", "at": END},
}


def address(name: str, **more: str) -> str:
    """Where a page shows a picture as the shop's last day left it."""
    return f"/explore/{name}?{urlencode(PICTURES[name] | more)}"


def drawn(visit: Visit, path: str) -> Any:
    """The page, once its picture is drawn."""
    page = visit.open(path)
    page.locator("#picture .chart[data-drawn] svg").wait_for()
    return page


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_accessible_and_fits_a_phone(visit: Visit, name: str) -> None:
    """axe-core finds nothing on light or dark paper; nothing is wider than the window."""
    page = drawn(visit, address(name))
    assert page.locator("nav.tabs [aria-current=page]").get_attribute("href") == f"/explore/{name}"
    visit.accessible()
    visit.fits()


def test_filter_changes_the_picture_and_the_address(visit: Visit) -> None:
    """Another trait is drawn without loading the page, and the address can be shared."""
    page = drawn(visit, address("distribution"))
    page.get_by_label("Trait", exact=True).select_option("lifecycle_stage")
    page.locator("#picture figure", has_text="lifecycle_stage").wait_for()
    page.wait_for_url("**trait=lifecycle_stage**")
    assert "at=2026-01-01" in page.url


def test_keyboard_alone_reaches_another_picture(visit: Visit) -> None:
    """Tab and Enter lead from one picture to the next."""
    page = drawn(visit, address("distribution"))
    page.locator("nav.tabs a", has_text="RFM").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore/rfm")
    assert page.title().startswith("Explore")


def test_picture_that_takes_long_says_so_and_comes_by_itself(visit: Visit) -> None:
    """The page is there at once; the part that is worked on is marked busy, then replaced."""
    page = visit.page
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route.request.url)
        body = route.fetch().text()
        waiting = (
            '<section id="picture" aria-busy="true" '
            f'data-again="{address("retention")}">working</section>'
        )
        start, end = body.index('<section id="picture"'), body.index("</main>")
        route.fulfill(body=body[:start] + waiting + body[end:], content_type="text/html")

    page.route("**/explore/retention**", hold, times=2)
    page.goto(visit.address + address("retention"))
    assert page.locator("#picture[aria-busy]").count() == 1
    page.locator("#picture .chart[data-drawn]").wait_for()
    assert page.locator("#picture[aria-busy]").count() == 0
    assert len(held) == 2


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/explore/distribution?trait=nothing", "This cannot be drawn"),
        ("/explore/flow?since=tomorrow", "A value cannot be read"),
        ("/explore/funnel?step=page", "a funnel has 2 to 8 steps"),
        ("/explore/distribution?trait=monetary&at=1990-01-01", "Nobody is in this picture"),
    ],
)
def test_what_cannot_be_drawn_is_said_beside_the_filters(
    visit: Visit, path: str, said: str
) -> None:
    """The form stays, so that something else can be chosen."""
    page = visit.open(path)
    page.locator("#picture", has_text=said).wait_for()
    assert page.locator("form.filters").count() == 1
    visit.accessible()


def test_names_from_outside_are_text(visit: Visit) -> None:
    """Markup in an address is shown as it is, and runs nothing."""
    page = visit.open("/explore/distribution?trait=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    assert page.locator("#picture img").count() == 0
    assert "<img src=x" in page.locator("#picture").inner_text()


def test_there_is_no_other_picture(served: Process) -> None:
    """An address that names none is no page."""
    assert served.get("/explore/nothing", accept="text/html").status == 404


@pytest.mark.parametrize("name", PICTURES)
def test_everything_drawn_is_answered_as_json(served: Process, name: str) -> None:
    """Numbers with their types, and the chart that draws them."""
    found = served.get(f"/v1/explore/{name}?{urlencode(PICTURES[name])}").json
    assert found["rows"]
    assert {column["name"] for column in found["columns"]} == set(found["rows"][0])
    assert found["chart"]["height"]
    assert "analytics" in found["note"]


def test_json_is_what_the_project_answers(served: Process, shop: Path) -> None:
    """A distribution counts who the traits count, as of the same day."""
    found = served.get(f"/v1/explore/distribution?{urlencode(PICTURES['distribution'])}").json
    with Project(shop) as project:
        spend = project.traits(["monetary"], at=END)["monetary"]
    known = [value for value in spend if value is not None]
    assert sum(row["people"] for row in found["rows"]) == len(known)


def test_funnel_of_events_is_that_of_pandas(served: Process, shop: Path) -> None:
    """Who ordered within a day after viewing, counted from the raw history."""
    steps, day = ("Product Viewed", "Order Completed"), 86_400_000_000
    asked = urlencode({"step": steps, "within": 1, "until": END}, doseq=True)
    found = served.get(f"/v1/explore/funnel?{asked}").json["rows"]
    with Project(shop) as project:
        viewed, ordered = (happened(project, name) for name in steps)
        may = set(project.traits([])["profile"])
    viewed = viewed[viewed["at"] >= pd.Timestamp(END, tz="UTC").value // 1_000 - 90 * day]
    both = viewed.merge(ordered, on="profile")
    both = both[(both["at_x"] < both["at_y"]) & (both["at_y"] - both["at_x"] < day)]
    expected = [len(may & set(part["profile"])) for part in (viewed, both)]
    assert [row["people"] for row in found] == expected


def happened(project: Project, name: str) -> pd.DataFrame:
    """Who an event happened to, when, and what it brought in cents."""
    lake, known = project.stores.lake, project.plan.events[name].properties
    kinds = {each: known[each].kind for each in ("revenue",) if each in known}
    with lake.connect() as con:
        rows = con.execute(lake.scan(con, name, kinds, lake.offset())).fetchall()
    found = [(row[0], row[1], row[5] if kinds else None) for row in rows]
    return pd.DataFrame(found, columns=["profile", "at", "revenue"])


def ordered(least: int) -> dict[str, Any]:
    """Orders that brought at least so much, as JSON says it."""
    left, right = {"node": "property", "name": "revenue"}, {"node": "number", "value": least}
    return {
        "node": "where", "of": {"node": "event", "event": "Order Completed"},
        "that": {"node": "compare", "op": ">=", "left": left, "right": right},
    }  # fmt: skip


def test_step_with_a_condition_counts_only_events_of_which_it_is_true(
    served: Process, shop: Path
) -> None:
    """Exactly, by the plan's types; its English stands in the numbers."""
    day = 86_400_000_000
    asked = urlencode({"step": ["Product Viewed", json.dumps(ordered(50))], "until": END}, True)
    found = served.get(f"/v1/explore/funnel?{asked}").json["rows"]
    with Project(shop) as project:
        viewed, orders = happened(project, "Product Viewed"), happened(project, "Order Completed")
        may = set(project.traits([])["profile"])
    viewed = viewed[viewed["at"] >= pd.Timestamp(END, tz="UTC").value // 1_000 - 90 * day]
    both = viewed.merge(orders[orders["revenue"] >= 5_000], on="profile")
    both = both[(both["at_x"] < both["at_y"]) & (both["at_y"] - both["at_x"] < 7 * day)]
    expected = [len(may & set(part["profile"])) for part in (viewed, both)]
    assert [row["people"] for row in found] == expected
    assert expected[1] > 0
    assert found[1]["event"] == "'Order Completed' where (its revenue is at least 50)"


@pytest.mark.parametrize("step", ['{"node": "then"}', "{", '{"node": "event", "event": "x"}'])
def test_step_that_means_nothing_is_refused(served: Process, step: str) -> None:
    """What is no selection, no JSON, or of an event that nobody planned."""
    asked = urlencode({"step": ["Product Viewed", step]}, True)
    assert served.get(f"/v1/explore/funnel?{asked}").status == 404


def test_step_of_a_funnel_is_given_a_condition(visit: Visit) -> None:
    """The fields are those of the builder; the picture follows, and its address keeps it."""
    page = drawn(visit, address("funnel"))
    step = page.locator(".step", has=page.locator("#f-step-4"))
    step.get_by_role("button", name="Add where").click()
    step.get_by_label("Property").select_option("revenue")
    step.get_by_label("Comparison").select_option("at_least")
    step.get_by_label("Value").fill("50")
    said = "revenue is at least 50"
    page.locator("#picture table", has_text=said).wait_for(state="attached")
    visit.accessible()
    visit.fits()
    page.reload()
    step.get_by_label("Value").wait_for()
    assert step.get_by_label("Value").input_value() == "50"
    assert said in page.locator("#f-step-4 option:checked").inner_text()


def test_wrong_names_are_refused_without_repeating_them(served: Process) -> None:
    """A program gets a problem with a stable code."""
    reply = served.get("/v1/explore/comparison?a=secret")
    assert (reply.status, reply.json["code"]) == (404, "definition.unknown_name")
    assert b"secret" not in reply.body
    assert served.get("/v1/explore/flow?since=tomorrow").status == 400
