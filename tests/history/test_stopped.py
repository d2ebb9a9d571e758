"""Ctrl-C in the middle of a run stops it at once, and nothing of it is seen."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb

from coterie.storage import stopping
from tests.history.edits import WIDER, edited
from tests.project.shop import MORE, Shop

ROOT = Path(__file__).parents[2]
FOR_EVER = (
    "SELECT count(*) FROM range(1000000000) AS a(i), range(1000000000) AS b(j) "
    "WHERE hash(i * j) = 3"
)


def test_interrupt_stops_a_question_and_leaves_the_former_answer(months: Shop) -> None:
    """A statement that would take for ever ends, with one line and no traceback."""
    edited(months, WIDER).imported(MORE, name="more")
    before, records = months.members(), months.changes()
    months.project.close()
    command = [sys.executable, "-m", "tests.history.stopping", str(months.folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asking\n"
        process.send_signal(signal.SIGINT)
        told, aside = process.communicate()
    assert (process.returncode, told) == (130, "")
    assert aside.strip() == "stopped; what was finished is kept"
    assert (months.members(), months.changes()) == (before, records)
    assert list((months.folder / "data" / "lake").glob(".spill*")) == []
    months.project.run("2024-03-16")
    assert months.members() == months.folded() != before


def test_every_open_database_is_interrupted() -> None:
    """Of any thread; those that were closed are not asked."""
    closed = stopping.watched(duckdb.connect())
    closed.close()
    failed: list[bool] = []

    def ask(con: duckdb.DuckDBPyConnection) -> None:
        try:
            con.sql(FOR_EVER).fetchall()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
            failed.append(stopping.interrupted(error))

    databases = [stopping.watched(duckdb.connect()) for _ in range(2)]
    threads = [threading.Thread(target=ask, args=(con,)) for con in databases]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        stopping.interrupt()
        threads[0].join(0.05)
    assert failed == [True, True]


def test_listening_leaves_the_signals_as_they_were() -> None:
    """Inside one another, and in a thread that has no signals."""
    before = signal.set_wakeup_fd(-1)
    with stopping.listening(), stopping.listening():
        pass
    assert signal.set_wakeup_fd(before) == -1
    entered: list[bool] = []

    def listen() -> None:
        with stopping.listening():
            entered.append(True)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert entered == [True]
