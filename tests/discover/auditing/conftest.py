"""A small simulated shop with the retail recipe, run once for everything that is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.project.demo import make
from tests.support.once import once

PEOPLE, MONTHS, SEED = 250, 6, 5


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Read only: nobody may run or import."""
    folder = once(tmp_path_factory, "audited", lambda here: made(here).close())
    with Project(folder / "shop") as project:
        yield project


def made(here: Path) -> Project:
    return make(here / "shop", people=PEOPLE, months=MONTHS, seed=SEED, progress=_silent).project


def _silent(what: str, done: int, total: int) -> None:
    pass
