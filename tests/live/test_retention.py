"""A log that forgets what the lake holds answers as one that keeps everything."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial, partialmethod
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from coterie.errors import StoreError
from coterie.language.events import Event
from coterie.language.time import micros
from coterie.privacy.scan import scan
from coterie.project import retaining
from coterie.storage.log import Log
from tests.live.shop import Live, bought, day, looked, months

KEEP = "\n[log]\nkeep_days = 1\n"


@pytest.fixture(autouse=True)
def collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes, comes as the collector gives it to the log."""
    monkeypatch.setattr(Log, "append_facts", partialmethod(Log.append_facts, lasting=False))


Pair = tuple[Live, Live]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """The same shop twice: the second forgets."""
    Live(tmp_path / "whole").project.close()
    shutil.copytree(tmp_path / "whole" / "shop", tmp_path / "short" / "shop")
    with (tmp_path / "short" / "shop" / "coterie.toml").open("a") as file:
        file.write(KEEP)
    made = Live(tmp_path / "whole", made=True), Live(tmp_path / "short", made=True)
    yield made
    for shop in made:
        shop.project.close()


def entries(shop: Live) -> list[int]:
    """The offsets of the events that the log has."""
    return [entry.offset for entry in shop.project.stores.log.read(0, 10_000, "event")]


def fates(shop: Live) -> tuple[int, ...]:
    """What became of all that was received, which adds up."""
    said = shop.project.status()
    assert said.balanced
    return said.received, said.stored, said.duplicate, said.quarantined, said.erased


def both(pair: Pair, do: Callable[[Live], Any]) -> Any:
    """The same done to both, and that it came to the same."""
    whole, short = (do(shop) for shop in pair)
    assert whole == short
    return short


def alike(pair: Pair) -> None:
    """Everything that is asked of both is answered alike."""
    both(pair, Live.members)
    both(pair, Live.folded)
    both(pair, Live.records)
    both(pair, fates)


def test_entries_that_the_lake_holds_are_forgotten(pair: Pair) -> None:
    """Events go; ticks and definitions stay; no offset is used again."""
    _, short = pair
    short.send([bought("o1", "ann", 1, "5"), bought("o2", "bob", 2, "5")])
    short.project.run(day(60))
    assert entries(short) == []
    log = short.project.stores.log
    assert {entry.kind for entry in log.read(0, 100)} == {"tick", "definitions", "model"}
    end = log.end()
    short.send([bought("o3", "ann", 89.5, "5")])
    assert entries(short) == [end + 1]
    assert short.project.status().forgotten == log.forgotten() == 2


def test_what_is_not_old_enough_stays(pair: Pair) -> None:
    """The setting counts from when an event was received, and in the order of the log."""
    _, short = pair
    short.send(
        [bought("o1", "ann", 1, "5"), bought("o2", "bob", 89.5, "5"), bought("o3", "bob", 2, "5")]
    )
    short.project.run(day(89.6))
    assert entries(short) == [2, 3]


def test_nothing_is_forgotten_without_the_setting(pair: Pair) -> None:
    """The log is kept for ever by default."""
    whole, _ = pair
    whole.send([bought("o1", "ann", 1, "5")])
    whole.project.run(day(60))
    assert entries(whole) == [1]
    assert retaining.forget(whole.project) == 0


def test_nothing_is_forgotten_before_anybody_asked(pair: Pair) -> None:
    """What no run and no stream has behind it stays."""
    _, short = pair
    short.send([bought("o1", "ann", 1, "5")])
    assert retaining.forget_all(short.project) == 0


def test_what_was_forgotten_is_still_known(pair: Pair) -> None:
    """The same again is a duplicate, another content a conflict."""
    _, short = pair
    short.send([bought("o1", "ann", 1, "5")])
    short.project.run(day(60))
    again = short.project.receive(short.project.plan, [[bought("o1", "ann", 1, "5")]])
    other = short.project.receive(short.project.plan, [[bought("o1", "ann", 1, "6")]])
    assert (again.stored, other.stored) == (0, 0)
    assert fates(short) == (3, 1, 1, 1, 0)


def test_an_erasure_reaches_what_only_the_lake_has(pair: Pair) -> None:
    """It is counted as erased and found nowhere, and asking again changes nothing."""
    both(pair, lambda shop: shop.send([bought(f"o{n}", who, n, "5", anonymous_id=f"phone {who}")
         for n, who in enumerate(("ann", "bob", "ann"), 1)]) and None)  # fmt: skip
    both(pair, lambda shop: shop.project.run(day(60)).changes)
    ann = pair[1].person("ann").encode()
    assert scan(pair[1].folder / "data", [ann])

    def erased(shop: Live) -> tuple[int, bool]:
        report = shop.project.people.erase("ann")
        return report.n_events, report.proven

    assert both(pair, erased) == (2, True)
    assert both(pair, fates) == (3, 1, 0, 0, 2)
    both(pair, lambda shop: shop.project.run(day(70)).people)
    alike(pair)


def test_a_superseded_fact_is_looked_up_in_the_lake(pair: Pair) -> None:
    """Whose it was is known, so that a run tells the change as late, and a stream too."""
    first = [bought("o1", "ann", 40, "5"), bought("o2", "bob", 41, "5")]
    both(pair, lambda shop: shop.send(first) and None)
    both(pair, lambda shop: shop.project.run(day(60)).changes)
    assert entries(pair[1]) == []
    moved = bought("o3", "bob", 42, "5", supersedes="o1")
    both(pair, lambda shop: shop.send([moved]) and None)
    both(pair, lambda shop: shop.project.run(day(61)).changes)
    assert both(pair, lambda shop: shop.causes("ann", "mood"))[-1][2] == "late"
    alike(pair)
    both(pair, lambda shop: shop.replay(70.0, begin="start").clock)
    both(pair, lambda shop: shop.send([bought("o4", "cas", 69, "5", supersedes="o2")]) and None)
    both(pair, lambda shop: shop.replay(71.0).clock)
    alike(pair)


def test_a_lost_lake_is_refused(pair: Pair) -> None:
    """The log alone cannot write it again, and says so before anything moves."""
    _, short = pair
    short.send([bought("o1", "ann", 1, "5")])
    short.project.run(day(60))
    shutil.rmtree(short.folder / "data" / "lake")
    for ask in (lambda: short.project.run(day(61)), short.project.status):
        with pytest.raises(StoreError, match="backup"):
            ask()
    with pytest.raises(StoreError, match="forgotten"):
        short.project.stores.lake.rebuild(short.project.stores.log, short.project.plan)


def test_a_plan_that_learns_leaves_the_lake_as_it_is(pair: Pair) -> None:
    """What old events said of a new property stays unknown; nothing is lost of them."""
    _, short = pair
    short.send([bought("o1", "ann", 1, "5"), looked("v1", "bob", 2)])
    short.project.run(day(60))
    plan = short.folder / "tracking_plan"
    (path,) = plan.glob("*.toml")
    path.write_text(path.read_text().replace("page", "other"))
    short.define("from coterie import event, trait\norders = trait(event('Page Viewed').count())\n")
    short.project.reload()
    short.project.run(day(61))
    path.write_text(path.read_text().replace("other", "page"))
    short.project.reload()
    assert short.project.run(day(62)).people == 2


def test_an_old_snapshot_is_not_taken_up(pair: Pair) -> None:
    """A stream begins out of history where entries after its snapshot were forgotten."""
    several = months(n=30, until=40)
    for half, to in ((several[:15], 30), (several[15:], 45)):
        both(pair, partial(_sent, events=half))
        both(pair, partial(_replayed, to=to))
    both(pair, partial(_ran, to=60))
    assert entries(pair[1]) == []
    for shop in pair:
        kept = sorted((shop.folder / "data" / "snapshots").glob("*"), key=lambda path: path.name)
        for path in kept[1:]:
            path.unlink()
    both(pair, partial(_replayed, to=61))
    both(pair, Live.members)


@pytest.mark.parametrize("streams", [False, True])
def test_a_shop_that_forgets_equals_one_that_keeps(pair: Pair, streams: bool) -> None:
    """Runs, a stream, late events, an erasure: every answer and record is the same."""
    several = months(n=40)
    for clock, some in ((30.0, several[:20]), (62.0, several[20:])):
        both(pair, partial(_sent, events=[_arrived(each, clock) for each in some]))
        both(pair, partial(_replayed if streams else _ran, to=clock))
        retaining.forget_all(pair[1].project)
    assert len(entries(pair[1])) < len(entries(pair[0]))
    if streams:
        both(pair, lambda shop: shop.verified().reached)
    both(pair, lambda shop: shop.project.people.erase("ann").n_events)
    both(pair, partial(_ran, to=63.0))
    alike(pair)


def _arrived(event: Event, clock: float) -> Event:
    """An event that was received at a day of the shop."""
    return replace(event, received_at=micros(day(clock)))


def _sent(shop: Live, events: list[Event]) -> None:
    shop.send(events)


def _replayed(shop: Live, to: float) -> int:
    return shop.replay(to).clock


def _ran(shop: Live, to: float) -> int:
    return shop.project.run(day(to)).changes
