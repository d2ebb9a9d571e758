"""Fitted parameters given by hand, by the name of the definition that applies them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from coterie.engines.fits import Fit
from coterie.engines.models import PLACING, PREPARING, check_clusters
from coterie.errors import DefinitionError, WrongType
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.project.samples.document import mapping, sequence
from coterie.project.samples.values import meant

ALWAYS = -(2**62)
"""Before every instant: what is given is active at all of them."""

OPTIONAL: dict[type[n.Fitted], tuple[str, ...]] = {
    n.Cluster: (*PREPARING, *PLACING),
    n.Predict: PREPARING,
}

MODELS: dict[type[n.Fitted], tuple[str, ...]] = {
    n.Cluster: ("mean", "scale", "centroids"),
    n.Predict: ("mean", "scale", "intercept", "coefficients", "link"),
}


def given(library: Library, name: str, said: Any, zone: ZoneInfo) -> Fit:
    """The parameters of the one fitted node that a definition holds.

    Parameters
    ----------
    said : object
        A population statistic's value; a quantile rank's edges, ascending; or a model's mapping.

    Raises
    ------
    DefinitionError
        The definition learns nothing, or holds several fitted nodes.
    WrongType
        The parameters are not those of such a node.
    """
    node = _only(library, name)
    return Fit(library.fit_key(node), 0, ALWAYS, _parameters(library, node, said, zone))


def _only(library: Library, name: str) -> n.Fitted:
    library.definition(name)
    found = {
        library.fit_key(node): node
        for node in n.walk(library.lowered[name])
        if isinstance(node, n.Fitted)
    }
    if len(found) != 1:
        raise DefinitionError(
            f"{name!r} holds {len(found)} fitted values", expected="one",
            hint="give the fitted value a trait of its own, and name that here",
        )  # fmt: skip
    return next(iter(found.values()))


def _parameters(library: Library, node: n.Fitted, said: Any, zone: ZoneInfo) -> dict[str, Any]:
    match node:
        case n.Population():
            return {"value": meant(said, library.kind(node), zone)}
        case n.QuantileRank(of, count):
            kind = library.kind(of)
            return {"edges": _edges([meant(edge, kind, zone) for edge in sequence(said)], count)}
        case _:
            needed = MODELS[type(node)]
            model = _model(mapping(said, (*needed, *OPTIONAL[type(node)])), needed)
            if isinstance(node, n.Cluster):
                check_clusters(model, len(node.inputs))
            return model


def _edges(edges: list[Any], count: int) -> list[Any]:
    if len(edges) != count - 1 or None in edges or edges != sorted(edges):
        raise WrongType(
            "these are no edges of such ranks", got=f"{len(edges)} values",
            expected=f"{count - 1} values, ascending",
        )  # fmt: skip
    return edges


def _model(said: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    missing = [key for key in keys if key not in said]
    if missing:
        raise WrongType("the model lacks parameters", expected=", ".join(missing))
    return {key: _real(value) for key, value in said.items()}


def _real(value: Any) -> Any:
    """Numbers of a model as reals, lists of them to any depth."""
    if isinstance(value, list):
        return [_real(each) for each in value]
    return float(value) if isinstance(value, int | Decimal) else value
