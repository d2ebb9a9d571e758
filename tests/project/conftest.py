from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.shop import Shop
from tests.support.once import once


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with its orders imported, made once in a test run and copied for every test."""
    return once(tmp_path_factory, "made", lambda here: Shop(here).imported().project.close())


@pytest.fixture(scope="session")
def made_and_ran(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with consents, and a run to the first of March."""

    def make(here: Path) -> None:
        shop = Shop.copied(made, here / "copy").consented()
        shop.project.run("2024-03-01")
        shop.project.close()

    return once(tmp_path_factory, "ran", make) / "copy"


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Iterator[Shop]:
    """A shop with its orders imported."""
    copied = Shop.copied(made, tmp_path / "copy")
    yield copied
    copied.project.close()


@pytest.fixture
def ran(made_and_ran: Path, tmp_path: Path) -> Iterator[Shop]:
    """A shop with orders and consents, run to the first of March."""
    copied = Shop.copied(made_and_ran, tmp_path / "copy")
    yield copied
    copied.project.close()
