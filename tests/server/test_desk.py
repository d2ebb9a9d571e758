"""Questions at a desk are answered in turn, and broken off when nobody waits for them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event

import pytest

from coterie.project import Project
from coterie.project.folder import create
from coterie.server.desk import Desk, let_go
from coterie.storage.stopping import interrupted

ENDLESS = "SELECT count(*) FROM range(100000000000000) AS a WHERE a.range % 7 = 3"


def test_question_that_nobody_waits_for_is_broken_off(tmp_path: Path) -> None:
    """A desk closes while a statement runs that would take days."""
    create(tmp_path / "shop")
    begun = Event()

    def ask(project: Project) -> None:
        with project.stores.lake.connect() as con:
            begun.set()
            con.sql(ENDLESS).fetchall()

    async def scene() -> None:
        desk = Desk(Project(tmp_path / "shop"))
        asked = asyncio.create_task(desk.ask(ask))
        await asyncio.to_thread(begun.wait)
        await let_go(desk.close)
        with pytest.raises(Exception) as broken:
            await asked
        assert interrupted(broken.value)

    asyncio.run(scene())
