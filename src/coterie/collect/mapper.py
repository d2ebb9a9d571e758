"""A row becomes facts: the compiled form of a mapping."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from coterie.collect.lookups import Index
from coterie.collect.mapping import Consent, Field, Form, Mapping, Named, Test
from coterie.collect.reading import Cells
from coterie.collect.values import (
    Refused,
    amount,
    boolean,
    digits,
    instant,
    integer,
    moment,
    number,
    plain,
    real,
    remembering,
    rounded,
    text,
    whole,
    within_limit,
)
from coterie.errors import MappingError, nearest
from coterie.language.plan import Declared
from coterie.language.time import DAY
from coterie.language.types import MAX_SCALE

Way = Literal["grows", "latest", "repeats", "states", "named"]
"""How a fact is told from others: lines of one order grow it; the latest declaration counts;
equal events repeat, but equal consents state one thing; or the file names each by an id."""

Read = Callable[[str | None], Any]
_canonical = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


class Fact(NamedTuple):
    """What one row says, before pseudonyms: `line` is its part of an order."""

    way: Way
    name: str
    at: int
    user: str | None
    anonymous: str | None
    properties: dict[str, Any]
    line: dict[str, Any] | None = None
    id: str = ""

    @property
    def group(self) -> str:
        """Rows of one group are one fact, or repetitions of it."""
        if self.way in ("repeats", "states"):
            return hashlib.blake2b(_canonical(self), digest_size=16).hexdigest()
        return f"{self.name}\0{self.id}"


class Mapper:
    """Turns the cells of a row into facts.

    Parameters
    ----------
    mapping : Mapping
    columns : sequence of str
        Of the file, in its order.
    lookups : sequence of Index
    now : int
        Microseconds UTC; an instant more than 24 hours later is refused as ``future``.

    Raises
    ------
    MappingError
        A column that the file does not have.
    """

    def __init__(
        self, mapping: Mapping, columns: Sequence[str], lookups: Sequence[Index], now: int
    ) -> None:
        self.mapping = mapping
        self.lookups = lookups
        self.latest = now + DAY
        self.columns = (*columns, *(column for index in lookups for column in index.columns))
        self._check(columns)
        self._keys = [self.columns.index(index.lookup.column) for index in lookups]
        self._name = _namer(mapping.event, self._cell, mapping.file)
        self._own = self._readers("properties", mapping.properties)
        self._lines = self._readers("order.fields", mapping.order.fields if mapping.order else {})
        kinds = Named(name="product", rules=mapping.order.kinds if mapping.order else ())
        self._kind = _namer(kinds, self._cell, mapping.file)
        self._people()
        self._consents = [(one, self._consent(one)) for one in mapping.consents]

    def facts(self, cells: Cells) -> list[Fact]:
        """The row's fact, and one for each consent that it states.

        Raises
        ------
        Refused
            With the reason why the row cannot be a fact.
        """
        if self.lookups:
            cells = self._joined(cells)
        user, anonymous = self._user(cells), self._anonymous(cells)
        at = self._at(cells)
        first = self._declared(cells, user) if at is None else self._tracked(
            cells, at, user, anonymous)  # fmt: skip
        if not self._consents:
            return [first]
        return [first, *self._consented(cells, at, user, anonymous)]

    def person(self, cells: Cells) -> str | None:
        """Who a refused row was about, where that much can be read."""
        try:
            found = self._user(cells)
        except (Refused, IndexError):
            return None
        return found if isinstance(found, str) else None

    def _tracked(self, cells: Cells, at: int, user: str | None, anonymous: str | None) -> Fact:
        name = self._name(cells)
        if name is None:
            raise Refused("missing", "event: a name")
        own = _values(self._own, cells)
        if self.mapping.order:
            key = own.get(self.mapping.order.key)
            if key is None:
                raise Refused("missing", f"properties.{self.mapping.order.key}: the order's key")
            return Fact("grows", name, at, user, anonymous, own, self._line(cells), str(key))
        if self.mapping.id is not None:
            key = self._id(cells)
            if key is None:
                raise Refused("missing", "id")
            return Fact("named", name, at, user, anonymous, own, None, key)
        return Fact("repeats", name, at, user, anonymous, own)

    def _line(self, cells: Cells) -> dict[str, Any]:
        order = self.mapping.order
        assert order is not None
        line = _values(self._lines, cells)
        if order.quantity and order.price:
            line[order.revenue] = _product(line[order.quantity], line[order.price])
        line["kind"] = self._kind(cells)
        return line

    def _declared(self, cells: Cells, user: str | None) -> Fact:
        if user is None:
            raise Refused("missing", "person.column: a person")
        return Fact("latest", "identify", 0, user, None, _values(self._own, cells), None, user)

    def _consented(
        self, cells: Cells, at: int | None, user: str | None, anonymous: str | None
    ) -> list[Fact]:
        found = []
        for consent, read in self._consents:
            said = read(cells)
            if said is None or (user is None and anonymous is None):
                continue
            since, granted = said if isinstance(said, tuple) else (at, said)
            values = {"purpose": consent.purpose, "granted": granted, "notice": consent.notice}
            values = {name: value for name, value in values.items() if value != ""}
            way: Way = "latest" if since is None else "states"
            key = f"{consent.purpose}\0{user}" if since is None else ""
            found.append(
                Fact(way, "Consent Updated", since or 0, user, anonymous, values, None, key)
            )
        return found

    def _joined(self, cells: Cells) -> Cells:
        joined = list(cells)
        for key, index in zip(self._keys, self.lookups, strict=True):
            joined += index.find(joined[key])
        return joined

    def _check(self, columns: Sequence[str]) -> None:
        for place, column in self.mapping.columns().items():
            if column not in self.columns:
                raise MappingError(
                    "the file has no such column", where=place, got=repr(column),
                    hint=nearest(column, columns),
                )  # fmt: skip

    def _people(self) -> None:
        person, at = self.mapping.person, self.mapping.instant
        tidy = whole if person.whole else text
        self._user = self._optional(person.column, tidy)
        self._anonymous = self._optional(person.anonymous, text)
        self._id: Callable[[Cells], Any] = self._optional(self.mapping.id, text)
        self._at: Callable[[Cells], Any] = lambda cells: None
        if at is not None:
            read = self._cell(at.column, _at("instant", self._due(instant(at.formats, at.zone))))
            self._at = _required(read, f"instant: {at.column}")

    def _due(self, read: Callable[[str], int]) -> Callable[[str], int]:
        def due(value: str) -> int:
            at = read(value)
            if at > self.latest:
                raise Refused("future", "at most 24 hours ahead")
            return at

        return due

    def _optional(self, column: str | None, read: Callable[[str], Any]) -> Callable[[Cells], Any]:
        return self._cell(column, read) if column is not None else lambda cells: None

    def _cell(self, column: str, read: Callable[[str], Any]) -> Callable[[Cells], Any]:
        place, clean = self.columns.index(column), _clean(read, self.mapping.file)
        return lambda cells: clean(cells[place])

    def _consent(self, one: Consent) -> Callable[[Cells], Any]:
        where = f"consents: {one.column}"
        if not one.formats:
            return self._cell(one.column, _at(where, boolean))
        read = self._due(instant(one.formats, one.zone))
        return self._cell(one.column, _at(where, lambda value: (read(value), True)))

    def _readers(self, place: str, fields: dict[str, Field]) -> list[tuple[str, int, Read, str]]:
        order = self.mapping.order
        needed = {order.quantity, order.price} if order and place == "order.fields" else set()
        found = []
        for name, field in fields.items():
            read = _clean(_at(f"{place}.{name}", reader(field)), self.mapping.file)
            must = f"{place}.{name}" if field.required or name in needed else ""
            found.append((name, self.columns.index(field.column), read, must))
        return found


def reader(field: Field) -> Callable[[str], Any]:
    """How the text of one field is read."""
    if field.pii != "none":
        return whole if field.whole else text
    readers: dict[Declared, Callable[[], Callable[[str], Any]]] = {
        "integer": lambda: integer(field.decimal),
        "decimal": lambda: amount(field.scale, field.decimal, field.rounds),
        "real": lambda: real,
        "boolean": lambda: boolean,
        "instant": lambda: moment(field.formats, field.zone),
        "text": lambda: whole if field.whole else text,
    }
    return readers[field.type]()


def _values(readers: list[tuple[str, int, Read, str]], cells: Cells) -> dict[str, Any]:
    values = {}
    for name, place, read, must in readers:
        value = read(cells[place])
        if value is not None:
            values[name] = value
        elif must:
            raise Refused("missing", must)
    return values


def _product(quantity: Decimal | int, price: Decimal | int) -> Decimal:
    """Quantity times price, exact to the six digits that a decimal keeps."""
    value = Decimal(quantity) * price
    value = rounded(value, MAX_SCALE) if digits(value) > MAX_SCALE else plain(value)
    within_limit(value, digits(value))
    return value


def _clean(read: Callable[[str], Any], form: Form) -> Read:
    """The same reader for whole cells: spaces around go, and "no value" is None."""
    nothing = frozenset({"", *form.null})

    def clean(cell: str) -> Any:
        bare = cell.strip()
        return None if bare in nothing else read(bare)

    return remembering(clean)


def _at(place: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same reader, whose refusals name the place in the mapping."""

    def placed(value: str) -> Any:
        try:
            return read(value)
        except Refused as refused:
            raise Refused(refused.reason, f"{place}: {refused.detail}") from None

    return placed


def _required(read: Callable[[Cells], Any], place: str) -> Callable[[Cells], Any]:
    def required(cells: Cells) -> Any:
        value = read(cells)
        if value is None:
            raise Refused("missing", place)
        return value

    return required


def _namer(
    named: Named,
    cell: Callable[[str, Callable[[str], Any]], Callable[[Cells], Any]],
    form: Form,
) -> Callable[[Cells], str | None]:
    tests = [
        (rule.name, [cell(test.column, _test(test)) for test in rule.when]) for rule in named.rules
    ]
    column = cell(named.column, text) if named.column is not None else None

    def name(cells: Cells) -> str | None:
        for found, every in tests:
            if all(test(cells) for test in every):
                return found
        said = column(cells) if column is not None else None
        return named.names.get(said, said) if said is not None else named.name

    return name


def _test(test: Test) -> Callable[[str], bool]:
    pattern = re.compile(test.matches)

    def passes(value: str) -> bool:
        return (
            (not test.starts_with or value.startswith(test.starts_with))
            and (not test.one_of or value in test.one_of)
            and (not test.matches or pattern.search(value) is not None)
            and (test.below is None or number(value) < test.below)
            and (test.equals is None or number(value) == test.equals)
        )

    return passes
