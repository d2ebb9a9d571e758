from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.shop import Shop


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with its orders imported, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("made")
    Shop(folder).imported().project.close()
    return folder


@pytest.fixture(scope="session")
def made_and_ran(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with consents, and a run to the first of March."""
    folder = tmp_path_factory.mktemp("ran") / "copy"
    shop = Shop.copied(made, folder).consented()
    shop.project.run("2024-03-01")
    shop.project.close()
    return folder


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
