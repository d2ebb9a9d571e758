"""Fitted nodes: the parameters of a version as constants, chosen by the position of each point.

The parameters of a version (:class:`coterie.engines.fits.Fit`) are

- of a population statistic ``{"value": x}``: units, microseconds or a real, null over nobody;
- of quantile ranks ``{"edges": [...]}``: ascending, ``n - 1`` of them, none over nobody;
- of clusters and predictions what :mod:`coterie.engines.models` says.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import ibis

from coterie.engines import models
from coterie.engines.sql.arithmetic import is_floating, null
from coterie.engines.sql.sources import ibis_type
from coterie.language import nodes as n
from coterie.language.types import Type

if TYPE_CHECKING:
    from coterie.engines.sql.expressions import Expressions

Parameters = dict[str, Any] | None

_MOST = sys.float_info.max


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
    """The index of the cluster with the greatest score, the lowest of several."""
    call = here.operators.call

    def apply(fit: Parameters) -> Any:
        if fit is None:
            return null("int64")
        inputs = _prepared(here, node.inputs, fit)
        rows, offsets, squared = models.scoring(fit)
        point = ibis.array([ibis.coalesce(x, here.operators.constant(0.0)) for x in inputs]
                           + [here.operators.constant(1.0)])  # fmt: skip
        scores = call("products", point, _reals(rows, "array<array<float64>>"))
        if squared:
            scores = call("scores", scores, _reals(offsets, "array<float64>"))
        return ibis.cases((_all_known(inputs), call("best", scores)))

    return here.scope.fitted(here.library.fit_key(node), apply)


def _reals(values: models.Reals, kind: str) -> Any:
    return ibis.literal(values.tolist(), kind)


def predict(here: Expressions, node: n.Predict) -> Any:
    """Intercept plus weighted inputs, through the link."""
    call = here.operators.call

    def apply(fit: Parameters) -> Any:
        if fit is None:
            return null("float64")
        score = here.operators.constant(fit["intercept"])
        inputs = _prepared(here, node.inputs, fit)
        for value, coefficient in zip(inputs, fit["coefficients"], strict=True):
            weighted = call("real_product", value, here.operators.constant(coefficient))
            score = call("real_sum", score, weighted)
        return _logistic(here, score) if fit["link"] == "logistic" else score

    return here.scope.fitted(here.library.fit_key(node), apply)


def _prepared(here: Expressions, inputs: tuple[n.Expr, ...], fit: dict[str, Any]) -> list[Any]:
    """Each input filled, bounded, bent and scaled, as reals."""
    steps = zip(inputs, models.inputs(fit), strict=True)
    return [_step(here, here.operators.real(here.typed(node)), step) for node, step in steps]


def _step(here: Expressions, x: Any, step: models.Input) -> Any:
    call, constant = here.operators.call, here.operators.constant
    if step.fill is not None:
        x = ibis.coalesce(x, constant(step.fill))
    if math.isfinite(step.low) or math.isfinite(step.high):
        low, high = max(step.low, -_MOST), min(step.high, _MOST)
        x = call("bounded", x, constant(low), constant(high))
    if step.curve == "log1p":
        x = call("log1p", x)
    elif step.curve:
        x = call("yeo_johnson", x, constant(step.bend))
    return call(
        "real_quotient", call("real_difference", x, constant(step.mean)), constant(step.scale)
    )


def _all_known(values: list[Any]) -> Any:
    return ibis.and_(*(value.notnull() for value in values))


def _logistic(here: Expressions, score: Any) -> Any:
    """``1 / (1 + exp(-score))``, without overflow."""
    operators = here.operators
    one, most = operators.constant(1.0), operators.constant(700.0)
    fraction = one / (one + operators.call("decay", ibis.least(score, most)))
    return ibis.cases((score > -most, fraction), (score.notnull(), operators.constant(0.0)))
