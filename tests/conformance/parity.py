"""Asking the same of several engines, and what it means that they agree (law 1)."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.reference import Fact, Value, evaluate
from coterie.engines.sql import SqlEngine, TableSource
from coterie.language.library import Library
from tests.strategies import every_position

Point = tuple[str, int, int]
"""Profile, log offset, instant."""

Histories = Mapping[str, Sequence[Fact]]


def same(a: Value, b: Value) -> bool:
    """Equal, and of one Python type; reals within 1e-9 relative."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300)
    return type(a) is type(b) and a == b


def every_point(histories: Histories, library: Library, *, most: int | None = None) -> list[Point]:
    """Every prefix of the log at, just before and just after every edge, of every profile."""
    found = [
        (profile, offset, t)
        for profile, history in histories.items()
        for offset, t in every_position(history, library)
    ]
    if most is not None and len(found) > most:
        found = random.Random(len(found)).sample(found, most)
    return found


def spine(points: Iterable[Point]) -> pa.Table:
    """The points as the SQL engine takes them."""
    profile, offset, t = zip(*points, strict=True)
    return pa.table({"profile": profile, "offset": offset, "t": t})


def asked(
    backend: Any,
    library: Library,
    histories: Histories,
    points: Sequence[Point],
    fits: Fits | None = None,
    names: Sequence[str] | None = None,
) -> list[dict[str, Value]]:
    """What SQL answers at each point."""
    return answered(loaded(backend, library, histories), points, fits, names)


def loaded(backend: Any, library: Library, histories: Histories) -> SqlEngine:
    """An engine whose database holds the histories."""
    return SqlEngine(TableSource(backend, library.plan, histories), library)


def answered(
    engine: SqlEngine,
    points: Sequence[Point],
    fits: Fits | None = None,
    names: Sequence[str] | None = None,
) -> list[dict[str, Value]]:
    """What it answers at each point."""
    table = engine.evaluate(engine.library.names if names is None else names, spine(points), fits)
    return table.to_pylist()  # type: ignore[no-any-return]


def agree(
    backend: Any,
    library: Library,
    histories: Histories,
    points: Sequence[Point],
    fits: Fits | None = None,
) -> int:
    """Compare SQL with the reference at each point, and return how many points that were."""
    answers = asked(backend, library, histories, points, fits)
    for (profile, offset, t), answer in zip(points, answers, strict=True):
        wanted = evaluate(library, library.names, histories[profile], offset, t, fits)
        wrong = [name for name in wanted if not same(wanted[name], answer[name])]
        assert not wrong, _report(library, wrong, (profile, offset, t), wanted, answer, histories)
    return len(points)


def _report(
    library: Library,
    wrong: list[str],
    point: Point,
    wanted: dict[str, Value],
    answer: dict[str, Value],
    histories: Histories,
) -> str:
    lines = [f"{_differs(name, wanted, answer)}: {library.lowered[name]}" for name in wrong]
    return "\n".join([f"at {point}", *lines, *map(str, histories[point[0]])])


def _differs(name: str, wanted: dict[str, Value], answer: dict[str, Value]) -> str:
    """One disagreement in words."""
    return f"{name} is {wanted[name]!r} by reference and {answer[name]!r} by SQL"
