"""The lake: every event as typed columns in Delta tables, flushed from the log exactly once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from coterie.language.plan import TrackingPlan
from coterie.language.types import Type
from coterie.storage import compaction, reading, spilling
from coterie.storage.beside import Tables
from coterie.storage.delta import Part, Table
from coterie.storage.explode import HEAD, folder
from coterie.storage.flushing import following, rows
from coterie.storage.footers import Footers
from coterie.storage.history import OF_MANY, SCHEMA, histories
from coterie.storage.identities import IDENTITIES, LOG, Identities
from coterie.storage.log import Entry, Log
from coterie.storage.presence import SCHEMA as SEEN
from coterie.storage.presence import Presence, presence_sql, state_of
from coterie.storage.stopping import watched

_EVENTS = "events"
_PRESENCE = "presence"


class Lake(Tables):
    """The lake of one project: Delta tables below one folder.

    Parameters
    ----------
    folder : Path
        Made at the first write.
    memory : str
        What a database that reads the lake may hold before it spills, as DuckDB takes it: ``4GB``,
        or a share of the machine's memory.

    Notes
    -----
    One process writes at a time, others wait for it; any number may read meanwhile. A file that
    a version held is kept until the second compaction after it, but an erasure deletes every
    file of the past at once, so a query that runs during it may have to be asked again.
    """

    def __init__(self, folder: Path, memory: str = spilling.HALF) -> None:
        super().__init__(folder, (_EVENTS, _PRESENCE, *IDENTITIES))
        self._memory = memory
        self._events = Table(folder / _EVENTS, ["name"])
        self._footers = Footers()
        self._identities = Identities(folder)
        self._presence = Presence(folder / _PRESENCE)

    def settings(self) -> dict[str, str]:
        """DuckDB's settings for one database that reads the lake: its memory, and where it spills.

        Ask anew for each: what two of them spill must not meet.
        """
        return spilling.settings(self.folder, self._memory)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A database in memory for questions to the lake; the caller closes it."""
        return watched(duckdb.connect(config=dict(self.settings())))

    def offset(self) -> int:
        """The last offset of the log that the lake holds, 0 for an empty lake."""
        return self._events.transaction(LOG)

    def flush(
        self, log: Log, plan: TrackingPlan, *, progress: Callable[[int], None] | None = None,
        until: int | None = None,
    ) -> int:  # fmt: skip
        """Move what the log has and the lake has not, and return how many events that was.

        Parameters
        ----------
        until : int, optional
            An offset that is enough: a log that grows meanwhile is not followed for ever.
        progress : callable, optional
            Told after each commit how many entries of the log it moved.

        Raises
        ------
        StoreError
            A value does not fit the plan; its batch and all after it stay in the log only.
        """
        moved = 0
        with self._writing():
            while (until is None or self.offset() < until) and (
                entries := following(log, self.offset())
            ):
                moved += self._move(entries, plan)
                if progress is not None:
                    progress(len(entries))
        return moved

    def _move(self, entries: Sequence[Entry], plan: TrackingPlan) -> int:
        events = [entry for entry in entries if entry.kind == "event"]
        tables = rows(events, plan)
        mark = (LOG, entries[-1].offset)
        self._identities.learn([table for _, table in tables], mark)
        version = self._events.version() + 1
        parts = [
            self._events.write(
                f"{folder(name)}/{version:010}-new.parquet", [table], table.schema, {"name": name}
            )
            for name, table in tables
        ]
        schema = pa.unify_schemas([HEAD, *(table.schema for _, table in tables)])
        self._events.commit(parts, schema=schema, transaction=mark)
        return len(events)

    def names(self) -> list[str]:
        """The event names that the lake holds, in order."""
        return sorted({_name(part) for part in self._events.parts()})

    def files(self, name: str) -> list[str]:
        """The Parquet files that hold one event name now."""
        return self._events.paths(part for part in self._events.parts() if _name(part) == name)

    def every(self) -> list[str]:
        """The Parquet files of all events."""
        return self._events.paths(self._events.parts())

    def scan(
        self,
        con: duckdb.DuckDBPyConnection,
        name: str,
        kinds: Mapping[str, Type],
        offset: int,
        *,
        rename: Callable[[str], str] = str,
    ) -> str:
        """SQL of the rows of one event name up to an offset, for the people they belong to.

        Parameters
        ----------
        con : DuckDBPyConnection
            Where the SQL will run: small tables of identities are put there.
        name : str
            An event name; one that never occurred gives no rows.
        kinds : mapping of str to Type
            The properties wanted, as the plan types them now.
        offset : int
            The last offset to see.
        rename : callable, optional
            From a property's name to its column's, where names would clash: SQL does not tell
            ``SKU`` from ``sku``, nor a property ``at`` from the event's own.

        Returns
        -------
        str
            A SELECT giving ``profile`` (text), ``at`` (microseconds UTC), ``key`` (blob),
            ``offset``, ``retired`` (the lowest offset of an event that supersedes this fact, null
            for none), then each property: integers and decimals as BIGINT units, instants as
            BIGINT microseconds.

        Notes
        -----
        A profile is the user; without one, the user that the anonymous id was first identified
        with, by the lowest offset of an event that carries both; without one, the anonymous id.
        Rows with neither are left out.
        """
        watched(con)
        files = self.files(name)
        whole = offset >= self.offset()  # of this version or a later one: no row is cut
        return reading.events_sql(
            files,
            self._footers.columns(files),
            kinds,
            None if whole else offset,
            links=self._identities.links(con, offset),
            superseded=self._identities.superseded(con, offset),
            rename=rename,
        )

    def presence(self, offset: int) -> pa.Table:
        """Each profile with the instants of its first and last event, as known at an offset.

        Returns
        -------
        pyarrow.Table
            ``profile``, ``first`` and ``last`` (microseconds UTC), by profile.

        Notes
        -----
        Of all that the lake holds it is read as :meth:`keep_presence` left it; at an earlier
        offset, or where that was not done since the last flush, all events are read for it.
        """
        state = self._state()  # before the offset, so that it holds nothing beyond it
        if offset >= self.offset() and (kept := self._presence.read(state)) is not None:
            return kept
        with (
            TemporaryDirectory(prefix="coterie-") as spill,
            duckdb.connect(config={"temp_directory": spill}) as con,
        ):
            return con.sql(self._seen(con, offset)).to_arrow_table().cast(SEEN)

    def keep_presence(self) -> None:
        """Count who is there and keep it for :meth:`presence`, unless that was done already."""
        with self._writing():
            offset = self.offset()
            if self._identities.learnt() <= offset:  # else a killed flush is still to be finished
                self._presence.keep(self._state(), lambda con: self._seen(con, offset))

    def _state(self) -> str:
        return state_of([*self._identities.parts(), *(part.path for part in self._events.parts())])

    def _seen(self, con: duckdb.DuckDBPyConnection, offset: int) -> str:
        return presence_sql([self.scan(con, name, {}, offset) for name in self.names()], offset)

    def people(self, profile: str, offset: int | None = None) -> set[str]:
        """The profile's pseudonym and every anonymous id that belongs to it."""
        return {profile, *self._identities.devices([profile], offset)["anonymous"].to_pylist()}

    def history(self, con: duckdb.DuckDBPyConnection, profile: str, plan: TrackingPlan) -> pa.Table:
        """Every event of one person, of all names, by instant and then key.

        Returns
        -------
        pyarrow.Table
            ``name``, ``at``, ``received_at`` (microseconds UTC), ``offset``, ``retired``,
            ``key``, ``fact``, ``message_id``, ``source``, ``type``, ``user``, ``anonymous``,
            ``supersedes``, and ``properties``: a JSON object of what the plan knows and what it
            does not, with amounts as exact numbers and instants as microseconds.
        """
        return self.histories(con, [profile], plan).select(SCHEMA.names)

    def histories(
        self,
        con: duckdb.DuckDBPyConnection,
        profiles: Sequence[str],
        plan: TrackingPlan,
        *,
        columns: Collection[str] = OF_MANY.names,
        span: tuple[int, int] | None = None,
        most: int | None = None,
        names: Collection[str] | None = None,
    ) -> pa.Table:
        """Every event of each of these people, by profile, instant and then key.

        Parameters
        ----------
        profiles : sequence of str
            Pseudonyms; one that nobody has gives no rows, and one that is given twice no more
            than once.
        columns : collection of str, optional
            Those wanted beside ``profile``, ``at`` and ``key``: others are not even read, which
            counts when there are many people.
        span : (int, int), optional
            Only events of these instants and those between them, microseconds UTC.
        most : int, optional
            So many of each name are enough, whichever they are.
        names : collection of str, optional
            Only events of these names.

        Returns
        -------
        pyarrow.Table
            ``profile`` and the columns of :meth:`history`.

        Notes
        -----
        Only files that span one of these people or their devices are read.
        """
        files: dict[str, list[str]] = {}
        for part in self._events.parts():
            if names is None or _name(part) in names:
                files.setdefault(_name(part), []).extend(self._events.paths([part]))
        return histories(
            con, files, self._footers, self._identities, plan, profiles=profiles, columns=columns,
            span=span, most=most,
        )  # fmt: skip

    def compact(self) -> None:
        """Rewrite each event name's small files as large ones sorted by person and time.

        Files of the version before are kept for readers that have just begun, older ones go.
        """
        with self._writing():
            before = self._events.parts()
            for name in self.names():
                compaction.compact(self._events, name)
            self._events.tidy()
            self._events.sweep(keep=before)
            self._identities.compact()
            for table in self._others():
                compaction.merge(table)

    def unsorted(self) -> float:
        """The share of the events' rows that no compaction has sorted yet."""
        parts = self._events.parts()
        rest = sum(part.n_rows for part in parts if not compaction.is_sorted(part))
        return rest / max(1, sum(part.n_rows for part in parts))

    def rebuild(
        self, log: Log, plan: TrackingPlan, *, progress: Callable[[int], None] | None = None
    ) -> int:
        """Fill the events anew from the log, under a plan that gained properties or arrays.

        Values that an older plan did not know wait in the column ``extra``, where no scan sees
        them; this moves them to columns of their own. Readers see the lake fill meanwhile, and
        after a crash the next flush goes on. Parameters and errors are those of :meth:`flush`.
        """
        log.unbroken(0, 1)
        with self._writing():
            self._events.commit([], self._events.parts(), schema=HEAD, transaction=(LOG, 0))
        return self.flush(log, plan, progress=progress)

    def erase(self, people: Collection[str]) -> int:
        """Delete the rows of these people from every table, and every file that held them.

        Parameters
        ----------
        people : collection of str
            Pseudonyms of users and anonymous ids; a row with a user belongs to that user alone.

        Returns
        -------
        int
            How many rows of events went, line events included.
        """
        people = frozenset(people)
        with self._writing():
            self._presence.forget()
            gone = compaction.erase(self._events, people)
            self._footers.forget()
            for table in self._others():
                compaction.erase(table, people)
            spilling.wipe(self.folder)
            self._identities.erase(people)  # last: only they tell whose devices the rows were
        return gone

    def shared(self, people: Collection[str]) -> set[str]:
        """The anonymous ids among these that events of a known user still carry."""
        return self._identities.linked(people)


def _name(part: Part) -> str:
    return str(part.partition["name"])
