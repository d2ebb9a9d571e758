"""Asking the lake: everyone's values of any definitions, at any positions, in one plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.fits import Fits
from coterie.engines.sql import LakeSource, SqlEngine
from coterie.language.library import Library
from coterie.storage.lake import Lake

SPINE = pa.schema([("profile", pa.string()), ("offset", pa.int64()), ("t", pa.int64())])


class Asking:
    """One reader's questions to the lake.

    Parameters
    ----------
    lake : Lake
    library : Library
        What may be asked for.
    """

    def __init__(self, lake: Lake, library: Library) -> None:
        self.lake = lake
        self.library = library
        self._engines: dict[int, SqlEngine] = {}
        self._first: dict[int, pa.Table] = {}

    def values(self, names: Sequence[str], spine: pa.Table, fits: Fits) -> pa.Table:
        """The spine with one more column a name, in the engine's units."""
        answers = self._engine(pc.max(spine["offset"]).as_py() or 0).evaluate(names, spine, fits)
        for name in names:
            spine = spine.append_column(name, answers[name])
        return spine

    def sql(self, names: Sequence[str]) -> str:
        """The SQL by which definitions are answered."""
        return self._engine(self.lake.offset()).explain(names)

    def _engine(self, offset: int) -> SqlEngine:
        if offset not in self._engines:
            self._engines[offset] = SqlEngine(
                LakeSource(self.lake, offset, **self.lake.settings()), self.library
            )
        return self._engines[offset]

    def everyone(self, offset: int, instants: Iterable[int]) -> pa.Table:
        """A spine with a point for each instant and each profile that had an event by then.

        By instant and then profile.
        """
        first = self._first_seen(offset)
        parts = [SPINE.empty_table()]
        for t in instants:
            seen = first["profile"].filter(pc.less_equal(first["first"], t))
            parts.append(points(seen, offset, t))
        return pa.concat_tables(parts).combine_chunks()

    def last_event(self, offset: int) -> int | None:
        """The instant of the newest event of anybody, microseconds UTC; None without one."""
        newest: int | None = pc.max(self._first_seen(offset)["last"]).as_py()
        return newest

    def _first_seen(self, offset: int) -> pa.Table:
        """Each profile with the instants of its first and last event."""
        if offset not in self._first:
            self._first[offset] = self.lake.presence(offset)
        return self._first[offset]


def points(profiles: pa.ChunkedArray | pa.Array, offset: int, t: int) -> pa.Table:
    """A spine of these profiles at one position."""
    n = len(profiles)
    fixed = [pa.repeat(pa.scalar(value, pa.int64()), n) for value in (offset, t)]
    return pa.table([profiles, *fixed], schema=SPINE)
