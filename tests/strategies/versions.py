"""Versions of fitted parameters for the fitted nodes of a library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from coterie.engines.fits import Fit, Fits
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Instant, Real, Type
from tests.strategies.grid import BASE, ODD, instants

early = st.one_of(st.just(BASE), instants)
odd = ODD.map(float)


@st.composite
def fits_for(draw: st.DrawFn, library: Library) -> Fits:
    """None, one or two versions of every fit; some know nothing (fitted over nobody)."""
    return Fits(
        Fit(key, offset, draw(early), _parameters(draw, library, node))
        for key, node in library.fitted().items()
        for offset in sorted(draw(st.sets(st.integers(0, 6), max_size=2)))
    )


@st.composite
def activated(
    draw: st.DrawFn, library: Library, keys: Iterable[str], offset: int, t: int
) -> tuple[Fit, ...]:
    """A version of each of these fits, active from one position on."""
    nodes = library.fitted()
    return tuple(Fit(key, offset, t, _parameters(draw, library, nodes[key])) for key in keys)


def _parameters(draw: st.DrawFn, library: Library, node: n.Fitted) -> dict[str, Any]:
    match node:
        case n.Population():
            value = _value(library.type_of(node))
            return {"value": draw(st.one_of(value, value, value, st.none()))}
        case n.QuantileRank(of, ranks):
            value = _value(library.type_of(of))
            edges = st.lists(value, min_size=ranks - 1, max_size=ranks - 1).map(sorted)
            return {"edges": draw(st.one_of(edges, edges, edges, st.just([])))}
        case n.Cluster(_, inputs):
            return _preparing(draw, inputs) | _places(draw, len(inputs))
        case n.Predict(_, inputs):
            return _preparing(draw, inputs) | {
                "intercept": draw(odd),
                "coefficients": [draw(odd) for _ in inputs],
                "link": draw(st.sampled_from(("identity", "logistic"))),
            }


def _value(kind: Type) -> st.SearchStrategy[Any]:
    if kind == Real():
        return odd
    return instants if kind == Instant() else st.integers(-300, 300)


def _numbers(count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(odd, min_size=count, max_size=count)


def _preparing(draw: st.DrawFn, inputs: tuple[n.Expr, ...]) -> dict[str, Any]:
    """Mean and scale of each input; often how it is filled, bounded and bent as well."""
    count = len(inputs)
    found = {"mean": draw(_numbers(count)), "scale": draw(_numbers(count))}
    if not draw(st.booleans()):
        return found

    def each(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    return found | {
        "fill": each(st.none() | odd),
        "low": each(st.none() | st.sampled_from((-3.863, -0.863, 0.137))),
        "high": each(st.none() | odd),
        "curve": each(st.sampled_from(("", "log1p", "yeo-johnson"))),
        "lambda": each(st.sampled_from((-0.5, 0.0, 0.5, 1.0, 2.0, 2.5))),
    }


def _places(draw: st.DrawFn, count: int) -> dict[str, Any]:
    """Centroids, in components of the inputs or not; of shapes, where inputs have bounds."""
    k = draw(st.integers(1, 3))
    if draw(st.booleans()):
        return {"centroids": draw(st.lists(_numbers(count), min_size=k, max_size=k))}
    d = draw(st.integers(1, count))
    offsets = st.lists(odd, min_size=k, max_size=k, unique=True)  # no two tie but for rounding
    found: dict[str, Any] = {"offsets": draw(offsets)}
    if d < count or draw(st.booleans()):
        found["components"] = draw(st.lists(_numbers(count), min_size=d, max_size=d))
        found["centre"] = draw(_numbers(count))
    if draw(st.booleans()):
        square = st.lists(_numbers(d), min_size=d, max_size=d)
        found["shapes"] = draw(st.lists(square, min_size=k, max_size=k))
        found |= {"low": [-9.137] * count, "high": [9.137] * count}
    return found | {"centroids": draw(st.lists(_numbers(d), min_size=k, max_size=k))}
