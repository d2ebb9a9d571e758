"""Every change of an audience arrives signed, once in effect, and in order for each person."""

from __future__ import annotations

import asyncio
import threading

from coterie.language.time import iso
from tests.activate.webhooks.outside import BEGAN, HOUR, SECOND, SECRET, Outside
from tests.activate.webhooks.receiver import Receiver, status


def test_entering_and_leaving_arrive_signed(outside: Outside, receiver: Receiver) -> None:
    """Each change is one message that the library's own verifier accepts."""
    outside.add(receiver.url, traits=["spend"])
    outside.people.traits = {"spend": 12.5}
    outside.enter("ann")
    outside.leave("ann")
    outside.deliver()
    assert receiver.told() == [
        ("ann", "audience.entered", "hesitant"), ("ann", "audience.exited", "hesitant"),
    ]  # fmt: skip
    assert receiver.messages[0] == {
        "type": "audience.entered",
        "timestamp": iso(BEGAN),
        "data": {
            "segment": "hesitant", "stage": None, "profile": "ann", "at": iso(BEGAN),
            "cause": "event", "reason": "'Product Added' occurred",
            "definition": "people who are hesitant", "version": 3, "purpose": "marketing",
            "sequence": 1, "traits": {"spend": 12.5},
        },
    }  # fmt: skip
    assert receiver.forged == 0
    assert outside.fates() == {"delivered": 2}


def test_only_changes_after_the_destination_was_added_are_told(
    outside: Outside, receiver: Receiver
) -> None:
    """A destination begins where the outbox stood when it was added."""
    outside.enter("ann")
    outside.add(receiver.url)
    outside.enter("bob")
    outside.deliver()
    assert receiver.told() == [("bob", "audience.entered", "hesitant")]


def test_stages_and_other_segments_are_told_apart(outside: Outside, receiver: Receiver) -> None:
    """A destination hears of the segments and stages it asked for, and of no others."""
    outside.add(receiver.url, "lifecycle.loyal", "vip")
    outside.commit(("ann", "entered", "lifecycle.new"), ("ann", "entered", "lifecycle.loyal"))
    outside.enter("ann", segment="vip")
    outside.enter("ann", segment="hesitant")
    outside.deliver()
    said = [(m["data"]["segment"], m["data"]["stage"]) for m in receiver.messages]
    assert said == [("lifecycle", "loyal"), ("vip", None)]


def test_a_retry_has_the_same_id_and_a_fresh_signature(
    outside: Outside, receiver: Receiver
) -> None:
    """A receiver can tell a repetition by the message id."""
    outside.add(receiver.url)
    receiver.answering = status(500)
    outside.enter("ann")
    outside.deliver()
    receiver.answering = status(200)
    outside.wait(10 * SECOND)
    assert len(receiver.attempts) == 2
    assert len(set(receiver.attempts)) == 1
    assert len(set(receiver.signatures)) == 2
    assert outside.fates() == {"delivered": 1}


def test_nobody_overtakes_themselves_but_others_do(outside: Outside, receiver: Receiver) -> None:
    """An exit waits for the fate of its entrance; another person's message does not."""
    outside.add(receiver.url)
    receiver.answering, receiver.accepts = status(503), False
    outside.enter("ann")
    outside.deliver()
    receiver.answering, receiver.accepts = status(200), True
    outside.leave("ann")
    outside.enter("bob")
    outside.deliver()
    assert receiver.told() == [("bob", "audience.entered", "hesitant")]
    outside.wait(10 * SECOND)
    assert receiver.told()[1:] == [
        ("ann", "audience.entered", "hesitant"), ("ann", "audience.exited", "hesitant"),
    ]  # fmt: skip


def test_a_restart_sends_nothing_again(outside: Outside, receiver: Receiver) -> None:
    """What was enqueued and delivered is known to the next process."""
    outside.add(receiver.url)
    outside.enter("ann", "bob")
    outside.deliver()
    outside.deliverer = outside.another()
    outside.enter("cem")
    outside.deliver()
    assert len(receiver.attempts) == 3
    assert outside.fates() == {"delivered": 3}


def test_records_stay_in_the_outbox_until_every_destination_has_looked(
    outside: Outside, receiver: Receiver
) -> None:
    """A flush to the lake takes away only what was enqueued."""
    outside.add(receiver.url)
    outside.enter("ann")
    outside.outbox.forget(10, 10)
    assert outside.outbox.records().num_rows == 1
    outside.deliver()
    outside.outbox.forget(10, 10)
    assert outside.outbox.records().num_rows == 0
    assert len(receiver.messages) == 1


def test_a_run_between_two_steps_of_the_stream_is_told_in_its_place(
    outside: Outside, receiver: Receiver
) -> None:
    """What a run recorded comes after the stream's records before it."""
    from coterie.activate.webhooks.messages import Change
    from coterie.storage.ledger import Run

    outside.add(receiver.url)
    outside.enter("ann")
    outside.offset += 1
    run = outside.offset
    outside.runs[run] = [
        Change(f"r{run}.{i}", who, "hesitant", "", "entered", BEGAN, 3, "late", "")
        for i, who in enumerate(["bob", "ann"])  # ann was told already
    ]
    outside.ledger.add_run(
        Run(offset=run, clock=BEGAN, definitions_hash="", committed_at=BEGAN, counts={})
    )
    outside.leave("bob")
    outside.deliver()
    told = [(who, kind.removeprefix("audience.")) for who, kind, _ in receiver.told()]
    assert sorted(told) == [("ann", "entered"), ("bob", "entered"), ("bob", "exited")]
    assert told.index(("bob", "entered")) < told.index(("bob", "exited"))


def test_a_slow_receiver_keeps_no_other_waiting(outside: Outside, receiver: Receiver) -> None:
    """While one receiver answers nothing, another gets all that is its own."""
    outside.add(receiver.url, name="quick")
    never = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()

    with Receiver(silent) as slow:
        slow.secret = SECRET
        outside.add(slow.url, name="slow")
        outside.enter(*(f"p{i}" for i in range(40)))
        stop = threading.Event()
        outside.deliverer.run(lambda: stop.is_set() or _all(receiver, stop, 40))
        assert len(receiver.messages) == 40
        assert slow.at_once <= outside.manner.at_once
        assert outside.fates("quick") == {"delivered": 40}
        assert outside.fates("slow")["waiting"] == 40


def _all(receiver: Receiver, stop: threading.Event, n: int) -> bool:
    if len(receiver.messages) >= n:
        stop.set()
    return stop.is_set()


def test_two_secrets_sign_while_one_replaces_the_other(
    outside: Outside, receiver: Receiver
) -> None:
    """Receivers with the old secret and with the new one verify; later only the new one does."""
    from coterie.activate.webhooks.signing import secret_of

    made = outside.add(receiver.url)
    new = secret_of(bytes(reversed(range(32))))
    outside.destinations.rotate(made.id, outside.pseudonymiser.seal(new.encode()), BEGAN + HOUR)
    for secret in (SECRET, new):
        receiver.secret = secret
        outside.enter(secret)
        outside.deliver()
    assert (len(receiver.messages), receiver.forged) == (2, 0)
    outside.wait(2 * HOUR)
    receiver.secret = SECRET
    outside.enter("late")
    outside.deliver()
    assert receiver.forged == 1
    assert " " not in receiver.signatures[-1]


def test_a_paused_destination_gets_all_of_it_later(outside: Outside, receiver: Receiver) -> None:
    """What changes while a destination is paused waits, and is sent when it is resumed."""
    made = outside.add(receiver.url)
    outside.destinations.pause(made.id, outside.now, "by command")
    outside.enter("ann")
    outside.deliver()
    assert receiver.attempts == []
    assert outside.fates() == {"waiting": 1}
    outside.destinations.resume(made.id)
    outside.deliver()
    assert outside.fates() == {"delivered": 1}


def test_what_waits_for_a_removed_destination_is_dropped(
    outside: Outside, receiver: Receiver
) -> None:
    """Nothing is sent after a removal, and its secret is not kept."""
    made = outside.add(receiver.url)
    outside.destinations.pause(made.id, outside.now, "by command")
    outside.enter("ann")
    outside.deliver()
    assert outside.destinations.remove(made.id, outside.now) == 1
    outside.deliver()
    assert receiver.attempts == []
    assert outside.deliveries.counts() == {made.id: {"dropped.removed": 1}}
    assert outside.pseudonymiser.seal(SECRET.encode()) not in outside.ledger.path.read_bytes()
