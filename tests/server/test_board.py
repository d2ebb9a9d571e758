"""What a server looks at again and again costs next to nothing while nobody writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.folder import create
from coterie.server import board as boards
from coterie.server.board import Board, Seen
from coterie.server.desk import Desk
from coterie.server.feed import Feed
from coterie.storage.inbox import Inbox

Step = Callable[[Project], object]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One more for each time that the fates of everything are counted."""
    times: list[int] = []
    counted = boards.balance
    monkeypatch.setattr(boards, "balance", lambda *stores: (times.append(1), counted(*stores))[1])
    return times


def looks(folder: Path, *steps: Step) -> list[Seen]:
    """What is seen at first, and after each thing that another thread does to the project."""
    if not folder.exists():
        create(folder)

    async def scene() -> list[Seen]:
        desk = Desk(Project(folder))
        board = Board(desk, Feed(), lambda seen: None, print, dict, polls=False)
        found = [await board.look()]
        for step in steps:
            with Project(folder) as project:
                step(project)
            found.append(await board.look())
        desk.close()
        return found

    return asyncio.run(scene())


def nothing(project: Project) -> None:
    """Write nothing."""


def ask(project: Project) -> None:
    """Let somebody send a request that nobody drains."""
    inbox = Inbox(project.folder / folders.DATA / folders.INBOX, project.pseudonymiser.inbox_key)
    inbox.append([("web", "page", 0, b"{}")])
    inbox.close()


def test_stores_that_nobody_wrote_to_are_not_read_again(tmp_path: Path, read: list[int]) -> None:
    """However often they are looked at."""
    first, *others = looks(tmp_path / "shop", *[nothing] * 3)
    assert others == [first] * 3
    assert len(read) == 1


def test_what_another_connection_writes_is_seen_at_the_next_look(
    tmp_path: Path, read: list[int]
) -> None:
    """To the ledger, or to the log."""
    found = looks(
        tmp_path / "shop", lambda project: project.tokens.add("ann"),
        lambda project: project.stores.log.append("tick", 1, b"{}"),
    )  # fmt: skip
    assert [len(seen.tokens) for seen in found] == [0, 1, 1]
    assert len(read) == 3


def test_requests_that_wait_are_counted_though_no_store_changed(tmp_path: Path) -> None:
    """Each of them from the next look on."""
    assert [seen.waiting for seen in looks(tmp_path / "shop", ask, ask)] == [0, 1, 2]


def test_own_writing_is_another_edition(tmp_path: Path) -> None:
    """Whoever writes through the same connection sees that as well."""
    create(tmp_path / "shop")
    with Project(tmp_path / "shop") as project:
        log, ledger = project.stores.log, project.stores.ledger
        before = log.edition(), ledger.edition()
        assert (log.edition(), ledger.edition()) == before
        log.append("tick", 1, b"{}")
        ledger.add_definitions("digest", 1, "{}")
        assert log.edition() != before[0]
        assert ledger.edition() != before[1]
