"""What pages rest on is made ready beside those who ask, and never in their way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coterie.server import overview, preparing


class Desk:
    """Answers at once."""

    async def ask(self, question: Callable[[Any], Any]) -> Any:
        """The answer."""
        return question(None)

    ask_at_rest = ask


class Crowd:
    """So many look-ups more, each time somebody counts them."""

    def __init__(self, more: int) -> None:
        self.more, self._n = more, 0

    @property
    def n_asked(self) -> int:
        """How many there were."""
        self._n += self.more
        return self._n


def pieces(
    crowd: Crowd, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Awaitable[None]]:
    """Making three pieces ready beside a crowd."""
    monkeypatch.setattr(overview, "SECOND", 0.001)
    every = [lambda _, i=i: made.append(i) for i in range(3)]
    monkeypatch.setattr(preparing, "pieces", lambda _: every)
    monkeypatch.setattr(preparing, "met", lambda _: None)
    monkeypatch.setattr(preparing, "worked", lambda piece, _: piece(None))
    monkeypatch.setattr(preparing, "taken", lambda found, _: None)
    api = SimpleNamespace(reading=Desk(), computing=Desk(), profiles=crowd)
    return overview.Overviews(cast("Any", api))._in_pieces


async def turns() -> None:
    """Let others go on for a while."""
    for _ in range(20):
        await asyncio.sleep(0.001)


def test_pages_are_not_made_ready_while_many_look_people_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are once the crowd has gone."""
    crowd, made = Crowd(10**9), list[int]()

    async def scene() -> None:
        making = asyncio.ensure_future(pieces(crowd, made, monkeypatch)())
        await turns()
        assert made == [0]
        crowd.more = 0
        await making

    asyncio.run(scene())
    assert made == [0, 1, 2]


def test_pages_are_made_ready_beside_a_crowd_that_never_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each piece waits no longer than its patience lasts."""
    monkeypatch.setattr(overview, "_PATIENCE", 0.0)
    made = list[int]()

    async def scene() -> None:
        await pieces(Crowd(10**9), made, monkeypatch)()

    asyncio.run(scene())
    assert made == [0, 1, 2]
