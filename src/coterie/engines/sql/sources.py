"""Where the SQL engine finds events: the lake, a history in memory, tables in PostgreSQL."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Protocol
from weakref import finalize

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from coterie.engines.reference.facts import Fact
from coterie.engines.sql.dialects import dialect_of
from coterie.language.plan import TrackingPlan
from coterie.language.types import Boolean, Enumerated, ListOf, Real, Text, Type
from coterie.storage.lake import Lake

HEAD = {"profile": "string", "at": "int64", "key": "binary", "offset": "int64", "retired": "int64"}
"""The columns of every event: whose, when (microseconds UTC), its key, and its log offsets."""

_PLAIN = re.compile(r"[a-z0-9_]{1,40}\Z")


class Source(Protocol):
    """Events by name, in a database that Ibis speaks to.

    `backend` is a connection of the engine's own, on which it makes temporary tables.
    """

    @property
    def last(self) -> int | None:
        """A log offset that no event is beyond, None where none is known."""

    @property
    def backend(self) -> Any:
        """The Ibis backend."""

    def events(self, name: str, kinds: Mapping[str, Type]) -> ir.Table:
        """The events of one name: the columns of `HEAD`, and :func:`column` of each property.

        Integers and decimals are units at the scale of the given type, instants microseconds. An
        event that never occurred has no rows.
        """


def column(name: str) -> str:
    """The column of a property: databases tell neither ``SKU`` from ``sku`` nor long names apart.

    Examples
    --------
    >>> column("revenue"), len(column("Straße und Hausnummer"))
    ('p_revenue', 18)
    """
    if _PLAIN.match(name):
        return f"p_{name}"
    return f"h_{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def ibis_type(kind: Type) -> str:
    """The database type of values of a type."""
    match kind:
        case Real():
            return "float64"
        case Boolean():
            return "boolean"
        case Text() | Enumerated():
            return "string"
        case ListOf(of):
            return f"array<{ibis_type(of)}>"
        case _:
            return "int64"


class LakeSource:
    """The events of a project's lake, read by an in-memory DuckDB.

    Parameters
    ----------
    lake : Lake
    offset : int, optional
        The last log offset to see; all that the lake holds if not given.
    settings
        DuckDB's own, such as ``threads=4`` or ``memory_limit="1GB"``.

    Notes
    -----
    What does not fit the memory goes to a folder of the system's temporary files that only this
    user may read and that is removed with the source; never to the project or where one stands.
    """

    def __init__(self, lake: Lake, offset: int | None = None, **settings: Any) -> None:
        spill = mkdtemp(prefix="coterie-")
        finalize(self, rmtree, spill, ignore_errors=True)
        self.backend = ibis.duckdb.connect(**({"temp_directory": spill} | settings))
        self._lake = lake
        self.last = lake.offset() if offset is None else offset

    def events(self, name: str, kinds: Mapping[str, Type]) -> ir.Table:
        """The events of one name."""
        sql = self._lake.scan(self.backend.con, name, kinds, self.last, rename=column)
        schema = HEAD | {column(prop): ibis_type(kind) for prop, kind in kinds.items()}
        return self.backend.sql(sql, schema=ibis.schema(schema))


class TableSource:
    """Histories put into one temporary table for each event name.

    Parameters
    ----------
    backend : ibis backend
    plan : TrackingPlan
        Every event of it gets a table, with a typed column for each property.
    histories : mapping of str to sequence of Fact
        Profile -> its facts.
    """

    last: int | None = None

    def __init__(
        self, backend: Any, plan: TrackingPlan, histories: Mapping[str, Sequence[Fact]]
    ) -> None:
        self.backend = backend
        self._plan = plan
        self._tables = {name: f"coterie_events_{i}" for i, name in enumerate(sorted(plan.events))}
        dialect = dialect_of(backend)
        for name, table in self._tables.items():
            dialect.load(table, _rows(plan, name, histories))

    def events(self, name: str, kinds: Mapping[str, Type]) -> ir.Table:
        """The events of one name."""
        declared = self._plan.events[name].properties
        schema = HEAD | {column(prop): ibis_type(declared[prop].kind) for prop in declared}
        return ibis.table(schema, name=self._tables[name])[
            [*HEAD, *(column(prop) for prop in kinds)]
        ]


class MemorySource(TableSource):
    """Histories in memory, asked through DuckDB."""

    def __init__(self, plan: TrackingPlan, histories: Mapping[str, Sequence[Fact]]) -> None:
        super().__init__(ibis.duckdb.connect(), plan, histories)


class PostgresSource(TableSource):
    """Histories in PostgreSQL, as temporary tables of a connection.

    Parameters
    ----------
    plan, histories
        As for :class:`TableSource`.
    arguments
        Those of `ibis.postgres.connect`.
    """

    def __init__(
        self, plan: TrackingPlan, histories: Mapping[str, Sequence[Fact]], **arguments: Any
    ) -> None:
        super().__init__(ibis.postgres.connect(**arguments), plan, histories)


def _rows(plan: TrackingPlan, name: str, histories: Mapping[str, Sequence[Fact]]) -> pa.Table:
    found = [
        (profile, fact)
        for profile, history in histories.items()
        for fact in history
        if fact.name == name
    ]
    arrays = {
        "profile": pa.array([profile for profile, _ in found], pa.string()),
        "at": pa.array([fact.at for _, fact in found], pa.int64()),
        "key": pa.array([fact.key for _, fact in found], pa.binary()),
        "offset": pa.array([fact.offset for _, fact in found], pa.int64()),
        "retired": pa.array([fact.retired for _, fact in found], pa.int64()),
    }
    for prop, declared in plan.events[name].properties.items():
        kind = ibis.dtype(ibis_type(declared.kind)).to_pyarrow()
        arrays[column(prop)] = pa.array([fact.values.get(prop) for _, fact in found], kind)
    return pa.table(arrays)
