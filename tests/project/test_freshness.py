"""A source that is heard of on most days and then is not, is silent; another never is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coterie.language.events import Event
from coterie.language.time import DAY, micros
from coterie.project.freshness import Freshness, Sources
from tests.live.shop import Live, bought, day

NOON = micros(datetime(2024, 3, 1, 12, tzinfo=UTC))


def heard(*days_ago: int) -> Freshness:
    """A source that was heard of so many days ago."""
    days = [NOON - n * DAY for n in days_ago]
    return Freshness("web", max(days), frozenset(each // DAY for each in days))


@pytest.mark.parametrize("days", [(2, 3, 4, 5, 6), (2, 3, 5, 6, 8)])
def test_source_of_most_days_is_silent_after_a_day(days: tuple[int, ...]) -> None:
    """Five of the seven days that end with its last."""
    assert heard(*days).silent(NOON)


@pytest.mark.parametrize(
    "days", [(2, 3, 4, 5), (2, 9, 16, 23, 30), (0, 1, 2, 3, 4), (1, 2, 3, 4, 5)]
)
def test_source_of_few_days_or_heard_of_today_is_not(days: tuple[int, ...]) -> None:
    """A weekly file is not silent on a Monday; a whole day must have passed."""
    assert not heard(*days).silent(NOON)


def test_sources_are_read_from_lake_and_log(tmp_path: Path) -> None:
    """What was moved, and what came since; each look knows what the last one knew."""
    shop = Live(tmp_path / "shop")
    with shop.project as project:
        shop.send([bought("a1", "ann", 0, "5")])
        sources, stores = Sources(), project.stores
        first = sources.look(stores, micros(day(5)))
        stores.lake.flush(stores.log, project.questions.library.plan)
        later: list[Event] = [bought(f"b{n}", "bob", n, "5") for n in range(1, 4)]
        shop.send(later)
        assert [each.last for each in first] == [micros(day(0))]
        for look in (sources, Sources()):
            (found,) = look.look(stores, micros(day(5)))
            assert (found.last, len(found.days)) == (micros(day(3)), 4)
