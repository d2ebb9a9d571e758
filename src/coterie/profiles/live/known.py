"""Who is who, and which facts stand, as known at one offset of the log; learnt entry by entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from coterie.language.events import Event, event_key
from coterie.storage.identities import Identities

LINKS, SUPERSEDED = "coterie_links", "coterie_superseded"
"""Tables ``(anonymous, user)`` and ``(fact, retired)`` in the host's own database."""

_TABLES = (
    f'CREATE OR REPLACE TABLE {LINKS} (anonymous VARCHAR PRIMARY KEY, "user" VARCHAR)',
    f"CREATE OR REPLACE TABLE {SUPERSEDED} (fact BLOB PRIMARY KEY, retired BIGINT)",
)

_PAIRS = pa.schema([("anonymous", pa.string()), ("user", pa.string())])
_FACTS = pa.schema([("fact", pa.binary()), ("retired", pa.int64())])


class Learnt(msgspec.Struct):
    """What new rows said about rows before them.

    Parameters
    ----------
    links : dict of str to str
        Anonymous ids that were joined with a user for the first time, and the user.
    retired : list of bytes
        Keys of facts that were superseded for the first time.
    """

    links: dict[str, str]
    retired: list[bytes]


class Known:
    """The identities of one offset, kept in memory.

    Parameters
    ----------
    con : DuckDBPyConnection
        Where the tables `LINKS` and `SUPERSEDED` are, once :meth:`tell` was called.
    identities : Identities
        Those of the lake.

    Attributes
    ----------
    links : dict of str to str
        Each anonymous id with the user that it was first joined with.
    superseded : dict of bytes to int
        Each fact that was superseded, and by which offset first.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, identities: Identities) -> None:
        self._con = con
        self._identities = identities
        self.links: dict[str, str] = {}
        self.superseded: dict[bytes, int] = {}
        self._told = (0, 0)

    def load(self, offset: int) -> None:
        """Forget everything, and know what the lake knew at an offset."""
        for statement in _TABLES:
            self._con.execute(statement)
        with self._con.cursor() as cursor:  # whose temporary tables go with it
            for table, found in (
                (LINKS, self._identities.links(cursor, offset)),
                (SUPERSEDED, self._identities.superseded(cursor, offset)),
            ):
                if found:
                    cursor.execute(f"INSERT INTO {table} FROM {found}")
            every = (cursor.execute(f"FROM {table}").fetchall() for table in (LINKS, SUPERSEDED))
            self.links, self.superseded = map(dict, every)
        self._told = len(self.links), len(self.superseded)

    def learn(self, events: Iterable[tuple[int, Event]]) -> Learnt:
        """Take in events with their offsets, all that is known next; what is known first stays."""
        learnt = Learnt({}, [])
        for offset, event in events:
            device, user = event.anonymous_id, event.user_id
            if device is not None and user is not None and device not in self.links:
                self.links[device] = learnt.links[device] = user
            if event.supersedes is not None:
                fact = event_key(event.source, event.supersedes)
                if fact not in self.superseded:
                    self.superseded[fact] = offset
                    learnt.retired.append(fact)
        return learnt

    def tell(self) -> None:
        """See that the tables have what was learnt since the last time."""
        told, self._told = self._told, (len(self.links), len(self.superseded))
        if told == self._told:
            return
        with self._con.cursor() as cursor:
            _insert(cursor, LINKS, islice(self.links.items(), told[0], None), _PAIRS)
            _insert(cursor, SUPERSEDED, islice(self.superseded.items(), told[1], None), _FACTS)

    def of(self, user: str | None, anonymous: str | None) -> str | None:
        """The profile that an event with these identifiers belongs to."""
        if user is not None or anonymous is None:
            return user
        return self.links.get(anonymous, anonymous)

    def people(self, profiles: Collection[str]) -> list[str]:
        """These profiles' own pseudonyms and those of the devices that belong to them, in order."""
        self.tell()
        with self._con.cursor() as cursor:
            cursor.register("wanted", pa.table({"user": pa.array(sorted(profiles), pa.string())}))
            query = f'SELECT anonymous FROM {LINKS} SEMI JOIN wanted USING ("user")'  # noqa: S608 - a constant
            devices = cursor.execute(query).fetchall()
        return sorted({*profiles, *(device for (device,) in devices)})


def _insert(
    cursor: duckdb.DuckDBPyConnection, table: str, new: Iterable[tuple[Any, Any]], kinds: pa.Schema
) -> None:
    columns = [*zip(*new, strict=True)]
    if columns:
        cursor.register("new", pa.table([*map(list, columns)], schema=kinds))
        cursor.execute(f"INSERT INTO {table} FROM new")
