"""The first page: sizes of this instant, which move while somebody looks."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from coterie.project import Project
from tests.server.served import basic, until
from tests.server.whole import Process
from tests.workbench.served import Visit, copied, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("workbench home")

ORDER = {"type": "track", "event": "Order Completed", "userId": "somebody-new"}


@pytest.fixture(scope="module")
def keyed(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    """A server that this file sends events to."""
    folder = tmp_path_factory.mktemp("home")
    own = copied(shop, folder)
    with Project(own) as project:
        _, key = project.sources.add("web")
    with serving(own, folder / "log") as process:
        yield process, key


@pytest.fixture
def served(keyed: tuple[Process, str]) -> Process:
    """The server that pages of this file are visited at."""
    return keyed[0]


def overview(process: Process) -> dict[str, Any]:
    """What the API tells now."""
    found: dict[str, Any] = process.get("/v1/overview").json
    return found


def ordered(process: Process, key: str, *people: str) -> None:
    """Have each of these people order something."""
    batch = [
        ORDER | {"userId": who, "messageId": f"{who}-order",
                 "properties": {"order_id": f"o-{who}", "revenue": 120, "currency": "EUR"}}
        for who in people
    ]  # fmt: skip
    reply = process.ask(
        "POST", "/v1/batch", json.dumps({"batch": batch}).encode(), authorization=basic(key)
    )
    assert reply.status == 200


def test_overview_has_the_sizes_of_now(keyed: tuple[Process, str]) -> None:
    """Who orders is counted at once, although nothing was published since."""
    process, key = keyed
    before = overview(process)
    assert before["live"]
    ordered(process, key, "amber", "basil")
    until(lambda: overview(process)["people"] == before["people"] + 2)
    sizes = {each["name"]: each for each in overview(process)["segments"]}
    former = {each["name"]: each for each in before["segments"]}
    assert sizes["active_30d"]["holds"] == former["active_30d"]["holds"] + 2
    assert sizes["active_30d"]["points"][-1] == sizes["active_30d"]["holds"]


def test_stages_of_the_overview_hold_everybody(keyed: tuple[Process, str]) -> None:
    """Exactly one stage of each set holds of each person."""
    found = overview(keyed[0])
    stages = [each["holds"] for each in found["segments"] if each["name"].startswith("lifecycle")]
    assert sum(stages) == found["people"]


def test_stream_tells_the_overview_at_once(keyed: tuple[Process, str]) -> None:
    """The first event has all that the route has."""
    with closing(HTTPConnection("127.0.0.1", keyed[0].port, timeout=30)) as connection:
        connection.request("GET", "/v1/overview/stream")
        reply = connection.getresponse()
        assert reply.getheader("content-type", "").startswith("text/event-stream")
        assert reply.readline() == b"event: overview\n"
        said = json.loads(reply.readline().removeprefix(b"data: "))
    assert said.keys() == overview(keyed[0]).keys()


def test_first_page_is_accessible_and_fits_a_phone(visit: Visit) -> None:
    """axe-core finds nothing on light or dark paper; nothing is wider than the window."""
    page = visit.open("/")
    assert page.locator("#segments tbody tr").count() > 10
    visit.accessible()
    visit.fits()


def test_names_are_whole_on_a_phone(visit: Visit) -> None:
    """Name, people and change fill the window; nothing else squeezes them."""
    page = visit.open("/")
    page.set_viewport_size({"width": 360, "height": 740})
    heads = page.locator("#segments thead").first.locator("th:visible")
    assert heads.all_inner_texts() == ["Segment", "People", "24 hours"]
    names = page.locator("#segments tbody th").evaluate_all(
        "all => all.map(each => [each.clientWidth, each.closest('.scroll')])"
        ".filter(([width, box]) => width < 130 || box.scrollWidth > box.clientWidth).length"
    )
    assert names == 0


def test_first_page_moves_by_itself(visit: Visit, keyed: tuple[Process, str]) -> None:
    """A new person's order is on the page without anybody loading it again."""
    page = visit.open("/")
    people = int(page.locator("[data-field=people] data").get_attribute("value") or 0)
    ordered(*keyed, "clove")
    shown = page.locator(f"[data-field=people] data[value='{people + 1}']")
    shown.wait_for()
    page.locator("tr[data-name=active_30d].fresh").wait_for()


def test_quarantine_needs_attention_without_anybody_loading_the_page(
    visit: Visit, keyed: tuple[Process, str]
) -> None:
    """What comes to be wrong while one looks is said on the page."""
    page = visit.open("/")
    assert page.locator("#attention li.quarantine").count() == 0
    process, key = keyed
    wrong = ORDER | {"messageId": "wrong", "properties": {"revenue": "much"}}
    body = json.dumps({"batch": [wrong]}).encode()
    assert process.ask("POST", "/v1/batch", body, authorization=basic(key)).status == 200
    page.locator("#attention li.quarantine").wait_for()


def test_page_recovers_when_its_server_was_killed_and_started_again(
    window: Page, shop: Path, tmp_path: Path
) -> None:
    """It says that nobody answers, keeps what it knew, and goes on by itself."""
    own = copied(shop, tmp_path)
    with Project(own) as project:
        _, key = project.sources.add("web")
    killed = Process(own, log=tmp_path / "log-1").ready()
    visit = Visit(window, f"http://127.0.0.1:{killed.port}")
    page = visit.open("/")
    people = int(page.locator("[data-field=people] data").get_attribute("value") or 0)
    killed.process.send_signal(signal.SIGKILL)
    with killed.process:
        killed.process.communicate()
    banner = page.locator("#connection")
    banner.wait_for(state="visible")
    assert page.locator("#segments tbody tr").count() > 10
    again = Process(own, log=tmp_path / "log-2", port=killed.port).ready()
    try:
        banner.wait_for(state="hidden")
        ordered(again, key, "dill")
        page.locator(f"[data-field=people] data[value='{people + 1}']").wait_for()
        assert page.locator("[data-mode=live]").is_visible()
    finally:
        visit.leave()
        assert again.stop() == 0
    assert [each for each in visit.wrong if "net::ERR_" not in each] == []
