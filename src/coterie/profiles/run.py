"""A run: the clock moves, models learn, everyone is asked anew, and the changes are recorded."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
import pyarrow as pa

from coterie.engines.fits import Fit, Fits
from coterie.errors import ClockError
from coterie.language.codec import to_json
from coterie.language.time import iso
from coterie.profiles import columns, fitting, members, state
from coterie.profiles.asking import Asking
from coterie.profiles.causes import Causes, Step
from coterie.profiles.flushing import Progress, silent
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Position, Stores
from coterie.storage import ledger

_JSON = msgspec.json.Encoder(order="deterministic")


class Run:
    """One run over a project's stores.

    Parameters
    ----------
    stores : Stores
        Nobody else writes to them meanwhile; the lake holds all that the log does
        (:func:`coterie.profiles.flushing.flush`).
    questions : Questions
    committed_at : int
        Microseconds UTC, now.
    author, note : str
        Who ran it, and what they say about it: kept with the run, and so with each version of
        the definitions that one brought in.
    refit : bool or collection of str
        What is learned anew although a version is active: everything, or these fit keys.
    progress : callable, optional

    Notes
    -----
    The tick's offset in the log is the run's id. Whatever a run writes is told by it from what
    others wrote, and the ledger's row, written last, makes all of it seen at once: a run that is
    killed before leaves the former answer, and the next run starts over from the log.
    """

    def __init__(
        self,
        stores: Stores,
        questions: Questions,
        *,
        committed_at: int,
        author: str = "",
        note: str = "",
        refit: bool | Collection[str] = True,
        progress: Progress = silent,
    ) -> None:
        self.log, self.lake, self.ledger = stores
        self.questions = questions
        self.committed_at = committed_at
        self.said = {"author": author, "note": note}
        self.refit = refit
        self.tell = progress
        self._asking = Asking(self.lake, questions.asked)

    def to(self, clock: int) -> ledger.Run:
        """Move the clock to this instant, answer everything there, and return the run.

        Parameters
        ----------
        clock : int
            Microseconds UTC.

        Raises
        ------
        ClockError
            The clock stands later already.
        """
        check_clock(self.log.clock(), clock)
        former = self.ledger.last_run()
        version = self.define(former, clock)
        tick = self.log.append("tick", clock, b"{}")
        self.flush()
        fits = self.fit(clock)
        offset = self.log.end()
        answer = self.answer(offset, clock, fits)
        changes = self.compare(former, answer, Position(offset, clock), version, tick)
        self.keep(tick, answer, changes)
        done = self.commit(tick, clock, offset, version, answer, changes)
        self.flush()
        state.sweep(self.lake, keep={tick, former.offset if former else tick})
        return done

    def define(self, former: ledger.Run | None, clock: int) -> int:
        """Keep the definitions, if the former run had others, and return their version."""
        digest = self.questions.library.hash()
        if former is not None and former.definitions_hash == digest:
            return int(former.counts["version"])
        body = to_json(self.questions.definitions)
        self.log.append("definitions", clock, body.encode())
        return self.ledger.add_definitions(digest, clock, body)

    def flush(self) -> None:
        """Bring what this run wrote to the log to the lake, so that both stand at one offset."""
        self.lake.flush(self.log, self.questions.library.plan)

    def fit(self, clock: int) -> Fits:
        """Learn every model from everyone at the clock; what it learnt anew becomes active."""
        self.tell("Fitting", 0, 1)
        known = fitting.stored(self.ledger, self.log.end())

        def activate(key: str, at: int, parameters: dict[str, Any]) -> Fit:
            active = known.active(key, self.log.end(), at)
            if active is not None and active.parameters == parameters:
                return active
            payload = _JSON.encode({"node": key, "parameters": parameters})
            offset = self.log.append("model", at, payload)
            self.ledger.add_fit(ledger.Fit(offset=offset, at=at, node=key, parameters=parameters))
            return Fit(key, offset, at, parameters)

        return fitting.fitted(
            self.questions, self._asking, self.questions.names, [clock], self.log.end, known,
            activate=activate, again=self.refit,
        )  # fmt: skip

    def answer(self, offset: int, clock: int, fits: Fits) -> pa.Table:
        """Everyone's traits, segments, stages and permissions at the position."""
        self.tell("Asking everyone", 0, 1)
        names, asked = self.questions.names, self.questions.asked
        spine = self._asking.everyone(offset, [clock])
        units = self._asking.values(names, spine, fits).drop_columns(["offset", "t"])
        return columns.table(units, {name: asked.type(name) for name in names})

    def compare(
        self, former: ledger.Run | None, answer: pa.Table, position: Position, version: int,
        tick: int,
    ) -> pa.Table:  # fmt: skip
        """The change records between the former run's memberships and these, cause by cause."""
        library = self.questions.library
        now = members.memberships(answer, library.segments, library.stages)
        before, steps = members.MEMBERS.empty_table(), [Step("run", now)]
        if former is not None:
            before = state.read_members(self.lake, former)
            stores = Stores(self.log, self.lake, self.ledger)
            steps = Causes(stores, self.questions, self._asking, former, position).steps(
                before, now
            )
        records = [members.CHANGES.empty_table()]
        for step in steps:
            records.append(members.changes(
                before, step.members, at=position.t, version=version, offset=tick,
                cause=step.cause, first=1 + sum(one.num_rows for one in records),
                merged=step.merged,
            ))  # fmt: skip
            before = step.members
        return pa.concat_tables(records)

    def keep(self, tick: int, answer: pa.Table, changes: pa.Table) -> None:
        """Write the answer and the changes, seen by nobody yet."""
        self.tell("Recording changes", 0, 1)
        state.write_state(self.lake, tick, answer)
        state.add_changes(self.lake, self.ledger, tick, changes)

    def commit(
        self, tick: int, clock: int, offset: int, version: int, answer: pa.Table, changes: pa.Table
    ) -> ledger.Run:
        """Make the run the one that everybody sees."""
        library = self.questions.library
        done = ledger.Run(
            offset=tick,
            clock=clock,
            definitions_hash=library.hash(),
            committed_at=self.committed_at,
            counts={
                "offset": offset,
                "version": version,
                "people": answer.num_rows,
                "changes": changes.num_rows,
                "segments": list(library.segments),
                "stages": list(library.stages),
                "meanings": self.questions.meanings(),
                **self.said,
            },
        )
        self.ledger.add_run(done)
        self.tell("Recording changes", 1, 1)
        return done


def check_clock(clock: int | None, wanted: int) -> None:
    """Refuse to move the clock back."""
    if clock is not None and wanted < clock:
        raise ClockError(
            "the clock cannot be moved back",
            where="--until", got=iso(wanted), expected=f"{iso(clock)} or later",
            hint="to look at the past, ask with --at: it only reads",
        )  # fmt: skip
