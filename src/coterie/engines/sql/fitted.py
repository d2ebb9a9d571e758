"""Fitted nodes: the parameters of a version as constants, chosen by the position of each point.

The parameters of a version (:class:`coterie.engines.fits.Fit`) are

- of a population statistic ``{"value": x}``: units, microseconds or a real, null over nobody;
- of quantile ranks ``{"edges": [...]}``: ascending, ``n - 1`` of them, none over nobody;
- of a cluster model ``{"mean": [...], "scale": [...], "centroids": [[...], ...]}``: one mean and
  scale for each input, and for each centroid one coordinate an input, after standardising;
- of a prediction ``{"mean": [...], "scale": [...], "intercept": b, "coefficients": [...],
  "link": "identity" or "logistic"}``.

Inputs are read as reals, truths as 1 and 0, and become ``(x - mean) / scale``; a scale is not 0. An
unknown input makes the result unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from coterie.engines.sql.arithmetic import is_floating, null
from coterie.engines.sql.sources import ibis_type
from coterie.language import nodes as n
from coterie.language.types import Type

if TYPE_CHECKING:
    from coterie.engines.sql.expressions import Expressions

Parameters = dict[str, Any] | None


def population(here: Expressions, node: n.Population) -> Any:
    """The active statistic."""
    kind = here.kind(node)

    def apply(fit: Parameters) -> Any:
        return _parameter(here, None if fit is None else fit["value"], kind)

    return here.scope.fitted(here.library.fit_key(node), apply)


def _parameter(here: Expressions, value: Any, kind: Type) -> Any:
    """A fitted value as a constant."""
    if value is None or not is_floating(kind):
        return ibis.literal(value, ibis_type(kind))
    return here.operators.constant(value)


def quantile_rank(here: Expressions, node: n.QuantileRank) -> Any:
    """1 + the number of edges below the value."""
    value, kind = here.typed(node.of)

    def apply(fit: Parameters) -> Any:
        edges = [_parameter(here, edge, kind) for edge in fit["edges"]] if fit else []
        if not edges:
            return null("int64")
        above = (ibis.cases((value > edge, 1), else_=0) for edge in edges)
        return ibis.cases((value.notnull(), sum(above, start=ibis.literal(1, "int64"))))

    return here.scope.fitted(here.library.fit_key(node), apply)


def cluster(here: Expressions, node: n.Cluster) -> Any:
    """The index of the nearest centroid, the lowest of several."""

    def apply(fit: Parameters) -> Any:
        if fit is None:
            return null("int64")
        inputs = _standardised(here, node.inputs, fit)
        distances = ibis.array([_distance(here, inputs, c) for c in fit["centroids"]])
        nearest = distances.mins()
        known = ibis.and_(_all_known(inputs), nearest.notnull())
        return ibis.cases((known, distances.index(nearest)))

    return here.scope.fitted(here.library.fit_key(node), apply)


def predict(here: Expressions, node: n.Predict) -> Any:
    """Intercept plus weighted inputs, through the link."""
    call = here.operators.call

    def apply(fit: Parameters) -> Any:
        if fit is None:
            return null("float64")
        score = here.operators.constant(fit["intercept"])
        inputs = _standardised(here, node.inputs, fit)
        for value, coefficient in zip(inputs, fit["coefficients"], strict=True):
            weighted = call("real_product", value, here.operators.constant(coefficient))
            score = call("real_sum", score, weighted)
        return _logistic(here, score) if fit["link"] == "logistic" else score

    return here.scope.fitted(here.library.fit_key(node), apply)


def _standardised(here: Expressions, inputs: tuple[n.Expr, ...], fit: dict[str, Any]) -> list[Any]:
    """``(x - mean) / scale`` of each input, as reals."""
    call, constant, real = here.operators.call, here.operators.constant, here.operators.real
    return [
        call("real_quotient",
             call("real_difference", real(here.typed(node)), constant(mean)),
             constant(scale))
        for node, mean, scale in zip(inputs, fit["mean"], fit["scale"], strict=True)
    ]  # fmt: skip


def _distance(here: Expressions, inputs: list[Any], centroid: list[float]) -> Any:
    call, total = here.operators.call, here.operators.constant(0.0)
    for value, centre in zip(inputs, centroid, strict=True):
        apart = call("real_difference", value, here.operators.constant(centre))
        total = call("real_sum", total, call("real_product", apart, apart))
    return total


def _all_known(values: list[Any]) -> Any:
    return ibis.and_(*(value.notnull() for value in values))


def _logistic(here: Expressions, score: Any) -> Any:
    """``1 / (1 + exp(-score))``, without overflow."""
    operators = here.operators
    one, most = operators.constant(1.0), operators.constant(700.0)
    fraction = one / (one + operators.call("decay", ibis.least(score, most)))
    return ibis.cases((score > -most, fraction), (score.notnull(), operators.constant(0.0)))
