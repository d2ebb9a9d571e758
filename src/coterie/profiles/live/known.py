"""Who is who, and which facts stand, as known at one offset of the log; learnt entry by entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.storage.identities import Identities

LINKS, SUPERSEDED = "coterie_links", "coterie_superseded"
"""Tables ``(anonymous, user)`` and ``(fact, retired)`` in the host's own database."""

_TABLES = (
    f'CREATE OR REPLACE TABLE {LINKS} (anonymous VARCHAR PRIMARY KEY, "user" VARCHAR)',
    f"CREATE OR REPLACE TABLE {SUPERSEDED} (fact BLOB PRIMARY KEY, retired BIGINT)",
)


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
        Where the tables `LINKS` and `SUPERSEDED` are.
    identities : Identities
        Those of the lake.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, identities: Identities) -> None:
        self._con = con
        self._identities = identities

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

    def learn(self, tables: Iterable[pa.Table]) -> Learnt:
        """Take in rows as the log has them, beyond all that is known; what is known first stays."""
        wanted = ["anonymous", "user", "offset", "supersedes"]
        every = [table.select(wanted) for table in tables]
        if not every:
            return Learnt({}, [])
        rows = pa.concat_tables(every)
        both = rows.filter(pc.and_(pc.is_valid(rows["anonymous"]), pc.is_valid(rows["user"])))
        superseding = rows.filter(pc.is_valid(rows["supersedes"]))
        links = self._first(both, LINKS, 'anonymous, arg_min("user", "offset")')
        retired = self._first(superseding, SUPERSEDED, 'supersedes, min("offset")')
        return Learnt(dict(links), [bytes(fact) for fact, _ in retired])

    def _first(self, rows: pa.Table, table: str, values: str) -> list[tuple[Any, Any]]:
        """Insert what is new, and return just that."""
        if not rows.num_rows:
            return []
        new = f"SELECT {values} FROM new GROUP BY 1"  # noqa: S608 - constants
        with self._con.cursor() as cursor:
            cursor.register("new", rows)
            return cursor.execute(f"INSERT OR IGNORE INTO {table} {new} RETURNING *").fetchall()

    def of(self, user: str | None, anonymous: str | None) -> str | None:
        """The profile that an event with these identifiers belongs to."""
        if user is not None or anonymous is None:
            return user
        query = f'SELECT "user" FROM {LINKS} WHERE anonymous = ?'  # noqa: S608 - a constant
        found = self._con.execute(query, [anonymous]).fetchone()
        return anonymous if found is None else str(found[0])

    def people(self, profiles: Collection[str]) -> list[str]:
        """These profiles' own pseudonyms and those of the devices that belong to them, in order."""
        with self._con.cursor() as cursor:
            cursor.register("wanted", pa.table({"user": pa.array(sorted(profiles), pa.string())}))
            query = f'SELECT anonymous FROM {LINKS} SEMI JOIN wanted USING ("user")'  # noqa: S608 - a constant
            devices = cursor.execute(query).fetchall()
        return sorted({*profiles, *(device for (device,) in devices)})

    def retired(self) -> pa.Table:
        """Every superseded ``fact``."""
        return self._con.sql(f"SELECT fact FROM {SUPERSEDED}").to_arrow_table()  # noqa: S608 - a constant
