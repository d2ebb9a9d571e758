"""Pictures of values in memory are drawn at once, whatever else is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from datetime import date
from pathlib import Path
from threading import current_thread

import pytest

from coterie.project import Project
from coterie.project.folder import create
from coterie.server.api.rooms.explore_questions import (
    Comparison,
    Distribution,
    Flow,
    Funnel,
    Retention,
    Rfm,
)
from coterie.server.desk import Desk
from coterie.server.drawing import Drawings

HELD = [Distribution("spend"), Rfm(), Comparison("a", "b")]
OTHERS = [Flow(), Retention(), Funnel(), *(type(one)(at=date(2024, 1, 2)) for one in HELD)]


@pytest.fixture
def drawn_by(tmp_path: Path) -> Callable[[Hashable], str]:
    """Where a picture is drawn, by its key."""
    create(tmp_path / "shop")

    async def drawn(key: Hashable) -> str:
        desks = [Desk(Project(tmp_path / "shop"), name) for name in ("reading", "drawing")]
        try:
            return await Drawings(*desks).answer(key, lambda _: current_thread().name)
        finally:
            for desk in desks:
                desk.close()

    return lambda key: asyncio.run(drawn(key)).partition("_")[0]


@pytest.fixture
def today(tmp_path: Path) -> str:
    """The hash of the definitions as they are written."""
    create(tmp_path / "same")
    with Project(tmp_path / "same") as project:
        return project.library.hash()


@pytest.mark.parametrize("question", HELD)
def test_values_of_the_last_answer_are_drawn_at_once(
    drawn_by: Callable[[Hashable], str], today: str, question: Hashable
) -> None:
    """By whoever has them in memory, unless the definitions were edited since."""
    assert drawn_by(((1, today), question, "figure")) == "reading"
    assert drawn_by(((1, "former"), question, "figure")) == "drawing"


@pytest.mark.parametrize("question", OTHERS)
def test_what_history_is_read_for_waits_its_turn(
    drawn_by: Callable[[Hashable], str], today: str, question: Hashable
) -> None:
    """The past, and what happened between two days."""
    assert drawn_by(((1, today), question, "json")) == "drawing"


def test_other_work_waits_its_turn(drawn_by: Callable[[Hashable], str]) -> None:
    """Such as that of studies, whose keys are others."""
    assert drawn_by(("study", "map")) == "drawing"
