from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.discover.adopting.shop import DEFINITIONS, events
from tests.live.shop import Live, day


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """The shop after one run at its sixtieth day, made once and copied."""
    shop = Live(tmp_path_factory.mktemp("ran"), DEFINITIONS).send(events())
    shop.project.run(day(61))
    shop.project.close()
    return shop


@pytest.fixture
def shop(ran: Live, tmp_path: Path) -> Iterator[Live]:
    """One copy of that shop."""
    made = Live.copied(ran, tmp_path)
    yield made
    made.project.close()
