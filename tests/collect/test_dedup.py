"""Each fact is stored once, however late it comes again and however often the log is reopened.

``COTERIE_SOAK=10000000 pytest -s -m soak tests/collect/test_dedup.py`` takes ten million.
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coterie.language.events import event_key
from coterie.language.time import DAY
from coterie.storage import filters, known, learned, runs
from coterie.storage.filters import Filters, filter_of
from coterie.storage.log import Log
from coterie.storage.payload import Fact
from tests.collect.waiting import NOW

N = int(os.environ.get("COTERIE_SOAK", "0"))
AT_ONCE = 5_000
SPAN = 40 * DAY


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of 500 keys in rows of ten, so that a few thousand facts make many of them."""
    monkeypatch.setattr(known, "RUN", 500)
    monkeypatch.setattr(runs, "MANY", 10)
    monkeypatch.setattr(filters, "BITS", 1 << 13)


def fact(n: int, at: int = NOW, content: int = 0) -> Fact:
    """A fact as the log takes it: its bytes are of no interest here."""
    digest = hashlib.blake2b(b"%d" % content, digest_size=8).digest()
    return Fact(event_key("web", str(n)), digest, at, at, b"{}")


class Traffic:
    """Facts of forty days, of which one in twenty was sent before, at most 30 days ago.

    One in five hundred has the id of an earlier one, and another content.
    """

    def __init__(self, n: int, seed: int) -> None:
        self.n, self.n_new, self.n_again, self.n_changed = n, 0, 0, 0
        self._seed = seed

    def batches(self, size: int) -> Iterator[list[Fact]]:
        """All of it, in order."""
        for start in range(0, self.n, size):
            yield [self._one(i) for i in range(start, min(start + size, self.n))]

    def _one(self, i: int) -> Fact:
        kind, at = self._kind(i), NOW + SPAN * i // self.n
        if kind == "new":
            self.n_new += 1
            return fact(i, at)
        since = max(0, i - self.n * 30 // 40 + 50)
        sent = random.Random(i ^ self._seed).randrange(since, i)
        while self._kind(sent) != "new":
            sent -= 1
        self.n_again += kind == "again"
        self.n_changed += kind == "changed"
        return fact(sent, at, content=0 if kind == "again" else i)

    def _kind(self, i: int) -> str:
        draw = (i * 2_654_435_761 ^ self._seed) % 2**32 / 2**32
        return "new" if i < 100 or draw > 0.052 else "again" if draw < 0.05 else "changed"


def store(path: Path, traffic: Traffic, n_restarts: int) -> None:
    """Bring traffic into a log that is opened anew every now and then."""
    batches = list(range(0, traffic.n, AT_ONCE))
    again = set(batches[:: max(1, len(batches) // n_restarts)])
    log = Log(path)
    for start, batch in zip(batches, traffic.batches(AT_ONCE), strict=True):
        if start in again:
            log.close()
            log = Log(path)
        log.append_facts(batch, lasting=False)
    log.close()


def check(path: Path, traffic: Traffic) -> None:
    """Every fact has the fate that it was made for."""
    with Log(path) as log:
        tally = log.tally()
    assert tally.balanced
    assert (tally.received, tally.stored) == (traffic.n, traffic.n_new)
    assert (tally.duplicate, tally.conflict) == (traffic.n_again, traffic.n_changed)


@pytest.mark.usefixtures("small_runs")
def test_every_repeat_is_found_across_restarts(tmp_path: Path) -> None:
    """Twenty thousand facts, some forty runs, ten restarts."""
    traffic = Traffic(20_000, seed=7)
    store(tmp_path / "log.db", traffic, n_restarts=10)
    check(tmp_path / "log.db", traffic)


@pytest.mark.soak
def test_every_repeat_is_found_among_millions(tmp_path: Path) -> None:
    """As many as COTERIE_SOAK says, in runs of their real size; memory and rate are printed."""
    traffic = Traffic(N, seed=7)
    before, started = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for batch in Traffic(N // 20, seed=7).batches(AT_ONCE):
        del batch
    making = (time.process_time() - before) * 20
    before = time.process_time()
    store(tmp_path / "log.db", traffic, n_restarts=10)
    seconds = time.process_time() - before - making
    check(tmp_path / "log.db", traffic)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = (tmp_path / "log.db").stat().st_size
    print(f"{N:,} facts: {N / seconds:,.0f} a CPU second, {(peak - started) / 1024:,.0f} MiB more "
          f"memory ({peak / 1024:,.0f} in all), {size / N:.0f} bytes a fact on disk")  # fmt: skip


@pytest.mark.usefixtures("small_runs")
def test_run_that_is_written_part_by_part_survives_power_cuts_and_other_writers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of ten keys; a run that nobody ended leaves no part behind."""
    monkeypatch.setattr(known, "PART", 10)
    monkeypatch.setattr(known, "SHARE", 0)
    path, draw = tmp_path / "log.db", random.Random(3)
    one, other = Log(path), Log(path)
    for start in range(0, 8_000, 20):
        facts = [fact(n) for n in range(start, start + 20)]
        again = [fact(n) for n in draw.sample(range(start + 20), 10)]
        assert one.append_facts(facts, lasting=False).n_stored == 20
        assert one.append_facts(again, lasting=False).n_duplicate == 10
        if draw.random() < 0.02:
            one.close()
            one = Log(path)
        elif draw.random() < 0.02:
            one, other = other, one
    one.close()
    other.close()
    with sqlite3.connect(path) as db:
        (n_runs,) = db.execute("SELECT count(*) FROM run").fetchone()
        rows = db.execute("SELECT places FROM part").fetchall()
    offsets = [offset for (row,) in rows for offset in runs.opened(row)["offset"].tolist()]
    assert n_runs >= 4
    assert len(offsets) == len(set(offsets)) >= 4 * 500
    db.close()


@pytest.mark.usefixtures("small_runs")
def test_erasure_leaves_nothing_of_a_run_that_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts are deleted, and it is begun again."""
    monkeypatch.setattr(known, "PART", 10)
    monkeypatch.setattr(known, "SHARE", 0)
    with Log(tmp_path / "log.db") as log:
        for start in range(0, 600, 50):
            log.append_facts([fact(n) for n in range(start, start + 50)], lasting=False)
        with log._changing():
            log._known.erase(range(1, 101))
        placed = log._db.execute("SELECT count(*) FROM part").fetchone()
        assert placed == (0,)
        facts = [fact(n) for n in range(600)]
        again = log.append_facts(facts, lasting=False)
        assert (again.n_stored, again.n_duplicate) == (100, 500)


# --- the horizon -------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_runs")
def test_what_came_in_files_is_known_for_ever_and_the_rest_for_the_horizon(tmp_path: Path) -> None:
    """At least: what is beyond it is forgotten a run at a time."""
    with Log(tmp_path / "log.db") as log:
        log.append_facts([fact(n) for n in range(2_000)], lasting=False)
        log.append_facts([fact(n) for n in range(10_000, 12_000)], lasting=True)
        late = NOW + 31 * DAY
        log.append_facts([fact(n, late) for n in range(20_000, 20_600)], lasting=False)
        log.append_facts([fact(n, late) for n in range(21_000, 21_600)], lasting=False)
        again = log.append_facts([fact(n, late) for n in range(2_000)], lasting=False)
        assert again.n_stored > 1_000
        files = log.append_facts([fact(n, late) for n in range(10_000, 12_000)])
        assert (files.n_stored, files.n_duplicate) == (0, 2_000)
        assert log.tally().balanced


def test_two_writers_know_what_the_other_stored_and_erased(tmp_path: Path) -> None:
    """Also runs that the other one made."""
    path = tmp_path / "log.db"
    with pytest.MonkeyPatch.context() as patch, Log(path) as one, Log(path) as other:
        patch.setattr(known, "RUN", 50)
        for start in range(0, 600, 60):
            facts = [fact(n) for n in range(start, start + 60)]
            assert one.append_facts(facts, lasting=False).n_stored == 60
            assert other.append_facts(facts, lasting=False).n_duplicate == 60
            one, other = other, one


def test_failed_transaction_leaves_nothing_in_memory(tmp_path: Path) -> None:
    """What was not stored is new when it comes again."""
    facts = [fact(n) for n in range(200)]

    def fail(conflicts: list[int]) -> None:
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patch, Log(tmp_path / "log.db") as log:
        patch.setattr(known, "RUN", 50)
        log.append_facts(facts[:100])
        with pytest.raises(RuntimeError):
            log.append_facts(facts[100:], before=fail)
        patch.setattr(log._known, "add", _adding_and_failing(log._known))
        with pytest.raises(RuntimeError):
            log.append_facts(facts[100:])
        patch.undo()
        assert log.append_facts(facts).n_stored == 100


def _adding_and_failing(keys: known.Known) -> Callable[..., None]:
    add = keys.add

    def failing(*given: Any, **named: Any) -> None:
        add(*given, **named)
        raise RuntimeError

    return failing


def test_filters_find_every_key_of_every_set() -> None:
    """And others hardly ever; a set that was dropped is not found any more."""
    draw = np.random.default_rng(5)
    sets = [draw.integers(0, 2**64, (1_000, 2), np.uint64) for _ in range(70)]
    found = Filters()
    for number, keys in enumerate(sets):
        found.add(number, filter_of(keys))
    for number, keys in enumerate(sets):
        mine = {place for place, holder in found.holders(keys) if holder == number}
        assert mine == set(range(1_000))
    others = draw.integers(0, 2**64, (1_000, 2), np.uint64)
    assert len(list(found.holders(others))) < 100
    found.drop(3)
    assert 3 not in {holder for _, holder in found.holders(sets[3])}
    found.add(99, filter_of(sets[3]))
    assert len([1 for _, holder in found.holders(sets[3]) if holder == 99]) == 1_000


def test_log_that_had_one_index_of_all_keys_is_taken_over(tmp_path: Path) -> None:
    """What it knew, it knows for ever."""
    path = tmp_path / "log.db"
    facts = [fact(n) for n in range(200)]
    with Log(path) as log:
        log.append_facts(facts)
    db = sqlite3.connect(path)
    db.execute(
        'CREATE TABLE fact (key BLOB PRIMARY KEY, "offset" INTEGER NOT NULL, digest BLOB NOT NULL) '
        "WITHOUT ROWID"
    )
    rows = [(one.key, offset, one.digest) for offset, one in enumerate(facts, 1)]
    db.executemany("INSERT INTO fact VALUES (?, ?, ?)", rows)
    db.execute("DELETE FROM learned")
    db.commit()
    db.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known, "RUN", 50)
        with Log(path) as log:
            assert log.tally().stored == 200
            assert log.append_facts(facts).n_duplicate == 200


_FORMER = """
CREATE TABLE known (
    lasting INTEGER, "offset" INTEGER, key BLOB NOT NULL, digest BLOB NOT NULL,
    received_at INTEGER NOT NULL, PRIMARY KEY (lasting, "offset")) WITHOUT ROWID;
CREATE TABLE placed (
    run INTEGER, half BLOB, "offset" INTEGER, PRIMARY KEY (run, half, "offset")) WITHOUT ROWID;
"""


def rows_of_before(path: Path) -> None:
    """Make of a log one that had a row for each fact that is known, and for each key of a run."""
    db = sqlite3.connect(path)
    db.executescript(_FORMER)
    for lasting, row in db.execute("SELECT lasting, facts FROM learned").fetchall():
        facts = learned.opened(row)[["offset", "key", "digest", "received_at"]].tolist()
        db.executemany(f"INSERT INTO known VALUES ({lasting}, ?, ?, ?, ?)", facts)
    ended = "SELECT run, places FROM part WHERE run IN (SELECT number FROM run)"
    for run, row in db.execute(ended).fetchall():
        places = runs.opened(row)
        halves = places["half"].astype(">u8").view("V8").tolist()
        pairs = zip(halves, places["offset"].tolist(), strict=True)
        db.executemany(f"INSERT INTO placed VALUES ({run}, ?, ?)", pairs)
    db.execute("INSERT INTO placed VALUES (999999, ?, 1)", (bytes(8),))  # of a run nobody ended
    db.executescript("DROP TABLE learned; DROP TABLE part;")
    db.close()


@pytest.mark.usefixtures("small_runs")
def test_log_that_had_a_row_for_each_fact_is_taken_over(tmp_path: Path) -> None:
    """Runs, what no run has yet, what lasts, and what was erased; then it goes on as any log."""
    path, other = tmp_path / "log.db", tmp_path / "other.db"
    for one in (path, other):
        with Log(one) as log:
            for start in range(0, 3_000, 100):
                files = start % 300 == 0
                facts = [fact(n, NOW + n) for n in range(start, start + 100)]
                log.append_facts(facts, lasting=files)
            with log._changing():
                log._known.erase([5, 505, 2_000])
    rows_of_before(path)
    with Log(path) as log, Log(other) as same:
        assert log.tally().stored == same.tally().stored == 2_997
        assert log.old(NOW + 2_000, 10_000) == same.old(NOW + 2_000, 10_000) != []
        for facts in ([fact(n) for n in range(1_500)], [fact(n) for n in range(1_000, 3_500)]):
            found = log.append_facts(facts, lasting=False)
            assert found == same.append_facts(facts, lasting=False)
        assert found.n_stored == 501
        tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('known', 'placed')"
        assert log._db.execute(tables).fetchone() == (0,)
    with Log(path) as log:
        assert log.append_facts([fact(n) for n in range(3_500)]).n_duplicate == 3_500
