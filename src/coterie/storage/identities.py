"""Which anonymous ids belong to which user, and which facts were superseded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from coterie.storage import compaction
from coterie.storage.delta import Table
from coterie.storage.reading import temporary

_LINKS = pa.schema([("anonymous", pa.string()), ("user", pa.string()), ("offset", pa.int64())])
_DEVICES = pa.schema([("user", pa.string()), ("anonymous", pa.string())])
_FACTS = pa.schema([("fact", pa.binary(16)), ("person", pa.string()), ("offset", pa.int64())])


IDENTITIES = ("links", "superseded")
"""The tables' names, which no other small table may have."""

LOG = "log"
"""The application whose transactions are offsets of the log."""


class Identities:
    """Two small tables that :meth:`learn` keeps beside the events, so that no scan looks for them.

    ``links`` has each pair of an anonymous id and a user with the first offset that joins them;
    ``superseded`` each fact that another replaces, with the offset and person of the other.
    """

    def __init__(self, folder: Path) -> None:
        self._cache: dict[str, tuple[tuple[int, int], pa.Table | None]] = {}
        self._read: tuple[int, pa.Table | None] = (-1, None)
        self._links, self._facts = (Table(folder / name) for name in IDENTITIES)

    def learn(self, tables: Sequence[pa.Table], mark: tuple[str, int]) -> None:
        """Keep what new rows say about identities, before the rows themselves are committed.

        A batch that is learnt twice changes nothing: only the lowest offset of a pair counts.
        """
        wanted = ["anonymous", "user", "person", "offset", "supersedes"]
        if not tables:
            return
        rows = pa.concat_tables([table.select(wanted) for table in tables])
        both = pc.and_(pc.is_valid(rows["anonymous"]), pc.is_valid(rows["user"]))
        _keep(self._links, _first(rows.filter(both), ["anonymous", "user"]), _LINKS, mark)
        replaced = rows.filter(pc.is_valid(rows["supersedes"]))
        replaced = replaced.append_column("fact", replaced["supersedes"])
        _keep(self._facts, _first(replaced, ["fact", "person"]), _FACTS, mark)

    def parts(self) -> list[str]:
        """The files that say who is who, each with its table's name."""
        tables = zip(IDENTITIES, (self._links, self._facts), strict=True)
        return [f"{name}/{part.path}" for name, table in tables for part in table.parts()]

    def learnt(self) -> int:
        """The last offset of the log that either table learnt of: events may be behind it."""
        return max(table.transaction(LOG) for table in (self._links, self._facts))

    def links(self, con: duckdb.DuckDBPyConnection, offset: int) -> str | None:
        """A temporary table ``(anonymous, user)`` as known at an offset, or None for nobody."""
        version = self._links.version()
        known = self._remembered("links", version, offset, self._first_users)
        if known is None or not known.num_rows:
            return None
        return temporary(con, f"coterie_links_{version}_{offset}", known)

    def superseded(self, con: duckdb.DuckDBPyConnection, offset: int) -> str | None:
        """A temporary table ``(fact, retired)`` as known at an offset, or None for none."""
        version = self._facts.version()
        retired = self._remembered("facts", version, offset, self.retired)
        if retired is None or not retired.num_rows:
            return None
        return temporary(con, f"coterie_superseded_{version}_{offset}", retired)

    def _remembered(
        self, name: str, version: int, offset: int, make: Callable[[int], pa.Table | None]
    ) -> pa.Table | None:
        """What was made last of a table, while neither its version nor the offset change."""
        if name not in self._cache or self._cache[name][0] != (version, offset):
            self._cache[name] = ((version, offset), make(offset))
        return self._cache[name][1]

    def supersedes(self) -> bool:
        """Whether any fact was superseded."""
        return any(part.n_rows for part in self._facts.parts())

    def retired(self, offset: int, among: pa.ChunkedArray | None = None) -> pa.Table | None:
        """Every superseded ``fact`` with the lowest offset that ``retired`` it, up to an offset.

        With `among`, of these facts only.
        """
        facts = compaction.read(self._facts)
        if facts is None:
            return None
        known = pc.less_equal(facts["offset"], offset)
        if among is not None:
            wanted = among.unique().cast(pa.binary(16))
            known = pc.and_(known, pc.is_in(facts["fact"], value_set=wanted))
        return _first(facts.filter(known), ["fact"]).rename_columns(["fact", "retired"])

    def devices(self, users: Collection[str], offset: int | None = None) -> pa.Table:
        """Each of these users with the anonymous ids that were first identified with them.

        Columns ``user`` and ``anonymous``.
        """
        pairs = self._pairs()
        if pairs is None:
            return _DEVICES.empty_table()
        theirs = pc.is_in(pairs["user"], value_set=pa.array(sorted(users), pa.string()))
        devices = pairs["anonymous"].filter(theirs).unique()
        first = _first_user(pairs.filter(pc.is_in(pairs["anonymous"], value_set=devices)), offset)
        among = pc.is_in(first["user"], value_set=pa.array(sorted(users), pa.string()))
        return first.filter(among).select(_DEVICES.names)

    def _pairs(self) -> pa.Table | None:
        """Every pair, as read last while the table is the same: a million take 100 MB."""
        version = self._links.version()
        if self._read[0] != version or version < 0:
            self._read = version, compaction.read(self._links)
        return self._read[1]

    def owner(self, device: str) -> str | None:
        """The user that an anonymous id was first identified with; None where it never was."""
        pairs = self._pairs()
        if pairs is None:
            return None
        theirs = pairs.filter(pc.equal(pairs["anonymous"], device)).sort_by("offset")
        return str(theirs["user"][0].as_py()) if theirs.num_rows else None

    def _first_users(self, offset: int | None) -> pa.Table | None:
        """Each anonymous id with the user it was first identified with."""
        pairs = compaction.read(self._links)
        return None if pairs is None else _first_user(pairs, offset)

    def joins(self, offset: int) -> pa.Table:
        """Each anonymous id with the user it was first identified with, and since which offset.

        Columns ``anonymous``, ``user`` and ``offset``, as known at an offset.
        """
        pairs = compaction.read(self._links)
        if pairs is None:
            return _LINKS.empty_table()
        first = _first_user(pairs, offset)
        since = _first(pairs, ["anonymous"]).rename_columns(["anonymous", "offset"])
        return first.join(since, "anonymous", join_type="inner").select(_LINKS.names)

    def linked(self, people: Collection[str]) -> set[str]:
        """The anonymous ids among these that some user is still joined with."""
        pairs = self._pairs()
        return set() if pairs is None else set(pairs["anonymous"].to_pylist()) & set(people)

    def erase(self, people: frozenset[str]) -> None:
        """Forget the pairs of these users and the supersessions of these people."""
        self._read = (-1, None)
        compaction.erase(self._facts, people)
        compaction.erase(self._links, people)

    def compact(self) -> None:
        """One file for each table, with each pair once."""
        for table, schema in ((self._links, _LINKS), (self._facts, _FACTS)):
            rows = compaction.read(table)
            if rows is not None and len(table.parts()) > 1:
                keys = [name for name in schema.names if name != "offset"]
                small = _first(rows, keys).select(schema.names).cast(schema)
                compaction.write(table, small, mode="overwrite", transaction=None)


def _first_user(pairs: pa.Table, offset: int | None) -> pa.Table:
    """Each anonymous id with the user of its lowest offset, up to one."""
    if offset is not None:
        pairs = pairs.filter(pc.less_equal(pairs["offset"], offset))
    pairs = pairs.sort_by("offset").combine_chunks()
    first = pairs.group_by("anonymous", use_threads=False).aggregate([("user", "first")])
    return first.rename_columns(["anonymous", "user"])


def _first(rows: pa.Table, keys: list[str]) -> pa.Table:
    """The lowest offset of each distinct key, as columns `keys` and ``offset``."""
    grouped = rows.group_by(keys, use_threads=False).aggregate([("offset", "min")])
    return grouped.select([*keys, "offset_min"]).rename_columns([*keys, "offset"])


def _keep(table: Table, rows: pa.Table, schema: pa.Schema, mark: tuple[str, int]) -> None:
    if rows.num_rows:
        rows = rows.select(schema.names).cast(schema)
        compaction.write(table, rows, mode="append", transaction=mark)
