"""What the host reads of lake and log together is what the lake says once it has everything."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.engines.sql.sources import column
from coterie.language.events import Event
from coterie.language.types import Decimal, Text
from coterie.profiles.live.backlog import Backlog
from coterie.profiles.live.facts import Events, Facts
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.storage.shop import LINE, ORDER, PLAN, VIEW, made, order, scanned

NEEDS = {ORDER: {"revenue": Decimal(2)}, LINE: {"sku": Text()}, VIEW: {}}
EVER = 2**62

happened = st.lists(
    st.tuples(
        st.sampled_from([None, "u0", "u1"]),
        st.sampled_from([None, "d0", "d1", "u1"]),
        st.integers(0, 4),
        st.booleans(),
        st.one_of(st.none(), st.none(), st.integers(0, 12)),
    ),
    min_size=1,
    max_size=14,
)


def events(rows: list[tuple[Any, ...]]) -> list[Event]:
    """Orders and views of people and devices, some of which replace another."""
    return [
        order(f"m{i}", user, "1.25", "2", at=at, anonymous_id=device, supersedes=_message(old))
        if bought
        else made(f"m{i}", VIEW, at, user_id=user, anonymous_id=device, supersedes=_message(old))
        for i, (user, device, at, bought, old) in enumerate(rows)
    ]


def _message(old: int | None) -> str | None:
    return None if old is None else f"m{old}"


def rows_of(found: Events) -> set[tuple[Any, ...]]:
    """Every row with its event name."""
    return {(name, *row.values()) for name, table in found.items() for row in table.to_pylist()}


def everybody(facts: Facts, share: int) -> list[Events]:
    """Everybody's events, so many of them sorted at once; whose they are comes in order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coterie.profiles.live.facts.SHARE", share)
        found = list(facts.by_person(NEEDS, None, 2))
    everyone = [profile for some, _ in found for profile in some]
    assert everyone == facts.people(None).to_pylist()
    for some, part in found:
        assert all({*table["profile"].to_pylist()} <= {*some} for table in part.values())
    return [part for _, part in found]


def truth(lake: Lake, offset: int) -> set[tuple[Any, ...]]:
    """What stands at an offset, by the lake's own scan."""
    found = set()
    for name, kinds in NEEDS.items():
        for row in scanned(lake, name, kinds, offset).to_pylist():
            if row["retired"] is None or row["retired"] > offset:
                values = [row[prop] for prop in kinds]
                found.add((name, row["profile"], row["at"], row["key"], *values))
    return found


@settings(max_examples=20)
@given(
    rows=happened,
    flushed=st.integers(0, 14),
    cuts=st.lists(st.integers(1, 14), max_size=3),
    share=st.sampled_from([1, 3, 2_500_000]),
)
def test_rows_are_those_of_the_lake(
    rows: list[tuple[Any, ...]], flushed: int, cuts: list[int], share: int
) -> None:
    """Histories, slices, everybody in shares of any size, wherever the log goes on alone."""
    with TemporaryDirectory() as name, Log(Path(name) / "log.db") as log:
        lake, said = Lake(Path(name) / "lake"), events(rows)
        log.append_events(said[:flushed])
        lake.flush(log, PLAN)
        facts = Facts(lake, PLAN, log.end())
        log.append_events(said[flushed:])
        for end in sorted({*cuts, len(said)}):
            new = [entry for entry in log.read(facts.offset, EVER) if entry.offset <= end]
            facts.learn(new, max(facts.offset, min(end, log.end())))
        got = {
            "histories": facts.histories(["u0", "u1", "d0", "d1"], NEEDS, None),
            "one by one": [facts.histories([who], NEEDS, None) for who in ("u0", "u1", "d0", "d1")],
            "slices": [facts.between(NEEDS, -1, 2), facts.between(NEEDS, 2, 9)],
            "everybody": everybody(facts, share),
            "names": facts.all_of(NEEDS, None),
            "early": facts.histories(["u0", "u1", "d0", "d1"], NEEDS, 2),
        }
        people = facts.people(None).to_pylist()
        facts.close()
        lake.flush(log, PLAN)
        wanted = truth(lake, log.end())
        assert rows_of(got["histories"]) == rows_of(got["names"]) == wanted
        for several in ("one by one", "slices", "everybody"):
            parts = [rows_of(part) for part in got[several]]
            assert set().union(*parts) == wanted
            assert sum(map(len, parts)) == len(wanted)
        assert rows_of(got["early"]) == {row for row in wanted if row[2] <= 2}
        assert people == sorted({row[1] for row in wanted})


@settings(max_examples=30)
@given(rows=happened, size=st.integers(1, 5), steps=st.lists(st.integers(1, 6), max_size=6))
def test_backlog_gives_each_event_once_in_time(
    rows: list[tuple[Any, ...]], size: int, steps: list[int]
) -> None:
    """Whatever a slice holds and whatever a step takes."""
    with TemporaryDirectory() as name, Log(Path(name) / "log.db") as log:
        lake = Lake(Path(name) / "lake")
        log.append_events(events(rows))
        lake.flush(log, PLAN)
        facts = Facts(lake, PLAN, log.end())
        backlog, given_out = Backlog(facts, -1, size), list[tuple[Any, ...]]()
        for n in steps:
            stop = backlog.stop(NEEDS, n)
            until = 9 if stop is None else stop
            some = [row for part in backlog.upto(NEEDS, until) for row in rows_of(part)]
            assert all(row[2] <= until for row in some)
            assert (
                not given_out or not some or min(r[2] for r in some) > max(r[2] for r in given_out)
            )
            given_out += some
        given_out += [row for part in backlog.upto(NEEDS, 9) for row in rows_of(part)]
        assert not backlog.left(NEEDS)
        facts.close()
        assert len(given_out) == len(set(given_out))
        assert set(given_out) == truth(lake, log.end())


def test_columns_are_as_an_engine_asks_for_them(tmp_path: Path) -> None:
    """Keys of sixteen bytes, instants and amounts in units, a column for each property."""
    with Log(tmp_path / "log.db") as log:
        lake = Lake(tmp_path / "lake")
        facts = Facts(lake, PLAN, 0)
        log.append_events([order("o1", "u1", "1.25", at=7)])
        rows, _ = facts.learn(log.read(0, 10), 1)
        found = facts.fresh(rows, NEEDS, None)[ORDER]
        facts.close()
    assert found.schema.field("key").type == pa.binary(16)
    assert found.drop_columns(["key"]).to_pylist() == [
        {"profile": "u1", "at": 7, column("revenue"): 125}
    ]


@pytest.mark.parametrize("user", ["u1", None])
def test_device_is_joined_only_where_it_had_rows(tmp_path: Path, user: str | None) -> None:
    """A device that is met with its user for the first time merges nobody."""
    with Log(tmp_path / "log.db") as log:
        facts = Facts(Lake(tmp_path / "lake"), PLAN, 0)
        log.append_events([made("m1", VIEW, 1, anonymous_id="d1", user_id=user)])
        facts.learn(log.read(0, 10), 1)
        log.append_events([made("m2", VIEW, 2, anonymous_id="d1", user_id="u1")])
        log.append_events([made("m3", VIEW, 3, anonymous_id="d2", user_id="u1")])
        _, learnt = facts.learn(log.read(1, 10), 3)
        assert facts.joined(learnt, 1) == ({} if user else {"d1": "u1", "d2": "u1"})
        facts.close()
