"""A mapping inferred from a file: by what its headers say, and by what its values could be.

It is a proposal: `coterie import` shows it, and what it was unsure of, before it is used.
"""

from __future__ import annotations

from pathlib import Path

from coterie.collect.census import Census, Column, Prefix, census, prefixes
from coterie.collect.draft import draft
from coterie.collect.mapping import Consent, Field, Mapping, Named, Order, Person, Rule, Test, When
from coterie.collect.reading import Table, open_table
from coterie.collect.words import (
    CONSENTS,
    CONTACT_WORDS,
    CONTACTS,
    GIFTS,
    IDENTIFIERS,
    LINE_ROLES,
    NUMBERS,
    ROLES,
    SERVICES,
    bare,
    rows,
    snake,
)
from coterie.errors import MappingError
from coterie.language.plan import PiiClass, TrackingPlan
from coterie.language.types import MAX_SCALE

COMPLETED, REFUNDED, ADJUSTED = "Order Completed", "Order Refunded", "Order Adjusted"
LINES = {
    COMPLETED: "Product Purchased", REFUNDED: "Product Returned", ADJUSTED: "Product Adjusted",
}  # fmt: skip
_SIGNS = {"£": "GBP", "$": "USD", "€": "EUR", "¥": "JPY", "₹": "INR"}
_IDS = ("id", "key", "code", "number", "no", "zip", "sku")


def infer(
    path: Path, *, source: str | None = None, name: str | None = None, zone: str = "UTC"
) -> Mapping:
    """The mapping that a file seems to need.

    Parameters
    ----------
    source : str, optional
        Where the facts come from. Without one it is ``orders``, ``events`` or ``customers`` by
        the kind of table and not by the file's name, so that two exports of one system meet.
    name : str, optional
        What its rows are called, where no column says so.
    zone : str
        Of instants that name none, such as ``Europe/London``.

    Returns
    -------
    Mapping
        With `notes` on whatever was guessed: the zone, the order of day and month, rows that
        will go to quarantine.

    Raises
    ------
    UnreadableFile
        As :func:`coterie.collect.reading.open_table`.
    MappingError
        No column is an instant or a person.
    """
    table = open_table(path)
    return _Inference(table, census(table, path.name), path.name, zone).mapping(source, name)


def infer_plan(mapping: Mapping) -> TrackingPlan:
    """The tracking plan that goes with an inferred mapping; see :func:`draft`."""
    return draft(mapping)


class _Inference:
    """The columns of one file, each taken once."""

    def __init__(self, table: Table, found: Census, file: str, zone: str) -> None:
        self.table = table
        self.found = found
        self.file = file
        self.zone = zone
        self.notes: list[str] = []
        self.roles = self._roles()
        self.free = [name for name in table.columns if name not in self.roles.values()]

    def mapping(self, source: str | None, name: str | None) -> Mapping:
        """The whole mapping."""
        if self.found.n_broken:
            self.notes.append(f"{rows(self.found.n_broken)} cannot be read: quarantine")
        when = self._when()
        kind = "events" if when else "traits"
        if when is None:
            self._declares()
        consents = self._consents()
        person = self._person()
        order = named = None
        if when is not None:
            order, named = self._order(name)
        properties = self._properties(order)
        grouped = order is not None and "order" in self.roles
        return Mapping(
            source=source or {"traits": "customers"}.get(kind, "orders" if grouped else "events"),
            kind="events" if when else "traits", file=self.table.form, person=person, instant=when,
            id=self.roles.get("id") if when and not grouped else None, event=named or Named(),
            properties=properties, order=order, consents=consents, notes=tuple(self.notes),
        )  # fmt: skip

    def _roles(self) -> dict[str, str]:
        """Our name -> the column with the surest header, each column once."""
        taken: dict[str, str] = {}
        headers = {name: bare(name) for name in self.found.columns}
        for role, words in ROLES.items():
            fitting = [
                (words.index(word), name)
                for name, word in headers.items()
                if word in words and name not in taken.values() and self._fits(role, name)
            ]
            if fitting:
                taken[role] = min(fitting)[1]
        if not {"product_id", "quantity", "order"} & taken.keys():
            taken = {role: name for role, name in taken.items() if role not in LINE_ROLES}
        return taken

    def _fits(self, role: str, name: str) -> bool:
        column = self.found.columns[name]
        if role == "instant":
            dates = column.dates
            return column.share(dates.n) >= 0.5 or column.share(sum(dates.n_epoch.values())) >= 0.9
        if role in NUMBERS:
            return column.share(column.n_figures) >= 0.5
        return column.n_filled > 0

    def _when(self) -> When | None:
        """When the rows took place, or None for a table that declares traits."""
        name = self.roles.get("instant")
        if name is None or (self._each_once() and not {"order", "event"} & self.roles.keys()):
            self.roles.pop("instant", None)
            self.free += [name] if name else []
            return None
        formats, notes = self.found.columns[name].dates.decided()
        self.notes += [f"{name}: {note}" for note in notes]
        self.notes.append(f"{name}: an instant that names no zone is read as {self.zone}")
        return When(column=name, formats=formats, zone=self.zone)

    def _each_once(self) -> bool:
        person = self.roles.get("person")
        return person is not None and max(self.found.columns[person].values.values(), default=2) < 2

    def _declares(self) -> None:
        if "person" not in self.roles:
            raise MappingError(
                "no column is an instant, and none is a person", where=self.file,
                expected="a date of what took place, or an identifier of whom a row describes",
                hint="write a mapping that names them, and give it with --map",
            )  # fmt: skip
        self.notes.append("no column says when: each row declares traits that hold at all times")
        for role in [role for role in self.roles if role not in ("person", "anonymous")]:
            self.free.append(self.roles.pop(role))

    def _person(self) -> Person:
        name = self.roles.get("person")
        if name is None:
            self.notes.append("no column is a person: every event is stored with no profile")
            return Person(anonymous=self.roles.get("anonymous"))
        column = self.found.columns[name]
        if column.n_empty:
            self.notes.append(f"{rows(column.n_empty)} without {name}: stored with no profile")
        return Person(column=name, anonymous=self.roles.get("anonymous"), whole=_artifact(column))

    def _consents(self) -> tuple[Consent, ...]:
        found = []
        for purpose, words in CONSENTS.items():
            for name in [name for name in self.free if bare(name) in words]:
                column = self.found.columns[name]
                formats = column.dates.decided()[0] if column.share(column.dates.n) > 0.9 else ()
                if formats or column.share(column.n_boolean) == 1:
                    found.append(
                        Consent(purpose=purpose, column=name, formats=formats, zone=self.zone)
                    )
                    self.free.remove(name)
        return tuple(found)

    def _order(self, name: str | None) -> tuple[Order | None, Named]:
        key, event = self.roles.get("order"), self.roles.get("event")
        if key is None or not {"product_id", "quantity"} & self.roles.keys():
            fallback = name or (COMPLETED if key else None)
            if event is None and fallback is None:
                fallback = "Recorded"
                self.notes.append("no column names the event: it is called Recorded")
            if key and "id" not in self.roles:
                self.roles["id"] = key
            return None, Named(column=event, name=None if event else fallback)
        quantity = self.roles.get("quantity")
        groups = prefixes(self.table, self.found, key, quantity, self.roles.get("price"))
        rules = self._rules(groups, key)
        names = dict.fromkeys([name or COMPLETED, *(rule.name for rule in rules)])
        price = self.roles.get("price")
        order = Order(
            key="order_id", lines={one: LINES.get(one, f"{one} Line") for one in names},
            quantity="quantity" if quantity and price else None,
            price="price" if quantity and price else None,
            unit=self._unit(price) if price else "", kinds=self._kinds(),
        )  # fmt: skip
        return order, Named(name=name or COMPLETED, rules=rules)

    def _rules(self, groups: dict[str, Prefix], key: str) -> tuple[Rule, ...]:
        """Cancellations by the letters before their number; other returns by their quantity."""
        usual = max(groups, key=lambda start: groups[start].n)
        rules, n_free, n_paid = [], 0, 0
        for start, group in sorted(groups.items(), reverse=True):
            lettered = 0 < len(start) <= 3
            if lettered and group.n_negative > 0.9 * group.n:
                rules.append(_rule(REFUNDED, Test(column=key, starts_with=(start,))))
                continue
            if lettered and start == "A" != usual:
                rules.append(_rule(ADJUSTED, Test(column=key, starts_with=(start,))))
            n_free += group.n_free
            n_paid += group.n_negative - group.n_free
        return (*rules, *self._by_quantity(n_free, n_paid))

    def _by_quantity(self, n_free: int, n_paid: int) -> list[Rule]:
        quantity, price = self.roles.get("quantity", ""), self.roles.get("price", "")
        below = Test(column=quantity, below=0)
        rules = []
        if n_free:
            rules.append(_rule(ADJUSTED, below, Test(column=price, equals=0)))
            self.notes.append(f"{rows(n_free)} of negative {quantity} without a price: {ADJUSTED}")
        if n_paid:
            rules.append(_rule(REFUNDED, below))
            self.notes.append(f"{rows(n_paid)} of negative {quantity} with a price: {REFUNDED}")
        return rules

    def _kinds(self) -> tuple[Rule, ...]:
        name = self.roles.get("product_id")
        if name is None:
            return ()
        codes = self.found.columns[name].rare | self.found.columns[name].values.keys()
        services = tuple(sorted(code for code in codes if code.upper() in SERVICES))
        gifts = tuple(g for g in GIFTS if any(code.startswith(g) for code in codes))
        rules = [_rule("service", Test(column=name, one_of=services))] if services else []
        rules += [_rule("gift_card", Test(column=name, starts_with=gifts))] if gifts else []
        return tuple(rules)

    def _properties(self, order: Order | None) -> dict[str, Field]:
        """The properties; the fields of lines are put into `order`."""
        own: dict[str, Field] = {}
        lines = order.fields if order else {}
        taken = {"person", "anonymous", "instant", "event", "id"}
        for role, name in self.roles.items():
            if role in taken:
                continue
            target = lines if order and self._of_line(role, name) else own
            target[_named(role)] = self._field(name, role)
        for name in self.free:
            column = self.found.columns[name]
            if not column.n_filled:
                self.notes.append(f"{name} is empty and left out")
                continue
            target = lines if order and column.varies else own
            label = snake(name)
            target[label if label not in (own | lines) else f"{label}_2"] = self._field(name, "")
        return own

    def _of_line(self, role: str, name: str) -> bool:
        return role in LINE_ROLES or (role != "order" and self.found.columns[name].varies)

    def _field(self, name: str, role: str) -> Field:
        column = self.found.columns[name]
        if (pii := "none" if role else self._pii(column)) != "none":
            return Field(column=name, pii=pii, whole=_artifact(column))
        if role in NUMBERS:
            return self._number(column)
        if not role and column.share(column.n_figures) >= 0.5 and not self._identifies(column):
            if column.numeric:
                return self._number(column)
            odd = rows(column.n_filled - column.n_figures)
            self.notes.append(f"{name}: no number in {odd}, so all of it is taken as text")
        if not role and column.share(column.dates.n) >= 0.95:
            formats, notes = column.dates.decided()
            self.notes += [f"{name}: {note}" for note in notes]
            return Field(column=name, type="instant", formats=formats, zone=self.zone)
        if not role and column.share(column.n_boolean) == 1 and column.n_words == column.n_filled:
            return Field(column=name, type="boolean")
        return Field(column=name, whole=_artifact(column))

    def _number(self, column: Column) -> Field:
        scale = column.scale[column.decimal]
        if odd := column.n_filled - column.n_figures:
            self.notes.append(f"{column.name}: no number in {rows(odd)}: quarantine")
        if scale > MAX_SCALE:
            self.notes.append(f"{column.name}: more than {MAX_SCALE} digits are rounded")
        return Field(
            column=column.name, type="decimal" if scale else "integer",
            unit=self._unit(column.name), scale=min(scale, MAX_SCALE), rounds=scale > MAX_SCALE,
            decimal=column.decimal,
        )  # fmt: skip

    def _unit(self, name: str) -> str:
        values = self.found.columns[name].values
        return next((code for sign, code in _SIGNS.items() if any(sign in v for v in values)), "")

    def _identifies(self, column: Column) -> bool:
        """Identifiers are text, whatever they look like."""
        words = snake(column.name).split("_")
        return column.padded or words[-1] in _IDS or bare(column.name).endswith(("id", "key"))

    def _pii(self, column: Column) -> PiiClass:
        word, words = bare(column.name), set(snake(column.name).split("_"))
        if any(one in word for one in IDENTIFIERS):
            return "identifier"
        if word.startswith("product") or column.share(column.n_boolean) == 1:
            return "none"
        if any(one in word for one in CONTACTS) or words & CONTACT_WORDS:
            return "contact"
        phone = "phone" in word or "mobile" in word
        return "contact" if column.share(column.n_email) >= 0.5 or phone else "none"


def _rule(name: str, *tests: Test) -> Rule:
    return Rule(name=name, when=tests)


def _named(role: str) -> str:
    return {"order": "order_id"}.get(role, role)


def _artifact(column: Column) -> bool:
    """Whether a spreadsheet made numbers with ``.0`` of identifiers."""
    return column.n_artifacts > 0 and column.n_whole == column.n_filled
