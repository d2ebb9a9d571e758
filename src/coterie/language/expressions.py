"""Expressions and definitions as Python objects: operators and methods that build the tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from coterie.errors import WrongType
from coterie.language import nodes as n
from coterie.language.definitions import Segment, Stages, Trait
from coterie.language.numbers import exact

__all__ = ["Defined", "DefinedStages", "Expression", "Value", "constant", "exactly", "node_of"]

Value = Any
"""An expression, or a constant: int, float (its decimal digits), Decimal, str, bool, datetime,
timedelta."""


def node_of(value: Value) -> n.Expr:
    """The tree of an expression or constant.

    Raises
    ------
    WrongType
        For anything that is neither; NaN and infinities are refused.

    Examples
    --------
    >>> node_of(0.1)
    Number(value=Decimal('0.1'))
    """
    match value:
        case Expression():
            return value._node
        case bool():
            return n.Truth(value)
        case int() | float() | Decimal():
            return n.Number(exactly(value))
        case str():
            return n.Words(value)
        case datetime():
            return n.Moment(value)
        case timedelta():
            return n.Length(value)
    raise WrongType(
        "not a value of the language",
        got=type(value).__name__,
        expected="an expression, number, text, bool, datetime or timedelta",
        hint=HINTS.get(type(value).__name__, ""),
    )


HINTS = {
    "NoneType": "ask for the unknown by .is_unknown()",
    "Selected": "end the selection with .count() or another aggregate",
    "date": "give the instant: instant('2011-06-01')",
    "list": "compare with several constants by .is_in([…])",
}


def exactly(value: float | Decimal) -> Decimal:
    """A number as it is written: a float by its shortest digits.

    Raises
    ------
    WrongType
        For NaN, infinities, and what is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise WrongType("a number is needed here", got=type(value).__name__, expected="a number")
    return exact(Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value))


def constant(value: Value) -> n.Literal_:
    """The tree of a constant that is no duration.

    Raises
    ------
    WrongType
        For an expression or anything else.
    """
    node = node_of(value)
    if not isinstance(node, n.Number | n.Words | n.Truth | n.Moment):
        raise WrongType("a constant is needed here", got=type(value).__name__)
    return node


def _constants(values: Iterable[Value]) -> tuple[n.Literal_, ...]:
    """Constants in the order given; those of a set, which has none, in the order of their text."""
    if isinstance(values, str):
        raise WrongType("a list of constants is needed", got="one text", expected="['a', 'b']")
    found = tuple(constant(value) for value in values)
    return tuple(sorted(found, key=repr)) if isinstance(values, set | frozenset) else found


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
        return Expression(n.IsIn(self._node, _constants(options)))

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
        return Expression(n.Has(self._node, constant(value)))

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


def _caller() -> str:
    """File and line of the first frame outside of this package."""
    package = f"{Path(__file__).parents[1]}{os.sep}"
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
