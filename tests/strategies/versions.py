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
            centroid = st.lists(odd, min_size=len(inputs), max_size=len(inputs))
            return _scaler(draw, inputs) | {
                "centroids": draw(st.lists(centroid, min_size=1, max_size=3))
            }
        case n.Predict(_, inputs):
            return _scaler(draw, inputs) | {
                "intercept": draw(odd),
                "coefficients": [draw(odd) for _ in inputs],
                "link": draw(st.sampled_from(("identity", "logistic"))),
            }


def _value(kind: Type) -> st.SearchStrategy[Any]:
    if kind == Real():
        return odd
    return instants if kind == Instant() else st.integers(-300, 300)


def _scaler(draw: st.DrawFn, inputs: tuple[n.Expr, ...]) -> dict[str, Any]:
    return {"mean": [draw(odd) for _ in inputs], "scale": [draw(odd) for _ in inputs]}
