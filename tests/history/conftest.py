from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import plain_screen
from tests.project.conftest import made, shop
from tests.project.shop import Shop
from tests.support.once import once

__all__ = ["made", "months", "plain_screen", "ran_monthly", "shop"]

RUNS = ("2024-01-15", "2024-02-15", "2024-03-15")


@pytest.fixture(scope="session")
def ran_monthly(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with consents and three monthly runs, made once and copied for every test."""

    def make(here: Path) -> None:
        shop = Shop.copied(made, here / "copy").consented()
        for until in RUNS:
            shop.project.run(until)
        shop.project.close()

    return once(tmp_path_factory, "monthly", make) / "copy"


@pytest.fixture
def months(ran_monthly: Path, tmp_path: Path) -> Iterator[Shop]:
    """A shop with orders, consents, and three monthly runs."""
    copied = Shop.copied(ran_monthly, tmp_path / "copy")
    copied.now = copied.now.replace(month=3, day=15)
    yield copied
    copied.project.close()
