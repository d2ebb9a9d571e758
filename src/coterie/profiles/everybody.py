"""Everybody at one answer, in columns: each is read when it is asked for first, and kept."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.types import Type
from coterie.profiles.state import read_state
from coterie.storage.lake import Lake
from coterie.storage.ledger import Run

MOST = 500_000_000
"""Bytes of columns that are kept; the shop's 46 definitions take 420 of a million people."""

FEW = 300
"""People who are looked up one by one; more at once take one look at everybody."""

LAST = "\U0010ffff"
"""What no profile has a character after."""

Truths = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[Any]]

_PROFILE = "profile"
_Kept = TypeVar("_Kept", pa.ChunkedArray, np.ndarray)


class Everybody:
    """What a run answered of everybody, by profile.

    Parameters
    ----------
    lake : Lake
    run : Run
    kind : callable
        The type of a definition, as that run had it.
    most : int
        Bytes of columns to keep; those that were not asked for longest go first.

    Notes
    -----
    An answer never changes, and neither does what is kept of it. One thread asks.
    """

    def __init__(self, lake: Lake, run: Run, kind: Callable[[str], Type], most: int = MOST) -> None:
        self.run = run
        self._lake = lake
        self._kind = kind
        self._most = most
        self._kept: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._bytes = 0

    def table(self, names: Sequence[str]) -> pa.Table:
        """One row a person: ``profile``, and a typed column for each of these definitions."""
        wanted = [*dict.fromkeys((_PROFILE, *names))]
        missing = [name for name in wanted if (name,) not in self._kept]
        found = {name: self._known((name,)) for name in wanted if name not in missing}
        found |= self._read(missing) if missing else {}
        return pa.table([found[name] for name in wanted], names=wanted)

    def _read(self, names: Sequence[str]) -> Mapping[str, pa.ChunkedArray]:
        kinds = {name: self._kind(name) for name in names if name != _PROFILE}
        found = read_state(self._lake, self.run, kinds)
        return {name: self._keep((name,), found[name]) for name in names}

    def column(self, name: str) -> pa.ChunkedArray:
        """The values of one definition."""
        return self.table([name])[name]

    def inside(self, name: str, stage: str = "") -> Truths:
        """Whether each is in a segment or stage, or a truth holds of them; unknown is no."""
        key = ("inside", name, stage)
        if key not in self._kept:
            values = self.column(name)
            holds = pc.equal(values, stage) if stage else values
            self._keep(key, _truths(pc.fill_null(holds, False)))
        found: Truths = self._known(key)
        return found

    def order(self, name: str, *, descending: bool) -> Places:
        """Everybody's rows by a value, unknown ones last, and of equal ones by profile."""
        key = ("order", name, "down" if descending else "up")
        if key not in self._kept:
            rows = pa.table([self.column(name)], names=["value"])
            rows = rows.append_column("row", pa.array(np.arange(rows.num_rows)))  # by profile
            order = [("value", "descending" if descending else "ascending"), ("row", "ascending")]
            self._keep(key, pc.sort_indices(rows, order).to_numpy().astype(np.int32))
        found: Places = self._known(key)
        return found

    @property
    def held(self) -> Mapping[tuple[str, ...], Any]:
        """What is kept by now, for another reader of the same answer (:meth:`take`)."""
        return {**self._kept}

    def take(self, held: Mapping[tuple[str, ...], Any]) -> None:
        """Keep what another reader of the same answer has read or worked out."""
        for key, found in held.items():
            if key not in self._kept:
                self._keep(key, found)

    # --- people ------------------------------------------------------------------------------

    def profile(self, place: int) -> str:
        """Whose row it is."""
        return str(self.column(_PROFILE)[place])

    def places(self, profiles: Sequence[str]) -> Places:
        """The rows of those of these people whom the answer has, in order."""
        if len(profiles) > FEW:
            among = pc.is_in(self.column(_PROFILE), value_set=pa.array(profiles, pa.string()))
            return np.flatnonzero(_truths(among))
        found = {place for profile in profiles if (place := self._place(profile)) is not None}
        return np.array(sorted(found), np.int64)

    def begin(self, text: str) -> slice:
        """The rows of whoever's profile begins with a text."""
        return slice(self._before(text), self._before(text + LAST))

    def _place(self, profile: str) -> int | None:
        at = self._before(profile)
        return at if at < len(self.column(_PROFILE)) and self.profile(at) == profile else None

    def _before(self, text: str) -> int:
        """How many profiles come before a text."""
        return bisect_left(range(len(self.column(_PROFILE))), text, key=self.profile)

    # --- keeping -----------------------------------------------------------------------------

    def _known(self, key: tuple[str, ...]) -> Any:
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: tuple[str, ...], found: _Kept) -> _Kept:
        self._kept[key] = found
        self._bytes += found.nbytes
        while self._bytes > self._most and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= gone.nbytes
        return found


def _truths(column: pa.ChunkedArray) -> Truths:
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False), np.bool_)
