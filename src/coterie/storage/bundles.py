"""Bundles: facts that were made together, in columns, as the log takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from coterie.storage import packs
from coterie.storage.packs import Pack
from coterie.storage.payload import Fact

_T = TypeVar("_T")


class Bundle(NamedTuple):
    """Facts in columns: as of :class:`coterie.storage.payload.Fact`, with their bytes in a pack.

    The offsets of the pack count from 0. A few facts, which have a row each, have no pack.
    """

    keys: list[bytes]
    digests: list[bytes]
    ats: list[int]
    received: list[int]
    bodies: list[bytes] | Pack

    def those(self, places: Sequence[int]) -> Bundle:
        """Some of them, which are in no pack."""
        bodies = self.opened()
        columns = self.keys, self.digests, self.ats, self.received, bodies
        return Bundle(*[[column[i] for i in places] for column in columns])  # type: ignore[arg-type]

    def opened(self) -> list[bytes]:
        """The bytes of each."""
        return self.bodies.payloads() if isinstance(self.bodies, Pack) else self.bodies

    def packed(self) -> Bundle:
        """The same with a pack, unless there are few."""
        if isinstance(self.bodies, Pack) or len(self.keys) < packs.FEW:
            return self
        n = range(len(self.keys))
        return self._replace(bodies=packs.packed(n, self.ats, self.bodies))


def bundle(facts: Sequence[Fact]) -> Bundle:
    """A bundle of facts, which are in no pack."""
    return Bundle(
        [one.key for one in facts], [one.digest for one in facts], [one.at for one in facts],
        [one.received_at for one in facts], [one.body for one in facts],
    )  # fmt: skip


def bundles(facts: Sequence[Fact]) -> Iterator[Bundle]:
    """Bundles of so many facts as a pack holds."""
    for start in range(0, len(facts), packs.MANY):
        yield bundle(facts[start : start + packs.MANY])


def those(given: Iterable[Bundle], new: Sequence[int]) -> Iterator[Bundle]:
    """The facts at some places, which go up and are counted through all bundles."""
    wanted, start = frozenset(new), 0
    for one in given:
        n = len(one.keys)
        here = [i for i in range(n) if start + i in wanted]
        start += n
        if here:
            yield one if len(here) == n else one.those(here)


def together(columns: Iterable[list[_T]]) -> list[_T]:
    """A column of several bundles."""
    return [*chain.from_iterable(columns)]
