"""A browser's libraries deliver every event, in a real browser."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import SOAK
from tests.server.browsing import LIBRARIES, browser, pages
from tests.server.served import Served, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")

N = 12
AWAY = 60.0 if SOAK else 1.0
"""Seconds."""

TYPES = ("track", "page", "identify", "group", "alias")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of another origin than the collector; all that it asks of others is refused."""
    with pages() as address, chromium.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        yield page
        assert all(url.startswith("http://127.0.0.1:") for url in asked), asked


def sends(
    page: Page, shop: Served, library: str, strategy: str, *, count: int = N, **config: Any
) -> None:
    """Let the page send `count` events of each kind."""
    arguments = [library, f"127.0.0.1:{shop.port}", shop.key, strategy, count, config]
    page.evaluate("(a) => send(...a)", arguments)


def arrived(shop: Served) -> Counter[tuple[str, Any]]:
    """How often each event is stored."""
    return Counter(
        (event.type, event.properties.get("n", event.user_id)) for event in shop.stored()
    )


def whole(shop: Served) -> bool:
    """Each event is stored."""
    return Counter(kind for kind, _ in arrived(shop)) == dict.fromkeys(TYPES, N)


@pytest.mark.parametrize("strategy", ["standard", "batching"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_browser_delivers_every_event_though_the_server_was_away(
    shop: Served, page: Page, library: str, strategy: str
) -> None:
    """Each call is one event, after the server was away too; nothing is stored twice."""
    config = {"size": 10, "timeout": 200} if strategy == "batching" else {}
    sends(page, shop, library, strategy, **config)  # nobody listens yet
    time.sleep(AWAY)
    shop.start()
    until(lambda: whole(shop))
    assert set(arrived(shop).values()) == {1}
    status = shop.status()
    assert (status["stored"], status["quarantined"], status["balanced"]) == (5 * N, 0, True)
    (first,) = [e for e in shop.stored() if e.name == "Looked" and e.properties["n"] == 0]
    assert (first.properties["when"], first.occurred_at < first.received_at) == ("é\u2028", True)
    assert {("identify", n) for n in range(N)} <= set(arrived(shop))


def test_page_that_is_left_sends_what_waits(shop: Served, page: Page) -> None:
    """A batch that was not due yet goes out while the page is closed, and arrives."""
    shop.start()
    sends(page, shop, "segment", "batching", size=1000, timeout=60_000)
    page.evaluate("Promise.all(taken)")
    assert not shop.stored()
    page.goto("about:blank")
    until(lambda: whole(shop))
    assert set(arrived(shop).values()) == {1}


def test_page_that_is_left_delivers_the_rest_next_time(shop: Served, page: Page) -> None:
    """What a page could not send before it was closed is sent by the next visit, once."""
    address = page.url
    sends(page, shop, "segment", "standard")  # nobody listens yet
    page.evaluate("Promise.all(taken)")
    page.goto("about:blank")
    shop.start()
    page.goto(address)
    sends(page, shop, "segment", "standard", count=0)
    until(lambda: whole(shop))
    assert set(arrived(shop).values()) == {1}
    status = shop.status()
    assert (status["stored"], status["quarantined"], status["balanced"]) == (5 * N, 0, True)
