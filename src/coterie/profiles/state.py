"""What the last run answered: one row a person, and the changes that led there.

A run writes a state table of its own and appends to the changes; both are seen only once the
ledger has the run. A run that dies before that leaves the former answer as it was, and what it
wrote is swept away by the next.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.types import Type
from coterie.profiles import transitions
from coterie.profiles.columns import arrow_type
from coterie.profiles.members import CHANGES, MEMBERS, memberships
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Run

_STATE = re.compile(r"state-(\d+)")
TABLE = "changes"
"""The change records of runs, a table of the lake."""

_REASON = "reason"


def write_state(lake: Lake, offset: int, state: pa.Table) -> None:
    """Keep the answer of the run whose tick is at this offset."""
    lake.write(_table(offset), state, mode="overwrite")


def read_state(lake: Lake, run: Run, kinds: Mapping[str, Type]) -> pa.Table:
    """The answer of a run: ``profile`` and a typed column for each of these definitions."""
    schema = pa.schema([("profile", pa.string()), *((n, arrow_type(k)) for n, k in kinds.items())])
    state = lake.columns(_table(run.offset), schema.names)
    return schema.empty_table() if state is None else state.cast(schema)


def files_of(lake: Lake, run: Run) -> tuple[str, ...]:
    """The files that hold the answer of a run: others as soon as anything of it is another."""
    return lake.kept(_table(run.offset))


def has_state(lake: Lake, run: Run) -> bool:
    """Whether the lake holds the answer of a run."""
    return _stands(lake, _table(run.offset))


def has_changes(lake: Lake, ledger: Ledger) -> bool:
    """Whether the lake holds change records, where any run wrote some."""
    wrote = any(run.counts["changes"] for run in ledger.runs())
    return not wrote or _stands(lake, TABLE)


def _stands(lake: Lake, table: str) -> bool:
    return (lake.folder / table / "_delta_log").is_dir()


def write_changes(lake: Lake, every: pa.Table) -> None:
    """Keep these change records and no others."""
    lake.write(TABLE, every, mode="overwrite")


def forget(lake: Lake) -> None:
    """Delete every answer and every change record."""
    sweep(lake, keep=())
    shutil.rmtree(lake.folder / TABLE, ignore_errors=True)


def read_members(lake: Lake, run: Run, among: Collection[str] | None = None) -> pa.Table:
    """The memberships of a run, by the definitions that it had; of some groups, or of all."""
    segments, stages = (
        [name for name in run.counts[kind] if among is None or name in among]
        for kind in ("segments", "stages")
    )
    state = lake.columns(_table(run.offset), ["profile", *segments, *stages])
    if state is None:
        return MEMBERS.empty_table()
    return memberships(state, segments, stages)


def sweep(lake: Lake, keep: Collection[int]) -> None:
    """Delete the states of all runs but these."""
    for folder in lake.folder.glob("state-*"):
        found = _STATE.fullmatch(folder.name)
        if found and int(found[1]) not in keep:
            shutil.rmtree(folder)


def add_changes(lake: Lake, ledger: Ledger, offset: int, new: pa.Table) -> None:
    """Append a run's change records, once; those of runs that never finished go.

    Notes
    -----
    The run that appended last is the table's last transaction. Where that one finished, nothing
    is left of any other, and what is there is not even read.
    """
    last = ledger.last_run()
    mark = ("run", offset)
    if lake.transaction(TABLE, "run") > (last.offset if last else 0):
        kept = _committed(lake.read(TABLE), ledger)
        lake.write(TABLE, pa.concat_tables([kept, new]), mode="overwrite", transaction=mark)
    elif new.num_rows:
        lake.write(TABLE, new, transaction=mark)


def read_changes(lake: Lake, ledger: Ledger, after: int = 0) -> pa.Table:
    """Every change record of the runs that finished and of the stream, as they follow each other.

    Parameters
    ----------
    after : int
        Only those of log entries after this offset; the others are not even read.

    Returns
    -------
    pyarrow.Table
        Of the schema :data:`coterie.profiles.members.CHANGES`, by log offset and number.
    """
    runs = _committed(lake.read(TABLE, above=("offset", after)), ledger)
    stream = transitions.read(lake, ledger, after)
    if not stream.num_rows:
        return runs
    every = pa.concat_tables([runs, stream.select(CHANGES.names).cast(CHANGES)])
    return every.sort_by([("offset", "ascending"), ("sequence", "ascending")])


def _committed(log: pa.Table | None, ledger: Ledger) -> pa.Table:
    if log is None:
        return CHANGES.empty_table()
    runs = pa.array([run.offset for run in ledger.runs()], pa.int64())
    log = log.filter(pc.is_in(log["offset"], value_set=runs))
    if _REASON not in log.column_names:  # written before there were reasons
        log = log.append_column(_REASON, pa.repeat(pa.scalar(""), log.num_rows))
    log = log.set_column(
        log.schema.get_field_index(_REASON), _REASON, pc.fill_null(log[_REASON], "")
    )
    return log.select(CHANGES.names).cast(CHANGES)


def _table(offset: int) -> str:
    return f"state-{offset}"
