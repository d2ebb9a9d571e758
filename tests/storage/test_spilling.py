"""What does not fit in memory goes to disk, changes no answer, and stays nowhere."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from coterie.privacy.scan import scan
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.storage.shop import EVER, PLAN, VIEW, made

SMALL = "32MB"
N = 20_000
TIMES = 15
PERSON = "f" * 32


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of more rows than a small limit holds."""
    folder = tmp_path_factory.mktemp("crowd")
    with Log(folder / "log.db") as log:
        events = [made(f"{i:032}", at=i * 7 % N, user_id=f"u{i:05}") for i in range(N)]
        log.append_events(events)
        Lake(folder / "lake").flush(log, PLAN)
    return folder / "lake"


def sorted_rows(lake: Lake, con: duckdb.DuckDBPyConnection) -> pa.Table:
    """A question that needs all rows at once: the latest first."""
    query = lake.scan(con, VIEW, {}, EVER)
    return con.sql(
        f'SELECT *, lag(profile) OVER (ORDER BY "at" DESC, i) AS former '
        f'FROM ({query}), range({TIMES}) AS t(i) ORDER BY hash("key"), i'
    ).to_arrow_table()


def places(lake: Lake) -> list[Path]:
    return list(lake.folder.glob(".spill*"))


def test_a_small_limit_spills_and_answers_the_same(crowd: Path) -> None:
    """In a folder of the lake that goes with the connection; without a disk it fails."""
    rich, poor = Lake(crowd), Lake(crowd, memory=SMALL)
    with rich.connect() as con:
        wanted = sorted_rows(rich, con)
    with poor.connect() as con:
        con.execute("SET threads = 1")
        assert sorted_rows(poor, con).equals(wanted)
        assert len(places(poor)) == 1
        con.execute("SET max_temp_directory_size = '0KB'")
        with pytest.raises(duckdb.OutOfMemoryException):
            sorted_rows(poor, con)
    assert places(poor) == []


def test_half_of_the_memory_is_the_default(lake: Lake) -> None:
    """Of what the machine has; a lake that is only read gets no folder."""
    with lake.connect() as con, duckdb.connect(config={"memory_limit": "50%"}) as other:
        limit = "SELECT current_setting('memory_limit')"
        assert con.execute(limit).fetchall() == other.execute(limit).fetchall()
    assert places(lake) == []


def test_no_two_databases_spill_into_one_folder(lake: Lake) -> None:
    """Their files have the same names."""
    assert lake.settings()["temp_directory"] != lake.settings()["temp_directory"]


def left(lake: Lake, process: int, host: str = "") -> Path:
    """What a process has spilled of a person."""
    place = lake.folder / f".spill-{host or platform.node()}-{process}-1"
    place.mkdir(parents=True)
    (place / "duckdb_temp_storage-0.tmp").write_bytes(PERSON.encode())
    return place


def dead() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_what_a_killed_process_spilled_goes_with_the_next_write(log: Log, lake: Lake) -> None:
    """That of processes that live, and of other machines, stays."""
    gone, mine, far = left(lake, dead()), left(lake, os.getpid()), left(lake, dead(), "far-away")
    log.append_events([made("1", user_id="u")])
    lake.flush(log, PLAN)
    assert [place.exists() for place in (gone, mine, far)] == [False, True, True]


def test_an_erasure_leaves_nothing_spilled(log: Log, lake: Lake, tmp_path: Path) -> None:
    """Not even by processes that still read; a scan sees these files as all others."""
    for process, host in ((dead(), ""), (os.getpid(), ""), (1, "far-away")):
        left(lake, process, host)
    assert len(scan(tmp_path, [PERSON.encode()])) == 3
    log.append_events([made("1", user_id="u")])
    lake.flush(log, PLAN)
    lake.erase({PERSON})
    assert scan(tmp_path, [PERSON.encode()]) == []
