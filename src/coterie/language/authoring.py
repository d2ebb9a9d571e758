"""How definitions are written in Python: operators and methods that build the tree."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from coterie.errors import WrongType
from coterie.language import nodes as n
from coterie.language.definitions import Segment, Stage, Stages, Trait
from coterie.language.time import parse_instant

Value = Any
"""An expression, or a constant: int, float (its decimal digits), Decimal, str, bool, datetime,
timedelta."""


def node_of(value: Value) -> n.Expr:
    """The tree of an expression or constant.

    Raises
    ------
    WrongType
        For anything that is neither; NaN and infinities are refused.
    """
    if isinstance(value, Expression):
        return value._node
    match value:
        case bool():
            return n.Truth(value)
        case int() | float() | Decimal():
            return n.Number(_exact(value))
        case str():
            return n.Words(value)
        case datetime():
            return n.Moment(parse_instant(value.isoformat()))
        case timedelta():
            return n.Length(value)
        case Selected():
            raise WrongType("a selection of events is no value", hint="end it with .count() or another aggregate")
    raise WrongType("not a value of the language", got=type(value).__name__,
                    expected="an expression, number, text, bool, datetime or timedelta")  # fmt: skip


def _exact(value: float | Decimal) -> Decimal:
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        raise WrongType("NaN and infinities are no values", got=str(number))
    plain = number.normalize()
    return plain.quantize(Decimal(1)) if plain.as_tuple().exponent > 0 else plain  # type: ignore[operator]


def _constant(value: Value) -> n.Literal_:
    node = node_of(value)
    if not isinstance(node, n.Number | n.Words | n.Truth | n.Moment):
        raise WrongType("a constant is needed here", got=type(value).__name__)
    return node


class Expression:
    """A value of a profile (or, inside ``where``, of an event), built by operators.

    Python's ``and``, ``or``, ``not`` and chained comparisons raise, because they would silently
    mean something else: write ``&``, ``|``, ``~`` and ``x.between(low, high)``.
    """

    __slots__ = ("_node",)
    __hash__ = object.__hash__

    def __init__(self, node: n.Expr) -> None:
        self._node = node

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {type(self._node).__name__.lower()}>"

    def __bool__(self) -> NoReturn:
        raise WrongType(
            "an expression is neither true nor false until it meets a profile",
            expected="& | ~ and .between(low, high)",
            hint="Python's and, or, not and 1 < x < 5 ask for its truth now",
        )

    def _two(self, op: str, left: Value, right: Value) -> Expression:
        return Expression(n.Arithmetic(op, node_of(left), node_of(right)))  # type: ignore[arg-type]

    def _compare(self, op: str, other: Value) -> Expression:
        return Expression(n.Compare(op, self._node, node_of(other)))  # type: ignore[arg-type]

    def __add__(self, other: Value) -> Expression:
        return self._two("+", self, other)

    def __radd__(self, other: Value) -> Expression:
        return self._two("+", other, self)

    def __sub__(self, other: Value) -> Expression:
        return self._two("-", self, other)

    def __rsub__(self, other: Value) -> Expression:
        return self._two("-", other, self)

    def __mul__(self, other: Value) -> Expression:
        return self._two("*", self, other)

    def __rmul__(self, other: Value) -> Expression:
        return self._two("*", other, self)

    def __truediv__(self, other: Value) -> Expression:
        return self._two("/", self, other)

    def __rtruediv__(self, other: Value) -> Expression:
        return self._two("/", other, self)

    def __neg__(self) -> Expression:
        return self._two("-", 0, self)

    def __eq__(self, other: Value) -> Expression:  # type: ignore[override]
        return self._compare("==", other)

    def __ne__(self, other: Value) -> Expression:  # type: ignore[override]
        return self._compare("!=", other)

    def __lt__(self, other: Value) -> Expression:
        return self._compare("<", other)

    def __le__(self, other: Value) -> Expression:
        return self._compare("<=", other)

    def __gt__(self, other: Value) -> Expression:
        return self._compare(">", other)

    def __ge__(self, other: Value) -> Expression:
        return self._compare(">=", other)

    def __and__(self, other: Value) -> Expression:
        return Expression(n.And((*_flat(self, n.And), *_flat(other, n.And))))

    def __rand__(self, other: Value) -> Expression:
        return Expression(n.And((node_of(other), *_flat(self, n.And))))

    def __or__(self, other: Value) -> Expression:
        return Expression(n.Or((*_flat(self, n.Or), *_flat(other, n.Or))))

    def __ror__(self, other: Value) -> Expression:
        return Expression(n.Or((node_of(other), *_flat(self, n.Or))))

    def __invert__(self) -> Expression:
        return Expression(n.Not(self._node))

    def between(self, low: Value, high: Value) -> Expression:
        """Whether ``low <= value <= high``, both ends included."""
        return Expression(n.Between(self._node, node_of(low), node_of(high)))

    def is_in(self, options: Iterable[Value]) -> Expression:
        """Whether the value equals one of these constants."""
        return Expression(n.IsIn(self._node, tuple(_constant(o) for o in options)))

    def is_known(self) -> Expression:
        """Whether there is a value; never unknown itself."""
        return Expression(n.Known(self._node))

    def is_unknown(self) -> Expression:
        """Whether there is no value; never unknown itself."""
        return Expression(n.Not(n.Known(self._node)))

    def contains(self, text: str, *, ignore_case: bool = False) -> Expression:
        """Whether the text holds `text`; `ignore_case` folds the ASCII letters only."""
        return Expression(n.Match("contains", self._node, text, ignore_case))

    def starts_with(self, text: str, *, ignore_case: bool = False) -> Expression:
        """Whether the text begins with `text`; `ignore_case` folds the ASCII letters only."""
        return Expression(n.Match("starts_with", self._node, text, ignore_case))

    def ends_with(self, text: str, *, ignore_case: bool = False) -> Expression:
        """Whether the text ends with `text`; `ignore_case` folds the ASCII letters only."""
        return Expression(n.Match("ends_with", self._node, text, ignore_case))

    def equals(self, text: str, *, ignore_case: bool = False) -> Expression:
        """Whether the text is `text`; `ignore_case` folds the ASCII letters only."""
        return Expression(n.Match("equals", self._node, text, ignore_case))

    def has(self, value: Value) -> Expression:
        """Whether a list (such as ``values(limit=…)``) holds the constant."""
        return Expression(n.Has(self._node, _constant(value)))

    def age(self, *, step: timedelta | None = None) -> Expression:
        """Time since an instant: compare it with a duration, or step it into an integer."""
        return Expression(n.Age(self._node, step))


def _flat(value: Value, kind: type[n.And] | type[n.Or]) -> tuple[n.Expr, ...]:
    node = node_of(value)
    named = isinstance(value, Defined)
    return node.parts if isinstance(node, kind) and not named else (node,)


class Defined(Expression):
    """A trait, segment or stages: a definition that others refer to by its name.

    It is named by the variable or field that it is assigned to. Until then the reference holds
    the definition itself, and :mod:`coterie.language.naming` puts the name in.
    """

    __slots__ = ("definition", "where")

    def __init__(self, definition: Trait | Segment | Stages) -> None:
        super().__init__(n.Ref(self))  # type: ignore[arg-type]
        self.definition = definition
        self.where = _caller()


class DefinedStages(Defined):
    """Stages or tiers; ``lifecycle.at("loyal")`` is whether that stage holds."""

    __slots__ = ()

    def at(self, stage: str) -> Expression:
        """Whether this stage holds now."""
        return self == stage


class Selected:
    """Events of one profile; end it with an aggregate to get a value."""

    __slots__ = ("_node",)

    def __init__(self, node: n.Selection) -> None:
        self._node = node

    def __repr__(self) -> str:
        return f"<selection {type(self._node).__name__.lower()}>"

    def __getitem__(self, name: str) -> Expression:
        """A property of the event, for predicates and values."""
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
            rate=_exact(rate) if rate is not None else None,
            weight=_row(weight) if weight is not None else None,
        )  # fmt: skip


def _maybe(value: Value) -> n.Expr | None:
    return None if value is None else node_of(value)


def _row(value: Value) -> n.Expr:
    return n.Property(value) if isinstance(value, str) else node_of(value)


def _caller() -> str:
    """File and line of the first frame outside of this package."""
    package = str(Path(__file__).parent)
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


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
    """The discrete percentile of a trait: the smallest value with at least ``q`` of all below or at."""
    return Expression(n.Population("quantile", node_of(of), _exact(q)))


def quantile_rank(of: Value, n_ranks: int = 5) -> Expression:
    """1 + the number of fitted edges below the value: 1 to `n_ranks`; null stays null."""
    return Expression(n.QuantileRank(node_of(of), n_ranks))


def cluster(model: str, inputs: Iterable[Value]) -> Expression:
    """The nearest centroid of the active version of a model."""
    return Expression(n.Cluster(model, tuple(node_of(i) for i in inputs)))


def predict(model: str, inputs: Iterable[Value]) -> Expression:
    """What the active version of a model predicts."""
    return Expression(n.Predict(model, tuple(node_of(i) for i in inputs)))
