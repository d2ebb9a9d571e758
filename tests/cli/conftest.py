from __future__ import annotations

import pytest

from tests.project.conftest import made, made_and_ran, ran, shop

__all__ = ["made", "made_and_ran", "ran", "shop"]


@pytest.fixture(autouse=True)
def plain_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour and a fixed width, whatever terminal the tests run in."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "dumb")
