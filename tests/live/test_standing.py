"""A position without records may wait while one event follows the other, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from coterie.errors import StoreError
from coterie.profiles.live.commits import Commits
from coterie.profiles.stores import Stores
from coterie.project.streaming.live import Live
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log
from coterie.storage.outbox import Mark, Outbox
from tests.live.shop import Live as Shop
from tests.live.shop import bought, looked
from tests.live.test_live import Door


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Empty ones."""
    with Log(tmp_path / "log.db") as log, Ledger(tmp_path / "ledger.db") as ledger:
        yield Stores(log, Lake(tmp_path / "lake"), ledger)


@pytest.fixture
def hurried(stores: Stores) -> Commits:
    """What a stream keeps, whose position at entry 1 is kept, and that has more to do."""
    commits = Commits(stores)
    commits.commit(mark(1))
    commits.hurried = True
    return commits


def mark(offset: int, settled: int | None = None) -> Mark:
    """A position."""
    whole = offset if settled is None else settled
    return Mark(offset=offset, clock=offset, horizon=None, definitions_hash="", settled=whole)


def change(offset: int) -> Any:
    """That somebody entered, by a log entry."""
    texts = {"profile": "p", "segment": "s", "stage": "", "change": "entered"}
    row = texts | {"at": offset, "cause": "event", "reason": "", "offset": offset}
    return pa.Table.from_pylist([row])


def kept(stores: Stores) -> int:
    """The position that is kept."""
    found = Outbox(stores.ledger).mark()
    assert found is not None
    return found.offset


def test_position_alone_waits_until_it_is_asked_for(stores: Stores, hurried: Commits) -> None:
    """Where more follows at once, a commit that nobody can see is left out."""
    hurried.commit(mark(2))
    assert kept(stores) == 1
    hurried.stand(mark(2))
    assert kept(stores) == 2


def test_records_never_wait(stores: Stores, hurried: Commits) -> None:
    """They are kept with the position that they lead to, however much follows."""
    hurried.take(change(2), 1)
    hurried.commit(mark(2))
    assert kept(stores) == 2
    assert Outbox(stores.ledger).records().num_rows == 1


def test_revisits_never_wait(stores: Stores, hurried: Commits) -> None:
    """Whose permission may have changed is known with the position."""
    hurried.commit(mark(2), {"p"})
    assert kept(stores) == 2


def test_end_of_a_part_never_waits(stores: Stores, hurried: Commits) -> None:
    """Records of an entry that was kept in part are told from new ones until it is whole."""
    hurried.take(change(2), 1)
    hurried.commit(mark(2, settled=1))
    hurried.commit(mark(2))
    found = Outbox(stores.ledger).mark()
    assert found is not None
    assert found.settled == 2


def test_position_never_goes_back(stores: Stores, hurried: Commits) -> None:
    """What is made again after a restart stands before what was kept."""
    hurried.stand(mark(3))
    hurried.stand(mark(2))
    assert kept(stores) == 3


class Crowded(Door):
    """A drain behind which something waits always, until it breaks down with the last event."""

    @property
    def behind(self) -> int:
        return 1

    def drain(self, now: int, most: int = 5_000) -> int:
        if self._waiting.empty():
            raise StoreError("the power was cut")
        return super().drain(now, most)


def test_stream_that_fails_in_a_hurry_doubles_and_loses_nothing(shop: Shop) -> None:
    """Entries behind the position are handled again, and every record is there once."""
    door = Crowded(shop.project)
    for i in range(4):
        door.put(bought(f"x{i}", "gus", 89 + i / 10, "5"), looked(f"y{i}", "hal", 89 + i / 10))
    with pytest.raises(StoreError, match="power"):
        Live(shop.project, drain=door).run(lambda: False)
    before = shop.records()
    assert any(row[1] == shop.person("gus") for row in before)
    rounds = iter(range(4))
    Live(shop.project).run(lambda: next(rounds, None) is None)
    found = shop.records()
    assert {*before} <= {*found}
    assert len({*found}) == len(found)
    assert shop.verified().equal
