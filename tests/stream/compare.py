"""What it means that a stream and its oracle agree (laws 1 and 6)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from coterie.engines.reference import Value
from coterie.engines.reference.aggregates import rate
from coterie.language import nodes as n
from coterie.language.library import Library
from tests.conformance.parity import same
from tests.stream.oracle import Change

Row = dict[str, Value]
Member = tuple[str, str, str]


def slack(*libraries: Library) -> int:
    """How far the instant of a change may be off, in microseconds: nothing, unless sums fade.

    A decaying sum that is within 1e-9 of its constant counts as equal to it, and it is so near for
    ``1e-9 / rate`` before and after it crosses.
    """
    rates = [
        rate(node)
        for library in libraries
        for expr in library.lowered.values()
        for node in n.walk(expr)
        if isinstance(node, n.Decayed) and node.step is None
    ]
    return max((math.ceil(1e-9 / each) + 1 for each in rates), default=0)


def check_records(found: Sequence[Change], wanted: Sequence[Change], within: int = 0) -> None:
    """The same records, at the same instants or within so many microseconds of them.

    Reasons are not compared.
    """
    found, wanted = plain(found), plain(wanted)
    if found == wanted:
        return
    pairs = list(zip(_by_what(found), _by_what(wanted), strict=False))
    alike = len(found) == len(wanted) and all(
        a._replace(at=b.at) == b and abs(a.at - b.at) <= within * (b.cause == "time")
        for a, b in pairs
    )
    assert alike, _difference(found, wanted)


def plain(records: Iterable[Change]) -> list[Change]:
    """The records without reasons."""
    return [record._replace(reason="") for record in records]


def _by_what(records: Iterable[Change]) -> list[Change]:
    return sorted(records, key=lambda c: (c.offset, c.profile, c.segment, c.stage, c.at, c.enters))


def _difference(found: Sequence[Change], wanted: Sequence[Change]) -> str:
    missing = [f"missing {each}" for each in wanted if each not in found]
    beyond = [f"not due {each}" for each in found if each not in wanted]
    return "\n".join(["change records differ", *missing, *beyond, *_twice(found)])


def _twice(records: Sequence[Change]) -> Iterator[str]:
    yield from (f"twice {each}" for i, each in enumerate(records) if each in records[:i])


def check_values(found: dict[str, Row], wanted: dict[str, Row]) -> int:
    """The same people with the same values; how many people that were."""
    assert sorted(found) == sorted(wanted), "other people are known"
    wrong = [
        f"{who}.{name} is {found[who].get(name)!r} and not {value!r}"
        for who, row in wanted.items()
        for name, value in row.items()
        if name not in found[who] or not same(found[who][name], value)
    ]
    assert not wrong, "\n".join(wrong)
    return len(wanted)


def folded(changes: Iterable[Change]) -> set[Member]:
    """The memberships that change records add up to; each record must change something."""
    inside: set[Member] = set()
    for change in changes:
        member = (change.profile, change.segment, change.stage)
        assert (member in inside) != change.enters, f"nothing changes by {change}"
        inside ^= {member}
    return inside


def net(changes: Iterable[Change]) -> list[tuple[object, ...]]:
    """The records with what late events of one clock did to a membership taken together.

    How many late events are rebuilt at once is the host's choice, and their changes are the
    difference at the clock.
    """
    found: dict[tuple[object, ...], int] = {}
    for change in changes:
        late = change.cause == "late"
        offset = 0 if late else change.offset
        key = (offset, change.at, change.profile, change.segment, change.stage, change.cause)
        key = key if late else (*key, change.enters, change.reason)
        found[key] = found.get(key, 0) + (-1 if late and not change.enters else 1)
    return sorted((*key, count) for key, count in found.items() if count)
