"""Accepted requests through the gate into the lake, beside DuckDB reading the same JSON.

Coterie reads the requests from its inbox, judges every event by a plan, puts pseudonyms, stores
each once in the log, fsynced, and moves the log to typed Parquet, 20,000 events or more at a
time as a server does: in one process, with the lake in a process beside it, and with one more
that makes events ready (`[collect] workers = 1`).
DuckDB reads the same messages from a file, puts the same pseudonyms (HMAC-SHA-256, of each
distinct id once) and writes Parquet with the same columns: no
log, no gate, nothing found out about duplicates or damage. The people of both must be the same.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import time
from collections.abc import Callable
from itertools import islice
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import duckdb
from common.events import DATA
from common.messages import NAMES, PLAN, PROPERTIES, SENT_AT, bodies
from common.results import keep
from common.rounds import spread

from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.language.time import micros, parse_instant
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.balance import balance
from coterie.storage.inbox import Inbox, Waiting
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log

KEY = bytes(32)
HIDDEN = Pseudonymiser(KEY)
RECEIVED = micros(parse_instant(SENT_AT)) + 50_000
FOLDER = DATA / "gate"
HELD = 20_000
"""Events that wait in the log until they are moved: :data:`coterie.profiles.live.replay.HELD`."""

_PAUSE = 0.02


def main() -> None:
    """Measure, in rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    cores = int(os.environ.get("CORES", "2"))
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    messages = _messages(chosen.events)
    rates: dict[str, list[float]] = {}
    ratios: list[float] = []
    for _ in range(chosen.rounds):
        one = _alone(messages, chosen.events)
        two = _apart(messages, chosen.events, "two processes", 0)
        shared = _apart(messages, chosen.events, "shared making", 1)
        peer = _peer(messages, cores)
        _same(chosen.events)
        ratios.append((one["cpu gate and log"] + one["cpu lake"]) / peer["cpu duckdb"])
        for name, seconds in (one | two | shared | peer).items():
            rates.setdefault(name, []).append(chosen.events / seconds)
    keep(
        f"gate-{chosen.events}",
        {"events": chosen.events, "rounds": chosen.rounds, "bytes a message": 760},
        {
            "events a second": {name: spread(found) for name, found in rates.items()},
            "cpu coterie / duckdb": {"one process": spread(ratios)},
        },
    )
    shutil.rmtree(FOLDER)


def _messages(n: int) -> Path:
    """The batches as a file of lines, made once."""
    DATA.mkdir(parents=True, exist_ok=True)
    file = DATA / f"messages-{n}.jsonl"
    if not file.exists():
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            out.writelines(body + b"\n" for body in bodies(n, people=max(1, n // 20)))
        part.rename(file)
    return file


def _filled(messages: Path) -> None:
    """An inbox that holds all of it, and no stores."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    inbox = Inbox(FOLDER / "inbox", HIDDEN.inbox_key)
    with messages.open("rb") as lines:
        while few := [("web", "batch", RECEIVED, line.rstrip()) for line in islice(lines, 20)]:
            inbox.append(few)
    inbox.close()


def _drain(workers: int = 0, begin: Callable[[], object] = bool) -> None:
    """Everything from the inbox into the log; `begin` is called when all processes are there."""
    with Log(FOLDER / "log.db") as log, Ledger(FOLDER / "ledger.db") as ledger:
        waiting = Waiting(FOLDER / "inbox", HIDDEN.inbox_key)
        collector = Collector(log, ledger, HIDDEN, PLAN, workers=workers)
        while workers and not collector.ready():
            time.sleep(_PAUSE)
        drain = Drain(waiting, collector)
        begin()
        while drain.drain(RECEIVED):
            pass
        collector.close()


def _flush(until: int) -> None:
    """Everything from the log into the lake, as a server moves it, until so many are there."""
    lake = Lake(FOLDER / "lake")
    with Log(FOLDER / "log.db") as log:
        while (there := lake.offset()) < until:
            if (end := log.end()) - there > HELD or end == until:
                lake.flush(log, PLAN, until=end)
            else:
                time.sleep(_PAUSE)


def _alone(messages: Path, n: int) -> dict[str, float]:
    """One process: first the log, then the lake."""
    _filled(messages)
    gate, lake = _timed(_drain), _timed(lambda: _flush(n))
    _balanced(n)
    return {
        "one process": gate[0] + lake[0],
        "gate and log alone": gate[0], "lake alone": lake[0],
        "cpu gate and log": gate[1], "cpu lake": lake[1],
    }  # fmt: skip


def _apart(messages: Path, n: int, name: str, workers: int) -> dict[str, float]:
    """Processes at once: the gate in one and those that share its work, the lake in another."""
    _filled(messages)
    Log(FOLDER / "log.db").close()
    context = get_context("spawn")  # a fork would share the threads of what reads the lake
    ready = context.Barrier(3)
    processes: list[BaseProcess] = [
        context.Process(target=_gate, args=(ready, workers)),
        context.Process(target=_lake, args=(ready, n)),
    ]
    for process in processes:
        process.start()
    ready.wait()
    started, cpu = time.perf_counter(), _children()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - started
    if any(process.exitcode for process in processes):
        raise SystemExit("a process failed: nothing was measured")
    _balanced(n)
    return {name: seconds, f"cpu {name}, with their start": _children() - cpu}


def _children() -> float:
    """CPU seconds of all processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _gate(ready: Barrier, workers: int) -> None:
    _drain(workers, ready.wait)


def _lake(ready: Barrier, until: int) -> None:
    ready.wait()
    _flush(until)


def _timed(work: Any) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _balanced(n: int) -> None:
    with Log(FOLDER / "log.db") as log, Ledger(FOLDER / "ledger.db") as ledger:
        fates = balance(log, ledger)
    if not (fates.holds and fates.stored == n):
        raise SystemExit(f"not everything was stored: {fates}: nothing was measured")


_TYPES = {"text": "VARCHAR", "decimal": "DECIMAL(18, 6)", "integer": "BIGINT"}
_MAC = """
CREATE MACRO mac(domain, raw) AS left(sha256({outer}::BLOB || unhex(sha256(
    {inner}::BLOB || encode(domain) || '\\x00'::BLOB || encode(raw)))), 32)
"""


def _peer(messages: Path, cores: int) -> dict[str, float]:
    """DuckDB alone, from the file of JSON to Parquet by event name."""
    shutil.rmtree(FOLDER / "peer", ignore_errors=True)
    properties = ", ".join(f'"{n}" {_TYPES[p.type]}' for n, p in PROPERTIES.items())
    context = "STRUCT(library JSON, page JSON, userAgent VARCHAR, locale VARCHAR, ip VARCHAR)"
    message = (
        "STRUCT(type VARCHAR, event VARCHAR, userId VARCHAR, anonymousId VARCHAR, "
        f"messageId VARCHAR, timestamp TIMESTAMPTZ, properties STRUCT({properties}), "
        f"context {context})"
    )
    query = f"""
        CREATE TABLE said AS SELECT unnest(batch) AS m FROM read_json('{messages}',
            format = 'newline_delimited', columns = {{batch: '{message}[]'}});
        CREATE TABLE ids AS SELECT id, mac('user', id) AS hidden
            FROM (SELECT DISTINCT m.userId AS id FROM said);
        CREATE TABLE devices AS SELECT id, mac('anonymous', id) AS hidden
            FROM (SELECT DISTINCT m.anonymousId AS id FROM said);
        COPY (SELECT md5(m.messageId) AS key, m.messageId AS message_id, 'web' AS source,
            m.type AS type, coalesce(m.event, m.type) AS name, ids.hidden AS user,
            devices.hidden AS anonymous, m.timestamp AS occurred_at,
            now() AS received_at, unnest(m.properties)
            FROM said JOIN ids ON ids.id = m.userId JOIN devices ON devices.id = m.anonymousId)
        TO '{FOLDER / "peer"}' (FORMAT parquet, PARTITION_BY (name), COMPRESSION zstd);
    """
    with duckdb.connect(config={"threads": str(cores)}) as con:
        con.execute(_MAC.format(outer=_pad(0x5C), inner=_pad(0x36)))
        wall, cpu = _timed(lambda: con.execute(query))
    return {"duckdb": wall, "cpu duckdb": cpu}


def _pad(byte: int) -> str:
    """A key of HMAC, as a literal of DuckDB."""
    return "'" + "".join(f"\\x{each ^ byte:02X}" for each in KEY.ljust(64, b"\0")) + "'"


def _same(n: int) -> None:
    """See that both found the same people doing the same things."""
    counted = 'SELECT "user", sum(price), count(*) FROM ({}) GROUP BY 1 ORDER BY 1'
    with duckdb.connect() as con:
        peer = f"SELECT \"user\", price FROM read_parquet('{FOLDER}/peer/*/*.parquet')"
        theirs = con.sql(counted.format(peer)).fetchall()
        files = [file for name in NAMES for file in Lake(FOLDER / "lake").files(name)]
        ours = con.sql(
            counted.format(f'SELECT "user", "price:decimal" AS price FROM read_parquet({files})')
        ).fetchall()
    if ours != theirs or sum(row[2] for row in ours) != n:
        raise SystemExit("the answers differ: nothing was measured")


if __name__ == "__main__":
    main()
