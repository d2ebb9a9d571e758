"""Expressions of the language as column expressions: one function a kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import ibis
import ibis.expr.operations as ops

from coterie.engines.sql.arithmetic import Operators, Typed, constant, is_floating, units_at
from coterie.engines.sql.capabilities import check_complete
from coterie.engines.sql.sources import ibis_type
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.time import micros
from coterie.language.types import Boolean, Type, is_exact_number, scale_of

UPPER, LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
FOLD = str.maketrans(UPPER, LOWER)
LOWERED = frozenset({n.Between, n.Length})
"""Nodes that no longer stand in a lowered definition."""


class Scope(Protocol):
    """What the names in an expression stand for: the columns of one table."""

    @property
    def of(self) -> n.Selection | None:
        """The selection whose rows the table has; None for one row a point."""

    def property(self, name: str, kind: Type) -> Any:
        """A property of the row's event."""

    def at(self) -> Any:
        """The instant of the row."""

    def t(self) -> Any:
        """The instant of evaluation."""

    def leaf(self, node: n.Aggregate) -> Any:
        """The value of an aggregate."""

    def ref(self, name: str) -> Any:
        """The value of another definition."""

    def fitted(self, key: str, apply: Callable[[dict[str, Any] | None], Any]) -> Any:
        """`apply` to the parameters of each version, where that version is the active one."""


class Expressions:
    """Renders expressions of a library over one scope.

    Parameters
    ----------
    library : Library
    operators : Operators
    scope : Scope
    """

    def __init__(self, library: Library, operators: Operators, scope: Scope) -> None:
        self.library = library
        self.operators = operators
        self.scope = scope

    def value(self, node: n.Expr) -> Any:
        """The column expression of a node."""
        return RENDERED[type(node)](self, node)

    def kind(self, node: n.Expr) -> Type:
        """The language's type of a node here."""
        return self.library.kind(node, self.scope.of)

    def typed(self, node: n.Expr) -> Typed:
        """The column expression with its type."""
        return Typed(self.value(node), self.kind(node))


Render = Callable[[Expressions, Any], Any]
F = TypeVar("F", bound=Render)
RENDERED: dict[type, Render] = {}
"""Node -> the function that renders it."""


def renders(*nodes: type) -> Callable[[F], F]:
    """Declare the function that renders these nodes."""

    def declare(function: F) -> F:
        RENDERED.update(dict.fromkeys(nodes, function))
        return function

    return declare


def null(kind: Type) -> Any:
    """No value, of a type."""
    return ibis.literal(None, ibis_type(kind))


@renders(n.Number, n.Words, n.Truth, n.Moment)
def _constant(_: Expressions, node: n.Literal_) -> Any:
    return constant(node).value


@renders(n.Property)
def _property(here: Expressions, node: n.Property) -> Any:
    return here.scope.property(node.name, here.kind(node))


@renders(n.At)
def _at(here: Expressions, _: n.At) -> Any:
    return here.scope.at()


@renders(*n.AGGREGATES)
def _leaf(here: Expressions, node: n.Aggregate) -> Any:
    return here.scope.leaf(node)


@renders(n.Ref)
def _ref(here: Expressions, node: n.Ref) -> Any:
    return here.scope.ref(node.name)


@renders(n.Clock)
def _clock(here: Expressions, node: n.Clock) -> Any:
    return here.scope.t() - micros(node.minus)


@renders(n.Age)
def _age(here: Expressions, node: n.Age) -> Any:
    assert node.step is not None
    return here.operators.steps(here.scope.t() - here.value(node.of), micros(node.step))


@renders(n.Arithmetic)
def _arithmetic(here: Expressions, node: n.Arithmetic) -> Any:
    return here.operators.arithmetic(node.op, here.typed(node.left), here.typed(node.right))


@renders(n.Compare)
def _compare(here: Expressions, node: n.Compare) -> Any:
    return here.operators.compare(node.op, here.typed(node.left), here.typed(node.right))


@renders(n.And)
def _and(here: Expressions, node: n.And) -> Any:
    return ibis.and_(*map(here.value, node.parts))


@renders(n.Or)
def _or(here: Expressions, node: n.Or) -> Any:
    return ibis.or_(*map(here.value, node.parts))


@renders(n.Not)
def _not(here: Expressions, node: n.Not) -> Any:
    # Not `NOT x`: Ibis writes `NOT x IS NULL` without the brackets that it needs.
    return ops.Equals(here.value(node.of), False).to_expr()


@renders(n.Known)
def _known(here: Expressions, node: n.Known) -> Any:
    return here.value(node.of).notnull()


@renders(n.IsIn)
def _in(here: Expressions, node: n.IsIn) -> Any:
    value, kind = here.typed(node.of)
    options = [option for given in node.options if (option := _same(given, kind)) is not None]
    if not options:
        return ibis.cases((value.notnull(), False))
    if kind == Boolean():  # Ibis writes `a = b IN (…)` without the brackets that it needs
        return ibis.or_(*(ops.Equals(value, option).to_expr() for option in options))
    return value.isin(options)


@renders(n.Has)
def _has(here: Expressions, node: n.Has) -> Any:
    values, kind = here.typed(node.of)
    wanted = _same(node.value, kind.of)  # type: ignore[union-attr]
    if wanted is None:
        return ibis.cases((values.notnull(), False))
    return values.contains(wanted)


def _same(option: n.Literal_, kind: Type) -> Any:
    """A constant in the form of values of this type, None where none of them can equal it."""
    if isinstance(option, n.Number) and is_exact_number(kind):
        units = units_at(option.value, scale_of(kind))
        inside = units is not None and -(2**63) <= units < 2**63
        return ibis.literal(units, "int64") if inside else None
    return constant(option).value


@renders(n.Match)
def _match(here: Expressions, node: n.Match) -> Any:
    value, text = here.value(node.of), node.text
    if node.fold:
        value, text = value.translate(UPPER, LOWER), text.translate(FOLD)
    match node.op:
        case "contains":
            return value.contains(text)
        case "starts_with":
            return value.startswith(text)
        case "ends_with":
            return value.endswith(text)
        case "equals":
            return ops.Equals(value, text).to_expr()


@renders(n.Case)
def _case(here: Expressions, node: n.Case) -> Any:
    kind = here.kind(node)
    branches = [(here.value(w.condition), _widened(here, w.value, kind)) for w in node.whens]
    last = null(kind) if node.otherwise is None else _widened(here, node.otherwise, kind)
    return ibis.cases(*branches, else_=last) if branches else last


@renders(n.Coalesce)
def _coalesce(here: Expressions, node: n.Coalesce) -> Any:
    kind = here.kind(node)
    if all(here.kind(part) == kind for part in node.parts):
        return ibis.coalesce(*map(here.value, node.parts))
    # A known part decides even where its value does not fit the common scale.
    return ibis.cases(
        *((here.value(part).notnull(), _widened(here, part, kind)) for part in node.parts),
        else_=null(kind),
    )


def _widened(here: Expressions, node: n.Expr, kind: Type) -> Any:
    return here.operators.convert(here.typed(node), kind)


@renders(n.Population)
def _population(here: Expressions, node: n.Population) -> Any:
    kind = here.kind(node)

    def apply(fit: dict[str, Any] | None) -> Any:
        return _parameter(here, None if fit is None else fit["value"], kind)

    return here.scope.fitted(here.library.fit_key(node), apply)


def _parameter(here: Expressions, value: Any, kind: Type) -> Any:
    """A fitted value as a constant."""
    if value is None or not is_floating(kind):
        return ibis.literal(value, ibis_type(kind))
    return here.operators.constant(value)


@renders(n.QuantileRank)
def _rank(here: Expressions, node: n.QuantileRank) -> Any:
    value, kind = here.typed(node.of)

    def apply(fit: dict[str, Any] | None) -> Any:
        edges = [_parameter(here, edge, kind) for edge in fit["edges"]] if fit else []
        if not edges:
            return ibis.literal(None, "int64")
        above = (ibis.cases((value > edge, 1), else_=0) for edge in edges)
        return ibis.cases((value.notnull(), sum(above, start=ibis.literal(1, "int64"))))

    return here.scope.fitted(here.library.fit_key(node), apply)


@renders(n.Cluster)
def _cluster(here: Expressions, node: n.Cluster) -> Any:
    def apply(fit: dict[str, Any] | None) -> Any:
        if fit is None:
            return ibis.literal(None, "int64")
        inputs = _standardised(here, node.inputs, fit)
        distances = ibis.array([_distance(here, inputs, c) for c in fit["centroids"]])
        return ibis.cases((_all_known(inputs), distances.index(distances.mins())))

    return here.scope.fitted(here.library.fit_key(node), apply)


@renders(n.Predict)
def _predict(here: Expressions, node: n.Predict) -> Any:
    call = here.operators.call

    def apply(fit: dict[str, Any] | None) -> Any:
        if fit is None:
            return ibis.literal(None, "float64")
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


check_complete("the SQL engine's expressions", n.EXPRESSIONS, RENDERED, LOWERED)
