"""What is seen of one property over many events, and the declaration that fits it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from coterie.collect.personal import kind as personal
from coterie.collect.quality.formats import form
from coterie.collect.values import digits
from coterie.collect.words import snake
from coterie.errors import PlanError
from coterie.language.plan import Declared, Format, Property
from coterie.language.types import MAX_SCALE
from coterie.storage.columns import microseconds

ALWAYS = 0.99
"""Share of the events from which on a property is required, and a type is its type."""

FEW, OFTEN = 12, 20
"""An enumeration has at most so many texts, each of which stands so often on average."""

MOST = 1_000
"""Distinct values that are counted."""

_IDS = frozenset({"id", "key", "code", "number", "no", "sku", "zip", "token", "url", "path"})
_NAMED: dict[str, Format] = {
    "country": "country", "nation": "country", "currency": "currency", "ccy": "currency",
    "language": "language", "locale": "language", "lang": "language",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


class Observed:
    """The values of one property.

    Parameters
    ----------
    name : str
    strict : bool
        Whether it is a person's own trait, whose ``name`` is a person's.
    """

    def __init__(self, name: str, strict: bool = False) -> None:
        self.name = name
        self.pii = personal(name, strict)
        self.n = 0
        self.kinds = Counter[str]()
        self.scale = 0
        self.texts = Counter[str]()
        self.values = set[int]()

    def add(self, value: Any) -> None:
        """Look at one value; null is none."""
        if value is None:
            return
        self.n += 1
        kind = _kind(value)
        self.kinds[kind] += 1
        if kind == "decimal":
            self.scale = max(self.scale, digits(value))
        if isinstance(value, dict | list):
            return
        if len(self.values) < MOST:
            self.values.add(hash(value))
        if kind == "text" and (value in self.texts or len(self.texts) <= FEW):
            self.texts[value] += 1

    @property
    def odd(self) -> float:
        """The share of values that are of another type than the declared one."""
        kind = self.declared(0).type
        fitting = self.kinds[kind] + (self.kinds["integer"] if kind == "decimal" else 0)
        fitting += self.kinds["date"] if kind in ("text", "instant") else 0
        return 1 - fitting / self.n if self.n else 0.0

    @property
    def plain(self) -> bool:
        """Whether a plan can declare it: it is neither an object nor a list."""
        return self.n > 0 and sum(self.kinds[k] for k in ("object", "list")) < self.n / 2

    def declared(self, n_events: int) -> Property:
        """The declaration, of a property of an event that was seen so often."""
        required = n_events > 0 and self.n >= ALWAYS * n_events
        if self.pii:
            return Property(type="text", pii=self.pii, required=required)  # type: ignore[arg-type]
        kind = self._type()
        found = self._format() if kind == "text" else None
        listed = self._listed() if kind == "text" and found is None else ()
        scale = min(self.scale, MAX_SCALE) if kind == "decimal" else 0
        return Property(type=kind, scale=scale, required=required, format=found, one_of=listed)

    def _type(self) -> Declared:
        kinds = self.kinds
        numbers, words = kinds["integer"] + kinds["decimal"], kinds["text"] + kinds["date"]
        instants = kinds["instant"]
        most = max(numbers, words, instants, kinds["boolean"])
        if most == numbers and numbers:
            return "decimal" if kinds["decimal"] else "integer"
        if most == kinds["boolean"] and most:
            return "boolean"
        return "instant" if most == instants and instants else "text"

    def _format(self) -> Format | None:
        if self.kinds["date"] == self.n:
            return "date"
        if not self.texts or len(self.texts) > FEW:
            return self._of_name(complete=False)
        return self._of_name(complete=True)

    def _of_name(self, *, complete: bool) -> Format | None:
        """A format that the name says and every text that was kept is in, if it is installed."""
        told = next((_NAMED[w] for w in snake(self.name).split("_") if w in _NAMED), None)
        if told is None or not (complete or self.texts):
            return None
        try:
            valid = form(Property(type="text", format=told), self.name).valid
        except PlanError:
            return None
        return told if all(map(valid, self.texts)) else None

    def _listed(self) -> tuple[str, ...]:
        """The texts of an enumeration; none of what may be personal, or names single things."""
        words = snake(self.name).split("_")
        if personal(self.name, strict=True) or words[-1] in _IDS or len(self.texts) > FEW:
            return ()
        seen = sum(self.texts.values())
        few = len(self.texts) * OFTEN <= seen and all(0 < len(text) <= 40 for text in self.texts)
        return tuple(sorted(self.texts)) if few and len(self.texts) > 1 and seen == self.n else ()


def _kind(value: Any) -> str:
    for types, kind in _KINDS:
        if isinstance(value, types):
            return kind(value) if callable(kind) else kind
    return "object"


def _text(value: str) -> str:
    if _DATE.fullmatch(value):
        return "date"
    if _INSTANT.match(value):
        try:
            microseconds(value)
        except (ValueError, OverflowError):
            return "text"
        return "instant"
    return "text"


_KINDS: tuple[tuple[type | tuple[type, ...], str | Callable[[Any], str]], ...] = (
    (bool, "boolean"), (int, "integer"), ((Decimal, float), "decimal"), (str, _text),
    (dict, "object"), (list, "list"),
)  # fmt: skip
