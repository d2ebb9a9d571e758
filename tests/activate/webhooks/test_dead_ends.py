"""Receivers that are down, slow, elsewhere, or lie: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from coterie.activate.webhooks.retrying import DELAYS
from tests.activate.webhooks.outside import HOUR, SECOND, SECRET, Outside
from tests.activate.webhooks.receiver import Answering, Receiver, status

N = 12
PEOPLE = [f"p{i}" for i in range(N)]


def saying(*parts: bytes, then: float | None = None) -> Answering:
    """Answers with some bytes, and then closes the connection, or holds it open."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        if then is not None:
            await asyncio.sleep(then)
        writer.close()

    return answer


async def trickling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer whose head comes a byte at a time and never ends."""
    for byte in b"HTTP/1.1 200 OK\r\nx-header: " + b"x" * 10_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A success whose body never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


def checked(outside: Outside, receiver: Receiver) -> None:
    """Everybody's entrance arrived once in effect, and every delivery has its fate."""
    assert sorted(receiver.told()) == sorted(
        (person, "audience.entered", "hesitant") for person in PEOPLE
    )
    assert receiver.forged == 0
    assert outside.fates() == {"delivered": N}


def test_a_receiver_that_is_down_for_six_hours_gets_everything(outside: Outside) -> None:
    """Nothing is lost, nothing is taken in twice, and each attempt stands in the ledger."""
    with Receiver() as found:
        port = found.port
    outside.add(f"http://127.0.0.1:{port}/hook")
    outside.enter(*PEOPLE)
    outside.wait(6 * HOUR)
    assert outside.fates() == {"waiting": N}
    back = Receiver()
    back.port, back.secret = port, SECRET
    with back:
        outside.wait(10 * HOUR)
        checked(outside, back)
    assert len(back.attempts) == N
    assert {row.attempts for row in outside.deliveries.list()} == {6}


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        (trickling, "no answer in time"),
        (saying(then=60.0), "no answer in time"),
        (saying(), "closed"),
        (saying(b"HTTP/1.1 200 OK\r\nx: ", b"x" * 300_000, b"\r\n\r\n"), "no HTTP"),
        (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), "no HTTP"),
        (saying(b"HTTP/1.1 100 Continue\r\n\r\n"), "closed"),
        (status(301, "location: http://127.0.0.1:1/"), "redirects are not followed"),
        (status(307, "location: https://example.com/"), "redirects are not followed"),
        (status(500), "500 Internal Server Error"),
        (status(404), "404 Not Found"),
        (status(304), "304 Not Modified"),
    ],
)
def test_whatever_is_no_success_is_tried_again(
    outside: Outside, receiver: Receiver, answering: Answering, said: str
) -> None:
    """An attempt without a success's status is a failure with a reason, and is repeated."""
    outside.add(receiver.url)
    receiver.answering, receiver.accepts = answering, False
    outside.enter(*PEOPLE)
    outside.deliver()
    assert outside.fates() == {"waiting": N}
    assert all(said in row.why for row in outside.deliveries.list())
    receiver.answering, receiver.accepts = status(200), True
    outside.wait(10 * SECOND)
    checked(outside, receiver)
    assert len(receiver.attempts) == 2 * N


@pytest.mark.parametrize(
    "answering",
    [
        endless,
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"short"),
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", b"much longer than said"),
        saying(b"HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\n", then=60.0),
        saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nno chunk"),
    ],
)
def test_a_success_that_lies_about_its_body_is_a_success(
    outside: Outside, receiver: Receiver, answering: Answering
) -> None:
    """The status alone counts: the message is not sent again, and the body is not waited for."""
    outside.add(receiver.url)
    receiver.answering = answering
    outside.enter(*PEOPLE)
    outside.deliver()
    checked(outside, receiver)
    assert len(receiver.attempts) == N


def test_a_receiver_that_takes_in_and_hangs_up_counts_once(
    outside: Outside, receiver: Receiver
) -> None:
    """It gets the message again under the same id, and knows it."""
    outside.add(receiver.url)
    receiver.answering = saying()
    outside.enter(*PEOPLE)
    outside.deliver()
    receiver.answering = status(200)
    outside.wait(10 * SECOND)
    checked(outside, receiver)
    assert len(receiver.attempts) == 2 * N


@pytest.mark.parametrize(("code", "header"), [(429, "3600"), (503, "3600")])
def test_a_receiver_is_left_alone_for_as_long_as_it_asks(
    outside: Outside, receiver: Receiver, code: int, header: str
) -> None:
    """Retry-After holds all that is meant for it, and nothing is sent before."""
    outside.add(receiver.url)
    receiver.answering, receiver.accepts = status(code, f"retry-after: {header}"), False
    outside.enter("p0")
    deliver = outside.deliverer
    deliver.deliver()
    receiver.answering, receiver.accepts = status(200), True
    outside.wait(HOUR - SECOND)
    assert len(receiver.attempts) == 1
    outside.wait(2 * SECOND)
    assert outside.fates() == {"delivered": 1}


def test_a_receiver_that_is_gone_is_paused_and_nothing_is_lost(
    outside: Outside, receiver: Receiver
) -> None:
    """410 pauses the destination; what waits is sent when somebody resumes it."""
    made = outside.add(receiver.url)
    receiver.answering, receiver.accepts = status(410), False
    outside.enter("p0")
    outside.deliver()
    outside.wait(HOUR)
    outside.enter(*PEOPLE[1:])
    outside.deliver()
    assert len(receiver.attempts) == 1
    assert outside.destinations.every()[0].why == "410 Gone"
    assert outside.fates() == {"waiting": N}
    receiver.answering, receiver.accepts = status(200), True
    outside.destinations.resume(made.id)
    outside.deliver()
    checked(outside, receiver)


def test_after_the_last_try_a_delivery_has_failed_and_can_be_retried(
    outside: Outside, receiver: Receiver
) -> None:
    """It is kept and counted, and sent again when somebody says so."""
    made = outside.add(receiver.url)
    receiver.answering, receiver.accepts = status(500), False
    outside.enter(*PEOPLE)
    outside.wait(5 * 24 * HOUR)
    assert outside.fates() == {"failed": N}
    assert len(receiver.attempts) == N * (len(DELAYS) + 1)
    receiver.answering, receiver.accepts = status(200), True
    assert outside.deliveries.retry(made.id, outside.now) == (N, 0)
    outside.deliver()
    checked(outside, receiver)


def test_a_retry_does_not_say_what_is_true_no_more(outside: Outside, receiver: Receiver) -> None:
    """An entrance that failed is dropped where the exit after it was enqueued."""
    made = outside.add(receiver.url)
    receiver.answering, receiver.accepts = status(500), False
    outside.enter("ann")
    outside.wait(5 * 24 * HOUR)
    receiver.answering, receiver.accepts = status(200), True
    outside.leave("ann")
    outside.deliver()
    assert outside.deliveries.retry(made.id, outside.now) == (0, 1)
    outside.deliver()
    assert receiver.told() == [("ann", "audience.exited", "hesitant")]
    assert outside.fates() == {"delivered": 1, "dropped.superseded": 1}


@pytest.mark.parametrize("work", ["settle", "enqueue"])
def test_a_full_disk_loses_nothing(
    outside: Outside, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    """While the ledger cannot be written, outcomes are held, and kept once it can."""
    from coterie.errors import StoreError

    outside.add(receiver.url)
    outside.enter(*PEOPLE)
    real: Callable[..., object] = getattr(outside.deliveries, work)
    failures = iter([True, True])

    def failing(*said: object) -> object:
        if next(failures, False):
            raise StoreError("no room")
        return real(*said)

    monkeypatch.setattr(outside.deliveries, work, failing)
    for _ in range(3):
        outside.deliver()
    assert outside.refused.pop()
    outside.refused.clear()
    checked(outside, receiver)
