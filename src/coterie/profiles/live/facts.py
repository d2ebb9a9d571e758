"""Every event that a position sees, as the stream engine takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.sql.sources import column
from coterie.engines.stream.arriving import Arrival
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.language.types import Type
from coterie.profiles.live.arrivals import Needs, Typing
from coterie.profiles.live.known import Known, Learnt
from coterie.profiles.live.pending import exploded_rows
from coterie.profiles.live.scans import Scan, Scans
from coterie.storage.columns import literal, quoted
from coterie.storage.lake import Lake
from coterie.storage.log import Entry

Events = dict[str, pa.Table]
"""Event name -> ``profile``, ``at``, ``key`` and a column for each property that was asked for."""

Rows = list[tuple[int, Event]]
"""Events as the log has them, with their offsets."""

_BY_PERSON = 'ORDER BY profile, "at", "key"'
_FRAME = 100_000

SHARE = 2_500_000
"""Events that are sorted by person at once: 0.7 GB, where all of 20 million took six."""


class Facts:
    """The events of a project as known at an offset, which moves as entries are learnt.

    Parameters
    ----------
    lake : Lake
        Holds all that the log does up to the offset.
    plan : TrackingPlan
    offset : int
    """

    def __init__(self, lake: Lake, plan: TrackingPlan, offset: int) -> None:
        self.plan = plan
        self.offset = offset
        self._scans = Scans(lake)
        self._typing = Typing(plan, {})
        self.known: Known = self._scans.known
        self.known.load(offset)

    def close(self) -> None:
        """Let go of the memory."""
        self._scans.close()

    # --- what the log says beyond the lake ---------------------------------------------------

    def learn(self, entries: Iterable[Entry], offset: int) -> tuple[Rows, Learnt]:
        """Take in the events that the log has next; all up to `offset` is known then.

        Returns
        -------
        (Rows, Learnt)
            The events, and what they say about those before them.
        """
        said = [(entry, entry.event) for entry in entries]
        rows = [(entry.offset, event) for entry, event in said]
        learnt = self.known.learn(rows)
        self._scans.hold(self.plan, said)
        self.offset = offset
        return rows, learnt

    def settle(self) -> None:
        """Let go of what the lake has by now."""
        self._scans.settle()

    @property
    def n_held(self) -> int:
        """How many rows are in memory because the lake has them not."""
        return self._scans.n_held

    def reload(self) -> None:
        """Know who is who by what an erasure left; the lake holds all that is known."""
        self._scans.forget()
        self.known.load(self.offset)

    # --- some of it --------------------------------------------------------------------------

    def fresh(self, rows: Rows, needs: Needs, until: int | None) -> Events:
        """New rows as they are known now, those that occurred up to an instant or ever."""
        found: Events = {}
        for name, table in exploded_rows(self.plan, rows).items():
            kinds = needs.get(name, {})
            with self._scans.open() as scan:
                found[name] = self._asked(scan, scan.these(table, kinds), kinds, _until(until))
        return _some(found)

    def arrivals(self, rows: Rows, needs: Needs, until: int | None) -> list[Arrival]:
        """The same, one by one and without a database: for a few at a time."""
        if self._typing.plan is not self.plan or self._typing.needs != needs:
            self._typing = Typing(self.plan, needs)
        return [*self._typing.arrivals(rows, self.known, until)]

    def histories(self, profiles: Collection[str], needs: Needs, until: int | None) -> Events:
        """Every event of these profiles up to an instant or ever, and nobody else's."""
        people = self.known.people(profiles)
        wanted = pa.table({"profile": pa.array(sorted(profiles), pa.string())})
        found: Events = {}
        with self._scans.open() as scan:
            rule = f"{_until(until)} AND profile IN (FROM {scan.put(wanted)})"
            for name in self._scans.names():
                kinds = needs.get(name, {})
                if (sql := scan.of(name, kinds, people)) is not None:
                    found[name] = self._asked(scan, sql, kinds, rule, _BY_PERSON)
        return _some(found)

    def between(self, needs: Needs, after: int, until: int) -> Events:
        """Everyone's events of ``(after, until]``, by instant."""
        rule = f'"at" > {after:d} AND {_until(until)}'
        return _some({n: self._read(n, needs, rule, 'ORDER BY "at"') for n in self._scans.names()})

    def joined(self, learnt: Learnt, offset: int) -> dict[str, str]:
        """The anonymous ids whose own events, up to an offset, belong to somebody from now on."""
        devices, users = sorted(learnt.links), set[str]()
        for name in self._scans.names() if devices else ():
            with self._scans.open() as scan:
                sql = scan.rows(name, {}, people=devices)
                query = f'SELECT DISTINCT profile FROM ({sql}) WHERE "offset" <= {offset:d}'  # noqa: S608 - the lake's own SQL
                users |= {user for (user,) in scan.con.execute(query).fetchall()}
        return {device: user for device, user in learnt.links.items() if user in users}

    # --- all of it ---------------------------------------------------------------------------

    def all_of(self, needs: Needs, until: int | None) -> Events:
        """Everyone's events of the names in `needs`, and of no others, up to an instant or ever."""
        return {name: self._read(name, needs, _until(until), _BY_PERSON) for name in needs}

    def by_person(
        self, needs: Needs, until: int | None, n: int
    ) -> Iterator[tuple[list[str], Events]]:
        """Everyone's events up to an instant or ever, about `n` profiles at a time, in order.

        What is sorted at once is a share of the events, so that memory does not grow with them.
        """
        shares = self._shares(until)
        for people in shares:
            among = people if len(shares) > 1 else None
            with ExitStack() as stack:
                readers = self._readers(stack, needs, until, among)
                for start in range(0, len(people), n):
                    some = people[start : start + n]
                    yield some, _some({name: each.upto(some[-1]) for name, each in readers.items()})

    def _shares(self, until: int | None) -> list[list[str]]:
        """Everyone in order, divided into shares of about `SHARE` events."""
        query = "SELECT profile, count(*) AS n FROM seen GROUP BY profile ORDER BY profile"
        counted = self._counted(query, _until(until))
        share = np.cumsum(counted["n"].to_numpy()) // SHARE
        cuts = [0, *(np.flatnonzero(np.diff(share)) + 1).tolist(), counted.num_rows]
        parts = (counted["profile"].slice(i, j - i).to_pylist() for i, j in pairwise(cuts))
        return [part for part in parts if part]

    def _readers(
        self, stack: ExitStack, needs: Needs, until: int | None, among: list[str] | None
    ) -> dict[str, InOrder]:
        """Each event name's rows by person, of everybody or of profiles that follow one another."""
        rule, people = _until(until), None
        if among is not None:
            rule += f" AND profile BETWEEN {literal(among[0])} AND {literal(among[-1])}"
            people = self.known.people(among)
        readers = {}
        for name in self._scans.names():
            kinds, scan = needs.get(name, {}), stack.enter_context(self._scans.open())
            sql = self._query(scan.rows(name, kinds, people=people), kinds, rule, _BY_PERSON)
            readers[name] = InOrder(scan.con.sql(sql).to_arrow_reader(_FRAME))
        return readers

    def people(self, until: int | None) -> pa.Array:
        """Everyone with an event up to an instant or ever, in order."""
        query = "SELECT DISTINCT profile FROM seen ORDER BY profile"
        return self._counted(query, _until(until))["profile"].combine_chunks()

    def spans(self, after: int, width: int) -> pa.Table:
        """How many events occurred in each span of time after an instant: ``span`` and ``n``.

        Span `i` is ``[i * width, (i + 1) * width)`` in microseconds UTC; empty ones are left out.
        """
        query = f'SELECT "at" // {width:d} AS span, count(*) AS n FROM seen GROUP BY 1 ORDER BY 1'  # noqa: S608 - numbers
        return self._counted(query, f'"at" > {after:d}')

    def ends(self, after: int | None = None) -> tuple[int, int] | None:
        """The instants of the first and last event after an instant, or ever; None for none."""
        query = 'SELECT min("at") AS first, max("at") AS last FROM seen'
        rule = "true" if after is None else f'"at" > {after:d}'
        row = self._counted(query, rule).to_pylist()[0]
        return None if row["first"] is None else (row["first"], row["last"])

    # --- SQL ---------------------------------------------------------------------------------

    def _read(self, name: str, needs: Needs, rule: str, order: str) -> pa.Table:
        kinds = needs.get(name, {})
        with self._scans.open() as scan:
            return self._asked(scan, scan.rows(name, kinds), kinds, rule, order)

    def _asked(
        self, scan: Scan, sql: str, kinds: Mapping[str, Type], rule: str, order: str = ""
    ) -> pa.Table:
        return _keyed(scan.con.sql(self._query(sql, kinds, rule, order)).to_arrow_table())

    def _query(self, sql: str, kinds: Mapping[str, Type], rule: str, order: str) -> str:
        shown = ", ".join(["profile", '"at"', '"key"', *(quoted(column(p)) for p in kinds)])
        return f"SELECT {shown} FROM ({sql}) WHERE {self._standing(rule)} {order}"  # noqa: S608 - quoted

    def _counted(self, query: str, rule: str) -> pa.Table:
        """The answer to a query of ``seen``: ``profile`` and ``at`` of everyone's events."""
        with self._scans.open() as scan:
            nobody = 'SELECT NULL::VARCHAR AS profile, NULL::BIGINT AS "at" WHERE false'
            union = " UNION ALL BY NAME ".join([nobody, *self._all(scan, rule)])
            return scan.con.sql(f"WITH seen AS ({union}) {query}").to_arrow_table()

    def _all(self, scan: Scan, rule: str) -> Iterator[str]:
        for name in self._scans.names():
            yield f"({self._query(scan.rows(name, {}), {}, rule, '')})"

    def _standing(self, rule: str) -> str:
        n = self.offset
        return f'"offset" <= {n:d} AND (retired IS NULL OR retired > {n:d}) AND {rule}'


class InOrder:
    """Rows sorted by profile, given out by ranges of profiles.

    Parameters
    ----------
    reader : pyarrow.RecordBatchReader
    """

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader = reader
        self._rest: pa.Table = reader.schema.empty_table()

    def upto(self, profile: str) -> pa.Table:
        """The rows not given out yet, up to those of this profile."""
        parts = []
        while True:
            n = pc.sum(pc.less_equal(self._rest["profile"], profile)).as_py() or 0
            parts.append(self._rest.slice(0, n))
            self._rest = self._rest.slice(n)
            if self._rest.num_rows or (batch := next(self._reader, None)) is None:
                return _keyed(pa.concat_tables(parts))
            self._rest = pa.Table.from_batches([batch])


def _keyed(table: pa.Table) -> pa.Table:
    """With keys of their fixed length, which SQL does not know."""
    place = table.schema.get_field_index("key")
    return table.set_column(place, "key", table["key"].cast(pa.binary(16)))


def _some(found: Events) -> Events:
    return {name: table for name, table in found.items() if table.num_rows}


def _until(instant: int | None) -> str:
    return "true" if instant is None else f'"at" <= {instant:d}'
