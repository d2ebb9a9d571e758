"""How definitions are written in Python: operators and methods that build the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from coterie.errors import WrongType
from coterie.language import nodes as n
from coterie.language.definitions import Segment, Stage, Stages, Trait
from coterie.language.expressions import (
    Defined,
    DefinedStages,
    Expression,
    Value,
    exactly,
    node_of,
)
from coterie.language.time import parse_instant

__all__ = [
    "Defined",
    "DefinedStages",
    "Expression",
    "Selected",
    "Value",
    "case",
    "cluster",
    "coalesce",
    "declared",
    "event",
    "instant",
    "node_of",
    "population_max",
    "population_mean",
    "population_min",
    "population_quantile",
    "population_stddev",
    "predict",
    "quantile_rank",
    "segment",
    "stages",
    "tiers",
    "trait",
]


class Selected:
    """Events of one profile; end it with an aggregate to get a value."""

    __slots__ = ("_node",)

    def __init__(self, node: n.Selection) -> None:
        self._node = node

    def __repr__(self) -> str:
        return f"<selection {type(self._node).__name__.lower()}>"

    def __bool__(self) -> NoReturn:
        raise WrongType(
            "a selection of events is neither true nor false",
            hint="ask selection.any(); join selections by | and not by `or`",
        )

    __iter__ = None  # a selection has items by name, and is no sequence
    __contains__ = None

    def __getitem__(self, name: str) -> Expression:
        """A property of the event, for predicates and values."""
        if not isinstance(name, str):
            raise WrongType("a property has a name", got=type(name).__name__, expected="a text")
        return Expression(n.Property(name))

    @property
    def at(self) -> Expression:
        """The instant of the event, for predicates: ``order.where(order.at >= …)``."""
        return Expression(n.At())

    def __or__(self, other: Selected) -> Selected:
        return Selected(n.Either((*self._parts(), *other._parts())))

    def _parts(self) -> tuple[n.Selection, ...]:
        return self._node.parts if isinstance(self._node, n.Either) else (self._node,)

    def where(self, *that: Value) -> Selected:
        """The events for which every predicate is true."""
        node = self._node
        for predicate in that:
            node = n.Where(node, node_of(predicate))
        return Selected(node)

    def then(self, other: Selected, *, within: timedelta) -> Selected:
        """Each `other` at `e` with one of these in ``(e - within, e)``; nothing is consumed."""
        return Selected(n.Then(self._node, other._node, within))

    def without(self, other: Selected, *, within: timedelta) -> Selected:
        """Each of these with no `other` in ``(e, e + within)``; it occurs at ``e + within``."""
        return Selected(n.Without(self._node, other._node, within))

    def sessions(self, gap: timedelta) -> Selected:
        """Each event that starts a session: none in ``(e - gap, e)``."""
        return Selected(n.Sessions(self._node, gap))

    def _aggregate(self, kind: Any, within: timedelta | None, **fields: Any) -> Expression:
        return Expression(kind(of=self._node, within=within, **fields))

    def count(self, *, within: timedelta | None = None, since: Value = None) -> Expression:
        """How many events, in ``(t - within, t]`` or ``(since, t]`` if given; 0 over nothing."""
        return self._aggregate(n.Count, within, since=_maybe(since))

    def any(self, *, within: timedelta | None = None, since: Value = None) -> Expression:
        """Whether there is an event; false over nothing."""
        return self._aggregate(n.Any_, within, since=_maybe(since))

    def sum(
        self, value: Value, *, within: timedelta | None = None, since: Value = None
    ) -> Expression:
        """The exact sum of a property (its name) or row expression; null over nothing."""
        return self._aggregate(n.Sum, within, value=_row(value), since=_maybe(since))

    def mean(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """The mean as a decimal of scale 6, half away from zero; null over nothing."""
        return self._aggregate(n.Mean, within, value=_row(value))

    def min(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """The smallest known value; null over nothing."""
        return self._aggregate(n.Min, within, value=_row(value))

    def max(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """The largest known value; null over nothing."""
        return self._aggregate(n.Max, within, value=_row(value))

    def first(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """The earliest known value; null over nothing."""
        return self._aggregate(n.First, within, value=_row(value))

    def last(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """The latest known value; null over nothing."""
        return self._aggregate(n.Last, within, value=_row(value))

    def first_at(self, *, within: timedelta | None = None) -> Expression:
        """The instant of the earliest event; null over nothing."""
        return self._aggregate(n.FirstAt, within)

    def last_at(self, *, within: timedelta | None = None) -> Expression:
        """The instant of the latest event; null over nothing."""
        return self._aggregate(n.LastAt, within)

    def distinct(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """How many different known values; 0 over nothing."""
        return self._aggregate(n.Distinct, within, value=_row(value))

    def top(self, value: Value, *, within: timedelta | None = None) -> Expression:
        """The most frequent known value; ties go to the most recent. Null over nothing."""
        return self._aggregate(n.Top, within, value=_row(value))

    def values(self, value: Value, *, limit: int, within: timedelta | None = None) -> Expression:
        """The `limit` most recent different values, most recent first; null over nothing."""
        return self._aggregate(n.Values, within, value=_row(value), limit=limit)

    def decayed(
        self,
        weight: Value = None,
        *,
        half_life: timedelta | None = None,
        rate: float | Decimal | None = None,
        within: timedelta | None = None,
        step: timedelta | None = None,
    ) -> Expression:
        """Sum of weights that fade with age: by half a `half_life`, or ``exp(-rate x days)``.

        Compare it with a constant, or freeze it at exact instants with ``step=days(1)`` for use in
        arithmetic and models. Weights are non-negative (a negative one counts as 0).
        """
        return self._aggregate(
            n.Decayed, within, half_life=half_life, step=step,
            rate=exactly(rate) if rate is not None else None,
            weight=_row(weight) if weight is not None else None,
        )  # fmt: skip


def _maybe(value: Value) -> n.Expr | None:
    return None if value is None else node_of(value)


def _row(value: Value) -> n.Expr:
    return n.Property(value) if isinstance(value, str) else node_of(value)


def event(name: str) -> Selected:
    """The events of one name (for page views and identify calls: ``page``, ``identify``).

    Examples
    --------
    >>> order = event("Order Completed")
    >>> order.where(order["revenue"] > 100).count()
    <expression count>
    """
    return Selected(n.Named(name))


def declared(name: str) -> Expression:
    """The last value that an identify call or a customer table said of this trait."""
    return event("identify").last(name)


def trait(value: Value, *, description: str = "") -> Defined:
    """A named, typed value of a profile; the variable or field it is assigned to names it."""
    return Defined(Trait(node_of(value), description))


def segment(predicate: Value, *, purpose: str = "", description: str = "") -> Defined:
    """A named predicate: holds only where it is true, and may be used only for its purpose."""
    return Defined(Segment(node_of(predicate), purpose, description))


def stages(
    cases: Mapping[str, Value], *, otherwise: str, purpose: str = "", description: str = ""
) -> DefinedStages:
    """Mutually exclusive stages: the first whose predicate is true, else `otherwise`."""
    return DefinedStages(Stages(_stages(cases), otherwise, False, purpose, description))


def tiers(
    cases: Mapping[str, Value], *, otherwise: str, purpose: str = "", description: str = ""
) -> DefinedStages:
    """Ordered stages, listed from the highest to the lowest; they compare by rank."""
    return DefinedStages(Stages(_stages(cases), otherwise, True, purpose, description))


def _stages(cases: Mapping[str, Value]) -> tuple[Stage, ...]:
    return tuple(Stage(name, node_of(that)) for name, that in cases.items())


def case(*whens: tuple[Value, Value], otherwise: Value = None) -> Expression:
    """The value of the first pair ``(condition, value)`` whose condition is true."""
    pairs = tuple(n.When(node_of(condition), node_of(value)) for condition, value in whens)
    return Expression(n.Case(pairs, _maybe(otherwise)))


def coalesce(*parts: Value) -> Expression:
    """The first known value."""
    return Expression(n.Coalesce(tuple(node_of(part) for part in parts)))


def instant(text: str) -> datetime:
    """An ISO 8601 date or date-time as an aware UTC instant; without a zone it is UTC."""
    return parse_instant(text)


def population_min(of: Value) -> Expression:
    """The smallest value of a trait over everyone, from the active fit."""
    return Expression(n.Population("min", node_of(of)))


def population_max(of: Value) -> Expression:
    """The largest value of a trait over everyone, from the active fit."""
    return Expression(n.Population("max", node_of(of)))


def population_mean(of: Value) -> Expression:
    """The mean of a trait over everyone whose value is known, from the active fit."""
    return Expression(n.Population("mean", node_of(of)))


def population_stddev(of: Value) -> Expression:
    """The population standard deviation (divided by n), from the active fit; a real."""
    return Expression(n.Population("stddev", node_of(of)))


def population_quantile(of: Value, q: float | Decimal) -> Expression:
    """The discrete percentile: the smallest value with at least ``q`` of all below or at it."""
    return Expression(n.Population("quantile", node_of(of), exactly(q)))


def quantile_rank(of: Value, n_ranks: int = 5) -> Expression:
    """1 + the number of fitted edges below the value: 1 to `n_ranks`; null stays null."""
    return Expression(n.QuantileRank(node_of(of), n_ranks))


def cluster(model: str, inputs: Iterable[Value]) -> Expression:
    """The number of the cluster, from 0, that the active version of a model puts a person into.

    Parameters
    ----------
    model : str
        The name that its versions are kept under.
    inputs : iterable of Value
        Numbers or booleans, in the order in which the model was fitted.

    Notes
    -----
    Unknown without an active version, and where an input is unknown that the model does not fill.
    Ties go to the lowest number. What the parameters mean says :mod:`coterie.engines.models`.
    """
    return Expression(n.Cluster(model, tuple(node_of(i) for i in inputs)))


def predict(model: str, inputs: Iterable[Value]) -> Expression:
    """What the active version of a model predicts."""
    return Expression(n.Predict(model, tuple(node_of(i) for i in inputs)))
