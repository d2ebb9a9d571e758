"""What has its fate for long is forgotten, and still counted."""

from __future__ import annotations

import sqlalchemy as sa

from coterie.storage import outgoing as o
from tests.activate.webhooks.outside import HOUR, Outside
from tests.activate.webhooks.receiver import Receiver, status

DAY = 24 * HOUR


def n_attempts(outside: Outside) -> int:
    """How many attempts the ledger has."""
    with outside.ledger.writing() as db:
        return int(db.execute(sa.select(sa.func.count()).select_from(o.attempts)).scalar_one())


def test_deliveries_are_forgotten_after_their_time_and_stay_counted(
    outside: Outside, receiver: Receiver
) -> None:
    """Delivered, failed and dropped ones go with their attempts; what waits stays."""
    crm = outside.add(receiver.url)
    outside.enter("ann", "bob")
    outside.deliver()
    receiver.answering, receiver.accepts = status(500), False
    outside.leave("ann")
    outside.wait(6 * DAY)
    outside.leave("bob")
    outside.deliver()
    outside.deliveries.forget({"bob"}, outside.now)
    before = {"delivered": 2, "failed": 1, "dropped.erased": 1}
    assert outside.fates() == before
    assert n_attempts(outside) > 10
    outside.destinations.pause(crm.id, outside.now, "by command")
    outside.enter("cid")
    outside.set(outside.now + 91 * DAY)
    outside.deliver()
    assert outside.fates() == {**before, "waiting": 1}
    assert [row.profile for row in outside.deliveries.list()] == ["cid"]
    assert n_attempts(outside) == 0
    assert outside.deliveries.sequence(crm.id) == 5


def test_a_delivery_is_kept_until_its_time(outside: Outside, receiver: Receiver) -> None:
    """The setting counts from the fate, to the microsecond."""
    outside.add(receiver.url)
    outside.enter("ann")
    outside.deliver()
    assert outside.deliveries.expire(outside.now, 10) == 0
    assert outside.deliveries.expire(outside.now + 1, 10) == 1
    assert outside.fates() == {"delivered": 1}


def test_as_many_are_forgotten_at_once_as_is_said(outside: Outside, receiver: Receiver) -> None:
    """The oldest first: a failed one never outlives what came after it."""
    outside.add(receiver.url)
    for n in range(5):
        outside.set(outside.now + HOUR)
        outside.enter(f"p{n}")
        outside.deliver()
    assert outside.deliveries.expire(outside.now + 1, 2) == 2
    assert [row.profile for row in outside.deliveries.list()] == ["p4", "p3", "p2"]
    assert [outside.deliveries.expire(outside.now + 1, 2) for _ in range(3)] == [2, 1, 0]
    assert outside.fates() == {"delivered": 5}


def test_what_is_dropped_is_kept_as_long(outside: Outside, receiver: Receiver) -> None:
    """Its time begins when it is dropped, not when it was enqueued or tried."""
    crm = outside.add(receiver.url)
    outside.destinations.pause(crm.id, outside.now, "by command")
    outside.enter("ann")
    outside.deliver()
    outside.set(outside.now + 100 * DAY)
    assert outside.destinations.remove(crm.id, outside.now) == 1
    assert outside.deliveries.expire(outside.now, 10) == 0
    assert outside.deliveries.expire(outside.now + 1, 10) == 1
    assert outside.deliveries.counts() == {crm.id: {"dropped.removed": 1}}


def test_the_oldest_are_found_without_reading_the_rest(outside: Outside) -> None:
    """An index leads to them, however many are kept."""
    from coterie.storage.deliveries import _OLD

    with outside.ledger.writing() as db:
        plan = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {_OLD}", (1, 1))]
    assert any("deliveries_over" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)
