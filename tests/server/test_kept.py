"""Long answers are worked out once, kept, and looked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from coterie.server.kept import Kept


class Desk:
    """Answers in a thread, and counts the questions."""

    def __init__(self) -> None:
        self.n = 0

    async def ask(self, question: Callable[[Any], Any]) -> Any:
        self.n += 1
        return await asyncio.to_thread(question, None)


def kept(most: int = 8) -> tuple[Kept, Desk]:
    desk = Desk()
    return Kept(desk, most), desk  # type: ignore[arg-type]


def test_answer_is_worked_out_once() -> None:
    """Two that ask at once, and one that asks later, get the same."""

    async def scene() -> None:
        found, desk = kept()
        both = await asyncio.gather(*(found.answer("k", lambda _: object()) for _ in range(2)))
        assert both[0] is both[1] is await found.answer("k", lambda _: object())
        assert desk.n == 1

    asyncio.run(scene())


def test_impatient_asker_is_told_nothing_and_finds_it_later() -> None:
    """What is worked on goes on without its asker."""

    async def scene() -> None:
        found, desk = kept()
        go = Event()
        assert await found.within("k", lambda _: go.wait(60), 0.01) is None
        assert not found.known("k")
        go.set()
        assert await found.answer("k", lambda _: False) is True
        assert found.known("k")
        assert desk.n == 1

    asyncio.run(scene())


def test_error_is_told_and_not_kept() -> None:
    """Whoever asks again gets another try."""

    async def scene() -> None:
        found, _ = kept()

        def wrong(_: object) -> int:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await found.answer("k", wrong)
        assert not found.known("k")
        assert await found.answer("k", lambda _: 1) == 1

    asyncio.run(scene())


def test_least_used_is_forgotten_first() -> None:
    """So many are kept, and what was asked for last stays."""

    async def scene() -> None:
        found, _ = kept(2)
        for key in ("a", "b", "a", "c", "d"):
            await found.answer(key, lambda _: 1)
        assert [key for key in "abcd" if found.known(key)] == ["c", "d"]

    asyncio.run(scene())
