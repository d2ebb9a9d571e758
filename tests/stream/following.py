"""Following a story by the stream and its oracle, entry by entry."""

from __future__ import annotations

from typing import Any

from coterie.engines.reference import Value
from tests.conformance.parity import Point, asked, same
from tests.stream.compare import check_records, check_values, folded, slack
from tests.stream.host import Host, Manner
from tests.stream.oracle import Oracle, members, values
from tests.stream.story import Arrived, Refitted, Story, Ticked, World

Seen = dict[Point, dict[str, Value]]
"""What the stream answered, at which position."""


def follow(story: Story, start: int = 0, manner: Manner | None = None) -> tuple[int, World, Seen]:
    """Compare everyone after every entry.

    Returns how many people's positions that were, the world at the end, and the stream's answers
    since events, identities or definitions last changed hands.
    """
    try:
        return _followed(story, start, manner or Manner())
    except AssertionError as error:
        raise AssertionError(f"{error}\nhand-off after {start} entries of\n{story}") from error


def _followed(story: Story, start: int, manner: Manner) -> tuple[int, World, Seen]:
    host, oracle = Host(story, start, manner), Oracle(story, start)
    check_records(host.changes, oracle.start())
    compared, told = 0, len(host.changes)
    seen: Seen = {}
    for [entry] in host.run():
        before, due = oracle.world.library, oracle.take(entry)
        try:
            check_records(host.changes[told:], due, slack(before, oracle.world.library))
            wanted = values(oracle.world)
            found = host.values()
            compared += check_values(found, wanted)
            assert host.members() == members(wanted, oracle.world.library), "other members"
            assert folded(host.changes) == host.members(), "the records add up to others"
        except AssertionError as error:
            raise AssertionError(f"{error}\nafter {entry}") from error
        if not isinstance(entry, Arrived | Ticked | Refitted):
            seen = {}
        at = (host.world.offset, host.world.clock)
        seen |= {(who, *at): row for who, row in found.items()}
        told = len(host.changes)
    return compared, host.world, seen


def check_duckdb(backend: Any, world: World, seen: Seen, most: int = 40) -> None:
    """DuckDB answers as the stream did, at some of the positions."""
    points = list(seen)[-most:]
    if not points:
        return
    answers = asked(backend, world.library, world.all_facts(), points, world.fits)
    for point, answer in zip(points, answers, strict=True):
        for name, value in answer.items():
            assert same(seen[point][name], value), (point, name, seen[point][name], value)
