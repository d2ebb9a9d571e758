"""Explain one person's membership (or trait) at one position."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Evaluation, Fact
from coterie.errors import UnknownName, nearest
from coterie.language import nodes as n
from coterie.language.definitions import Stages
from coterie.language.english import phrase
from coterie.language.library import Library
from coterie.language.time import iso
from coterie.language.values import shown
from coterie.privacy.consent import may_name
from coterie.profiles.why.clauses import Clause, definition_clause
from coterie.profiles.why.difference import nearest_way
from coterie.profiles.why.since import Timeline

ALWAYS = -(2**62)


class Needed(msgspec.Struct, frozen=True):
    """One value that would have to differ: what it is now and what it would need to be."""

    text: str
    now: str
    needed: str


class Used(msgspec.Struct, frozen=True):
    """One fit that the answer used: when it was made, and whether the project keeps it."""

    text: str
    at: str
    stored: bool


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a definition is what it is for a person.

    Parameters
    ----------
    name : str
        The segment, trait, stages, or ``stages.stage``.
    value : str
        What it is at `at`.
    holds : bool or None
        For a segment or one stage, whether the person is in it.
    purpose, may : str, bool or None
        What the segment is for, and whether the person's data may be used for that.
    since : str or None
        From when it has been so by what is known now; None when it never was otherwise.
    next_change : str or None
        When it will change by time alone; None when it will not within five years.
    since_exact, next_exact : bool
        False for whoever has more events than can be looked through: it has been so since then at
        least, or will be so until then at least.
    clauses : Clause
        The definition with the value of each part.
    difference : tuple of Needed or None
        The fewest values that would have to differ for the membership to flip; None when no change
        of single values does it, or for a trait.
    fits : tuple of Used
    """

    name: str
    at: str
    offset: int
    value: str
    clauses: Clause
    holds: bool | None = None
    purpose: str = ""
    may: bool | None = None
    since: str | None = None
    next_change: str | None = None
    since_exact: bool = True
    next_exact: bool = True
    difference: tuple[Needed, ...] | None = None
    fits: tuple[Used, ...] = ()


def explain(
    library: Library, name: str, history: Sequence[Fact], offset: int, t: int, fits: Fits
) -> Explanation:
    """Why `name` is what it is for the person with this history, at ``(offset, t)``.

    Parameters
    ----------
    library : Library
        With a trait ``may_<purpose>`` for each purpose, if permission is to be told.
    name : str
        A segment, trait or stages; ``lifecycle.loyal`` asks for one stage.
    history : sequence of Fact
    offset, t : int
        The position asked about.
    fits : Fits
        A version with offset 0 was made for this question and is said to be so.

    Raises
    ------
    UnknownName
        When nothing, or no stage, has this name.
    """
    name, _, stage = name.partition(".")
    expr = _asked(library, name, stage)
    used = {key: fits.active(key, offset, t) for key in library.fitted([name])}
    held = Fits(Fit(f.key, 0, ALWAYS, f.parameters) for f in used.values() if f is not None)
    now = Evaluation(library, history, offset, t, held)
    value = now.value(expr)
    timeline = Timeline(library, expr, history, offset, held)
    since, later = timeline.since(t), timeline.next_change(t)
    condition = bool(stage) or name in library.segments
    return Explanation(
        name=f"{name}.{stage}" if stage else name, at=iso(t), offset=offset,
        value=shown(value, library.type_of(expr)), clauses=definition_clause(name, now),
        holds=value is True if condition else None,
        purpose=library.purpose(name) if name not in library.traits else "",
        may=_may(library, name, now),
        since=_instant(since.at), next_change=_instant(later.at),
        since_exact=since.exact, next_exact=later.exact,
        difference=_difference(expr, now, value is not True) if condition else None,
        fits=_used(library, name, used),
    )  # fmt: skip


def _asked(library: Library, name: str, stage: str) -> n.Expr:
    definition = library.definition(name)
    if not stage:
        return library.lowered[name]
    if not isinstance(definition, Stages) or stage not in definition.options:
        options = definition.options if isinstance(definition, Stages) else ()
        raise UnknownName(f"{name!r} has no stage {stage!r}", hint=nearest(stage, options))
    return _stage(library, name, stage)


def _stage(library: Library, name: str, stage: str) -> n.Expr:
    """That a stage holds: its own predicate does and none before it."""
    lowered = library.lowered[name]
    assert isinstance(lowered, n.Case)
    parts: list[n.Expr] = []
    for when in lowered.whens:
        held = n.Coalesce((when.condition, n.Truth(False)))
        if when.value == n.Words(stage):
            return n.And((*parts, held))
        parts.append(n.Not(held))
    return n.And(tuple(parts)) if parts else n.Truth(True)


def _may(library: Library, name: str, now: Evaluation) -> bool | None:
    trait = may_name(library.purpose(name))
    return now.named(trait) is True if trait in library and name not in library.traits else None


def _instant(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _difference(expr: n.Expr, now: Evaluation, wanted: bool) -> tuple[Needed, ...] | None:
    way = nearest_way(expr, now, wanted)
    if way is None:
        return None
    library = now.library
    return tuple(
        Needed(
            part.name if isinstance(part, n.Ref) else phrase(part),
            shown(now.value(part), library.kind(part)), shown(value, library.kind(part)),
        )
        for part, value in way.items()
    )  # fmt: skip


def _used(library: Library, name: str, used: dict[str, Fit | None]) -> tuple[Used, ...]:
    nodes = library.fitted([name])
    return tuple(
        Used(phrase(nodes[key]), iso(version.at), version.offset > 0)
        for key, version in used.items() if version is not None
    )  # fmt: skip
