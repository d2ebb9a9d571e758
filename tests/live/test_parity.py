"""Whole shops replayed event by event, and then compared with SQL: nothing differs.

From empty, and out of history at random cuts and then live to the end; in micro-batches of random
sizes; with random restarts. The real invoices have all recipes about orders, the simulated shop has
every recipe.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from coterie.language.time import from_micros
from coterie.profiles.live import pace
from coterie.profiles.live.replay import Manner
from coterie.project import Project
from coterie.project.folder import create
from coterie.project.streaming.reports import ParityReport
from coterie.simulate import simulate
from tests.conftest import SOAK
from tests.support import retail

LIFE = {
    "real": (datetime(2010, 12, 1, tzinfo=UTC), datetime(2011, 12, 10, tzinfo=UTC)),
    "simulated": (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated shop of 150 people and a year, received and not run yet."""
    folder = tmp_path_factory.mktemp("simulated") / "shop"
    create(folder, "retail")
    shop = simulate(people=150, months=12)
    with Project(folder, clock=lambda: from_micros(shop.parameters.until)) as project:
        project.receive(shop.plan(), shop.events())
    return folder


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real invoices, imported and not run yet."""
    return retail.imported(shared_data, tmp_path_factory)


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Project, str]]:
    """A copy of one of them, and its name."""
    name = str(request.param)
    shutil.copytree(request.getfixturevalue(name), tmp_path / "shop")
    with Project(tmp_path / "shop", clock=lambda: LIFE[name][1]) as project:
        yield project, name


def cut(random: Random, name: str) -> datetime:
    """An instant within a shop's life."""
    start, end = LIFE[name]
    return start + (end - start) * random.uniform(0.05, 0.95)


def onwards(project: Project, name: str, random: Random) -> ParityReport:
    """Replay to the end by strides of random lengths and batches of random sizes; verify."""
    clock, end = project.stores.log.clock(), LIFE[name][1]
    at = LIFE[name][0] if clock is None else from_micros(clock)
    for _ in range(random.randint(0, 3)):
        at += (end - at) * random.random()
        project.stream.replay(at, manner=Manner(batch=random.choice((200, 1_000, 20_000))))
    project.stream.replay(end, manner=Manner(batch=random.choice((500, 5_000, 100_000))))
    found = project.stream.verify()
    assert found.equal, (found.strangers, found.differing, found.folded, found.first)
    assert found.live
    assert found.people > 100
    return found


def shops(*seeds: int, more: int) -> pytest.MarkDecorator:
    """So many shops, the real one among them; with more seeds of both in a soak."""
    kept = [("simulated", seed) for seed in seeds[:-1]] + [("real", seeds[-1])]
    kept += [(name, seed) for name in LIFE for seed in range(10, 10 + more)]
    return pytest.mark.parametrize(("shop", "seed"), kept, indirect=["shop"])


@shops(0, 0, more=SOAK // 100)
def test_replay_from_empty_equals_sql(shop: tuple[Project, str], seed: int) -> None:
    """With random restarts and batches."""
    onwards(*shop, Random(seed))


@shops(0, 1, 2, more=SOAK // 100)
def test_replay_from_a_random_cut_equals_sql(shop: tuple[Project, str], seed: int) -> None:
    """A run answers at the cut, the stream takes over from history, and goes on live."""
    project, name = shop
    random = Random(seed)
    project.run(cut(random, name))
    project.stream.replay(
        from_micros(project.stores.log.clock() or 0) + timedelta(days=1), begin="start"
    )
    found = onwards(project, name, random)
    assert sum(count > 0 for count in found.reached.values()) > 20


def test_events_that_arrive_while_the_stream_follows_equal_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few at a time: some are late, some tell whose a device was; the lake lags behind."""
    monkeypatch.setattr(pace, "REST", 0.0)
    create(tmp_path / "shop", "retail")
    shop, random = simulate(people=40, months=6), Random(5)
    events = [event for batch in shop.events() for event in batch]
    now = from_micros(events[0].received_at)
    with Project(tmp_path / "shop", clock=lambda: now) as project:

        def arriving() -> bool:
            nonlocal now, events
            some, events = events[: (n := random.randint(1, 80))], events[n:]
            now = max(now, from_micros(some[-1].received_at)) if some else now
            project.receive(shop.plan(), [some])
            return not some

        arriving()
        project.stream.replay(follow=True, stopping=arriving)
        found = project.stream.verify()
        assert found.equal, (found.strangers, found.differing, found.folded, found.first)
        log = project.stores.lake.read("transitions")
        assert {"event", "time", "late", "merge", "refit"} <= set(log["cause"].to_pylist())
