"""Publishing what the stream has of everyone, as the answer that readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles import columns, fitting, members, state
from coterie.profiles.asking import Asking
from coterie.profiles.live.records import records_of
from coterie.profiles.live.terms import Terms
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores
from coterie.profiles.transitions import STREAM
from coterie.storage import ledger
from coterie.storage.outbox import Mark, Outbox

if TYPE_CHECKING:
    from coterie.profiles.live.host import Host


def publish(host: Host, *, committed_at: int, n_changes: int) -> ledger.Run:
    """Keep everyone's values at the clock as a run of its own, which readers see from then on.

    Parameters
    ----------
    host : Host
        Stands at a tick that it has written itself: its offset is the run's.
    committed_at : int
        Microseconds UTC, now.
    n_changes : int
        Change records since the run before.

    Notes
    -----
    The run itself changes nobody: the stream's records hold each change at its own instant.
    """
    host.lake.flush(host.log, host.questions.library.plan)
    host.lake.keep_presence()
    host.facts.settle()
    units = host.values(host.questions.names)
    return _kept(host.stores, host.questions, host.mark, units, committed_at, n_changes)


def catch_up(stores: Stores, terms: Terms, committed_at: int) -> ledger.Run | None:
    """Publish where a stream stood that was killed since its last run, by SQL; None for no need.

    Whatever compares itself with the last run, as the next run does, then sees what the stream
    recorded. The lake holds all that the log does.
    """
    mark, run = Outbox(stores.ledger).mark(), stores.ledger.last_run()
    if mark is None or (run is not None and run.counts["offset"] >= mark.offset):
        return None
    questions = terms.recorded(stores.ledger, mark.definitions_hash)
    asking = Asking(stores.lake, questions.asked)
    spine = asking.everyone(mark.offset, [mark.clock])
    units = asking.values(questions.names, spine, fitting.stored(stores.ledger, mark.offset))
    units = units.drop_columns(["offset", "t"])
    # a run that was killed may have left records under this very offset
    state.add_changes(stores.lake, stores.ledger, mark.offset, members.CHANGES.empty_table())
    _settle(stores, questions, mark, units)
    return _kept(stores, questions, mark, units, committed_at, 0)


def _settle(stores: Stores, questions: Questions, mark: Mark, units: pa.Table) -> None:
    """Record who was due at the clock and still waited, where deadlines were bounded."""
    library, kept = questions.library, stores.ledger.definitions(mark.definitions_hash)
    log = state.read_changes(stores.lake, stores.ledger)
    log = log.filter(pc.less_equal(log["offset"], mark.offset))
    last = pc.max(log.filter(pc.equal(log["offset"], mark.offset))["sequence"]).as_py() or 0
    now = members.memberships(units, library.segments, library.stages)
    found = members.changes(
        members.folded(log), now, at=mark.clock, version=kept.version if kept else 0,
        offset=mark.offset, cause="time", first=last + 1,
    )  # fmt: skip
    if found.num_rows or mark.settled < mark.offset:
        settled = msgspec.structs.replace(mark, settled=mark.offset)
        Outbox(stores.ledger).commit(settled, records_of(found))


def _kept(
    stores: Stores,
    questions: Questions,
    mark: Mark,
    units: pa.Table,
    committed_at: int,
    n_changes: int,
) -> ledger.Run:
    asked, library = questions.asked, questions.library
    answer = columns.table(units, {name: asked.type(name) for name in questions.names})
    former, kept = stores.ledger.last_run(), stores.ledger.definitions(library.hash())
    state.write_state(stores.lake, mark.offset, answer)
    run = ledger.Run(
        offset=mark.offset,
        clock=mark.clock,
        definitions_hash=library.hash(),
        committed_at=committed_at,
        counts={
            "offset": mark.offset,
            "version": kept.version if kept else 0,
            "people": answer.num_rows,
            "changes": 0,
            "transitions": n_changes,
            "by": STREAM,
            "segments": list(library.segments),
            "stages": list(library.stages),
            "meanings": questions.meanings(),
            "author": "",
            "note": "",
        },
    )
    stores.ledger.add_run(run)
    state.sweep(stores.lake, keep={mark.offset, former.offset if former else mark.offset})
    return run
