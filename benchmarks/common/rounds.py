"""Contenders that take turns in one run, so that a busy machine is busy for all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Contender = Callable[[], Any]


class Times(NamedTuple):
    """The seconds of each round: by the clock, and of processor time over all threads."""

    wall: list[float]
    cpu: list[float]


def take_turns(contenders: Mapping[str, Contender], n_rounds: int) -> dict[str, Times]:
    """Run every contender once a round, each round beginning with another one."""
    names = list(contenders)
    times = {name: Times([], []) for name in names}
    for i in range(n_rounds):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            wall, cpu = time.perf_counter(), time.process_time()
            contenders[name]()
            times[name].wall.append(time.perf_counter() - wall)
            times[name].cpu.append(time.process_time() - cpu)
    return times


def summary(times: Mapping[str, Times]) -> dict[str, Any]:
    """Median, least and most seconds of each contender."""
    return {
        name: {"wall_s": spread(each.wall), "cpu_s": spread(each.cpu)}
        for name, each in times.items()
    }


def ratio(times: Mapping[str, Times], a: str, b: str) -> dict[str, Any]:
    """How many times longer `a` took than `b`, round by round."""
    return {
        kind: spread(
            [x / y for x, y in zip(getattr(times[a], kind), getattr(times[b], kind), strict=True)]
        )
        for kind in Times._fields
    }


def spread(values: list[float]) -> dict[str, float]:
    """Median and range."""
    numbers = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return {name: round(value, 4) for name, value in numbers.items()}
