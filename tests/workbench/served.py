"""A shop with people of every kind, served with its pages, and a browser that minds manners."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.project.demo import make
from tests.server.browsing import CLIENTS
from tests.server.whole import Process

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize

PEOPLE = 300
MONTHS = 3.0
AXE = CLIENTS / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIOLATIONS = """async tags => {
    const only = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
    const found = (await axe.run(only)).violations;
    return found.map(each => [each.id, each.nodes.map(node => node.html)]);
}"""
"""Asked for alone: to bring all that is right out of the browser took longer than to find it."""


def made(folder: Path) -> Path:
    """A simulated shop's project, run up to the first instant of 2026."""
    shop = make(folder / "shop", people=PEOPLE, months=MONTHS, seed=7, progress=lambda *_: None)
    shop.project.close()
    return folder / "shop"


def copied(shop: Path, folder: Path) -> Path:
    """The same project for a test that changes it."""
    return Path(shutil.copytree(shop, folder / "shop"))


@contextmanager
def serving(shop: Path, log: Path, *options: str) -> Iterator[Process]:
    """The project's server, ready."""
    process = Process(shop, *options, log=log).ready()
    try:
        yield process
    finally:
        assert process.stop() == 0


PATIENCE = 180_000
"""Milliseconds that a page has for what is certain to come, on a crowded machine too."""


WIDE: ViewportSize = {"width": 1280, "height": 900}


class Visit:
    """A page in a real browser, and all that it did wrong.

    Parameters
    ----------
    window : Page
        As a visit leaves it: to open another takes longer than most visits.
    address : str
        Of the server, as in ``http://127.0.0.1:8765``.
    """

    def __init__(self, window: Page, address: str) -> None:
        self.address = address
        self.wrong: list[str] = []
        self.page = window
        self.page.set_default_timeout(PATIENCE)
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")
        self._heard = {"console": self._said, "pageerror": self._failed, "request": self._asked}
        for event, heard in self._heard.items():
            self.page.on(event, heard)

    def leave(self) -> None:
        """Leave the window empty, and listen to it no more."""
        for event, heard in self._heard.items():
            self.page.remove_listener(event, heard)
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.goto("about:blank")

    def open(self, path: str) -> Page:
        """Open an address of the server, and wait until it is there."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def accessible(self) -> None:
        """See that axe-core finds nothing against WCAG 2.2 AA, on light and on dark paper."""
        source = AXE.read_text("utf-8")
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.page.evaluate(source + ";0")
            assert self.page.evaluate(VIOLATIONS, WCAG) == []
        self.page.emulate_media(color_scheme="light")

    def fits(self, width: int = 360) -> None:
        """See that nothing of the page is wider than a phone."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": width, "height": 740})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width
        assert before is not None
        self.page.set_viewport_size(before)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.text} at {message.location}")

    def _failed(self, error: object) -> None:
        self.wrong.append(str(error))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"asked elsewhere: {request.url}")
