"""A definition over what was published: values that a run answered are read, not computed again.

Beside the events of the lake stands one more, which every person has once: its properties are the
values that the last run published of them. A reference to a published definition becomes the last
value of its property, and the engine needs to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import msgspec

from coterie.engines.sql.sources import HEAD, LakeSource, column, ibis_type
from coterie.language import nodes as n
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.plan import PlannedEvent, Property
from coterie.language.types import (
    Boolean,
    Decimal,
    Enumerated,
    Instant,
    Integer,
    Real,
    Text,
    Type,
)  # fmt: skip
from coterie.storage.columns import quoted
from coterie.storage.lake import Lake
from coterie.storage.reading import read

EVENT = "\x1fpublished"
"""Named as no event of a plan is: it begins with a control character."""


class ReadingLibrary(Library):
    """A library that reads what was published, and computes the rest as another does.

    Parameters
    ----------
    asked : Library
    published : iterable of str
        Definitions whose values of everybody are kept, and mean what they meant. Lists and fading
        sums are computed all the same.

    Notes
    -----
    Only for names that rest on no fitted value of their own: a fit is known by all that it means.
    """

    def __init__(self, asked: Library, published: Iterable[str]) -> None:
        kinds = {each: asked.type(each) for each in published}
        given = {name: said for name, kind in kinds.items() if (said := _property(kind))}
        event = PlannedEvent(properties=given)
        plan = msgspec.structs.replace(asked.plan, events={**asked.plan.events, EVENT: event})
        definitions = Definitions({name: asked.definition(name) for name in asked})
        super().__init__(definitions, plan, asked.purposes, asked.default_purpose)
        self.lowered |= {name: _read(name) for name in given}

    def needs(self, names: Iterable[str]) -> tuple[str, ...]:
        """These names and all that is computed for them, in dependency order."""
        wanted, todo = set[str](), [*names]
        while todo:
            name = todo.pop()
            if name not in wanted:
                wanted.add(name)
                found = n.walk(self.lowered[name])
                todo.extend(node.name for node in found if isinstance(node, n.Ref))
        return tuple(name for name in self.order if name in wanted)


def _read(name: str) -> n.Expr:
    return n.Last(n.Named(EVENT), value=n.Property(name))


def _property(kind: Type) -> Property | None:
    """A published value as a property of the event; None where it can be none."""
    match kind:
        case Decimal(scale):
            return Property(type="decimal", scale=scale)
        case Integer():
            return Property(type="integer")
        case Real(decaying=False):
            return Property(type="real")
        case Text() | Enumerated():
            return Property(type="text")
        case Boolean():
            return Property(type="boolean")
        case Instant():
            return Property(type="instant")
    return None


class PublishedSource(LakeSource):
    """The events of some people, and what was published of them.

    Parameters
    ----------
    lake : Lake
    offset : int
        The last log offset to see.
    files : sequence of str
        The Parquet files of the published values.
    below : str
        Only people whose pseudonym is before this text; everybody where it is empty.
    """

    def __init__(self, lake: Lake, offset: int, files: Sequence[str], below: str = "") -> None:
        super().__init__(lake, offset, **lake.settings())
        self._files = files
        self._below = below

    def events(self, name: str, kinds: Mapping[str, Type]) -> ir.Table:
        """The events of one name."""
        if name == EVENT:
            return self._published(kinds)
        found = super().events(name, kinds)
        return found.filter(found.profile < self._below) if self._below else found

    def profiles(self) -> Any:
        """The people, as one column of Arrow."""
        sql = f"SELECT profile FROM {read(self._files)}{self._some()}"  # noqa: S608 - quoted
        return self.backend.con.sql(sql).to_arrow_table()["profile"]

    def _published(self, kinds: Mapping[str, Type]) -> ir.Table:
        values = ", ".join(
            f"{_units(prop, kind)} AS {quoted(column(prop))}" for prop, kind in kinds.items()
        )
        sql = (
            "SELECT profile, CAST(0 AS BIGINT) AS at, CAST('' AS BLOB) AS key, "  # noqa: S608
            'CAST(0 AS BIGINT) AS "offset", CAST(NULL AS BIGINT) AS retired'
            f"{', ' if values else ''}{values} FROM {read(self._files)}{self._some()}"
        )
        schema = HEAD | {column(prop): ibis_type(kind) for prop, kind in kinds.items()}
        return self.backend.sql(sql, schema=ibis.schema(schema))

    def _some(self) -> str:
        return f" WHERE profile < '{self._below}'" if self._below else ""


def _units(name: str, kind: Type) -> str:
    """A published value in the engine's units."""
    if isinstance(kind, Decimal):
        return f"CAST({quoted(name)} * {10**kind.scale} AS BIGINT)"
    return f"epoch_us({quoted(name)})" if isinstance(kind, Instant) else quoted(name)
