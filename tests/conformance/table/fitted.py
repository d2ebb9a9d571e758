"""Fitted values: parameters by version, applied to one person; unknown before a fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coterie import (
    cluster,
    population_max,
    population_mean,
    population_min,
    population_quantile,
    population_stddev,
    predict,
    quantile_rank,
    segment,
    trait,
)
from coterie.engines.fits import Fit, Fits
from coterie.language.library import Library
from tests.conformance.case import Case, at, case, fact, order

spend, last_at = trait(order.sum("revenue")), trait(order.last_at())
kilos = trait(order.sum("weight"))
BUYS = [
    fact(1, "Order", at(0), 1, revenue=1000, weight=0.5),
    fact(2, "Order", at(1), 2, revenue=1000, weight=1.0),
    fact(3, "Order", at(2), 3, revenue=1, weight=1.0),
]

Version = tuple[int, int, dict[str, Any]]
"""Offset and instant of an activation, and its parameters."""


def versions(**of: list[Version]) -> Callable[[Library], Fits]:
    """The fits of a case: the versions of the one fitted node of each named trait."""

    def fits(library: Library) -> Fits:
        keys = {name: next(iter(library.fitted([name]))) for name in of}
        return Fits(Fit(keys[name], *version) for name, each in of.items() for version in each)

    return fits


population = case(
    "a statistic of a population is the active version's, and unknown before one",
    {
        "spend": spend,
        "last_at": last_at,
        "least": trait(population_min(spend)),
        "most": trait(population_max(spend)),
        "mean": trait(population_mean(spend)),
        "spread": trait(population_stddev(spend)),
        "median": trait(population_quantile(spend, 0.5)),
        "latest": trait(population_max(last_at)),
        "share": trait(spend / population_max(spend)),
        "above": segment(spend > population_mean(spend)),
    },
    BUYS,
    [
        ((1, at(0)), {
            "least": None, "most": None, "mean": None, "spread": None, "median": None,
            "latest": None, "share": None, "above": False,
        }),
        ((1, at(1, -1)), {"most": None, "share": None}),
        ((1, at(1)), {
            "least": -5, "most": 4000, "mean": 12_500_000, "spread": 1.5, "median": 1001,
            "latest": at(7), "share": 250_000, "above": False,
        }),
        ((2, at(1)), {"most": 4000, "share": 500_000, "above": True}),
        ((2, at(9)), {"most": 4000, "share": 500_000}),
        ((3, at(2)), {"most": 4000}),
        ((3, at(3)), {"most": None, "share": None, "mean": 12_500_000, "above": True}),
    ],
    fits=versions(
        least=[(1, at(1), {"value": -5})],
        most=[(1, at(1), {"value": 4000}), (3, at(3), {"value": None})],
        mean=[(1, at(1), {"value": 12_500_000})],
        spread=[(1, at(1), {"value": 1.5})],
        median=[(1, at(1), {"value": 1001})],
        latest=[(1, at(1), {"value": at(7)})],
    ),
)  # fmt: skip

ranks = case(
    "a rank is one more than the edges below the value",
    {
        "spend": spend,
        "last_at": last_at,
        "kilos": kilos,
        "monetary": trait(quantile_rank(spend, 4)),
        "recency": trait(quantile_rank(last_at, 3)),
        "mass": trait(quantile_rank(kilos, 2)),
        "nobody": trait(quantile_rank(order.count(), 5)),
        "best": segment(quantile_rank(spend, 4) == 4),
    },
    BUYS,
    [
        ((0, at(9)), {"monetary": None, "recency": None, "mass": None, "nobody": None}),
        ((1, at(0)), {"monetary": 1, "recency": 1, "mass": 1, "nobody": None, "best": False}),
        ((2, at(1)), {"monetary": 3, "recency": 2, "mass": 2, "best": False}),
        ((3, at(2)), {"monetary": 4, "recency": 3, "mass": 2, "nobody": None, "best": True}),
    ],
    fits=versions(
        monetary=[(0, at(0), {"edges": [1000, 1000, 2000]})],
        recency=[(0, at(0), {"edges": [at(0), at(2, -1)]})],
        mass=[(0, at(0), {"edges": [1.375]})],
        nobody=[(0, at(0), {"edges": []})],
    ),
)

gift = trait(order.last("gift"))
models = case(
    "models standardise their inputs; an unknown input makes the answer unknown",
    {
        "spend": spend,
        "gift": gift,
        "group": trait(cluster("groups", [spend, order.count()])),
        "tied": trait(cluster("tied", [order.count()])),
        "chance": trait(predict("churn", [order.count(), gift])),
        "value": trait(predict("value", [spend])),
        "likely": segment(predict("churn", [order.count(), gift]) > 0.6),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1000, gift=True),
        fact(2, "Order", at(1), 2, revenue=2000, gift=False),
    ],
    [
        ((0, at(9)), {"group": None, "tied": 0, "chance": None, "value": None, "likely": False}),
        # spend 10.00 and one order are (0, -1) after scaling: centroid (0, -1) is there
        ((1, at(9)), {"group": 1, "tied": 0, "chance": 0.7310585786300049, "value": 7.0}),
        ((1, at(0)), {"likely": True}),
        # 30.00 and two orders are (4, 0); the score is 1 * (2 - 1) + 1 * 0 - 1 = 0
        ((2, at(9)), {"group": 2, "tied": 1, "chance": 0.5, "value": 17.0, "likely": False}),
    ],
    fits=lambda library: Fits([
        Fit("groups", 0, at(0), {
            "mean": [10.0, 2.0], "scale": [5.0, 1.0],
            "centroids": [[-3.0, 0.0], [0.0, -1.0], [4.0, 1.0]],
        }),
        Fit("tied", 0, at(0), {"mean": [0.0], "scale": [1.0], "centroids": [[0.0], [2.0], [2.0]]}),
        Fit("churn", 0, at(0), {
            "mean": [1.0, 0.0], "scale": [1.0, 0.5], "coefficients": [1.0, 1.0],
            "intercept": -1.0, "link": "logistic",
        }),
        Fit("value", 0, at(0), {
            "mean": [0.0], "scale": [1.0], "coefficients": [0.5], "intercept": 2.0,
            "link": "identity",
        }),
    ]),
)  # fmt: skip

CASES: tuple[Case, ...] = (population, ranks, models)
