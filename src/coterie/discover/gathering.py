"""The people of a study and their traits, by the way in which everything else asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Note
from coterie.errors import WrongType
from coterie.language import nodes as n
from coterie.language.definitions import Trait
from coterie.language.types import (
    Boolean,
    Decimal,
    Enumerated,
    Instant,
    Integer,
    ListOf,
    Real,
    Text,
    Type,
)
from coterie.pictures import crowd as everyone
from coterie.pictures.crowd import Asked, At
from coterie.pictures.distribution import drawable

__all__ = ["Asked", "Limits", "gather"]

VALUED = n.Sum | n.Mean | n.Min | n.Max | n.First | n.Last
"""Aggregates whose value has the unit of the property they read."""


@dataclass(frozen=True)
class Limits:
    """What makes a trait useless to a study that named none.

    Parameters
    ----------
    most_values : int
        Different texts; beyond it a text tells people apart rather than groups.
    """

    most_values: int = 200


def gather(
    cdp: Asked,
    traits: Sequence[str] = (),
    *,
    segment: str = "",
    purpose: str = "",
    at: At = None,
    limits: Limits = Limits(),
) -> Crowd:
    """Everybody who may be used for a purpose, with the traits of a study.

    Parameters
    ----------
    cdp : Asked
        A project, or whatever answers as one does.
    traits : sequence of str
        Traits, segments (as truths) or stages; by default every trait that the project defines
        and that can tell groups apart. What is left out is in the crowd's notes, with why.
    segment : str, optional
        A segment, or a stage such as ``lifecycle.loyal``, whose people alone are asked.
    purpose : str, optional
        By default that of the segment, else the project's default purpose.
    at : instant, optional
        By default that of the last run.
    limits : Limits

    Raises
    ------
    UnknownName
        A trait or the segment is not defined.
    NoPurpose
        The project declares no such purpose.
    WrongType
        A named trait is a list, or made of identifiers or contacts.

    Notes
    -----
    A sum over nothing, decayed or not, is unknown in the language; its column says that this means
    0. By default fitted traits, such as quantile ranks, are left out: they repeat what they rank.
    """
    group, stage = everyone.group_of(cdp, segment) if segment else ("", "")
    asked = purpose or (cdp.questions.library.purpose(group) if group else "")
    people = everyone.Crowd(cdp, at, asked)
    names, notes = _named(cdp, traits) if traits else _useful(cdp)
    rows = people.now([*names, *([group] if group else [])])
    if group:
        rows = rows.filter(pc.fill_null(everyone.members(rows, group, stage), False))
    columns = [_column(cdp, name) for name in names]
    if not traits:
        columns, more = _telling(columns, rows, limits)
        notes += more
    return Crowd(
        frame=frame(rows, columns),
        columns=tuple(columns),
        at=people.position.t,
        offset=people.position.offset,
        purpose=people.purpose,
        notes=tuple(notes),
    )


def _named(cdp: Asked, traits: Sequence[str]) -> tuple[list[str], list[Note]]:
    """The traits that were asked for, or the error of the first that has no values to compare."""
    names = list(dict.fromkeys(traits))
    for name in names:
        cdp.questions.library.definition(name)
        if not drawable(cdp, name):
            raise WrongType(
                "a study compares numbers, truths, instants, stages, and texts that are not "
                "personal", where=name, got=str(cdp.questions.library.type(name)),
            )  # fmt: skip
    return names, []


def _useful(cdp: Asked) -> tuple[list[str], list[Note]]:
    """Every trait of the project that could tell groups apart, and why not the others."""
    library = cdp.questions.library
    names, notes = [], []
    for name in library.traits:
        if isinstance(library.type(name), ListOf):
            notes.append(Note("types", "a list: no distance is taken between lists", name))
        elif not drawable(cdp, name):
            notes.append(Note("types", "made of identifiers or contacts", name))
        elif library.fitted([name]):
            notes.append(
                Note("types", "fitted on other traits, so it would count them twice", name)
            )
        else:
            names.append(name)
    return names, notes


def _telling(
    columns: list[Column], rows: pa.Table, limits: Limits
) -> tuple[list[Column], list[Note]]:
    """The columns whose values differ between people, and not between all of them."""
    kept, notes = [], []
    for column in columns:
        values = rows[column.name]
        distinct = pc.count_distinct(values).as_py()
        if distinct == 0:
            notes.append(Note("types", "unknown for everybody", column.name, len(values)))
        elif distinct == 1 and not values.null_count:
            notes.append(Note("types", "the same for everybody", column.name, len(values)))
        elif column.kind is Kind.CATEGORY and distinct > limits.most_values:
            said = f"{distinct:,} different texts: it tells people apart, not groups"
            notes.append(Note("types", said, column.name, distinct))
        else:
            kept.append(column)
    return kept, notes


def _column(cdp: Asked, name: str) -> Column:
    library = cdp.questions.library
    kind, levels = _kind(library.type(name))
    definition = library.definition(name)
    value = definition.value if isinstance(definition, Trait) else None
    return Column(name, kind, levels, _unit(cdp, value), _nothing(value))


def _nothing(value: n.Expr | None) -> float | None:
    """What an unknown means: what adds up is 0 where nothing occurred."""
    return 0.0 if isinstance(value, n.Sum | n.Decayed) else None


def _kind(kind: Type) -> tuple[Kind, tuple[str, ...]]:
    match kind:
        case Integer() | Decimal() | Real():
            return Kind.NUMBER, ()
        case Boolean():
            return Kind.BOOLEAN, ()
        case Instant():
            return Kind.INSTANT, ()
        case Enumerated(options, True):
            return Kind.ORDINAL, options
        case Text() | Enumerated():
            return Kind.CATEGORY, ()
    raise AssertionError(kind)


def _unit(cdp: Asked, value: n.Expr | None) -> str:
    """The unit of the property that a trait adds up or picks, where the plan knows one."""
    if not isinstance(value, VALUED) or not isinstance(value.value, n.Property):
        return ""
    plan, name = cdp.questions.library.plan, value.value.name
    units = {plan.events[event].properties[name].unit for event in _events(plan.events, value.of)
             if name in plan.events[event].properties}  # fmt: skip
    return units.pop() if len(units) == 1 else ""


def _events(planned: object, of: n.Selection) -> Iterator[str]:
    assert isinstance(planned, dict)
    return (node.event for node in n.walk(of) if isinstance(node, n.Named) if node.event in planned)


def frame(rows: pa.Table, columns: Sequence[Column]) -> pd.DataFrame:
    """A table of values as a crowd holds them, indexed by pseudonym.

    Parameters
    ----------
    rows : pyarrow.Table
        With ``profile`` and one column for each of `columns`.
    """
    index = pd.Index(rows["profile"].to_numpy(zero_copy_only=False), name="profile")
    made = {column.name: _series(rows[column.name], column.kind) for column in columns}
    return pd.DataFrame(
        {name: series.set_axis(index) for name, series in made.items()}, index=index
    )


def _series(values: pa.ChunkedArray, kind: Kind) -> pd.Series:
    match kind:
        case Kind.NUMBER:
            floats = pc.cast(values, pa.float64())
            return pd.Series(floats.to_numpy(zero_copy_only=False))
        case Kind.BOOLEAN:
            return pd.Series(values.to_pandas(types_mapper=lambda _: pd.BooleanDtype()))
        case Kind.INSTANT:
            return pd.Series(values.to_pandas()).astype("datetime64[us, UTC]")
    return pd.Series(values.to_pandas(types_mapper=lambda _: pd.StringDtype("pyarrow")))
