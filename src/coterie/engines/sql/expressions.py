"""Expressions of the language as column expressions: one function a kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import ibis
import ibis.expr.operations as ops

from coterie.engines.sql import fitted
from coterie.engines.sql.arithmetic import Operators, Typed, constant, null, units_at
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
    left, right = here.typed(node.left), here.typed(node.right)
    left, right = _to_scale(node.left, left, right), _to_scale(node.right, right, left)
    return here.operators.compare(node.op, left, right)


def _to_scale(node: n.Expr, x: Typed, other: Typed) -> Typed:
    """A constant in units of what it is compared with, where it fits; anything else as it is."""
    if isinstance(node, n.Number) and is_exact_number(other.kind):
        units = _same(node, other.kind)
        return x if units is None else Typed(units, other.kind)
    return x


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
    last = null(ibis_type(kind)) if node.otherwise is None else _widened(here, node.otherwise, kind)
    return ibis.cases(*branches, else_=last) if branches else last


@renders(n.Coalesce)
def _coalesce(here: Expressions, node: n.Coalesce) -> Any:
    kind = here.kind(node)
    if all(here.kind(part) == kind for part in node.parts):
        return ibis.coalesce(*map(here.value, node.parts))
    # A known part decides even where its value does not fit the common scale.
    return ibis.cases(
        *((here.value(part).notnull(), _widened(here, part, kind)) for part in node.parts),
        else_=null(ibis_type(kind)),
    )


def _widened(here: Expressions, node: n.Expr, kind: Type) -> Any:
    return here.operators.convert(here.typed(node), kind)


RENDERED |= {
    n.Population: fitted.population,
    n.QuantileRank: fitted.quantile_rank,
    n.Cluster: fitted.cluster,
    n.Predict: fitted.predict,
}

check_complete("the SQL engine's expressions", n.EXPRESSIONS, RENDERED, LOWERED)
