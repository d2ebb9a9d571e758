"""A real browser on a page of its own, from which a shop's events are sent."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT, missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLIENTS = ROOT / ".venv" / "clients"
LIBRARIES = {"segment": "@segment/analytics-next", "rudder": "@rudderstack/analytics-js"}
_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


class _Pages(http.server.SimpleHTTPRequestHandler):
    """The page, and the libraries as npm brought them."""

    def translate_path(self, path: str) -> str:
        """A file of `tests/clients`, or of an installed library."""
        folder = CLIENTS if path.startswith("/node_modules/") else ROOT / "tests" / "clients"
        return str(folder / path.partition("?")[0].lstrip("/"))

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@contextmanager
def pages() -> Iterator[str]:
    """Serve the page, and give its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/page.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, that reaches nothing but this machine."""
    sync = functools.partial(__import__, "playwright.sync_api", fromlist=["sync_playwright"])
    found = next((p for p in map(shutil.which, ("chromium", "chromium-browser")) if p), None)
    if found is None or not (CLIENTS / "node_modules" / LIBRARIES["segment"]).is_dir():
        missing("no Chromium (`sudo apt-get install chromium`), or no libraries (`make clients`)")
    with sync().sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=Path(found), args=_FLAGS)
        yield opened
        opened.close()
