from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.shop import Live, months


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A shop with two months of events that nobody has replayed yet, made once and copied."""
    shop = Live(tmp_path_factory.mktemp("stocked")).send(months())
    shop.project.close()
    return shop


@pytest.fixture
def copies(stocked: Live, tmp_path: Path) -> Iterator[Callable[[], Live]]:
    """Makes copies of that shop, as many as a test wants."""
    made: list[Live] = []

    def copy() -> Live:
        made.append(Live.copied(stocked, tmp_path / str(len(made))))
        return made[-1]

    yield copy
    for shop in made:
        shop.project.close()


@pytest.fixture
def shop(copies: Callable[[], Live]) -> Live:
    """One copy of that shop."""
    return copies()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Live]:
    """A shop that nothing has happened in."""
    made = Live(tmp_path / "empty")
    yield made
    made.project.close()
