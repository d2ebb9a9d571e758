from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server import browsing
from tests.server.whole import Process
from tests.workbench.served import Visit, made, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated shop, made once for all workers; a test that changes it takes a copy."""
    folder = tmp_path_factory.getbasetemp().parent / "workbench"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            made(folder)
            (folder / "made").touch()
    return folder / "shop"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, that reaches nothing but this machine; its event loop ends with the file."""
    with browsing.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def window(browser: Browser) -> Page:
    """The window that the visits of a file are made in, one after another."""
    return browser.new_page()


@pytest.fixture(scope="module")
def served(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server of a shop of this file's own."""
    from tests.workbench.served import copied

    folder = tmp_path_factory.mktemp("workbench")
    with serving(copied(shop, folder), folder / "log") as process:
        yield process


@pytest.fixture
def visit(window: Page, served: Process) -> Iterator[Visit]:
    """A visit to the file's server; nothing may go wrong in its console, or be asked elsewhere."""
    visiting = Visit(window, f"http://127.0.0.1:{served.port}")
    yield visiting
    visiting.leave()
    assert visiting.wrong == []
