from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.server.served import Served


class Open(Protocol):
    """Makes a project."""

    def __call__(self, settings: str = "") -> Served: ...


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that the tests of one file share."""
    shop = Served(tmp_path_factory.mktemp("served")).start()
    yield shop
    assert shop.stop() == 0


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Makes a project of one test's own, with these settings; the test starts its server."""
    shops: list[Served] = []

    def made(settings: str = "") -> Served:
        shops.append(Served(tmp_path, settings))
        return shops[-1]

    yield made
    for shop in shops:
        shop.stop()


@pytest.fixture
def shop(opened: Open) -> Served:
    """A project of one test's own."""
    return opened()
