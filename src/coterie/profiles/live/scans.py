"""The SQL of event rows wherever they are by now: in the lake's files, or only in the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.sql.sources import column
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.language.types import Type
from coterie.profiles.live.known import LINKS, SUPERSEDED, Known
from coterie.profiles.live.pending import Pending
from coterie.storage.footers import Footers
from coterie.storage.holders import Holders
from coterie.storage.identities import Identities
from coterie.storage.lake import Lake
from coterie.storage.log import Entry
from coterie.storage.reading import events_sql

FEW = 100
"""People of whom each file is asked whether it has any, before its rows are read."""


class Scan:
    """A connection on which rows can be asked for, until it is closed.

    Parameters
    ----------
    scans : Scans
    con : DuckDBPyConnection
    """

    def __init__(self, scans: Scans, con: duckdb.DuckDBPyConnection) -> None:
        self._scans = scans
        self._numbers = count()
        self._people: tuple[Sequence[str], str] | None = None
        self.con = con

    def put(self, rows: pa.Table) -> str:
        """Make rows known to the connection, and return their table's name."""
        name = f"coterie_rows_{next(self._numbers)}"
        self.con.register(name, rows)
        return name

    def rows(
        self, name: str, kinds: Mapping[str, Type], *, people: Sequence[str] | None = None
    ) -> str:
        """SQL of one event name's rows, as :meth:`coterie.storage.lake.Lake.scan` has them.

        Parameters
        ----------
        kinds : mapping of str to Type
            The properties that are wanted as well.
        people : sequence of str, optional
            Whose rows are wanted, in order; by default everybody's.
        """
        files, beyond = self._scans.now(name, people)
        return self._sql(files, beyond, kinds, None if people is None else self._among(people))

    def of(self, name: str, kinds: Mapping[str, Type], people: Sequence[str]) -> str | None:
        """The same of some people; None where they have no row."""
        files, beyond = self._scans.now(name, people)
        if not files and beyond is None:
            return None
        return self._sql(files, beyond, kinds, self._among(people))

    def _among(self, people: Sequence[str]) -> str:
        """The table of these people; of the same list again, the one made before."""
        if self._people is None or self._people[0] is not people:
            rows = pa.table({"person": pa.array(people, pa.string())})
            self._people = people, self.put(rows)
        return self._people[1]

    def these(self, rows: pa.Table, kinds: Mapping[str, Type]) -> str:
        """The same SQL of rows as the log has them."""
        return self._sql([], rows, kinds, None)

    def _sql(
        self, files: list[str], beyond: pa.Table | None, kinds: Mapping[str, Type],
        people: str | None,
    ) -> str:  # fmt: skip
        present = self._scans.columns(files)
        return events_sql(
            files,
            present if beyond is None else present | set(beyond.column_names),
            kinds,
            None,
            links=LINKS,
            superseded=SUPERSEDED,
            rename=column,
            beyond=None if beyond is None else self.put(beyond),
            people=people,
        )


class Scans:
    """Where event rows are: in the lake's files, and in tables of what the lake has not yet.

    Parameters
    ----------
    lake : Lake
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._con = lake.connect()
        self._footers, self._holders = Footers(), Holders()
        self._settled = -1
        self._beyond: dict[str, list[pa.Table]] = {}
        self._pending = Pending()
        self.known = Known(self._con, Identities(lake.folder))

    def close(self) -> None:
        """Let go of the memory, and of what did not fit into it."""
        self._con.close()

    @contextmanager
    def open(self) -> Iterator[Scan]:
        """A connection of its own."""
        self.known.tell()
        self.settle()  # another process may have moved to the lake what is held here
        with self._con.cursor() as con:
            yield Scan(self, con)

    def now(self, name: str, people: Sequence[str] | None) -> tuple[list[str], pa.Table | None]:
        """The files and the table that hold one event name's rows, each of them once."""
        while True:
            at = self.settle()
            found = self.files(name, people), self.beyond(name, people)
            if self._lake.offset() == at:  # else they are being moved at this moment
                return found

    def names(self) -> list[str]:
        """The event names that ever occurred."""
        self.settle()
        return sorted({*self._lake.names(), *self._beyond, *self._pending.names})

    def files(self, name: str, people: Sequence[str] | None) -> list[str]:
        """The files that may hold rows of these people, or of anybody."""
        files = self._lake.files(name)
        if people is None:
            return files
        held = self._footers.holding(files, people)
        return held if len(people) > FEW else self._holders.holding(held, people)

    def columns(self, files: Sequence[str]) -> set[str]:
        """The columns that at least one of the files has."""
        return self._footers.columns(files)

    def beyond(self, name: str, people: Sequence[str] | None) -> pa.Table | None:
        """The rows of one event name that the lake has not, None for none.

        Of some people, those of others are not even made.
        """
        if people is None:
            for each, made in self._pending.unpacked().items():
                self._beyond.setdefault(each, []).append(made)
            tables = self._beyond.get(name, [])
        else:
            whose = pa.array(people, pa.string())
            made = self._pending.of(people).get(name)
            tables = [_among(each, whose) for each in self._beyond.get(name, ())]
            tables = [each for each in (*tables, made) if each is not None and each.num_rows]
        return pa.concat_tables(tables, promote_options="default") if tables else None

    def hold(self, plan: TrackingPlan, events: Sequence[tuple[Entry, Event]]) -> None:
        """Keep events until the lake has them."""
        self._pending.add(plan, events)
        self._settled = -1

    @property
    def n_held(self) -> int:
        """How many rows and events are kept because the lake has them not."""
        rows: int = sum(table.num_rows for tables in self._beyond.values() for table in tables)
        return rows + len(self._pending)

    def settle(self) -> int:
        """Let go of the rows that the lake has by now, and say up to where it has them."""
        held = self._lake.offset()
        if held == self._settled:
            return held
        self._settled = held
        self._pending.settle(held)
        if not self._beyond:
            return held
        left = {
            name: [table.filter(pc.greater(table["offset"], held)) for table in tables]
            for name, tables in self._beyond.items()
        }
        self._beyond = {
            name: kept
            for name, tables in left.items()
            if (kept := [table for table in tables if table.num_rows])
        }
        return held

    def forget(self) -> None:
        """Let go of all rows and of what files say about people: somebody was erased."""
        self._beyond = {}
        self._pending = Pending()
        self._footers.forget()
        self._holders.forget()


def _among(rows: pa.Table, people: pa.Array) -> pa.Table:
    """The rows of these people."""
    return rows.filter(pc.is_in(rows["person"], value_set=people))
