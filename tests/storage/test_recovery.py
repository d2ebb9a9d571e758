"""A process that is really killed loses nothing and adds nothing twice."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.storage.shop import LINE, ORDER, PLAN, VIEW, made, order, scanned
from tests.support.nursery import ended, script

_FLUSH = """
import os, signal, sys
from pathlib import Path
from coterie.storage import compaction, delta, lake
from coterie.storage.log import Log
from tests.storage.shop import PLAN

folder, action, where, left = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
lake.BATCH = 10

def dying(method, after):
    def call(*args, **kwargs):
        global left
        result = method(*args, **kwargs) if after else None
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result if after else method(*args, **kwargs)
    return call

if where:
    name, when = where.split(":")
    setattr(delta.Table, name, dying(getattr(delta.Table, name), when == "after"))
with Log(folder / "log.db") as log:
    store = lake.Lake(folder / "lake")
    if action == "flush":
        store.flush(log, PLAN)
    elif action == "erase":
        store.erase({"u1", "d1"})
    else:
        store.compact()
"""
_APPEND = """
import sys
from pathlib import Path
from coterie.storage.log import Log
from tests.storage.shop import made

with Log(Path(sys.argv[1])) as log:
    for i in range(100_000):
        offsets = log.append_events([made(f"{i}-{j}") for j in range(5)]).offsets
        print(offsets[-1], flush=True)
"""


def fill(log: Log) -> None:
    for i in range(30):
        user = f"u{i % 3}"
        log.append_events(
            [order(f"o{i}", user, "1.00", "2.00"), made(f"v{i}", anonymous_id=f"d{i % 3}")]
        )
    log.append_events([made(f"i{k}", user_id=f"u{k}", anonymous_id=f"d{k}") for k in range(3)])


def counted(lake: Lake) -> dict[str, int]:
    return {name: scanned(lake, name, {}).num_rows for name in (ORDER, LINE, VIEW)}


_POINTS = [
    f"{name}:{when}" for name in ("write", "commit", "_create") for when in ("before", "after")
]


@pytest.mark.parametrize("point", [*_POINTS, "_widen:after", "_settle:before", "tidy:before"])
@pytest.mark.parametrize("nth", [1, 4])
def test_a_flush_killed_anywhere_is_finished_by_the_next(
    tmp_path: Path, point: str, nth: int
) -> None:
    """Every event is in the lake exactly once, and whose it is is known."""
    with Log(tmp_path / "log.db") as log:
        fill(log)
        code = ended(_FLUSH, tmp_path, "flush", point, nth)
        assert code in (0, -signal.SIGKILL)
        lake = Lake(tmp_path / "lake")
        lake.flush(log, PLAN)
        assert counted(lake) == {ORDER: 30, LINE: 60, VIEW: 33}
        assert lake.offset() == log.end()
        assert set(scanned(lake, VIEW, {})["profile"].to_pylist()) == {"u0", "u1", "u2"}


@pytest.mark.parametrize("action", ["compact", "erase"])
@pytest.mark.parametrize("point", ["write:after", "commit:before", "commit:after", "sweep:before"])
@pytest.mark.parametrize("nth", [1, 3])
def test_a_compaction_or_erasure_killed_anywhere_is_finished_by_the_next(
    tmp_path: Path, action: str, point: str, nth: int
) -> None:
    """No row is lost or doubled; whoever is to be erased is gone after asking again."""
    with Log(tmp_path / "log.db") as log:
        fill(log)
        ended(_FLUSH, tmp_path, "flush", "", 0)
        ended(_FLUSH, tmp_path, action, point, nth)
        lake = Lake(tmp_path / "lake")
        people = lake.people("u1")
        lake.flush(log, PLAN)
        if action == "erase":
            lake.erase(people)
            assert counted(lake) == {ORDER: 20, LINE: 40, VIEW: 22}
        else:
            lake.compact()
            assert counted(lake) == {ORDER: 30, LINE: 60, VIEW: 33}


def test_what_an_append_answered_survives_a_kill(tmp_path: Path) -> None:
    """Every offset that was printed is there after the process was killed."""
    with script(_APPEND, tmp_path / "log.db") as process:
        answered = [int(process.stdout.readline()) for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        answered += [int(line) for line in process.stdout.read().split()]
    with Log(tmp_path / "log.db") as log:
        assert log.end() >= answered[-1]
        assert len(log.read(0, 10**6)) == log.end()
        assert log.tally().balanced


def test_another_process_reads_while_one_writes(tmp_path: Path) -> None:
    """Every answer is one version: offsets without holes and as many rows as the version has."""
    with Log(tmp_path / "log.db") as log:
        log.append_events([made(f"v{i}", user_id=f"u{i % 9}") for i in range(600)])
    seen: list[int] = []
    lake = Lake(tmp_path / "lake")
    with script(_FLUSH, tmp_path, "flush", "", 0) as writer:
        while writer.poll() is None:
            offsets = scanned(lake, VIEW, {})["offset"].to_pylist()
            assert offsets == list(range(1, len(offsets) + 1))
            seen.append(len(offsets))
            time.sleep(0.01)
    assert writer.returncode == 0
    assert seen == sorted(seen)
    assert scanned(lake, VIEW, {}).num_rows == 600


def test_two_processes_that_flush_at_once_move_each_event_once(tmp_path: Path) -> None:
    """One waits for the other."""
    with Log(tmp_path / "log.db") as log:
        fill(log)
    both = [script(_FLUSH, tmp_path, "flush", "", 0) for _ in range(2)]
    for process in both:
        with process:
            assert process.wait() == 0
    assert counted(Lake(tmp_path / "lake")) == {ORDER: 30, LINE: 60, VIEW: 33}
