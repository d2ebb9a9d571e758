"""Who is in which partition: everywhere the same, and about as many in each."""

from __future__ import annotations

import pyarrow as pa
import pytest

from coterie.engines.stream.people import People
from tests.stream.uncompiled import printed

SHAPES = {
    "numbers": [str(i) for i in range(4_000)],
    "words": [f"user-{i:09}" for i in range(4_000)],
    "addresses": [f"{i:x}@example.org" for i in range(4_000)],
    "pseudonyms": [f"{i * 0x9E3779B97F4A7C15 % 2**64:016x}{i:016x}" for i in range(4_000)],
}
NAMES = ["", "a", "ann", "ünïcödé", "12345678", "123456789", *SHAPES["pseudonyms"][:50]]


def shares(names: list[str], partitions: int) -> list[list[int]]:
    """The places of the names of each partition."""
    found = People(partitions).shared(pa.array(names))
    return [[] if mine is None else mine.tolist() for mine in found]


@pytest.mark.parametrize("names", SHAPES.values(), ids=list(SHAPES))
def test_people_are_shared_out_evenly(names: list[str]) -> None:
    """Whatever identifiers look like, no partition has a tenth more than its part."""
    for partitions in (2, 3, 4):
        sizes = [len(mine) for mine in shares(names, partitions)]
        assert sum(sizes) == len(names)
        assert max(sizes) < 1.1 * len(names) / partitions


def test_people_are_in_the_same_partitions_without_numba() -> None:
    """A state that was saved with machine code is read without it."""
    program = "from tests.stream.test_people import *; print(shares(NAMES, 3))"
    assert printed(program).strip() == str(shares(NAMES, 3))
