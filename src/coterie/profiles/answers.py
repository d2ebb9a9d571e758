"""Answers for readers: what is true at a position, without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.reference import Evaluation
from coterie.errors import ProjectError
from coterie.language.types import Type
from coterie.profiles import columns, fitting
from coterie.profiles.asking import Asking, points
from coterie.profiles.everybody import Everybody
from coterie.profiles.questions import Questions
from coterie.profiles.state import read_state
from coterie.profiles.stores import Position, Stores, answered
from coterie.profiles.timeline import History
from coterie.storage.ledger import Run


class Answers:
    """A reader of a project's stores.

    Parameters
    ----------
    stores : Stores
    questions : Questions
    held : Everybody, optional
        What of the last run's answer is kept in memory.
    """

    def __init__(self, stores: Stores, questions: Questions, held: Everybody | None = None) -> None:
        self._stores = stores
        self._questions = questions
        self._held = held
        self._asking = Asking(stores.lake, questions.asked)

    def last_run(self) -> Run:
        """The run that readers see.

        Raises
        ------
        ProjectError
            There is none yet.
        """
        run = self._stores.ledger.last_run()
        if run is None:
            raise ProjectError("nothing has been computed yet", hint="type: coterie run")
        return run

    def position(self, at: int | None) -> Position:
        """Where to read: the last run's answer, or an instant by all that is known now."""
        if at is None:
            return answered(self.last_run())
        run = self._stores.ledger.last_run()
        return Position(max(self._stores.lake.offset(), answered(run).offset if run else 0), at)

    def fits(self, names: Sequence[str], instants: Iterable[int], offset: int) -> Fits:
        """The fits active at each instant; where none was, one as of then for this answer only."""
        run = self._stores.ledger.last_run()
        known = fitting.stored(self._stores.ledger, answered(run).offset if run else 0)
        return fitting.fitted(
            self._questions, self._asking, tuple(names), instants, lambda: offset, known
        )

    def fitted_for_this_answer(
        self, names: Sequence[str], position: Position, fits: Fits
    ) -> list[str]:
        """The definitions that rest on a fit which nobody keeps."""
        passing = []
        for name in names:
            used = [fits.active(key, *position) for key in self._questions.asked.fitted([name])]
            if any(version is not None and version.offset == 0 for version in used):
                passing.append(name)
        return passing

    def everyone(self, names: Sequence[str], at: int | None) -> pa.Table:
        """Everyone's values of these definitions, with a column ``profile``.

        The last run's answer is read where it has them under today's definitions.
        """
        if at is None:
            run = self.last_run()
            if self._held is not None and self._held.run.offset == run.offset:
                return self._held.table(names)
            if run.definitions_hash == self._questions.library.hash():
                return read_state(self._stores.lake, run, self._kinds(names))
        spine = self.spine([self.position(at)], None)
        return self.values(names, spine).drop_columns(["at"])

    def _kinds(self, names: Sequence[str]) -> dict[str, Type]:
        return {name: self._questions.asked.type(name) for name in names}

    def values(self, names: Sequence[str], spine: pa.Table) -> pa.Table:
        """The values at each point of a spine, with columns ``profile`` and ``at`` before them."""
        offset = spine["offset"][0].as_py() if spine.num_rows else 0
        fits = self.fits(names, spine["t"].unique().to_pylist(), offset)
        units = self._asking.values(names, spine, fits)
        at = spine["t"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        asked = units.drop_columns(["offset", "t"]).add_column(1, "at", at)
        return columns.table(asked, self._kinds(names))

    def spine(self, positions: Sequence[Position], profiles: Sequence[str] | None) -> pa.Table:
        """A point for each position and person: everyone known by then, or the people named."""
        if profiles is None:
            parts = [self._asking.everyone(p.offset, [p.t]) for p in positions]
        else:
            people = pa.array(profiles, pa.string())
            parts = [points(people, *position) for position in positions]
        return pa.concat_tables(parts)

    def last_event(self) -> int | None:
        """The instant of anybody's newest event, microseconds UTC; None without one."""
        return self._asking.last_event(self._stores.lake.offset())

    def sql(self, names: Sequence[str]) -> str:
        """The SQL by which definitions are answered."""
        return self._asking.sql(names)

    def one(self, history: History, position: Position, fits: Fits) -> Evaluation:
        """One person at a position, answered by the plain-Python engine."""
        return Evaluation(self._questions.asked, history.facts(), *position, fits)
