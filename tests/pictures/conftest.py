"""A small simulated shop with the retail recipe, run once for every picture of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coterie.project import Project
from coterie.project.demo import make

PEOPLE, MONTHS, SEED = 400, 8, 11


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Read only: nobody may run or import."""
    folder = tmp_path_factory.mktemp("pictures") / "shop"
    made = make(folder, people=PEOPLE, months=MONTHS, seed=SEED, progress=_silent)
    with made.project as project:
        yield project


def _silent(what: str, done: int, total: int) -> None:
    pass
