"""Whoever is erased leaves nothing readable among the deliveries, and nothing more is sent."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.privacy.scan import scan
from tests.activate.webhooks.outside import HOUR, Outside
from tests.activate.webhooks.receiver import Receiver, status

ANN, BOB = "a1" * 16, "b2" * 16


def test_an_erased_person_is_nowhere_in_the_ledger(outside: Outside, receiver: Receiver) -> None:
    """Planted in every table, then searched for as an erasure does."""
    folder = outside.ledger.path.parent
    outside.add(receiver.url)
    outside.enter(ANN, BOB)
    outside.deliver()
    receiver.answering, receiver.accepts = status(500), False
    outside.leave(ANN, BOB)
    outside.deliver()
    outside.enter(ANN, BOB)
    outside.permit(ANN, may=True)
    assert scan(folder, [ANN.encode()])
    outside.deliveries.forget({ANN}, outside.now)
    outside.ledger.erase({ANN})
    assert not scan(folder, [ANN.encode()])
    assert scan(folder, [BOB.encode()])


def test_what_waits_for_an_erased_person_is_dropped_and_counted(
    outside: Outside, receiver: Receiver
) -> None:
    """Its fate is ``erased``; what was delivered stays counted, about nobody."""
    outside.add(receiver.url)
    outside.enter(ANN, BOB)
    outside.deliver()
    receiver.answering, receiver.accepts = status(500), False
    outside.leave(ANN, BOB)
    outside.deliver()
    outside.deliveries.forget({ANN}, outside.now)
    assert outside.fates() == {"delivered": 2, "dropped.erased": 1, "waiting": 1}
    receiver.answering, receiver.accepts = status(200), True
    outside.wait(HOUR)
    assert receiver.told()[-1][0] == BOB
    assert outside.fates() == {"delivered": 3, "dropped.erased": 1}
    assert {row.profile for row in outside.deliveries.list()} == {"", BOB}


def test_an_erasure_while_a_message_is_on_its_way_brings_nobody_back(
    outside: Outside, receiver: Receiver
) -> None:
    """The answer to it is kept with the delivery's number, not with the person."""
    outside.add(receiver.url)
    outside.enter(ANN)
    outside.people.gone.add(ANN)  # law 8: the stream knows nobody by that pseudonym any more
    outside.deliver()
    assert receiver.attempts == []
    outside.people.gone.clear()
    outside.leave(ANN)
    outside.enter(ANN)
    outside.deliver()
    (row,) = outside.deliveries.list()
    outside.deliveries.forget({ANN}, outside.now)
    from coterie.storage.deliveries import Outcome

    outside.deliveries.settle([Outcome(row, outside.now, 204, "204", "delivered", None)])
    outside.ledger.erase({ANN})
    assert not scan(outside.ledger.path.parent, [ANN.encode()])


def test_what_was_read_before_an_erasure_is_not_enqueued_after_it(
    outside: Outside, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure between a look at the records and its commit leaves nobody behind."""
    outside.add(receiver.url)
    outside.enter(ANN, BOB)
    real = outside.deliveries.enqueue
    erased = iter([True])

    def enqueue(*said: Any) -> bool:
        if next(erased, False):
            outside.people.gone.add(ANN)
            outside.deliveries.forget({ANN}, outside.now)
            outside.ledger.erase({ANN})
        return real(*said)

    monkeypatch.setattr(outside.deliveries, "enqueue", enqueue)
    outside.deliver()
    outside.deliver()
    assert {who for who, _, _ in receiver.told()} == {BOB}
    assert not scan(outside.ledger.path.parent, [ANN.encode()])
