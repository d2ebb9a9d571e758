"""Segments in a browser: the list, and one of them with its people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coterie.project import Project
from tests.server.served import basic
from tests.server.whole import Process
from tests.workbench.served import Visit, copied, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("workbench segments")

PAGES = [
    "/segments", "/segments/champions", "/segments/champions/people?who=everyone",
    "/segments/champions/changes", "/segments/champions/traits?trait=monetary",
    "/segments/champions/traits?trait=favourite_category", "/segments/champions/overlap",
    "/segments/rfm_segment", "/segments/rfm_segment.loyal%20customers",
    "/segments/rfm_segment.loyal%20customers/people?sort=frequency&order=down",
]  # fmt: skip
ROUTES = ("definition", "history", "members", "changes", "overlap", "traits")


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit_a_phone(visit: Visit, path: str) -> None:
    """axe-core finds nothing on light or dark paper; nothing is wider than the window."""
    page = visit.open(path)
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        chart.locator("svg").first.wait_for()
    visit.accessible()
    visit.fits()


def test_list_is_filtered_while_somebody_types(visit: Visit) -> None:
    """What does not have the text in its name or its definition goes; the address keeps it."""
    page = visit.open("/segments")
    assert page.locator("tr[data-name=hibernating]").count() == 1
    page.get_by_label("Name or definition contains").fill("champ")
    page.locator("tr[data-name=hibernating]").wait_for(state="detached")
    assert page.locator("tr[data-name=champions]").count() == 1
    assert page.url.endswith("?search=champ")
    page.get_by_label("Name or definition contains").fill("nothing has this")
    page.get_by_text("There is no such segment").wait_for()


def test_somebody_is_found_among_the_people(visit: Visit, served: Process) -> None:
    """By the beginning of a pseudonym; nobody by an id that nobody has."""
    found = served.get("/v1/segments/champions/members").json
    person = found["people"][-1]["profile"]
    page = visit.open("/segments/champions/people")
    assert page.locator("#people tbody tr").count() == found["found"]
    page.get_by_label("Anybody's id").fill(person[:12])
    page.get_by_text(f"1 of {found['holds']} people").wait_for()
    assert page.locator("#people tbody tr").all_inner_texts()[0].startswith(person)
    page.get_by_label("Anybody's id").fill("nobody@shop.example")
    page.get_by_text("Nobody is here").wait_for()


def test_numbers_of_people_stand_at_the_right(visit: Visit) -> None:
    """In a column where any value is a number, heading and values are beside one another."""
    page = visit.open("/segments/champions/people")
    table = page.locator("#people table")
    assert table.locator("th.n").first.inner_text() == "frequency"
    assert table.locator("tbody tr").first.locator("td.n").count() == table.locator("th.n").count()


def test_another_trait_is_drawn(visit: Visit) -> None:
    """The picture follows the choice, by keyboard alone."""
    page = visit.open("/segments/champions/traits")
    page.get_by_label("Trait", exact=True).focus()
    page.keyboard.type("monetary")
    page.locator("#traits h3", has_text="monetary").wait_for()
    page.locator("#traits svg").first.wait_for()


def test_months_come_once_they_are_worked_out(visit: Visit) -> None:
    """The page looks again by itself until there is a chart."""
    page = visit.open("/segments/champions/months")
    page.locator("#months .chart svg").first.wait_for()
    visit.accessible()
    visit.fits()


def test_what_is_no_segment_is_a_page_that_says_so(served: Process) -> None:
    """Names that nobody defined, traits, and stages that are none."""
    for name in ("nothing", "monetary", "champions.loyal", "rfm_segment.none"):
        assert served.get(f"/segments/{name}", accept="text/html").status == 404
        for route in ROUTES[1:]:
            assert served.get(f"/v1/segments/{name}/{route}").status == 404
    assert served.get("/v1/segments/champions/members?sort=nothing").status == 404


def test_api_tells_what_the_pages_show(served: Process) -> None:
    """Sizes agree with each other, whichever way they are asked for."""
    told = {route: served.get(f"/v1/segments/champions/{route}").json for route in ROUTES}
    size = told["history"]["size"]
    assert size == told["history"]["steps"][-1]["size"] == told["members"]["holds"]
    assert size == told["changes"]["found"] == told["overlap"]["own"]
    assert told["members"]["traits"] == told["definition"]["traits"]
    assert told["definition"]["source"].startswith("rfm = recipes.rfm()")
    assert sum(bar["inside"] for bar in told["traits"]["bars"]) == pytest.approx(1)
    same = next(o for o in told["overlap"]["others"] if o["name"] == "rfm_segment.champions")
    assert (same["share"], same["of_theirs"]) == (1, 1)


@pytest.mark.parametrize(
    "query",
    ["members?page=0", "members?order=sideways", "changes?change=x"],
)
def test_what_cannot_be_asked_is_said(served: Process, query: str) -> None:
    """A parameter that cannot be read is the asker's mistake."""
    assert served.get(f"/v1/segments/champions/{query}").status == 400


@pytest.fixture
def sending(shop: Path, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A server of a shop of one test's own, and a write key for it."""
    folder = copied(shop, tmp_path)
    with Project(folder) as project:
        _, key = project.sources.add("web")
    with serving(folder, tmp_path / "log") as process:
        yield process, key


def test_who_orders_now_enters_while_somebody_looks(
    window: Page, sending: tuple[Process, str]
) -> None:
    """The size moves by itself; the person is among the people and the newest changes."""
    process, key = sending
    visit = Visit(window, f"http://127.0.0.1:{process.port}")
    page = visit.open("/segments")
    size = page.locator("tr[data-name=bought_this_week] [data-field=holds]")
    before = int(size.inner_text())
    sent = {
        "type": "track", "event": "Order Completed", "messageId": "m1", "userId": "somebody-new",
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"order_id": "o1", "currency": "EUR", "revenue": 12.5},
    }  # fmt: skip
    body = json.dumps({"batch": [sent]}).encode()
    assert process.ask("POST", "/v1/batch", body, authorization=basic(key)).status == 200
    page.wait_for_function(
        "wanted => document.querySelector('tr[data-name=bought_this_week] [data-field=holds]')"
        ".textContent === String(wanted)",
        arg=before + 1,
    )
    with Project(process_folder(process)) as project:
        person = project.pseudonymiser.person("somebody-new")
    page = visit.open("/segments/bought_this_week/people?search=somebody-new")
    assert page.locator("#people tbody a").all_inner_texts() == [person]
    page = visit.open("/segments/bought_this_week")
    assert person in page.locator("table", has_text="Order Completed").inner_text()
    visit.leave()
    assert visit.wrong == []


def process_folder(process: Process) -> Path:
    """The project that a server serves."""
    return process.log.parent / "shop"


def test_stages_are_told_one_by_one(visit: Visit, served: Process) -> None:
    """On their page, where they are edited and among the definitions; the rest come last."""
    told = served.get("/v1/segments/lifecycle_stage/definition").json["lines"]
    assert told[0] == {
        "stage": "prospect", "english": "people with exactly 0 'Order Completed'",
    }  # fmt: skip
    for path in ("/segments/lifecycle_stage", "/segments/lifecycle_stage/edit", "/settings"):
        page = visit.open(path)
        page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
        lines = page.locator(".stage-lines").filter(has_text="prospect").locator("li")
        assert lines.count() == len(told)
        assert lines.first.inner_text() == "prospect: people with exactly 0 'Order Completed'"
        assert lines.last.inner_text() == "active: everybody else"
        visit.accessible()
        visit.fits()
