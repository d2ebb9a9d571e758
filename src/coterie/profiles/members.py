"""Who is in which segment or stage, and the change records between two answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

KEYS = ["profile", "segment", "stage"]
MEMBERS = pa.schema([(name, pa.string()) for name in KEYS])
"""One row a membership; `stage` is empty for a segment."""

CHANGES = pa.schema(
    [
        *MEMBERS,
        ("change", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("version", pa.int64()),
        ("sequence", pa.int64()),
        ("reason", pa.string()),
        ("cause", pa.string()),
        ("offset", pa.int64()),
    ]
)
"""One row an entrance or exit: when, under which version of the definitions, and why.

`offset` is of the log entry that made it due: a run's tick, or the stream's; `reason` says more of
the cause, such as which version of parameters.
"""


def memberships(state: pa.Table, segments: Iterable[str], stages: Iterable[str]) -> pa.Table:
    """Every membership that a state holds, by profile and then name.

    Parameters
    ----------
    state : pyarrow.Table
        One row a profile: a boolean column for each segment, text for each of the stages.
    """
    parts = [MEMBERS.empty_table()]
    for name in segments:
        inside = state["profile"].filter(state[name])
        parts.append(_rows(inside, name, pa.repeat(pa.scalar(""), len(inside))))
    parts += [_rows(state["profile"], name, state[name]) for name in stages]
    return pa.concat_tables(parts).sort_by([(key, "ascending") for key in KEYS])


def _rows(profiles: pa.ChunkedArray, name: str, stage: pa.Array | pa.ChunkedArray) -> pa.Table:
    names = pa.repeat(pa.scalar(name), len(profiles))
    return pa.table([profiles, names, stage], schema=MEMBERS)


def changes(
    before: pa.Table,
    now: pa.Table,
    *,
    at: int,
    version: int,
    offset: int,
    cause: str = "run",
    first: int = 1,
    merged: pa.Array | None = None,
) -> pa.Table:
    """The entrances and exits that lead from one set of memberships to another.

    Parameters
    ----------
    before, now : pyarrow.Table
        Of the schema `MEMBERS`.
    at : int
        The clock, microseconds UTC: when the change was seen.
    version, offset : int
        Of the definitions, and of the run's tick in the log.
    cause : str
        What made the difference.
    first : int
        The number of the first record; a run with several causes numbers on.
    merged : pyarrow array, optional
        Profiles that have become one with another: what moves them has the cause ``merge``.

    Returns
    -------
    pyarrow.Table
        Of the schema `CHANGES`, numbered by profile, name, exits before entrances.
    """
    exited = before.join(now, KEYS, join_type="left anti")
    entered = now.join(before, KEYS, join_type="left anti")
    found = pa.concat_tables([_said(exited, "exited"), _said(entered, "entered")])
    order = [("profile", "ascending"), ("segment", "ascending"), ("change", "descending")]
    found = found.sort_by(order)
    n = found.num_rows
    causes = pa.repeat(pa.scalar(cause), n)
    if merged is not None:
        causes = pc.if_else(pc.is_in(found["profile"], value_set=merged), "merge", causes)
    rest = {
        "at": pa.repeat(pa.scalar(at, pa.timestamp("us", "UTC")), n),
        "version": pa.repeat(pa.scalar(version, pa.int64()), n),
        "sequence": pa.array(range(first, first + n), pa.int64()),
        "cause": causes,
        "offset": pa.repeat(pa.scalar(offset, pa.int64()), n),
        "reason": pa.repeat(pa.scalar(""), n),
    }
    columns = {name: found[name] for name in (*KEYS, "change")} | rest
    return pa.table([columns[name] for name in CHANGES.names], schema=CHANGES)


def _said(rows: pa.Table, change: str) -> pa.Table:
    rows = rows.select(KEYS)
    return rows.append_column("change", pa.repeat(pa.scalar(change), rows.num_rows))


def folded(log: pa.Table, offset: int | None = None) -> pa.Table:
    """The memberships that change records add up to, up to an offset.

    Of each ``(profile, segment, stage)`` the last record decides.
    """
    if offset is not None:
        log = log.filter(pc.less_equal(log["offset"], offset))
    log = log.sort_by([("offset", "ascending"), ("sequence", "ascending")])
    last = log.group_by(KEYS, use_threads=False).aggregate([("change", "last")])
    inside = last.filter(pc.equal(last["change_last"], "entered"))
    return inside.select(KEYS).sort_by([(key, "ascending") for key in KEYS])


def of_runs(log: pa.Table, runs: Sequence[int]) -> pa.Table:
    """Change records in their order, each at the offset of the run that first answers after it.

    Parameters
    ----------
    runs : sequence of int
        Offsets, ascending. What came after the last of them is left out.

    Notes
    -----
    A run's own records are at its offset; the stream's lie at ticks between.
    """
    log = log.sort_by([("offset", "ascending"), ("sequence", "ascending")])
    offsets = np.array([*runs], np.int64)
    places = np.searchsorted(offsets, log["offset"].to_numpy())
    log = log.slice(0, int(np.searchsorted(places, len(offsets))))  # places ascend
    found = pa.array(offsets[places[: log.num_rows]], pa.int64())
    return log.set_column(log.schema.get_field_index("offset"), "offset", found)


def moved(log: pa.Table, offset: int) -> Mapping[tuple[str, str], tuple[int, int]]:
    """How many entered and exited each ``(segment, stage)`` at one run."""
    log = log.filter(pc.equal(log["offset"], offset))
    counted = log.group_by(["segment", "stage", "change"]).aggregate([([], "count_all")])
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in counted.to_pylist():
        entered, exited = found.get(key := (row["segment"], row["stage"]), (0, 0))
        if row["change"] == "entered":
            entered = row["count_all"]
        else:
            exited = row["count_all"]
        found[key] = (entered, exited)
    return found
