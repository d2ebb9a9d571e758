"""The pictures of the workbench in the documentation, taken of the demonstration while it runs.

``coterie demo --serve`` in one terminal, and a minute later in another::

    python -m tools.screenshots

Needs Playwright's Chromium, or Debian's.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

PLACE = Path(__file__).parents[1] / "docs" / "pictures"
PAGES = {"home": "/", "builder": "/segments/new?like=active_above_500"}
SIZE = {"width": 1180, "height": 820}
SETTLED = 6_000
"""Milliseconds until counts have come and charts are drawn."""


def main(address: str) -> None:
    """Take each of them, on light paper."""
    from playwright.sync_api import sync_playwright

    PLACE.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        found = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for name, path in PAGES.items():
            page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
            _taken(page, address + path, PLACE / f"{name}.png")
        browser.close()


def _taken(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=file)
    print(f"{file}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8765")
