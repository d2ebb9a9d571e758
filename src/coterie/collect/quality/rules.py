"""A property's declaration, compiled: what is looked at, in which order, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from coterie.collect.quality import kinds
from coterie.collect.quality.formats import Form, form
from coterie.collect.quality.kinds import Check
from coterie.collect.quality.patterns import fitting
from coterie.collect.quality.repairs import repaired
from coterie.collect.quality.units import Convert, converter
from coterie.language.plan import Mode, Property
from coterie.language.properties import NUMBERS

RULES = {
    "bad_format": "format", "bad_length": "length", "bad_unit": "unit", "mismatch": "pattern",
    "missing": "required", "not_listed": "enumeration", "out_of_range": "range",
    "too_large": "limit", "too_precise": "limit", "not_a_number": "limit", "nul": "limit",
    "unplanned": "unknown",
}  # fmt: skip
"""The rule behind each reason; a reason that is not here is about the type."""


class Rule(NamedTuple):
    """One property of one event.

    Parameters
    ----------
    check : callable
        Why a value that is not null is refused or repaired.
    ruled : bool
        Whether anything but the type is declared.
    """

    name: str
    declared: Property
    mode: Mode
    required: bool
    check: Check
    ruled: bool
    form: Form | None
    convert: Convert | None

    def mended(self, value: Any) -> Any:
        """The value as declared, or None where no repair is sure."""
        if self.convert is not None and isinstance(value, dict):
            return self.converted(value.get("value"), value.get("unit"), len(value))
        made = repaired(value, self.declared)
        if self.form is not None and isinstance(made, str):
            return self.form.canonical(made)
        return made

    def converted(self, value: Any, unit: Any, parts: int = 2) -> Any:
        """A number of another unit in the plan's own; None where it cannot be."""
        number = repaired(value, self.declared)
        if self.convert is None or number is None or not isinstance(unit, str) or parts != 2:
            return None
        if self.check(number) in kinds.LIMITS:
            return None
        made = self.convert(Decimal(number), unit)
        return int(made) if made is not None and made == made.to_integral_value() else made

    def detail(self, path: str, reason: str, value: Any) -> str:
        """What was expected, and the type that was there."""
        said = _EXPECTED.get(reason)
        if said is None:
            return f"{path}: {self.declared.kind}, not {type(value).__name__}"
        return f"{path}: {said(self.declared)}"


def rule(name: str, declared: Property, mode: Mode, where: str) -> Rule:
    """Compile one declaration.

    Raises
    ------
    PlanError
        A pattern that cannot be used, or a format or unit whose library is not installed.
    """
    made = form(declared, where) if declared.format else None
    sent = declared.type in NUMBERS and bool(declared.unit) and mode == "coerce"
    more = _more(declared, mode, made, where)
    check = _all(_first(declared, more), more)
    return Rule(
        name, declared, mode, declared.required, check, bool(more or declared.unit_from), made,
        converter(declared, where) if sent else None,
    )  # fmt: skip


def _first(declared: Property, more: list[Check]) -> Check:
    """The type; of what becomes a pseudonym, that it can, or is a text where more is asked."""
    if declared.pii != "none":
        return kinds.text if more else kinds.single
    return kinds.checks(declared)


def _all(first: Check, more: list[Check]) -> Check:
    if not more:
        return first

    def check(value: Any) -> str:
        if reason := first(value):
            return reason
        for one in more:
            if reason := one(value):
                return reason
        return ""

    return check


def _more(declared: Property, mode: Mode, made: Form | None, where: str) -> list[Check]:
    found = []
    if declared.min is not None or declared.max is not None:
        found.append(_range(declared.min, declared.max))
    if declared.min_length is not None or declared.max_length is not None:
        found.append(_length(declared.min_length or 0, declared.max_length))
    if declared.one_of:
        found.append(_among(frozenset(declared.one_of)))
    if declared.pattern:
        found.append(_is(fitting(declared.pattern, f"{where}.pattern"), "mismatch"))
    if made is not None:
        own: Callable[[Any], bool] = made.valid
        if mode == "coerce":
            own = _canonical(made)
        found.append(_is(own, "bad_format"))
    return found


def _range(least: Decimal | None, most: Decimal | None) -> Check:
    def check(value: Any) -> str:
        exact = Decimal(repr(value)) if type(value) is float else value
        low, high = least is not None and exact < least, most is not None and exact > most
        return "out_of_range" if low or high else ""

    return check


def _length(least: int, most: int | None) -> Check:
    def check(value: Any) -> str:
        n = len(value)
        return "bad_length" if n < least or (most is not None and n > most) else ""

    return check


def _among(listed: frozenset[str]) -> Check:
    return lambda value: "" if value in listed else "not_listed"


def _is(right: Callable[[Any], bool], reason: str) -> Check:
    return lambda value: "" if right(value) else reason


def _canonical(made: Form) -> Callable[[str], bool]:
    return lambda text: made.canonical(text) == text


def _between(low: object, high: object, of: str = "") -> str:
    if low is None:
        return f"at most {high}{of}"
    return f"at least {low}{of}" if high is None else f"{low} to {high}{of}"


_EXPECTED: dict[str, Callable[[Property], str]] = {
    "out_of_range": lambda declared: _between(declared.min, declared.max),
    "bad_length": lambda declared: _between(
        declared.min_length, declared.max_length, " characters"
    ),
    "not_listed": lambda declared: f"one of {len(declared.one_of):,} texts",
    "mismatch": lambda declared: "the plan's pattern",
    "bad_format": lambda declared: str(declared.format),
    "bad_unit": lambda declared: f"in {declared.unit}",
}
