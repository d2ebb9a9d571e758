"""An alluvial diagram out of Vega-Lite's own marks: bars at both sides and ribbons between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import altair as alt

from coterie.pictures.shares import colours
from coterie.pictures.theme import Drawing, layered

STEPS = 16
"""Straight pieces of a ribbon's curve."""
GAP, APART = 0.018, 0.05
"""Between two bars, and at least between two labels, as shares of the height."""
WIDE = 0.025
ROOM = 0.5
"""For labels beside the bars, in widths of the part between them."""


class Pair(NamedTuple):
    """How many people went from one stage to another."""

    before: str
    after: str
    people: int


class Bar(NamedTuple):
    """One stage at one side: from `top` to `bottom`, both shares of the height."""

    stage: str
    people: int
    top: float
    bottom: float


def drawn(pairs: Sequence[Pair], options: Sequence[str], left: str, right: str) -> Drawing:
    """The diagram of pairs of stages.

    Parameters
    ----------
    pairs : sequence of Pair
    options : sequence of str
        Every stage, from the top down.
    left, right : str
        What stands above the two sides.
    """
    sides = (
        bars([(pair.before, pair.people) for pair in pairs], options),
        bars([(pair.after, pair.people) for pair in pairs], options),
    )
    colour, people = colours(list(options)).legend(None), alt.Tooltip("people:Q", format=",")
    flow = _base(_ribbons(pairs, sides)).mark_area(opacity=0.45)
    block = _base(_blocks(sides)).mark_rect()
    names = list(_labels(sides, (left, right)))
    return layered(
        flow.encode(
            y2="bottom:Q", color=colour, detail="ribbon:N", tooltip=["before:N", "after:N", people]
        ),
        block.encode(x2="x2:Q", y2="bottom:Q", color=colour, tooltip=["stage:N", people]),
        _base(names[0]).mark_text(align="right", baseline="middle").encode(text="label:N"),
        _base(names[1]).mark_text(align="left", baseline="middle").encode(text="label:N"),
    )


def _base(shown: Iterable[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(list(shown))).encode(
        x=alt.X("x:Q").axis(None).scale(domain=[-ROOM, 1 + ROOM], nice=False),
        y=alt.Y("top:Q").axis(None).scale(domain=[1.02, -0.06], nice=False),
    )


def bars(counts: Iterable[tuple[str, int]], options: Sequence[str]) -> list[Bar]:
    """The bars of one side, from the top down, with gaps between them.

    Examples
    --------
    >>> [(bar.stage, bar.people) for bar in bars([("b", 2), ("a", 1), ("b", 1)], ["a", "b", "c"])]
    [('a', 1), ('b', 3)]
    """
    people: dict[str, int] = {}
    for stage, n in counts:
        people[stage] = people.get(stage, 0) + n
    present = [stage for stage in options if people.get(stage)]
    scale = (1 - GAP * (len(present) - 1)) / max(1, sum(people.values()))
    found, top = [], 0.0
    for stage in present:
        bottom = top + people[stage] * scale
        found.append(Bar(stage, people[stage], top, bottom))
        top = bottom + GAP
    return found


Sides = tuple[list[Bar], list[Bar]]


def _ribbons(pairs: Sequence[Pair], sides: Sides) -> Iterable[dict[str, Any]]:
    """The edges of each ribbon, point by point; a bar's lie as the other side does."""
    left, right = sides
    places = list(zip(_places(pairs, left, right, 0), _places(pairs, right, left, 1), strict=True))
    for number, (pair, ((top, bottom), (to_top, to_bottom))) in enumerate(
        zip(pairs, places, strict=True)
    ):
        for step in range(STEPS + 1):
            x = step / STEPS
            bend = x * x * (3 - 2 * x)
            yield {
                **pair._asdict(), "ribbon": number, "stage": pair.before, "x": x,
                "top": round(top + (to_top - top) * bend, 4),
                "bottom": round(bottom + (to_bottom - bottom) * bend, 4),
            }  # fmt: skip


def _places(
    pairs: Sequence[Pair], mine: list[Bar], others: list[Bar], side: int
) -> list[tuple[float, float]]:
    """Where each pair's ribbon begins and ends at the bars of one side."""
    order = [bar.stage for bar in others]
    places: dict[Pair, tuple[float, float]] = {}
    for bar in mine:
        here = [pair for pair in pairs if pair[side] == bar.stage]
        each, top = (bar.bottom - bar.top) / bar.people, bar.top
        for pair in sorted(here, key=lambda pair: order.index(str(pair[1 - side]))):
            places[pair] = (top, top + pair.people * each)
            top = places[pair][1]
    return [places[pair] for pair in pairs]


def _blocks(sides: Sides) -> Iterable[dict[str, Any]]:
    for side, x in zip(sides, (-WIDE, 1.0), strict=True):
        for bar in side:
            yield {**bar._asdict(), "x": x, "x2": x + WIDE}


def _labels(sides: Sides, heads: tuple[str, str]) -> Iterable[list[dict[str, Any]]]:
    """The name and number of each bar beside it, no two of them upon one another; side by side."""
    for side, x, head in zip(sides, (-2 * WIDE, 1 + 2 * WIDE), heads, strict=True):
        places = apart([(bar.top + bar.bottom) / 2 for bar in side])
        names = [
            {"x": x, "top": top, "label": f"{bar.stage}  {bar.people:,}"}
            for bar, top in zip(side, places, strict=True)
        ]
        yield [{"x": x, "top": -0.045, "label": head}, *names]


def apart(wanted: Sequence[float]) -> list[float]:
    """Places in order, moved as little as needed to stand apart and end within the height.

    Examples
    --------
    >>> [round(place, 2) for place in apart([0.5, 0.51, 0.99, 0.995])]
    [0.5, 0.55, 0.95, 1.0]
    """
    places: list[float] = []
    for place in wanted:
        places.append(max(place, places[-1] + APART) if places else place)
    limit = 1.0
    for i in reversed(range(len(places))):
        places[i] = min(places[i], limit)
        limit = places[i] - APART
    return places
