"""The types of fitted values: population statistics, ranks, clusters and predictions."""

from __future__ import annotations

from coterie.errors import DefinitionError
from coterie.language import nodes as n
from coterie.language.scope import DECAY_HINT, Scope, profile_only, type_of, wrong
from coterie.language.types import (
    MAX_SCALE,
    Boolean,
    Decimal,
    Instant,
    Integer,
    Real,
    Type,
    is_exact_number,
    is_number,
)


@type_of.register
def _(expr: n.Population, scope: Scope, path: str = "") -> Type:
    profile_only(expr, scope, path)
    kind = type_of(expr.of, scope, f"{path}.of")
    ranked = expr.statistic in ("min", "max", "quantile")
    if not is_number(kind) and not (ranked and kind == Instant()):
        raise wrong(
            f"population_{expr.statistic} needs a number",
            f"{path}.of",
            kind,
            "a number",
            DECAY_HINT if isinstance(kind, Real) else "",
        )
    if expr.statistic != "quantile" and expr.q is not None:
        raise wrong("only a quantile has q", path, f"q of a {expr.statistic}", "no q")
    if expr.statistic == "quantile" and (expr.q is None or not 0 < expr.q < 1):
        raise wrong("a quantile needs q between 0 and 1", path, expr.q, "0 < q < 1")
    if expr.statistic == "stddev":
        return Real()
    return Decimal(MAX_SCALE) if expr.statistic == "mean" and is_exact_number(kind) else kind


@type_of.register
def _(expr: n.QuantileRank, scope: Scope, path: str = "") -> Type:
    profile_only(expr, scope, path)
    kind = type_of(expr.of, scope, f"{path}.of")
    if not is_number(kind) and kind != Instant():
        raise wrong(
            "quantile_rank needs an order",
            f"{path}.of",
            kind,
            "a number or an instant",
            DECAY_HINT if isinstance(kind, Real) else "",
        )
    if expr.n < 2:
        raise wrong("quantile_rank needs two ranks or more", path, expr.n, "n of 2 or more")
    return Integer()


@type_of.register(n.Cluster)
@type_of.register(n.Predict)
def _(expr: n.Cluster | n.Predict, scope: Scope, path: str = "") -> Type:
    profile_only(expr, scope, path)
    if not expr.inputs:
        raise DefinitionError("a model needs inputs", where=path)
    for i, given in enumerate(expr.inputs):
        kind = type_of(given, scope, f"{path}.inputs[{i}]")
        if not is_number(kind) and kind != Boolean():
            raise wrong(
                "a model reads numbers", f"{path}.inputs[{i}]", kind, "a number or a boolean"
            )
    return Integer() if isinstance(expr, n.Cluster) else Real()
