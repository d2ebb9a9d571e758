"""Whoever waits for too long is cancelled, and nobody else."""

from __future__ import annotations

import asyncio

from coterie.server.overdue import Overdue


def test_only_what_takes_too_long_is_cancelled() -> None:
    """In the order in which it began; what ended in time is left alone."""

    async def run() -> tuple[list[bool], list[bool]]:
        loop = asyncio.get_running_loop()
        overdue = Overdue(0.05)
        waited = [loop.create_future() for _ in range(4)]
        numbers = [overdue.begin(each, loop) for each in waited]
        ended = [overdue.end(numbers[1])]
        while not waited[3].done():
            await asyncio.sleep(0.01)
        ended += [overdue.end(number) for number in numbers]
        again = loop.create_future()
        overdue.begin(again, loop)
        while not again.done():
            await asyncio.sleep(0.01)
        return [each.cancelled() for each in (*waited, again)], ended

    cancelled, ended = asyncio.run(run())
    assert cancelled == [True, False, True, True, True]
    assert ended == [False, True, True, True, True]
