"""Followers of the changes are told each one once, in order, and hold nothing themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from coterie.project.streaming.live import Change
from coterie.server.api.changes import AGAIN, PAGE, Following
from coterie.server.desk import Desk
from coterie.server.feed import Feed


def change(number: int) -> Change:
    return Change(number, "p", "vip", None, "entered", 0, 1, "event", "", number)


class Stored:
    """A desk that has every change there ever was."""

    def __init__(self, every: list[Change]) -> None:
        self.every = every
        self.n_asked = 0

    async def ask(self, question: Any) -> list[Change]:
        self.n_asked += 1
        (after,) = question.args
        return [each for each in self.every if each.id > after][: 2 * PAGE]


async def everything(changes: Sequence[Change]) -> Sequence[Change]:
    return changes


def numbers(pages: list[bytes]) -> list[int]:
    lines = [line for page in pages for line in page.split(b"\n\n") if b"data: " in line]
    return [int(line.split(b"\n")[0].removeprefix(b"id: ")) for line in lines]


@given(st.lists(st.integers(1, 5), min_size=1), st.integers(1, 20), st.integers(0, 60))
def test_every_change_is_told_once_in_order(commits: list[int], kept: int, start: int) -> None:
    """Whatever the feed holds still, and wherever a follower begins."""

    async def told() -> list[int]:
        every: list[Change] = []
        feed = Feed(kept)
        follower = Following(feed, cast(Desk, Stored(every)), everything, beat=0.01).told(start)
        found = [await anext(follower)]
        assert found == [AGAIN]
        for n in commits:
            new = [change(len(every) + i + 1) for i in range(n)]
            every.extend(new)
            feed.publish(new)
            if n % 2:
                found.append(await anext(follower))
        while feed.newest > start and numbers(found)[-1:] != [feed.newest]:
            found.append(await anext(follower))
        feed.close()
        found += [page async for page in follower]
        assert numbers(found) == [each.id for each in every if each.id > start]
        return numbers(found)

    asyncio.run(told())


def test_changes_that_were_told_already_are_not_told_again() -> None:
    """What is published twice, or was there before the feed began, is let be."""
    feed = Feed()
    feed.begin(3)
    feed.publish([change(2), change(3), change(4)])
    feed.publish([change(4), change(5)])
    assert [each.id for each in feed.after(3, 10) or []] == [4, 5]
    assert feed.after(2, 10) is None
    assert feed.after(9, 10) == []


def test_feed_that_missed_something_sends_followers_to_the_stores() -> None:
    """What was committed between the first look and the first news is not skipped."""
    feed = Feed()
    feed.begin(3)
    feed.publish([change(6)])
    assert feed.after(3, 10) is None
    assert [each.id for each in feed.after(5, 10) or []] == [6]


def test_feed_that_forgot_sends_followers_to_the_stores() -> None:
    """After an erasure, what it held of the person is told no more; what comes later is."""
    feed = Feed()
    feed.publish([change(1), change(2)])
    feed.forget()
    assert feed.after(0, 10) is None
    assert feed.after(2, 10) == []
    feed.publish([change(3)])
    assert feed.after(1, 10) is None
    assert [each.id for each in feed.after(2, 10) or []] == [3]


def test_follower_without_news_hears_that_the_server_is_there() -> None:
    """A comment with the number, so that it knows how far it is even where nothing was its."""

    async def beat() -> bytes:
        feed = Feed()
        feed.begin(7)
        follower = Following(feed, cast(Desk, Stored([])), everything, beat=0.01).told(7)
        await anext(follower)
        return await anext(follower)

    assert asyncio.run(beat()) == b": beat\nid: 7\n\n"
