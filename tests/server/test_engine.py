"""The engine where there is no room: it waits, loses nothing, and goes on by itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from coterie.collect.draining import Drain
from coterie.errors import StoreError
from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.folder import create
from coterie.server.engine import Engine
from coterie.storage.inbox import Inbox
from tests.server.served import until

BODY = b'{"event": "Order Completed", "userId": "ann", "messageId": "m1"}'


def full() -> StoreError:
    """What a log says whose disk is full."""
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    error = StoreError("the store failed")
    error.__cause__ = cause
    return error


@pytest.fixture
def project(tmp_path: Path) -> Project:
    create(tmp_path / "shop")
    return Project(tmp_path / "shop")


def test_full_disk_passes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is stored once there is room, and nobody has to start anything."""
    drained, failures = Drain.drain, [full(), full()]

    def failing(self: Drain, now: int, most: int = 5_000) -> int:
        if failures:
            raise failures.pop()
        return drained(self, now, most)

    monkeypatch.setattr(Drain, "drain", failing)
    monkeypatch.setattr("coterie.server.engine._AGAIN", 0.01)
    with project.writing():
        inbox = Inbox(
            project.folder / folders.DATA / folders.INBOX, project.pseudonymiser.inbox_key
        )
    broken: list[BaseException] = []
    waited: list[BaseException] = []
    engine = Engine(project, waited.append, broken.append, lambda seconds: None, waited.append)
    engine.start()
    try:
        until(lambda: engine.ready)
        inbox.append([("web", "track", project.now(), BODY)])
        engine.live.wake()
        until(lambda: project.status().stored == 1)
    finally:
        engine.stop()
        inbox.close()
    assert len(waited) == 2
    assert not broken
    assert project.status().balanced
    project.close()


def test_failed_sync_ends_the_engine(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what the disk holds then."""
    monkeypatch.setattr(Drain, "drain", _broken)
    with project.writing():
        inbox = Inbox(
            project.folder / folders.DATA / folders.INBOX, project.pseudonymiser.inbox_key
        )
    inbox.append([("web", "track", project.now(), BODY)])
    inbox.close()
    broken: list[BaseException] = []
    engine = Engine(project, broken.append, broken.append, lambda seconds: None, broken.append)
    engine.start()
    until(lambda: len(broken) > 0)
    engine.stop()
    assert [type(each) for each in broken] == [OSError]
    project.close()


def _broken(self: Drain, now: int, most: int = 5_000) -> int:
    raise OSError(5, "Input/output error")
