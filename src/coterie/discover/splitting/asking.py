"""The segments of a project under review: asked as everything else asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from coterie.discover.crowd import Crowd
from coterie.discover.gathering import Asked, gather
from coterie.discover.prepared import Reals
from coterie.discover.preparing import Recipe, prepare
from coterie.discover.splitting.reviewing import Limits, Review, review
from coterie.discover.splitting.testing import Flags
from coterie.errors import CoterieError, WrongType
from coterie.language import nodes as n
from coterie.language.definitions import Definition, Stages
from coterie.language.types import Boolean, is_number
from coterie.pictures import crowd as everyone
from coterie.pictures.crowd import At


def reviewed(
    cdp: Asked,
    names: Sequence[str] = (),
    *,
    outcome: str = "",
    traits: Sequence[str] = (),
    purpose: str = "",
    at: At = None,
    recipe: Recipe | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    seed: int = 0,
) -> Review:
    """What speaks for merging or dividing a project's segments.

    Parameters
    ----------
    cdp : Asked
        A project, or whatever answers as one does.
    names : sequence of str
        Segments, sets of stages, or single stages such as ``lifecycle.loyal``; by default all but
        those that only name a stage.
    outcome : str, optional
        What segments are for: a number or a truth, such as ``orders_90d`` or a segment.
    traits : sequence of str
        By which people are compared; by default all that tell (see `gather`), the outcome apart.
    purpose : str, optional
        By default the project's default purpose; whoever may not be used for it is left out.
    at : instant, optional
        By default that of the last run.
    recipe : Recipe, optional
        How traits are made comparable.
    limits : Limits
    seed : int

    Raises
    ------
    UnknownName
        A segment, trait or outcome is not defined.
    WrongType
        The outcome is neither a number nor a truth.
    CoterieError
        There is nothing to compare: fewer than two segments, no traits, or too few people.
    """
    wanted = [group for name in names or _all(cdp) for group in _groups(cdp, name)]
    kept = _named_outcome(cdp, outcome) if outcome else []
    crowd = _without(gather(cdp, traits, purpose=purpose, at=at), outcome)
    prepared = prepare(crowd, recipe or Recipe(), seed=seed)
    rows = _rows(cdp, [*(group for group, _ in wanted), *kept], purpose, at, prepared.raw.index)
    groups = {_said(*group): _inside(rows, *group) for group in wanted}
    values = (outcome, _numbers(rows[outcome])) if outcome else None
    found = review(prepared, groups, values, limits=limits, seed=seed)
    return replace(found, n_left_out=len(crowd) - len(prepared.rows))


def _all(cdp: Asked) -> list[str]:
    library = cdp.questions.library
    segments = [name for name in library.segments if not _names_a_stage(library.definition(name))]
    if not (names := [*library.stages, *segments]):
        raise CoterieError("there is nothing to compare", got="no segments", hint="define some")
    return names


def _names_a_stage(definition: Definition) -> bool:
    predicate = getattr(definition, "predicate", None)
    return (
        isinstance(predicate, n.Compare)
        and predicate.op == "=="
        and isinstance(predicate.left, n.Ref)
        and isinstance(predicate.right, n.Words)
    )


def _groups(cdp: Asked, name: str) -> Iterator[tuple[str, str]]:
    definition = cdp.questions.library.definition(name.partition(".")[0])
    if isinstance(definition, Stages) and "." not in name:
        for option in definition.options:
            yield name, option
    else:
        yield everyone.group_of(cdp, name)


def _said(group: str, stage: str) -> str:
    return f"{group}.{stage}" if stage else group


def _named_outcome(cdp: Asked, outcome: str) -> list[str]:
    cdp.questions.library.definition(outcome)
    kind = cdp.questions.library.type(outcome)
    if not is_number(kind) and kind != Boolean():
        raise WrongType(
            "an outcome is a number or a truth", where=outcome, got=str(kind),
            hint="name a trait such as orders_90d, or a segment",
        )  # fmt: skip
    return [outcome]


def _without(crowd: Crowd, outcome: str) -> Crowd:
    columns = tuple(column for column in crowd.columns if column.name != outcome)
    frame = crowd.frame[[column.name for column in columns]]
    return replace(crowd, frame=frame, columns=columns)


def _rows(
    cdp: Asked, names: Sequence[str], purpose: str, at: At, people: pd.Index[str]
) -> pa.Table:
    """These definitions of these people, in this order."""
    found = everyone.Crowd(cdp, at, purpose).now(names)
    places = pc.index_in(pa.array(people, pa.string()), found["profile"].combine_chunks())
    return found.take(places)


def _inside(rows: pa.Table, group: str, stage: str) -> Flags:
    held = pc.fill_null(everyone.members(rows, group, stage), False)
    return np.asarray(held.to_numpy(zero_copy_only=False), dtype=bool)


def _numbers(values: pa.ChunkedArray) -> Reals:
    return np.asarray(pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
