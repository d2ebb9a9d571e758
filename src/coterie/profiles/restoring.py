"""What runs wrote to the lake, and how it is written again from the log where it is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pyarrow as pa

from coterie.errors import StoreError
from coterie.profiles import fitting, members, state
from coterie.profiles.flushing import Progress, silent
from coterie.profiles.questions import Questions
from coterie.profiles.run import Run
from coterie.profiles.stores import Stores, answered
from coterie.profiles.transitions import STREAM, TABLE, made_live
from coterie.storage import ledger
from coterie.storage.outbox import Outbox

_BACKUP = "restore the whole data folder from one backup: the log has forgotten what the lake had"


def check(stores: Stores) -> None:
    """Refuse to answer from a lake that lacks what runs wrote there.

    Raises
    ------
    StoreError
        Without this, a lake that was deleted would answer that nobody is anywhere.
    """
    if lost(stores):
        raise StoreError(
            "the lake lacks what the last run wrote: it was deleted, or restored from an older "
            "backup", where="data/lake",
            hint=_BACKUP if stores.log.forgotten() else "restore data/lake from a backup, or type "
            "`coterie run`: it writes the lake again from the log",
        )  # fmt: skip


def lost(stores: Stores) -> bool:
    """Whether the lake lacks events, answers or change records that a run had."""
    _, lake, decided = stores
    run = decided.last_run()
    if run is None:
        return False
    return (
        lake.offset() < run.offset
        or not state.has_state(lake, run)
        or not state.has_changes(lake, decided)
        or not _has_stream(stores)
    )


def _has_stream(stores: Stores) -> bool:
    """Whether the lake holds records of the stream, where any are kept nowhere else."""
    moved = (stores.lake.folder / TABLE / "_delta_log").is_dir()
    return moved or Outbox(stores.ledger).moved() == 0


def restore(
    stores: Stores, questions: Callable[[ledger.Run], Questions], progress: Progress = silent
) -> int:
    """Write the answer of the last run and the change records of all again; return how many runs.

    Parameters
    ----------
    stores : Stores
        The lake holds all that the log does; nobody else writes meanwhile.
    questions : callable
        What a run asked, by the definitions that it had.

    Notes
    -----
    Each run is answered again at its own position, by its own definitions and the fits that were
    active there, so that the records are those that were written then. The last run's answer is
    written last: whoever kills this leaves a lake that still lacks it, and it begins anew. What a
    stream recorded on its way to a run is made again by a stream that goes the same way.

    Raises
    ------
    StoreError
        The log has forgotten entries ([log] keep_days): it does not have all that runs had.
    """
    if stores.log.forgotten():
        check(stores)
    runs = stores.ledger.runs()
    state.forget(stores.lake)
    _restore_stream(stores, questions(runs[-1]), progress)
    records, former = [members.CHANGES.empty_table()], None
    for done, run in enumerate(runs):
        progress("Restoring runs", done, len(runs))
        answer, changes = _again(stores, questions(run), run, former)
        records.append(changes)
        if run is runs[-1]:
            state.write_changes(stores.lake, pa.concat_tables(records))
        state.write_state(stores.lake, run.offset, answer)
        former = run
    state.sweep(stores.lake, keep={run.offset for run in runs[-2:]})
    progress("Restoring runs", len(runs), len(runs))
    return len(runs)


def _restore_stream(stores: Stores, questions: Questions, progress: Progress) -> None:
    """Write the stream's records again, unless the lake has all that were moved there."""
    moved = Outbox(stores.ledger).moved()
    if stores.lake.transaction(TABLE, STREAM) < moved:
        from coterie.profiles.live import again  # the stream's engine, which few questions need

        shutil.rmtree(stores.lake.folder / TABLE, ignore_errors=True)
        again.write(stores, questions, progress)


def _again(
    stores: Stores, questions: Questions, run: ledger.Run, former: ledger.Run | None
) -> tuple[pa.Table, pa.Table]:
    """A run's answer and change records, as it wrote them."""
    asker = Run(stores, questions, committed_at=run.committed_at)
    fits = fitting.stored(stores.ledger, answered(run).offset)
    answer = asker.answer(*answered(run), fits)
    version = int(run.counts["version"])
    if made_live(run):
        return answer, members.CHANGES.empty_table()
    return answer, asker.compare(former, answer, answered(run), version, run.offset)
