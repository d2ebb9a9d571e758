"""Questions at a desk are answered in turn, and broken off when nobody waits for them."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from threading import Event, get_native_id

import pytest

from coterie.project import Project
from coterie.project.folder import create
from coterie.server.desk import NICE, Busy, Desk, let_go
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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere urgency is that of a process")
@pytest.mark.parametrize(("patient", "steps_back"), [(True, NICE), (False, 0)])
def test_patient_desk_steps_back_behind_everything_else(
    tmp_path: Path, patient: bool, steps_back: int
) -> None:
    """Its thread is less urgent than the one that asks, and no other is."""
    create(tmp_path / "shop")

    def urgency(_: object = None) -> int:
        return os.getpriority(os.PRIO_PROCESS, get_native_id())

    async def scene() -> None:
        desk = Desk(Project(tmp_path / "shop"), patient=patient)
        mine = urgency()
        assert await desk.ask(urgency) == min(19, mine + steps_back)
        assert urgency() == mine
        desk.close()

    asyncio.run(scene())


def test_dropped_desk_finishes_the_question_at_hand_alone(tmp_path: Path) -> None:
    """Whoever waits behind it is let go, and whoever comes is told to come again."""
    create(tmp_path / "shop")
    begun, go = Event(), Event()

    def ask(_: Project) -> bool:
        begun.set()
        return go.wait(60)

    async def scene() -> None:
        desk = Desk(Project(tmp_path / "shop"))
        first = asyncio.create_task(desk.ask(ask))
        await asyncio.to_thread(begun.wait)
        second = asyncio.create_task(desk.ask(ask))
        await asyncio.sleep(0)
        desk.drop()
        with pytest.raises(Busy):
            await desk.ask(ask)
        go.set()
        assert await first
        with pytest.raises(asyncio.CancelledError):
            await second
        desk.close()

    asyncio.run(scene())


def test_what_nobody_waits_for_is_asked_between_the_questions_of_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes after a page's questions though it was there first, and not never."""
    create(tmp_path / "shop")
    said: list[str] = []

    async def page(desk: Desk) -> None:
        for _ in range(5):
            await desk.ask(lambda _: said.append("page"))

    async def scene() -> None:
        desk = Desk(Project(tmp_path / "shop"))
        monkeypatch.setattr("coterie.server.desk._LONGEST", 60.0)
        await desk.ask(lambda _: said.append("page"))
        aside = asyncio.create_task(desk.ask_at_rest(lambda _: said.append("aside")))
        await asyncio.sleep(0)
        await page(desk)
        assert said == ["page"] * 6
        await aside
        monkeypatch.setattr("coterie.server.desk._LONGEST", 0.2)
        asking = asyncio.create_task(_always(desk))
        await desk.ask_at_rest(lambda _: said.append("aside"))
        assert not asking.done()
        asking.cancel()
        desk.close()

    asyncio.run(scene())
    assert said == ["page"] * 6 + ["aside"] * 2


async def _always(desk: Desk) -> None:
    while True:
        await desk.ask(lambda _: None)
