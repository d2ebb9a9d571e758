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

ONE = {"mean": [0.0], "scale": [1.0]}
TWO = {"mean": [10.0, 1.0], "scale": [10.0, 1.0]}
count = order.count()


def active(**parameters: dict[str, Any]) -> Callable[[Library], Fits]:
    """A version of each of these models, active from the first instant on."""
    return lambda _: Fits(Fit(key, 0, at(0), found) for key, found in parameters.items())


prepared = case(
    "a model fills, bounds and bends its inputs before it scales them",
    {
        "spend": spend,
        "filled": trait(cluster("filled", [spend])),
        "bounded": trait(cluster("bounded", [spend])),
        "logged": trait(cluster("logged", [spend])),
        "below": trait(cluster("logged", [0 - spend])),
        "root": trait(cluster("root", [count - 3])),
        "straight": trait(cluster("straight", [count - 3])),
        "logarithm": trait(cluster("logarithm", [count])),
        "guess": trait(predict("guess", [spend])),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1000),
        fact(2, "Order", at(1), 2, revenue=2000),
    ],
    [
        ((0, at(9)), {
            "filled": 1, "bounded": None, "logged": None, "below": None, "root": 0, "guess": 0.0,
        }),
        # 10.00 is as near to 0 as to 20; bounded it is 15; log(11) is 2.40; both roots are below -1
        ((1, at(9)), {
            "filled": 0, "bounded": 1, "logged": 0, "below": None, "root": 1, "straight": 0,
            "logarithm": 0, "guess": 2.3978952727983707,
        }),
        # 30.00 is as near to 20 as to 40; bounded it is 25; log(31) is 3.43
        ((2, at(9)), {
            "filled": 1, "bounded": 2, "logged": 1, "below": None, "root": 2, "straight": 1,
            "logarithm": 1, "guess": 3.4339872044851463,
        }),
    ],
    fits=active(
        filled=ONE | {"fill": [20.0], "centroids": [[0.0], [20.0], [40.0]]},
        bounded=ONE | {
            "low": [15.0], "high": [25.0], "centroids": [[10.0], [16.0], [24.0], [30.0]],
        },
        logged=ONE | {"curve": ["log1p"], "centroids": [[2.0], [3.0], [4.0]]},
        # -3, -2 and -1 become -(4**1.5 - 1) / 1.5 = -4.67, -2.80 and -1.22
        root=ONE | {
            "curve": ["yeo-johnson"], "lambda": [0.5], "centroids": [[-4.6], [-2.9], [-1.2]],
        },
        # -2 and -1 become -log(3) = -1.10 and -log(2) = -0.69
        straight=ONE | {
            "curve": ["yeo-johnson"], "lambda": [2.0], "centroids": [[-1.0], [-0.7]],
        },
        # 1 and 2 become 0.69 and 1.10
        logarithm=ONE | {
            "curve": ["yeo-johnson"], "lambda": [0.0], "centroids": [[0.7], [1.0]],
        },
        guess=ONE | {
            "fill": [0.0], "curve": ["log1p"], "coefficients": [1.0], "intercept": 0.0,
            "link": "identity",
        },
    ),
)  # fmt: skip

shaped = case(
    "clusters lie in components and have shapes and offsets; the lowest of the best is taken",
    {
        "spend": spend,
        "turned": trait(cluster("turned", [spend, count])),
        "wide": trait(cluster("wide", [spend])),
        "slanted": trait(cluster("slanted", [spend, count])),
        "even": trait(cluster("even", [count])),
        "vanishing": trait(cluster("vanishing", [count])),
        "far": trait(cluster("far", [count])),
        "too_far": trait(cluster("too_far", [count])),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1000),
        fact(2, "Order", at(1), 2, revenue=2000),
    ],
    [
        ((0, at(9)), {"turned": None, "wide": None, "slanted": None, "even": 0, "far": 1}),
        # scaled (0, 0); less the centre (-1, 0); the components are (-1, -1)
        ((1, at(9)), {
            "turned": 1, "wide": 0, "slanted": 0, "even": 0, "vanishing": 1, "far": 1,
            "too_far": None,
        }),
        # scaled (2, 1); the components are (2, 0); slanted 1 - (2**2 + 3**2) / 2 and -2.5 - 2.5
        ((2, at(9)), {"turned": 2, "wide": 1, "slanted": 1, "even": 0, "far": 1}),
    ],
    fits=active(
        turned=TWO | {
            "components": [[1.0, 1.0], [1.0, -1.0]], "centre": [1.0, 0.0],
            "centroids": [[2.0, 1.0], [-1.0, -1.0], [2.0, 0.0]],
        },
        # 10.00 and 30.00 are 1 and 3: -1/2 and -9/2 beside -2 - 0.005 and -2 - 0.045
        wide={"mean": [0.0], "scale": [10.0]} | {
            "centroids": [[0.0], [0.0]], "shapes": [[[1.0]], [[0.1]]], "offsets": [0.0, -2.0],
        },
        slanted=TWO | {
            "centroids": [[0.0, 0.0], [0.0, 0.0]], "offsets": [1.0, -2.5],
            "shapes": [[[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]],
        },
        even=ONE | {"centroids": [[1.0], [1.0]], "shapes": [[[2.0]], [[2.0]]]},
        vanishing=ONE | {
            "centroids": [[0.0], [0.0]], "shapes": [[[1e-99]], [[1e-99]]], "offsets": [0.0, 1.0],
        },
        # 1e250 times 1e100 has no 64 bits; -1e245 has
        far={"mean": [0.0], "scale": [1e-250]} | {"centroids": [[1e100], [-1e-5]]},
        too_far={"mean": [0.0], "scale": [1e-250]} | {"centroids": [[0.0]], "shapes": [[[1.0]]]},
    ),
)  # fmt: skip

CASES: tuple[Case, ...] = (population, ranks, models, prepared, shaped)
