"""Many people who are due at one instant do not keep events waiting, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coterie.profiles import transitions
from coterie.profiles.live import pace
from coterie.profiles.live.replay import Manner
from tests.live.shop import Live, bought, day

CROWD = 80


class Stopped(Exception):
    """As if the process had ended."""


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Live]:
    """Shops of people who all ordered at the same instant, followed until their fifth day."""
    monkeypatch.setattr(pace, "REST", 0.0)

    def make() -> Live:
        shop = Live(tmp_path / str(len(list(tmp_path.iterdir()))))
        shop.now = day(5)
        shop.send(bought(f"o{i}", f"person {i}", 1, "5") for i in range(CROWD))
        follow(shop, [day(5)])
        return shop

    return make


def follow(shop: Live, nows: list[Any], *, limit: int | None = 10) -> list[int]:
    """Follow a clock that shows these instants; how many had left `active` before each step."""
    left: list[int] = []

    def stopping() -> bool:
        if not nows:
            return True
        at = nows.pop(0)
        if isinstance(at, Stopped):
            raise at
        shop.now = at
        left.append(len(exits(shop)))
        return False

    shop.project.stream.replay(follow=True, stopping=stopping, manner=Manner(limit=limit, keep=1e9))
    return left


def exits(shop: Live) -> list[Any]:
    return [row for row in shop.records() if row[3] == "active" and not row[2]]


def instants(n: int) -> list[Any]:
    """The eleventh day, second by second, just after everybody is due."""
    return [day(11.5 + i / 86_400) for i in range(n)]


def test_event_is_answered_before_everybody_who_was_due(crowded: Callable[[], Live]) -> None:
    """A step acts on some deadlines and all events; the others follow, at their exact instant."""
    shop = crowded()
    shop.now = day(11)
    shop.send([bought("new", "zoe", 11.5, "5")])
    left = follow(shop, instants(14))
    assert left[:4] == [0, 10, 20, 30]
    assert left[-1] == CROWD
    committed = [row["profile"] for row in transitions.read(*shop.project.stores[1:]).to_pylist()]
    assert committed.index(shop.person("zoe")) < len(committed) - CROWD // 2
    shop.verified()


def test_bounded_steps_record_what_unbounded_ones_do(crowded: Callable[[], Live]) -> None:
    """The same records at the same instants, and of the log entry that made them due."""
    one, other = crowded(), crowded()
    follow(one, instants(14), limit=None)
    follow(other, instants(14))
    assert [row[0] for row in one.records()] == [row[0] for row in other.records()]
    assert {row[0] for row in exits(other)} == {11 * 86_400_000_000}
    assert len(ticks(one)) == len(ticks(other)) == 1


def ticks(shop: Live) -> set[int]:
    """The log entries that made people leave `active`."""
    left = (row for row in shop.log().to_pylist() if row["segment"] == "active")
    return {row["offset"] for row in left if row["change"] == "exited"}


@pytest.mark.parametrize("after", [1, 3, 6])
def test_stream_that_ends_amid_them_goes_on(crowded: Callable[[], Live], after: int) -> None:
    """Whoever was recorded is recorded once, whoever was not is recorded after the restart."""
    shop = crowded()
    nows = instants(14)
    with pytest.raises(Stopped):
        follow(shop, [*nows[:after], Stopped()])
    assert len(exits(shop)) == 10 * after
    shop.project.close()
    follow(shop, nows[after:])
    assert len(exits(shop)) == len({row[1] for row in exits(shop)}) == CROWD
    assert shop.folded() == shop.members()
    shop.verified()


def test_verify_amid_them_counts_who_is_due(crowded: Callable[[], Live]) -> None:
    """Whoever has to leave at the clock has left, though no step came to them yet."""
    shop = crowded()
    with pytest.raises(Stopped):
        follow(shop, [*instants(3), Stopped()])
    shop.verified()
    assert len(exits(shop)) == 30


def test_run_amid_them_takes_them_over(crowded: Callable[[], Live]) -> None:
    """A run records whoever still waited, and the stream does not record them again."""
    shop = crowded()
    with pytest.raises(Stopped):
        follow(shop, [*instants(3), Stopped()])
    shop.project.run(day(12))
    assert len(exits(shop)) == CROWD
    follow(shop, [day(13)])
    assert len(exits(shop)) == CROWD
    assert shop.folded() == shop.members()
    shop.verified()
