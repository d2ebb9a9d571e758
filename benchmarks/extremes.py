"""The stream with ten times the segments, ten times the people, and one bot among them.

Each is measured beside the ordinary case in the same run: 100 segments over the traits of 10,
10 million people beside 1 million with the same events, and a shop in which one person does
ten events of eleven. Events a second are by processor time, on one core.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from typing import Any

import numpy as np
from common import asking
from common.clicks import PLAN, Batch, arriving
from common.events import DATA
from common.results import keep
from common.rounds import spread
from flow import SIZE, Passed, library, passed

from coterie.engines.stream import StreamEngine
from coterie.language.library import Library
from coterie.language.load import load_python

FEW_SEGMENTS, MANY = 10, 100
BOT = 10 / 11
FEW = 1_000


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("segments", "people", "bot"))
    chosen = parser.parse_args()
    n, people = chosen.events, chosen.people
    passed(arriving(2 * SIZE, people, SIZE), library())  # machine code is read from disk
    parts = {
        "segments": lambda: _segments(n, people, chosen.rounds),
        "people": lambda: _people(n, people, chosen.rounds),
        "bot": lambda: _bot(n, people),
    }
    suffix = f"-{chosen.only}" if chosen.only else ""
    wanted = [chosen.only] if chosen.only else list(parts)
    keep(
        f"extremes-{n}-{people}{suffix}",
        {"events": n, "people": people, "batch": SIZE, "rounds": chosen.rounds},
        {name: parts[name]() for name in wanted},
    )


def _speed(batches: Iterator[Batch], asked: Library) -> float:
    found = passed(batches, asked).speed()["cpu"]
    gc.collect()
    return found


def _segments(n: int, people: int, rounds: int) -> dict[str, Any]:
    few, many = library(), _hundred()
    pairs = [
        (_speed(arriving(n, people, SIZE), few), _speed(arriving(n, people, SIZE), many))
        for _ in range(rounds)
    ]
    return _beside(f"{FEW_SEGMENTS} segments", f"{MANY} segments", pairs)


def _hundred() -> Library:
    """The same traits, and segments that compare seven of them with other constants as well."""
    numbers = ("pages_1h", "views_7d", "carts_1h", "orders_30d", "spend_30d", "orders", "spend")
    lines = []
    for i in range(MANY - FEW_SEGMENTS):
        name = numbers[i % len(numbers)]
        bound = (1 + i // len(numbers)) * (50 if name.startswith("spend") else 1)
        lines.append(f"more_{i} = segment({name} > {bound})\n")
    DATA.mkdir(parents=True, exist_ok=True)
    file = DATA / "hundred.py"
    file.write_text((asking.DEFINITIONS / "flow.py").read_text("utf-8") + "".join(lines))
    return Library(load_python(file), PLAN, {"analytics": "legitimate_interest"}, "analytics")


def _people(n: int, people: int, rounds: int) -> dict[str, Any]:
    asked = library()
    pairs = [
        (
            _speed(arriving(n, people, SIZE), asked),
            _speed(arriving(n, 10 * people, SIZE), asked),
        )
        for _ in range(rounds)
    ]
    return _beside(f"{people} people", f"{10 * people} people", pairs)


def _beside(one: str, other: str, pairs: list[tuple[float, float]]) -> dict[str, Any]:
    return {
        one: spread([a for a, _ in pairs]),
        other: spread([b for _, b in pairs]),
        f"{other} / {one}": spread([b / a for a, b in pairs]),
    }


def _bot(n: int, people: int) -> dict[str, Any]:
    """Batches of a thousand, with and without the bot, who does ten events of eleven."""
    plain = passed(arriving(n, people, FEW), library())
    with_bot = passed(arriving(n, people, FEW, bot=BOT), library())
    return {
        "events of the bot": round(n * BOT),
        "without": _walls(plain),
        "with": _walls(with_bot),
    }


def _walls(found: Passed) -> dict[str, Any]:
    engine: StreamEngine = found.engine
    last = found.wall[len(found.wall) // 2 :]
    return {
        "state mb": round(sum(part.nbytes for part in engine.parts) / 1e6),
        "people": engine.sizes()["people"],
        "batches of 1000": {
            f"p{p} ms": round(float(np.percentile(last, p)) * 1e3, 2) for p in (50, 99, 100)
        },
        "events a second": found.speed()["cpu"],
    }


if __name__ == "__main__":
    main()
