"""The mapping: a small TOML file that says what each column of a file means."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import tomli_w

from coterie.errors import MappingError, nearest
from coterie.language.plan import Declared, PiiClass


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A table of the mapping file: an unknown word in it is an error, not ignored."""


class Form(_Part, frozen=True, kw_only=True):
    """How the file is written.

    Parameters
    ----------
    encoding : str
        ``utf-8``, ``utf-16``, ``cp1252`` … of CSV and JSON Lines.
    delimiter : str
        Between the cells of a CSV file.
    null : tuple of str
        Texts that mean "no value", besides the empty one.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    null: tuple[str, ...] = ("NULL", "\\N")


class Person(_Part, frozen=True, kw_only=True):
    """Who: the column of the known identifier, and of the anonymous one.

    `whole` reads ``17850.0`` as ``17850``.
    """

    column: str | None = None
    anonymous: str | None = None
    whole: bool = False


class When(_Part, frozen=True, kw_only=True):
    """When: a column, the formats tried in order, and the zone of clocks that name none."""

    column: str
    formats: tuple[str, ...] = ("iso",)
    zone: str = "UTC"


class Test(_Part, frozen=True, kw_only=True):
    """A test of one column: every part given has to hold, and no value passes none.

    `below` and `equals` read the column as a number; `matches` is a pattern found anywhere.
    """

    __test__ = False  # not one of pytest's

    column: str
    starts_with: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    matches: str = ""
    below: int | None = None
    equals: int | None = None


class Rule(_Part, frozen=True, kw_only=True):
    """A name for the rows that pass every test."""

    name: str
    when: tuple[Test, ...]


class Named(_Part, frozen=True, kw_only=True):
    """What: the first rule that fits, else the column (through `names`), else the one name."""

    name: str | None = None
    column: str | None = None
    names: dict[str, str] = {}
    rules: tuple[Rule, ...] = ()


class Field(_Part, frozen=True, kw_only=True):
    """One property: its column, and how the text in it is read.

    Parameters
    ----------
    column : str
        A column of the file, or ``lookup.column`` of a file looked up by key.
    type, scale, unit, pii, description
        As in the tracking plan; text that is an identifier is `whole` where a spreadsheet
        made ``17850.0`` of it.
    decimal : str
        The decimal sign, ``.`` or ``,``; the other one may group thousands.
    rounds : bool
        Round more digits than `scale` half away from zero instead of refusing them.
    formats, zone
        Of an instant.
    required : bool
        A row without it goes to quarantine.
    """

    column: str
    type: Declared = "text"
    scale: int = 0
    unit: str = ""
    pii: PiiClass = "none"
    description: str = ""
    decimal: str = "."
    rounds: bool = False
    whole: bool = False
    formats: tuple[str, ...] = ("iso",)
    zone: str = "UTC"
    required: bool = False


class Order(_Part, frozen=True, kw_only=True):
    """Rows with one key are the lines of one event.

    Parameters
    ----------
    key : str
        The property (of `properties`) that names the order.
    array : str
        The property that holds the lines.
    lines : dict of str to str
        Event name -> name of the line event that each line of it becomes in the lake.
    fields : dict of str to Field
        What belongs to a line; `properties` belong to the order.
    quantity, price : str
        Fields whose exact product is the line's `revenue`, and whose sum the order's; where
        they are absent, a line field named as `revenue` is summed.
    revenue : str
        The property that holds it, in the order and in each line.
    kinds : tuple of Rule
        Fill the line property ``kind``; a line that no rule names is a ``product``. Others are
        what stands among the products and is none: postage, fees, discounts (``service``).
    """

    key: str
    array: str = "products"
    lines: dict[str, str] = {}
    fields: dict[str, Field] = {}
    quantity: str | None = None
    price: str | None = None
    revenue: str = "revenue"
    unit: str = ""
    kinds: tuple[Rule, ...] = ()


class Lookup(_Part, frozen=True, kw_only=True):
    """A second file: `column` of the first names the row whose `key` equals it."""

    file: str
    column: str
    key: str
    whole: bool = False
    required: bool = True


class Consent(_Part, frozen=True, kw_only=True):
    """A column that says whether the person agreed to a purpose.

    A yes or a no holds from the row's instant (from always, in a table without instants); a
    column with `formats` holds the instant of the agreement, and empty says nothing.
    """

    purpose: str
    column: str
    notice: str = ""
    formats: tuple[str, ...] = ()
    zone: str = "UTC"


class Mapping(_Part, frozen=True, kw_only=True):
    """What a file means.

    Parameters
    ----------
    source : str
        Where the facts come from; with the ids made of the facts it decides what is new, so
        files of one system share it whatever they are called.
    kind : {"events", "traits"}
        ``traits`` is a table without instants: a row declares traits that hold at all times.
    id : str, optional
        A column that identifies the event; without one, ids are made of the mapped event.
    notes : tuple of str
        What inference was unsure of; written as comments, not read back.

    Examples
    --------
    >>> shop = Mapping(source="orders", person=Person(column="Customer"),
    ...     instant=When(column="Date"), event=Named(name="Order Completed"),
    ...     properties={"revenue": Field(column="Total", type="decimal", scale=2)})
    >>> loads(shop.to_toml()) == shop
    True
    """

    source: str
    kind: Literal["events", "traits"] = "events"
    file: Form = Form()
    id: str | None = None
    person: Person = Person()
    instant: When | None = None
    event: Named = Named()
    properties: dict[str, Field] = {}
    order: Order | None = None
    lookups: dict[str, Lookup] = {}
    consents: tuple[Consent, ...] = ()
    notes: tuple[str, ...] = ()

    def to_toml(self) -> str:
        """The mapping as the text of its file, with the notes as comments at the top."""
        said = msgspec.to_builtins(self)
        notes = "".join(f"# {line}\n" for line in said.pop("notes", ()))
        return notes + ("\n" if notes else "") + tomli_w.dumps(said)

    def fields(self) -> dict[str, Field]:
        """Every property and line field by its place in this file, such as ``properties.x``."""
        own = {f"properties.{name}": field for name, field in self.properties.items()}
        lines = self.order.fields if self.order else {}
        return own | {f"order.fields.{name}": field for name, field in lines.items()}

    def columns(self) -> dict[str, str]:
        """Every column that is read, with the place in this file that names it."""
        places: dict[str, str | None] = {
            "id": self.id,
            "person.column": self.person.column,
            "person.anonymous": self.person.anonymous,
            "instant.column": self.instant.column if self.instant else None,
            "event.column": self.event.column,
        }
        rules = [("event.rules", self.event.rules)]
        rules += [("order.kinds", self.order.kinds)] if self.order else []
        for place, found in rules:
            tests = [test for rule in found for test in rule.when]
            places |= {f"{place}[{i}]": test.column for i, test in enumerate(tests)}
        places |= {place: field.column for place, field in self.fields().items()}
        places |= {f"lookups.{name}": lookup.column for name, lookup in self.lookups.items()}
        places |= {f"consents[{i}]": one.column for i, one in enumerate(self.consents)}
        return {place: column for place, column in places.items() if column is not None}

    def names(self) -> tuple[str, ...]:
        """Every event name that the mapping itself states, in its order."""
        stated = [self.event.name, *self.event.names.values()]
        stated += [rule.name for rule in self.event.rules]
        return tuple(dict.fromkeys(name for name in stated if name))


def loads(text: str, where: str = "mapping") -> Mapping:
    """A mapping out of the text of its file.

    Raises
    ------
    MappingError
        TOML that cannot be read, an unknown word, or a mapping that contradicts itself.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except tomllib.TOMLDecodeError as error:
        raise MappingError("the mapping is not TOML", where=f"{where}: {error}") from None
    except msgspec.ValidationError as error:
        raise MappingError(
            "the mapping says something unknown",
            where=where,
            got=str(error),
            hint=_word(str(error)),
        ) from None
    check(mapping, where)
    return mapping


def load_mapping(path: Path) -> Mapping:
    """The mapping in a file.

    Raises
    ------
    MappingError
        As :func:`loads`, and where there is no such file.
    """
    try:
        return loads(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(
            "the mapping cannot be read", where=str(path), got=type(error).__name__,
            expected="a TOML file", hint="import without --map shows the one that is inferred",
        ) from None  # fmt: skip


def check(mapping: Mapping, where: str = "mapping") -> None:
    """Refuse a mapping that contradicts itself.

    Raises
    ------
    MappingError
        No instant for events, no person for traits, an unknown zone, a bad pattern, an order
        key that is no property.
    """
    for problem, place, hint in _problems(mapping):
        raise MappingError(problem, where=f"{where}: {place}", hint=hint)


def _problems(mapping: Mapping) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if mapping.kind == "events" and mapping.instant is None:
        found.append(("events need an instant", "instant", 'or say kind = "traits"'))
    if mapping.kind == "events" and not (mapping.event.name or mapping.event.column):
        found.append(("events need a name", "event", "give event.name or event.column"))
    if mapping.kind == "traits" and mapping.person.column is None:
        found.append(("traits need a person", "person.column", "name the identifying column"))
    if mapping.kind == "traits" and mapping.order:
        found.append(("a table of traits has no orders", "order", 'say kind = "events"'))
    found += _order_problems(mapping)
    zones = {f"{place}.zone": field.zone for place, field in mapping.fields().items()}
    zones |= {"instant.zone": mapping.instant.zone} if mapping.instant else {}
    zones |= {f"consents[{i}].zone": one.zone for i, one in enumerate(mapping.consents)}
    found += [("no such time zone", at, "as in Europe/London") for at in zones if _bad(zones[at])]
    rules = (*mapping.event.rules, *(mapping.order.kinds if mapping.order else ()))
    return found + [p for rule in rules for p in _rule_problems(rule)]


def _order_problems(mapping: Mapping) -> list[tuple[str, str, str]]:
    order = mapping.order
    if order is None:
        return []
    found: list[tuple[str, str, str]] = []
    if order.key not in mapping.properties:
        found.append(("the order's key is no property", "order.key",
                      nearest(order.key, mapping.properties)))  # fmt: skip
    if (order.quantity is None) != (order.price is None):
        found.append(("quantity and price go together", "order", "name both or neither"))
    stated = [name for name in (order.quantity, order.price) if name]
    found += [
        ("no such line field", f"order: {name}", nearest(name, order.fields))
        for name in stated
        if name not in order.fields
    ]
    clash = {order.array, order.revenue if order.quantity else ""} & set(mapping.properties)
    if clash:
        found.append(("a property has the name of a computed one", f"properties.{min(clash)}", ""))
    return found


def _rule_problems(rule: Rule) -> list[tuple[str, str, str]]:
    if not rule.when:
        return [("a rule tests nothing", rule.name, "give it a when")]
    try:
        for test in rule.when:
            re.compile(test.matches)
    except re.error as error:
        return [("a pattern cannot be read", f"{rule.name}: {error}", "")]
    return []


def _bad(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return True
    return False


def _word(message: str) -> str:
    found = re.search(r"unknown field `([^`]*)`", message)
    known: set[str] = set()
    for part in (Mapping, Form, Person, When, Named, Rule, Test, Field, Order, Lookup, Consent):
        known |= {field.name for field in msgspec.structs.fields(part)}
    return nearest(found[1], known) if found else ""


def replaced(mapping: Mapping, **changes: Any) -> Mapping:
    """The mapping with some of its parts changed."""
    return msgspec.structs.replace(mapping, **changes)
