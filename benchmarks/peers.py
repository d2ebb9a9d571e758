"""The stream engine beside Flink and Bytewax: five traits and three segments, equal answers.

Needs `coterie[stream]`, Java 17 with its compiler, and the environment that `make bench-peers`
makes in `build/peers`. All read the same events from memory; before anything is timed, every change
record must be the same: whose, which segment, in or out, at which microsecond.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
from common import asking, columns, ranges
from common.children import Child
from common.clicks import BEGIN, DAY, PLAN, Batch, arriving
from common.events import DATA
from common.results import keep
from common.rounds import Times, ratio, spread, summary

from coterie.engines.stream import StreamEngine
from coterie.engines.stream.compiled import COMPILED
from coterie.language.library import Library
from coterie.language.load import load_python

SIZE = 10_000
HERE = Path(__file__).parent / "peers"
PLACE = DATA.parent / "peers"
TRAITS = ["orders_30d", "spend_30d", "carts_1h", "last_seen", "spend"]
CHANGES = ["profile", "segment", "change", "at"]
OPENED = ("java.base/java.util", "java.base/java.lang", "java.base/java.time")
JOBS = {
    "Flink": (1, "texts", "exchange", "idiom"),
    "Flink, 2 threads": (2, "texts", "exchange", "idiom"),
    "Flink, by hand": (1, "texts", "exchange", "object"),
    "Flink, by hand, 2 threads": (2, "texts", "exchange", "object"),
    "Flink, by hand, numbers, no exchange": (1, "numbers", "chained", "object"),
}
"""What is asked of it: threads, ids, whether users are looked up, how the function is written."""
TWO = [name for name, words in JOBS.items() if words[0] == 2]
WAYS = {"Bytewax": "idiom", "Bytewax, by hand": "hand"}
"""How its program is written."""

Jobs = Mapping[str, Callable[..., dict[str, Any]]]
Turn = Callable[[], dict[str, Any]]


def main() -> None:
    """Compare answers, take turns, keep the results with a chart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--share", type=int, default=10, help="Bytewax takes one event in so many")
    parser.add_argument("--heap", default="6g", help="of Flink's machine")
    parser.add_argument("--jobs", nargs="+", choices=list(JOBS), default=list(JOBS))
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    if not (PLACE / ".made").exists():
        print("there are no peers: make bench-peers sets them up")
        return
    if not COMPILED:
        raise SystemExit("without Numba there is nothing to measure: pip install 'coterie[stream]'")
    batches = list(arriving(chosen.events, chosen.people, SIZE))
    folder = PLACE / f"events-{chosen.events}-{chosen.people}"
    columns.write(folder, batches, chosen.people)
    few = batches[: max(len(batches) // chosen.share, 1)]
    with _flink(folder, chosen.heap) as flink, _bytewax(folder) as bytewax:
        jobs = {name: partial(flink.ask, *JOBS[name]) for name in chosen.jobs}
        turns = _contenders(batches, few, jobs, bytewax)
        checked = _compare(batches, few, jobs, bytewax)
        times = _take_turns(turns, chosen.rounds)
    sizes = {"events": chosen.events, "people": chosen.people, "share": SIZE * len(few)}
    shutil.rmtree(folder)
    _report(sizes, checked, times)


def _flink(folder: Path, heap: str) -> Child:
    opened = [f"--add-opens={each}=ALL-UNNAMED" for each in OPENED]
    memory = [f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseParallelGC"]
    path = f"{PLACE / 'classes'}:{_jars()}/*"
    return Child(["java", *memory, *opened, "-cp", path, "Main", folder], PLACE / "flink.log")


def _jars() -> Path:
    return next((PLACE / "python").glob("lib/python*/site-packages/pyflink/lib"))


def _bytewax(folder: Path) -> Child:
    python = PLACE / "python" / "bin" / "python"
    return Child([python, HERE / "in_bytewax.py", folder], PLACE / "bytewax.log")


# --- coterie ------------------------------------------------------------------------------------


def _run(batches: list[Batch], partitions: int) -> tuple[StreamEngine, pa.Table]:
    """From batches with text ids to all change records."""
    engine, found = StreamEngine(_library(), BEGIN - DAY, partitions=partitions), []
    for offset, batch in enumerate(batches, 1):
        for name, table in batch.tables.items():
            engine.feed(name, table)
        engine.advance(batch.clock, offset=offset)
        found.append(engine.changes())
    return engine, pa.concat_tables(found)


def _library() -> Library:
    found = load_python(asking.DEFINITIONS / "peers.py")
    return Library(found, PLAN, {"analytics": "legitimate_interest"}, "analytics")


def _coterie(batches: list[Batch], partitions: int) -> dict[str, Any]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    _, changes = _run(batches, partitions)
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return {**spent, "changes": changes.num_rows}


# --- the same answers ---------------------------------------------------------------------------


def _compare(batches: list[Batch], few: list[Batch], jobs: Jobs, bytewax: Child) -> dict[str, Any]:
    """Who is in each segment at the end, and how many records and values all agree on.

    It warms everything up as well.
    """
    engine, changes = _run(batches, 1)
    into = PLACE / "answers"
    into.mkdir(exist_ok=True)
    wanted, values = _in_order(changes), _values(engine)
    for name, job in jobs.items():
        job(into)
        _same(wanted, _read(into / "changes.csv", CHANGES), name)
        if "object" in JOBS[name]:
            _same(values, _read(into / "traits.csv", ["profile", *TRAITS]), f"{name}: traits")
    fewer = _in_order(_run(few, 1)[1])
    for name, way in WAYS.items():
        bytewax.ask(_count(few), into, way)
        _same(fewer, _read(into / "changes.csv", CHANGES), name)
    shutil.rmtree(into)
    members = engine.members()["segment"].value_counts().to_pylist()
    return {
        "members at the end": {each["values"]: each["counts"] for each in members},
        "the same": {
            "changes": wanted.num_rows,
            "values": values.num_rows * len(TRAITS),
            "changes, Bytewax": fewer.num_rows,
        },
    }


def _count(batches: list[Batch]) -> int:
    return sum(batch.size for batch in batches)


def _in_order(changes: pa.Table) -> pa.Table:
    at = changes.schema.get_field_index("at")
    return _sorted(changes.set_column(at, "at", changes["at"].cast(pa.int64())).select(CHANGES))


def _values(engine: StreamEngine) -> pa.Table:
    """Everybody's traits as numbers: cents, microseconds."""
    found = engine.read(TRAITS)
    for i, name in enumerate(found.column_names):
        if name in TRAITS:
            whole = pc.fill_null(found[name].cast(pa.int64()), 0)
            found = found.set_column(i, name, whole)
    return _sorted(found.select(["profile", *TRAITS]))


def _read(path: Path, names: list[str]) -> pa.Table:
    return _sorted(csv.read_csv(path, csv.ReadOptions(column_names=names)))


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in table.column_names]).combine_chunks()


def _same(wanted: pa.Table, found: pa.Table, whose: str) -> None:
    if not wanted.cast(found.schema).equals(found):
        raise SystemExit(f"coterie and {whose} differ: nothing was measured")


# --- turns --------------------------------------------------------------------------------------


def _contenders(
    batches: list[Batch], few: list[Batch], jobs: Jobs, bytewax: Child
) -> dict[str, Turn]:
    return {
        "coterie": partial(_coterie, batches, 1),
        "coterie, 2 threads": partial(_coterie, batches, 2),
        **{name: partial(job, "-") for name, job in jobs.items()},
        "coterie, share": partial(_coterie, few, 1),
        **{
            f"{name}, share": partial(bytewax.ask, _count(few), "-", way)
            for name, way in WAYS.items()
        },
    }


def _take_turns(contenders: Mapping[str, Turn], rounds: int) -> dict[str, Times]:
    """As :func:`common.rounds.take_turns`; each tells what it took."""
    names = list(contenders)
    times = {name: Times([], []) for name in names}
    for i in range(rounds):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            found = contenders[name]()
            times[name].wall.append(found["wall"])
            times[name].cpu.append(found["cpu"])
    return times


def _report(sizes: dict[str, int], checked: dict[str, Any], times: dict[str, Times]) -> None:
    counts = {name: sizes["share" if "share" in name else "events"] for name in times}
    speeds = {
        name: {
            "wall": spread([counts[name] / s for s in each.wall]),
            "cpu": spread([counts[name] / s for s in each.cpu]),
        }
        for name, each in times.items()
    }
    pairs = [(peer, "coterie") for peer in times if peer in JOBS]
    pairs += [(peer, "coterie, 2 threads") for peer in times if peer in TWO]
    pairs += [(f"{name}, share", "coterie, share") for name in WAYS]
    measured = {
        "peers": _versions(),
        **checked,
        "seconds": summary(times),
        "events a second": speeds,
        "how many times longer": {f"{a} / {b}": ratio(times, a, b) for a, b in pairs},
    }
    name = f"peers-{sizes['events']}-{sizes['people']}"
    keep(name, {**sizes, "rounds": len(times["coterie"].wall), "batch": SIZE}, measured)
    ranges.draw(name, speeds, "events a second")


def _versions() -> dict[str, str]:
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    lines = (HERE / "peers.in").read_text().split()
    return {"java": java.stderr.splitlines()[0], **dict(line.split("==") for line in lines)}


if __name__ == "__main__":
    main()
