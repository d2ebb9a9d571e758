"""Every request of the inbox is drained exactly once, wherever the power fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.collect.making import Maker, Names
from coterie.errors import StoreError
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import DAY
from coterie.storage.log import Log
from tests.collect.waiting import NOW, Memory, Yard, track

PLAN = TrackingPlan(events={"Looked": PlannedEvent(properties={"n": Property(type="integer")})})
STRICT = TrackingPlan(
    events={"Looked": PlannedEvent(properties={"n": Property(type="integer", required=True)})}
)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    found = Yard(tmp_path, PLAN)
    yield found
    found.close()


class Power(Exception):
    """It went out."""


def test_requests_are_drained_in_order_and_forgotten(yard: Yard) -> None:
    """Batches and single messages alike; afterwards nothing waits."""
    yard.inbox.batch(track(1), track(2))
    yard.inbox.put("track", b'{"event": "Looked", "messageId": "3"}')
    assert yard.drain.behind == 2
    assert yard.all() == 3
    assert yard.ids() == ["1", "2", "3"]
    assert (yard.drain.behind, yard.inbox.requests) == (0, [])
    assert yard.drain.drain(NOW) == 0


def test_every_message_has_its_fate(yard: Yard) -> None:
    """Stored, duplicate, quarantined; a batch of nothing and a body that is none count as well."""
    yard.inbox.batch(track(1), track(1), track(1, event="Bought"), {"type": "track"}, 17)
    yard.inbox.batch()
    yard.inbox.put("track", b"{")
    assert yard.all() == 6
    fates = yard.fates
    assert (fates.received, fates.stored, fates.duplicate, fates.quarantined) == (6, 1, 1, 4)
    assert fates.holds
    assert yard.log.drained() == 3


def test_row_keeps_where_its_message_stood(yard: Yard) -> None:
    """The address, and the path in the batch."""
    yard.inbox.batch(track(1), track(2, properties={"n": "two"}))
    yard.all()
    (row,) = yard.ledger.quarantined()
    assert (row.file, row.row, row.reason) == ("/v1/batch", 2, "wrong_type")


def test_few_messages_make_a_transaction(yard: Yard) -> None:
    """Whole requests, until the number is reached; the rest waits."""
    for n in range(0, 30, 3):
        yard.inbox.batch(*(track(n + i) for i in range(3)))
    assert yard.drain.drain(NOW, most=4) == 6
    assert yard.drain.behind == 8
    assert yard.all(most=4) == 24
    assert yard.ids() == [str(n) for n in range(30)]


def test_event_is_judged_as_of_its_arrival(yard: Yard) -> None:
    """What was too far ahead then is so however late it is drained."""
    message = track(1, timestamp="2026-03-03T12:00:00Z")
    yard.inbox.batch(message, at=NOW)
    yard.drain.drain(NOW + 5 * DAY)
    assert [row.reason for row in yard.ledger.quarantined()] == ["future"]


def test_message_that_nobody_foresaw_holds_up_nobody(yard: Yard, monkeypatch: Any) -> None:
    """It goes to quarantine with the kind of the failure."""

    def made(self: Maker, arrival: Any, now: int) -> Any:
        if b'"2"' in arrival.body:
            raise ZeroDivisionError
        return real(self, arrival, now)

    real = Maker.make
    monkeypatch.setattr(Maker, "make", made)
    yard.inbox.batch(track(1), track(2), track(3))
    yard.all()
    (row,) = yard.ledger.quarantined()
    assert (yard.ids(), row.reason, row.detail) == (["1", "3"], "unforeseen", "ZeroDivisionError")


def test_names_beside_the_plan_are_so_many_and_no_more(yard: Yard, monkeypatch: Any) -> None:
    """Each is a folder of the lake; later ones wait in quarantine, also after a restart."""
    monkeypatch.setattr(Names, "MOST", 3)
    yard.inbox.batch(*(track(n, event=f"E{n % 5}") for n in range(10)), track(10))
    yard.all()
    assert yard.fates.stored == 7
    assert yard.ledger.reasons() == {"too_many_names": 4}
    again = Collector(yard.log, yard.ledger, yard.pseudonymiser, PLAN)
    yard.inbox.batch(track(11, event="E9"), track(12, event="E2"), track(13))
    assert Drain(yard.inbox, again).drain(NOW) == 3
    assert (yard.fates.stored, yard.fates.holds) == (9, True)


def test_two_drains_of_one_inbox_take_turns(yard: Yard) -> None:
    """Each goes on where the other ended, whatever it had read before."""
    other = Drain(yard.inbox, yard.collector)
    for n in range(8):
        yard.inbox.batch(track(n))
    for _ in range(4):
        assert yard.drain.drain(NOW, most=1) == 1
        assert other.drain(NOW, most=1) == 1
    assert yard.ids() == [str(n) for n in range(8)]


# --- crashes -----------------------------------------------------------------------------------

_BATCHES = st.lists(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["ok", "bad", "other"])), max_size=4),
    min_size=1, max_size=6,
)  # fmt: skip


def _sent(n: int, how: str) -> dict[str, Any]:
    said = {"ok": {"n": 1}, "bad": {"n": "one"}, "other": {"n": 2}}
    return track(n, properties=said[how])


@settings(max_examples=25, deadline=None)
@given(_BATCHES, st.data())
def test_power_may_fail_between_any_two_commits(
    tmp_path_factory: pytest.TempPathFactory, batches: Any, data: st.DataObject
) -> None:
    """With other transactions and even another plan afterwards, nothing counts twice."""
    inbox = Memory()
    for batch in batches:
        inbox.batch(*(_sent(*each) for each in batch))
    whole = Yard(tmp_path_factory.mktemp("whole"), PLAN, _copy(inbox))
    whole.all()
    folder, plan = tmp_path_factory.mktemp("killed"), PLAN
    for _ in range(30):
        killed = Yard(folder, plan, inbox)
        try:
            _until_it_fails(killed, data)
        except Power:
            assert killed.fates.received <= whole.fates.received
            plan = data.draw(st.sampled_from([PLAN, PLAN, STRICT]))
            killed.close()
            continue
        break
    assert killed.fates.holds
    assert killed.fates.received == whole.fates.received
    if plan is PLAN:
        assert set(killed.ids()) == set(whole.ids())
    assert len(set(killed.ids())) == len(killed.ids())
    killed.close()
    whole.close()


def _until_it_fails(yard: Yard, data: st.DataObject) -> None:
    """Drain; the power may fail between the ledger's commit and the log's, or after both."""
    real = yard.ledger.quarantine

    def quarantine(*given: Any) -> int:
        n = real(*given)
        if data.draw(st.booleans()):
            raise Power
        return n

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yard.ledger, "quarantine", quarantine)
        patch.setattr(yard.inbox, "forget", _forgetting(yard.inbox, data))
        yard.all(most=data.draw(st.integers(1, 6)))


def _forgetting(inbox: Memory, data: st.DataObject) -> Any:
    def forget(upto: int) -> None:
        if data.draw(st.booleans()):
            raise Power
        Memory.forget(inbox, upto)

    return forget


def _copy(inbox: Memory) -> Memory:
    other = Memory()
    other.requests, other.last = list(inbox.requests), inbox.last
    return other


def test_failing_ledger_leaves_the_log_as_it_was(yard: Yard, monkeypatch: Any) -> None:
    """Nothing of the transaction is there, and all of it waits."""
    monkeypatch.setattr(yard.ledger, "quarantine", _raise)
    yard.inbox.batch(track(1), {"type": "track"})
    with pytest.raises(StoreError):
        yard.all()
    assert (yard.log.drained(), yard.log.end(), yard.drain.behind) == (0, 0, 1)
    monkeypatch.undo()
    assert yard.all() == 2
    assert (yard.fates.stored, yard.fates.quarantined) == (1, 1)


def test_failing_log_is_asked_again(yard: Yard, monkeypatch: Any) -> None:
    """What the ledger kept already is not counted again."""
    monkeypatch.setattr(Log, "_count", _raise)
    yard.inbox.batch(track(1), {"type": "track"}, track(1, event="Bought"))
    with pytest.raises(StoreError):
        yard.all()
    monkeypatch.undo()
    yard.all()
    assert yard.fates.holds
    assert (yard.fates.received, yard.fates.stored, yard.fates.quarantined) == (3, 1, 2)


def _raise(*_: Any, **__: Any) -> Any:
    raise StoreError("the disk is full")
