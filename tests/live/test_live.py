"""A stream in a thread of its own: told at once, read meanwhile, at rest where nothing is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import Queue
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest

from coterie.language.events import Event
from coterie.language.time import from_micros, micros
from coterie.profiles.live import following
from coterie.profiles.live.moving import UNSORTED
from coterie.profiles.live.replay import Manner
from coterie.project import Project
from coterie.project.streaming.live import Change, Live
from coterie.project.streaming.standing import snapshots
from tests.live.shop import PLAN, bought, day, looked
from tests.live.shop import Live as Shop

PATIENCE = 60.0
SETTLED = 3
"""Looks around after which nothing more is to come."""


class Door:
    """A drain: what is put before it comes into the log at the next step."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._waiting: Queue[list[Event]] = Queue()

    def put(self, *events: Event) -> None:
        self._waiting.put([*events])

    @property
    def behind(self) -> int:
        return self._waiting.qsize()

    def drain(self, now: int, most: int = 5_000) -> int:
        if self._waiting.empty():
            return 0
        pseudonymiser = self._project.pseudonymiser
        events = [pseudonymiser.event(event, PLAN) for event in self._waiting.get()]
        return self._project.stores.log.append_events(events).n_stored


class Running:
    """A live stream, what it told, and the door that it takes events from."""

    def __init__(self, shop: Shop, manner: Manner | None) -> None:
        self.shop, self.door = shop, Door(shop.project)
        self.live = Live(shop.project, drain=self.door)
        self.told: Queue[Change] = Queue()
        self.rounds, self._stop = 0, Flag()
        self.live.subscribe(lambda changes: [self.told.put(change) for change in changes])
        self._failed: list[BaseException] = []
        self._thread = Thread(target=self._run, args=[manner])
        self._thread.start()

    def _run(self, manner: Manner | None) -> None:
        try:
            self.live.run(self._stopping, manner=manner)
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self._failed.append(error)

    def _stopping(self) -> bool:
        self.rounds += 1
        return self._stop.is_set()

    def until(self, reached: Callable[[], Any]) -> None:
        """Wait until something is so."""
        waited = Flag()
        for _ in range(int(PATIENCE / 0.01)):
            if self._failed or reached():
                break
            waited.wait(0.01)
        if self._failed:
            raise self._failed[0]
        assert reached()

    def settled(self) -> None:
        """Wait until the stream has looked around and found nothing to do."""
        self.until(lambda: self.live.ready and not self.door.behind)
        at = self.rounds
        self.until(lambda: self.rounds > at + SETTLED)

    def come(self, *events: Event) -> None:
        """Let events come in, and wait until they are handled."""
        self.door.put(*events)
        self.live.wake()
        self.settled()

    def pass_(self, **length: float) -> None:
        """Let time pass."""
        self.shop.now += timedelta(**length)
        self.live.wake()
        self.settled()

    def changes(self) -> list[Change]:
        """What was told since the last time."""
        return [self.told.get() for _ in range(self.told.qsize())]

    def end(self) -> None:
        self._stop.set()
        self.live.wake()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._failed:
            raise self._failed[0]


@contextmanager
def running(shop: Shop, manner: Manner | None = None) -> Iterator[Running]:
    """The shop's stream, as of its clock, until the block ends."""
    made = Running(shop, manner)
    try:
        made.settled()
        yield made
    finally:
        made.end()


def test_change_is_told_once_it_is_kept(shop: Shop) -> None:
    """With the number that the outbox gave it; and whoever asks then sees it."""
    with running(shop) as stream:
        stream.changes()
        stream.come(bought("x1", "gus", 90, "5"))
        told = {(c.segment, c.stage): c for c in stream.changes()}
        kept = shop.log().to_pylist()
        person = stream.live.profile(shop.person("gus"))
    change = told["active", None]
    assert (change.change, change.cause, change.at) == (
        "entered",
        "event",
        7_776_000_000_000 + 1704067200000000,
    )
    assert told["mood", "new"].change == "entered"
    assert len({c.id for c in told.values()}) == len(told)
    assert [row["cause"] for row in kept if row["profile"] == shop.person("gus")]
    assert person is not None
    assert person.memberships["active"] == change.at
    assert person.stages == {"mood": "new"}
    assert str(person.traits["spend"]) == "5.00"


def test_profiles_are_what_the_project_says_of_them(shop: Shop) -> None:
    """Everybody's traits, memberships, stages and permissions, at the position of the stream."""
    with running(shop) as stream:
        found = {raw: stream.live.profile(shop.person(raw)) for raw in ("ann", "bob", "cas", "dee")}
    for raw, profile in found.items():
        assert profile is not None
        wanted = shop.project.profile(raw, at=from_micros(profile.clock))
        assert {n: v for n, v in profile.traits.items() if n != "hot"} == wanted.traits
        assert {*profile.memberships} == {m.name for m in wanted.segments}
        assert {n: s for n, s in profile.stages.items() if s} == {
            m.name: m.stage for m in wanted.stages
        }
        assert profile.may == wanted.permissions
        assert all(at is not None for at in profile.memberships.values())


def test_device_is_its_user(shop: Shop) -> None:
    """From the event on that says so; a stranger is nobody."""
    with running(shop) as stream:
        phone = shop.project.pseudonymiser.anonymous("phone of gus")
        assert stream.live.profile(phone) is None
        stream.come(looked("x1", None, 89.9, anonymous_id="phone of gus"))
        alone = stream.live.profile(phone)
        stream.come(looked("x2", "gus", 89.95, anonymous_id="phone of gus"))
        joined = stream.live.profile(phone)
    assert alone is not None
    assert alone.profile == phone
    assert joined is not None
    assert joined.profile == shop.person("gus")
    assert "keen" in joined.memberships  # two views: the device's own counts
    shop.verified()


def test_nothing_is_written_while_nothing_is_due(shop: Shop) -> None:
    """No tick, no record: the log ends where it ended."""
    with running(shop) as stream:
        stream.pass_(minutes=1)
        log, standing = shop.project.stores.log, stream.live.standing()
        end = log.end()
        stream.pass_(seconds=1)
        stream.pass_(seconds=1)
        assert log.end() == end
        assert standing is not None
        assert standing.behind == 0


def test_time_alone_changes_at_its_exact_instant(shop: Shop) -> None:
    """The clock stops at the deadline's own tick or later; the record has the deadline."""
    with running(shop) as stream:
        stream.come(looked("x1", "gus", 89.99))
        stream.changes()
        stream.pass_(hours=12)
        left = [c for c in stream.changes() if c.segment == "hesitant"]
    assert [(c.change, c.cause) for c in left] == [("entered", "time")]
    assert left[0].at == micros(day(90.49))


def test_late_events_correct_at_the_clock(shop: Shop) -> None:
    """One after the last unit of its person, and one long before it; SQL says the same."""
    with running(shop) as stream:
        stream.come(bought("x1", "gus", 89, "5"), bought("x2", "hal", 90, "5"))
        stream.changes()
        stream.come(bought("x3", "gus", 89.5, "6"), bought("x4", "hal", 10, "6"))
        late = {(c.profile, c.stage): c for c in stream.changes() if c.segment == "mood"}
    for raw in ("gus", "hal"):
        assert late[shop.person(raw), "regular"].cause == "late"
        assert late[shop.person(raw), "regular"].at == micros(day(90))
    shop.verified()


def test_sign_up_and_events_that_changed_places_read_no_history(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device joins a user who is new, two orders come in the other order; SQL says the same."""

    def refused(*asked: object) -> None:
        raise AssertionError("a history was read")

    with running(shop) as stream, monkeypatch.context() as patched:
        patched.setattr("coterie.profiles.live.facts.Facts.histories", refused)
        stream.come(looked("x1", None, 89.9, anonymous_id="tablet"))
        stream.come(looked("x2", "ida", 89.95, anonymous_id="tablet"))
        stream.come(bought("x3", "ida", 90, "5"))
        stream.come(bought("x4", "ida", 90 - 1e-6, "6"))
        joined = stream.live.profile(shop.project.pseudonymiser.anonymous("tablet"))
    assert joined is not None
    assert (joined.profile, joined.traits["orders"]) == (shop.person("ida"), 2)
    assert {"keen", "active"} <= {*joined.memberships}
    shop.verified()


@pytest.mark.parametrize("held", [1, 20_000])
def test_what_is_done_beside_changes_nothing(
    shop: Shop, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are moved and states kept while steps go on; the next stream goes on from there."""
    monkeypatch.setattr("coterie.profiles.live.following.HELD", held)
    with running(shop, Manner(keep=0.0)) as stream:
        for i in range(12):
            who = f"p{i % 3}"
            stream.come(looked(f"x{i}", who, 89 + i / 100), bought(f"y{i}", who, 89 + i / 50, "7"))
    shop.verified()
    assert shop.folded() == shop.members()
    with running(shop) as stream:
        again = stream.live.profile(shop.person("p1"))
        assert again is not None
        assert again.traits["orders"] == 4
    shop.verified()


def test_others_write_meanwhile(shop: Shop) -> None:
    """Another process's events, run and erasure come in at the next look."""
    other = Project(shop.folder, clock=lambda: shop.now)
    with running(shop) as stream:
        assert other.receive(PLAN, [[bought("x1", "gus", 89, "5")]]).stored == 1
        stream.settled()
        assert stream.live.profile(shop.person("gus")) is not None
        other.erase("gus")
        stream.settled()
        assert stream.live.profile(shop.person("gus")) is None
    other.close()
    shop.verified()


def test_nobody_is_told_after_unsubscribing(shop: Shop) -> None:
    """The others are."""
    with running(shop) as stream:
        heard: list[Change] = []
        end = stream.live.subscribe(heard.extend)
        stream.come(bought("x1", "gus", 90, "5"))
        before = len(heard)
        end()
        stream.come(bought("x2", "hal", 90, "5"))
        assert 0 < before == len(heard)
        assert stream.told.qsize() > before


def test_before_it_runs_nobody_is_known(shop: Shop) -> None:
    """Neither a profile nor a standing."""
    live = Live(shop.project)
    assert live.profile(shop.person("ann")) is None
    assert live.standing() is None
    assert not live.ready


def test_what_is_scheduled_happens_on_the_way_of_an_event(shop: Shop) -> None:
    """Models are learnt anew on the first of a month: the clock stops there before the event."""
    with running(shop) as stream:
        shop.now = day(91.5)
        stream.come(bought("x1", "gus", 91.5, "5"))
        runs = [run.clock for run in shop.project.stores.ledger.runs()]
        person = stream.live.profile(shop.person("gus"))
    assert micros(day(91)) in runs
    assert person is not None
    assert person.traits["orders"] == 1
    shop.verified()


def test_stopped_stream_has_moved_and_published_all_and_sorts_only_where_that_pays(
    shop: Shop,
) -> None:
    """One event more is in the lake as it came; many of them are sorted in."""
    with running(shop):
        pass
    lake = shop.project.stores.lake
    assert lake.unsorted() == 0
    with running(shop) as stream:
        stream.come(bought("x1", "gus", 90, "5"))
    assert 0 < lake.unsorted() <= UNSORTED
    assert shop.project.profile("gus").traits["spend"] == 5
    with running(shop) as stream:
        stream.come(*(bought(f"y{i}", "gus", 90, "5") for i in range(500)))
    assert lake.unsorted() == 0
    shop.verified()


def test_stopped_stream_keeps_its_state_where_much_came_since_and_starts_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the next start handles again what the newest snapshot does not have."""

    def kept() -> int:
        newest = snapshots(shop.project).newest()
        assert newest is not None
        return newest.offset

    with running(shop):
        pass
    before = kept()
    with running(shop) as stream:
        stream.come(bought("x1", "gus", 90, "5"))
    assert kept() == before
    with running(shop) as stream:
        person = stream.live.profile(shop.person("gus"))
    assert person is not None
    assert person.traits["spend"] == shop.project.profile("gus").traits["spend"] == 5
    assert kept() == before
    shop.verified()
    monkeypatch.setattr(following, "NEAR", 0)
    with running(shop):
        pass
    assert kept() > before
