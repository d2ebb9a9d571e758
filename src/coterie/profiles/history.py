"""Size over time: as runs believed it, and as it is known now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles import members
from coterie.profiles.answers import Answers
from coterie.profiles.stores import Position
from coterie.storage.ledger import Run

POINTS = 2_000_000
"""People times instants that are asked about at once."""


class Step(msgspec.Struct, frozen=True):
    """What one cause did to one segment or stage at one instant.

    Parameters
    ----------
    at : int
        The clock, microseconds UTC.
    offset : int
        The log offset of the run, or the one that is read at.
    version : int or None
        Of the definitions; None where no run had them yet.
    stage : str
        Empty for a segment.
    cause : str
        ``edit``, ``late``, ``merge``, ``run`` or ``refit`` (:mod:`coterie.profiles.causes`);
        empty for what is known now, which nobody recorded.
    entered, left : int
        Since the step before.
    size : int
        Who is in it afterwards, whatever they allowed.
    """

    at: int
    offset: int
    version: int | None
    stage: str
    cause: str
    entered: int
    left: int
    size: int


SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("offset", pa.int64()),
        ("version", pa.int64()),
        ("stage", pa.string()),
        ("cause", pa.string()),
        ("entered", pa.int64()),
        ("left", pa.int64()),
        ("size", pa.int64()),
    ]
)


def table(steps: Iterable[Step]) -> pa.Table:
    """The steps as columns."""
    return pa.Table.from_pylist([msgspec.structs.asdict(step) for step in steps], SCHEMA)


Moved = dict[str, dict[str, tuple[int, int]]]
"""Stage -> cause -> how many entered and left, causes in the order of their records."""


def believed(log: pa.Table, runs: Iterable[Run], name: str, stages: Sequence[str]) -> list[Step]:
    """What was recorded of a segment or stages up to each run: a step for each stage and cause.

    Parameters
    ----------
    log : pyarrow.Table
        Change records, of the schema :data:`coterie.profiles.members.CHANGES`.
    runs : iterable of Run
        Those that finished, oldest first.
    stages : sequence of str
        The stages to follow; one empty text for a segment.

    Notes
    -----
    A run that moved nobody is a step of the cause ``run`` all the same; what the stream recorded
    on its way to a run is counted there. Sizes add up from the records, so they are those of the
    fold at each run.
    """
    runs, steps, sizes = list(runs), list[Step](), dict.fromkeys(stages, 0)
    own = log.filter(pc.equal(log["segment"], name))
    moved = _moved(members.of_runs(own, [run.offset for run in runs]))
    for run in runs:
        if run.offset not in moved and not has(run, name):
            continue
        for stage in stages:
            by_cause = moved.get(run.offset, {}).get(stage) or {"run": (0, 0)}
            for cause, (entered, left) in by_cause.items():
                sizes[stage] += entered - left
                version = int(run.counts["version"])
                steps.append(
                    Step(run.clock, run.offset, version, stage, cause, entered, left, sizes[stage])
                )
    return steps


def has(run: Run, name: str) -> bool:
    """Whether a run had a segment or stages of this name."""
    return name in run.counts["segments"] or name in run.counts["stages"]


def _moved(log: pa.Table) -> dict[int, Moved]:
    """Run -> what its records of one segment, in their order, count up to."""
    keys = ["offset", "stage", "cause", "change"]
    log = log.append_column("row", pa.array(range(log.num_rows), pa.int64()))
    counted = log.group_by(keys).aggregate([("row", "count"), ("row", "min")])
    found: dict[int, Moved] = {}
    for row in counted.sort_by("row_min").to_pylist():
        by_cause = found.setdefault(row["offset"], {}).setdefault(row["stage"], {})
        entered, left = by_cause.get(row["cause"], (0, 0))
        n = row["row_count"]
        by_cause[row["cause"]] = (n, left) if row["change"] == "entered" else (entered, n)
    return found


def inside(log: pa.Table, name: str, stage: str, offset: int, at: int | None = None) -> pa.Table:
    """Who was in a segment or stage after a run, by its records and those before.

    Parameters
    ----------
    at : int, optional
        Only by what happened up to this instant, microseconds UTC.

    Returns
    -------
    pyarrow.Table
        ``profile``, ``since`` (the instant at which they came in) and its ``cause``.
    """
    of = pc.and_(pc.equal(log["segment"], name), pc.equal(log["stage"], stage))
    records = log.filter(pc.and_(of, pc.less_equal(log["offset"], offset)))
    if at is not None:
        records = records.filter(pc.less_equal(records["at"].cast(pa.int64()), at))
    records = records.sort_by([("offset", "ascending"), ("sequence", "ascending")])
    wanted = [(column, "last") for column in ("change", "at", "cause")]
    last = records.group_by("profile", use_threads=False).aggregate(wanted)
    held = last.filter(pc.equal(last["change_last"], "entered"))
    held = held.select(["profile", "at_last", "cause_last"]).sort_by("profile")
    return held.rename_columns(["profile", "since", "cause"])


def known(
    answers: Answers, name: str, stages: Sequence[str], instants: Sequence[int], version: int | None
) -> list[Step]:
    """The same by today's definitions and all that is known now, at each of several instants.

    Parameters
    ----------
    instants : sequence of int
        Microseconds UTC, ascending.
    version : int or None
        Of today's definitions.
    """
    former = dict.fromkeys(stages, pa.array([], pa.string()))
    steps = []
    for position, answer in _answers(answers, name, instants):
        for stage in stages:
            now = answer["profile"].filter(pc.equal(answer[name], stage) if stage else answer[name])
            stayed = pc.sum(pc.is_in(now, value_set=former[stage])).as_py() or 0
            entered, left = len(now) - stayed, len(former[stage]) - stayed
            steps.append(
                Step(position.t, position.offset, version, stage, "", entered, left, len(now))
            )
            former[stage] = now.combine_chunks()
    return steps


def _answers(
    answers: Answers, name: str, instants: Sequence[int]
) -> Iterator[tuple[Position, pa.Table]]:
    """Everyone's value at each instant, several instants in one plan."""
    n_people = max(1, answers.spine([answers.position(t) for t in instants[-1:]], None).num_rows)
    several = max(1, POINTS // n_people)
    for start in range(0, len(instants), several):
        positions = [answers.position(t) for t in instants[start : start + several]]
        values = answers.values([name], answers.spine(positions, None))
        for position in positions:
            at = pa.scalar(position.t, pa.timestamp("us", "UTC"))
            yield position, values.filter(pc.equal(values["at"], at))


def stages_of(log: pa.Table, name: str, options: Sequence[str]) -> tuple[str, ...]:
    """The stages that a name has now or had ever; one empty text for a segment."""
    seen = log.filter(pc.equal(log["segment"], name))["stage"].unique().to_pylist()
    return tuple(dict.fromkeys((*options, *sorted(seen))))
