"""A project of the retail recipe around a generated lake: people and events without their log."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from common.events import DATA, NOW, PLAN, YEAR, lake_of
from coterie.language.events import Event
from coterie.language.time import DAY, from_micros
from coterie.project import Project
from coterie.project.folder import create
from coterie.project.stores import LAKE, LOG

BUSY, BATCH = "busy", 10_000
WEEKS = 4
"""Runs before the last, one a week: so long is the history of the shop's segments."""


def shop_of(n_events: int) -> Path:
    """A shop whose lake has so many events, run each week; made once, kept in ``build/benchmarks``.

    Notes
    -----
    The log is that of a project that has forgotten what the lake holds.
    """
    folder = DATA / f"workbench-{n_events}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _make(folder, n_events)
        (folder / "made").touch()
    return folder


def _make(folder: Path, n_events: int) -> None:
    create(folder, "retail")
    with Project(folder, clock=lambda: from_micros(NOW)) as project:
        project.receive(PLAN, [])
    data = folder / "data"
    shutil.rmtree(data / LAKE, ignore_errors=True)
    shutil.copytree(lake_of(n_events).folder, data / LAKE, copy_function=os.link)
    with closing(sqlite3.connect(data / LOG)) as db, db:
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'entry'")
        db.execute("INSERT INTO sqlite_sequence VALUES ('entry', ?)", (n_events,))
        db.execute("INSERT OR REPLACE INTO mark VALUES ('forgotten', ?)", (n_events,))
    for weeks in range(WEEKS, -1, -1):
        began = time.perf_counter()
        with Project(folder, clock=lambda: from_micros(NOW)) as project:
            done = project.run(from_micros(NOW - 7 * weeks * DAY))
        said = f"{done.people:,} people, {done.changes:,} changes"
        print(f"  run {WEEKS - weeks + 1}: {said}, {time.perf_counter() - began:.0f} s", flush=True)


def busy(n: int) -> Iterator[list[Event]]:
    """So many page views of one person, `BUSY`, evenly over the year before the last run."""
    for start in range(0, n, BATCH):
        yield [
            Event(
                source="web", message_id=f"busy-{i}", name="page", user_id=BUSY,
                occurred_at=NOW - YEAR + YEAR // n * i, received_at=NOW,
                properties={"path": f"/p/{i % 200}", "seconds": i % 300},
            )
            for i in range(start, min(start + BATCH, n))
        ]  # fmt: skip


def lent(folder: Path, to: Path) -> Path:
    """A copy for a server that is killed in the end: files that never change are shared."""
    return Path(shutil.copytree(folder, to, copy_function=_lent))


def _lent(source: str, to: str) -> str:
    if source.endswith(".parquet"):
        os.link(source, to)
        return to
    return str(shutil.copy2(source, to))
