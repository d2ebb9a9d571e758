"""One property of a tracking plan: its type, and the rules that its values keep."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Literal

import msgspec

from coterie.errors import PlanError, nearest
from coterie.language.types import Boolean, Decimal, Instant, Integer, Real, Text, Type

PiiClass = Literal["none", "identifier", "contact"]
Declared = Literal["integer", "decimal", "real", "text", "boolean", "instant"]
Format = Literal["email", "phone", "country", "currency", "language", "date"]
Mode = Literal["observe", "coerce", "enforce"]

NUMBERS = ("integer", "decimal", "real")
_OF_NUMBERS = ("min", "max", "unit_from")
_OF_TEXTS = ("min_length", "max_length", "pattern", "one_of", "format")


class Property(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One property of an event: its type, and what it may be used for.

    Parameters
    ----------
    type : str
        ``integer``, ``decimal``, ``real``, ``text``, ``boolean`` or ``instant``.
    scale : int
        Digits after the point of a decimal, 0 to 6.
    unit : str
        Free text such as ``GBP`` or ``seconds``.
    unit_from : str
        The property of the same event that says which unit a value has: ``currency`` beside
        ``revenue``. One that says nothing means `unit`.
    pii : {"none", "identifier", "contact"}
        Identifiers and contacts are stored as pseudonyms only. The type of their values is not
        looked at; what else is declared of them is, before they become pseudonyms.
    min, max : number, optional
        The least and the greatest value of a number, both allowed.
    min_length, max_length : int, optional
        Characters of a text.
    pattern : str
        A regular expression that all of a text fits, as Python's `re` reads it.
    one_of : tuple of str
        The texts that are allowed.
    format : str
        ``email``, ``phone``, ``country`` (ISO 3166, two letters), ``currency`` (ISO 4217),
        ``language`` (BCP 47) or ``date`` (ISO 8601, ``2026-01-31``). All but the last need
        ``coterie[quality]``.
    region : str
        Where a phone number without a country's code is from: ``GB``.
    mode : {"observe", "coerce", "enforce"}, optional
        What happens where the property is another than declared; by default as its event says.
    """

    type: Declared
    scale: int = 0
    unit: str = ""
    unit_from: str = ""
    pii: PiiClass = "none"
    purpose: str = ""
    owner: str = ""
    description: str = ""
    required: bool = False
    min: decimal.Decimal | None = None
    max: decimal.Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    one_of: tuple[str, ...] = ()
    format: Format | None = None
    region: str = ""
    mode: Mode | None = None

    @property
    def kind(self) -> Type:
        """The language's type of this property."""
        if self.type == "decimal":
            return Decimal(self.scale)
        kinds: dict[str, Type] = {
            "integer": Integer(), "real": Real(), "text": Text(),
            "boolean": Boolean(), "instant": Instant(),
        }  # fmt: skip
        return kinds[self.type]


def check(declared: Property, beside: Mapping[str, Property], where: str) -> None:
    """Refuse a declaration that contradicts itself.

    Parameters
    ----------
    beside : mapping of str to Property
        The properties of the same event.

    Raises
    ------
    PlanError
        A scale outside 0-6, a rule of another type, bounds that cross, a region without a phone,
        or a unit that no property of the event tells.
    """
    if not 0 <= declared.scale <= 6:
        raise PlanError(
            "a decimal keeps 0 to 6 digits after the point",
            where=where, got=f"scale {declared.scale}", expected="0 to 6",
        )  # fmt: skip
    if declared.pii != "none" and declared.type != "text":
        raise PlanError("what is kept as a pseudonym is a text", where=where, got=declared.type,
                        expected="type = 'text'")  # fmt: skip
    _types(declared, where)
    for bound in (declared.min, declared.max):
        if bound is not None and not bound.is_finite():
            raise PlanError("a bound is a number", where=where, got=str(bound))
    _bounds(declared.min, declared.max, "min", where)
    _bounds(declared.min_length, declared.max_length, "min_length", where)
    if declared.region and declared.format != "phone":
        raise PlanError("only a phone number has a region", where=f"{where}.region",
                        expected="format = 'phone'")  # fmt: skip
    if declared.unit_from:
        _unit(declared, beside, where)


def _types(declared: Property, where: str) -> None:
    number = declared.type in NUMBERS
    for rule in _OF_TEXTS if number else _OF_NUMBERS:
        if getattr(declared, rule) not in (None, "", ()):
            raise _foreign(rule, declared, where)
    if declared.type in ("boolean", "instant"):
        for rule in _OF_TEXTS:
            if getattr(declared, rule) not in (None, "", ()):
                raise _foreign(rule, declared, where)
    if declared.type == "text" and "" in declared.one_of:
        raise PlanError("an empty text is no value to choose", where=f"{where}.one_of")


def _foreign(rule: str, declared: Property, where: str) -> PlanError:
    kinds = ", ".join(NUMBERS) if rule in _OF_NUMBERS else "text"
    return PlanError(
        "a rule does not apply to a property of this type",
        where=f"{where}.{rule}", got=declared.type, expected=kinds,
    )  # fmt: skip


def _bounds(low: object, high: object, name: str, where: str) -> None:
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise PlanError("no value lies between the bounds", where=f"{where}.{name}")


def _unit(declared: Property, beside: Mapping[str, Property], where: str) -> None:
    if not declared.unit:
        raise PlanError("a unit is told, but the plan says none", where=f"{where}.unit",
                        expected="the unit to keep values in")  # fmt: skip
    told = beside.get(declared.unit_from)
    if told is None or told.type != "text" or told.pii != "none":
        raise PlanError(
            "the property that tells the unit is no text of this event",
            where=f"{where}.unit_from", got=repr(declared.unit_from),
            hint=nearest(declared.unit_from, beside),
        )  # fmt: skip
    units = {other.unit for other in beside.values() if other.unit_from == declared.unit_from}
    if len(units) > 1:
        raise PlanError(
            "one property tells the unit of several, and they are kept in different ones",
            where=f"{where}.unit_from", got=", ".join(sorted(units)), expected="one unit",
        )  # fmt: skip
