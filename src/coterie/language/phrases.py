"""Expressions in English, so that different ones read differently.

A phrase is read back one way: names of events stand in single quotation marks and texts in double
ones; what could be taken for a part of its surroundings stands in brackets; and a name that is
also a word of these sentences stands in backticks.
"""

from __future__ import annotations

from functools import singledispatch

from coterie.language import nodes as n
from coterie.language import wording
from coterie.language.selected import selected

__all__ = ["inner", "phrase"]

COMPARED = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}
COUNTED = {
    "==": "exactly",
    "!=": "any number but",
    "<": "fewer than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
SIGNS = {"+": "+", "-": "-", "*": "×", "/": "÷"}  # noqa: RUF001 (the sign is meant)
MATCHED = {
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "equals": "reads",
}
STATISTICS = {
    "min": "smallest",
    "max": "largest",
    "mean": "mean",
    "stddev": "standard deviation",
    "quantile": "quantile",
}
OPEN = (n.Arithmetic, n.Compare, n.And, n.Or, n.Not, n.Known, n.Between, n.IsIn, n.Match, n.Has)
"""What needs brackets inside of something else."""


def inner(expr: n.Expr) -> str:
    """A phrase as a part of another, in brackets where it is open."""
    return f"({phrase(expr)})" if isinstance(expr, OPEN) else phrase(expr)


def _joined(parts: tuple[n.Expr, ...]) -> str:
    return ", ".join(inner(part) for part in parts)


@singledispatch
def phrase(expr: n.Node) -> str:
    """An expression in English; different expressions read differently.

    Examples
    --------
    >>> from coterie.language.time import days
    >>> phrase(n.Age(n.LastAt(n.Named("Order Completed")), days(1)))
    "the days since the last 'Order Completed'"
    """
    raise AssertionError(f"{type(expr).__name__} has no English")


# --- names and constants --------------------------------------------------------------------


@phrase.register
def _(expr: n.Property) -> str:
    return f"its {wording.name(expr.name)}"


@phrase.register
def _(expr: n.At) -> str:
    return "its time"


@phrase.register
def _(expr: n.Number) -> str:
    return wording.number(expr.value)


@phrase.register
def _(expr: n.Words) -> str:
    return wording.words(expr.value)


@phrase.register
def _(expr: n.Truth) -> str:
    return "true" if expr.value else "false"


@phrase.register
def _(expr: n.Moment) -> str:
    return wording.moment(expr.value)


@phrase.register
def _(expr: n.Length) -> str:
    return wording.duration(expr.value)


@phrase.register
def _(expr: n.Ref) -> str:
    return wording.name(expr.name)


@phrase.register
def _(expr: n.Clock) -> str:
    return f"(now less {wording.duration(expr.minus)})"


# --- aggregates -----------------------------------------------------------------------------


def _value(expr: n.Expr) -> str:
    """What an aggregate reads of each event: the name of a property, or a phrase in brackets."""
    return wording.name(expr.name) if isinstance(expr, n.Property) else f"({phrase(expr)})"


def _events(expr: n.Aggregate) -> str:
    within = f" in the last {wording.duration(expr.within)}" if expr.within is not None else ""
    since: n.Expr | None = getattr(expr, "since", None)
    after = f" since {_start(since)}" if since is not None else ""
    return f"{selected(expr.of, phrase)}{within}{after}"


def _start(instant: n.Expr) -> str:
    """The instant that something is counted from; events stand for their instant."""
    match instant:
        case n.FirstAt():
            return f"the first {_events(instant)}"
        case n.LastAt():
            return f"the last {_events(instant)}"
    return inner(instant)


@phrase.register
def _(expr: n.Count) -> str:
    return f"the number of {_events(expr)}"


@phrase.register
def _(expr: n.Any_) -> str:
    return f"some {_events(expr)}"


@phrase.register
def _(expr: n.FirstAt) -> str:
    return f"the time of the first {_events(expr)}"


@phrase.register
def _(expr: n.LastAt) -> str:
    return f"the time of the last {_events(expr)}"


VALUED: dict[type, str] = {
    n.Sum: "the total",
    n.Mean: "the mean",
    n.Min: "the smallest",
    n.Max: "the largest",
    n.First: "the first",
    n.Last: "the last",
    n.Distinct: "the number of different",
    n.Top: "the most frequent",
}


@phrase.register(n.Sum)
@phrase.register(n.Mean)
@phrase.register(n.Min)
@phrase.register(n.Max)
@phrase.register(n.First)
@phrase.register(n.Last)
@phrase.register(n.Distinct)
@phrase.register(n.Top)
def _(expr: n.Sum | n.Mean | n.Min | n.Max | n.First | n.Last | n.Distinct | n.Top) -> str:
    return f"{VALUED[type(expr)]} {_value(expr.value)} of {_events(expr)}"


@phrase.register
def _(expr: n.Values) -> str:
    return f"the {expr.limit} latest different {_value(expr.value)} of {_events(expr)}"


@phrase.register
def _(expr: n.Decayed) -> str:
    what = f"total {_value(expr.weight)}" if expr.weight is not None else "number"
    halved = (
        f" halved every {wording.duration(expr.half_life)}" if expr.half_life is not None else ""
    )
    rate = f" at the rate {wording.number(expr.rate)} a day" if expr.rate is not None else ""
    step = f" frozen every {wording.duration(expr.step)}" if expr.step is not None else ""
    return f"the faded {what} of {_events(expr)}{halved}{rate}{step}"


# --- operators ------------------------------------------------------------------------------


@phrase.register
def _(expr: n.Arithmetic) -> str:
    return f"{inner(expr.left)} {SIGNS[expr.op]} {inner(expr.right)}"


@phrase.register
def _(expr: n.Compare) -> str:
    if isinstance(expr.left, n.Count) and isinstance(expr.right, n.Number):
        return f"{COUNTED[expr.op]} {phrase(expr.right)} {_events(expr.left)}"
    return f"{inner(expr.left)} {COMPARED[expr.op]} {inner(expr.right)}"


def _part(expr: n.Expr) -> str:
    """A part of a chain of `and` or `or`: chains and negations in it stand in brackets."""
    match expr:
        case n.Not(n.Any_() | n.Known()):
            return phrase(expr)
        case n.And() | n.Or() | n.Not():
            return f"({phrase(expr)})"
    return phrase(expr)


@phrase.register
def _(expr: n.And) -> str:
    if len(expr.parts) < 2:
        return f"all of ({_joined(expr.parts)})"
    return " and ".join(_part(part) for part in expr.parts)


@phrase.register
def _(expr: n.Or) -> str:
    if len(expr.parts) < 2:
        return f"any of ({_joined(expr.parts)})"
    return " or ".join(_part(part) for part in expr.parts)


@phrase.register
def _(expr: n.Not) -> str:
    match expr.of:
        case n.Any_():
            return f"no {_events(expr.of)}"
        case n.Known(of):
            return f"{inner(of)} is unknown"
    return f"not {inner(expr.of)}"


@phrase.register
def _(expr: n.Known) -> str:
    return f"{inner(expr.of)} is known"


@phrase.register
def _(expr: n.Between) -> str:
    return f"{inner(expr.of)} is between {inner(expr.low)} and {inner(expr.high)}"


@phrase.register
def _(expr: n.IsIn) -> str:
    return f"{inner(expr.of)} is one of ({_joined(expr.options)})"


@phrase.register
def _(expr: n.Match) -> str:
    fold = " ignoring case" if expr.fold else ""
    return f"{inner(expr.of)} {MATCHED[expr.op]} {wording.words(expr.text)}{fold}"


@phrase.register
def _(expr: n.Has) -> str:
    return f"{inner(expr.of)} has {phrase(expr.value)}"


@phrase.register
def _(expr: n.Case) -> str:
    branches = [f"{inner(when.value)} if {phrase(when.condition)}" for when in expr.whens]
    otherwise = [f"otherwise {inner(expr.otherwise)}"] if expr.otherwise is not None else []
    return f"({'; '.join([*branches, *otherwise])})"


@phrase.register
def _(expr: n.Coalesce) -> str:
    return f"the first known of ({_joined(expr.parts)})"


STEPS = {"1 day": "days", "1 hour": "hours", "1 minute": "minutes"}


@phrase.register
def _(expr: n.Age) -> str:
    since = _start(expr.of)
    if expr.step is None:
        return f"the time since {since}"
    step = wording.duration(expr.step)
    return f"the {STEPS.get(step, f'whole steps of {step}')} since {since}"


# --- fitted ---------------------------------------------------------------------------------


@phrase.register
def _(expr: n.Population) -> str:
    q = f"{wording.number(expr.q)} " if expr.q is not None else ""
    return f"the {q}{STATISTICS[expr.statistic]} of everyone's {inner(expr.of)}"


@phrase.register
def _(expr: n.QuantileRank) -> str:
    return f"the rank of {inner(expr.of)} among {expr.n}"


@phrase.register
def _(expr: n.Cluster) -> str:
    return f"the group by model {wording.words(expr.model)} of ({_joined(expr.inputs)})"


@phrase.register
def _(expr: n.Predict) -> str:
    return f"the prediction by model {wording.words(expr.model)} from ({_joined(expr.inputs)})"
