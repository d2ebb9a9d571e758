"""Every page has the same head, is reached by keyboard, and says when its server is away."""

from __future__ import annotations

import signal

import pytest

from coterie.server.pages.shell import ROOMS
from coterie.server.pages.static import address
from tests.server.whole import Process
from tests.workbench.served import Visit

pytestmark = pytest.mark.xdist_group("workbench shell")


def test_first_page_is_accessible_and_fits_a_phone(visit: Visit) -> None:
    """axe-core finds nothing on light or dark paper; nothing is wider than the window."""
    visit.open("/")
    visit.accessible()
    visit.fits()


def test_what_is_not_there_is_a_page_that_says_so(served: Process) -> None:
    """A reader gets a page, a program a problem."""
    read = served.get("/nothing", accept="text/html")
    assert (read.status, read.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"There is no such page" in read.body
    assert served.get("/nothing").headers["content-type"] == "application/problem+json"


def test_commands_are_shown_as_code(served: Process) -> None:
    """And no page shows the backticks that mark them."""
    read = served.get("/settings", accept="text/html").body.decode()
    assert "<code>coterie destinations add</code>" in read
    assert "`" not in read.partition("<main")[2].partition("</main>")[0]


def test_pages_are_for_this_machine_alone(served: Process) -> None:
    """A name that was made to lead here, and a page of another origin, are refused."""
    assert served.get("/", host="shop.example").status == 403
    assert served.get("/", origin="http://shop.example").status == 403


def test_only_files_of_this_edition_are_served(served: Process) -> None:
    """They may be kept for ever, so another edition has another address."""
    assert "immutable" in served.get(address("shell.css")).headers["cache-control"]
    assert served.get("/static/other/shell.css").status == 404
    assert served.get(address("..%2Fshell.py")).status == 404


def test_server_that_stops_answering_is_said_and_that_it_is_back(
    visit: Visit, served: Process
) -> None:
    """The process is held and let go on; the page says both by itself."""
    page = visit.open("/")
    banner = page.locator("#connection")
    assert banner.is_hidden()
    served.process.send_signal(signal.SIGSTOP)
    try:
        banner.wait_for(state="visible")
    finally:
        served.process.send_signal(signal.SIGCONT)
    banner.wait_for(state="hidden")


def test_every_room_is_in_the_navigation(visit: Visit) -> None:
    """In the order of a day's work."""
    page = visit.open("/")
    links = page.locator("nav[aria-label=Rooms] a")
    assert [each.get_attribute("href") for each in links.all()] == [room.path for room in ROOMS]
