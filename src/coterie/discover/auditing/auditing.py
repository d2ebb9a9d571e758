"""An audit of a project: each attribute, what it tells of a target, and what nothing uses."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from coterie.discover.auditing import relating
from coterie.discover.auditing.audit import Attribute, Audit
from coterie.discover.auditing.describing import described
from coterie.discover.auditing.recording import recorded, staleness
from coterie.discover.auditing.usage import Usage, leaves, segmented, usage
from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.gathering import Asked, gather
from coterie.discover.prepared import Reals
from coterie.errors import CoterieError
from coterie.language.definitions import Stages
from coterie.language.types import ListOf
from coterie.pictures.crowd import At, group_of
from coterie.pictures.distribution import drawable


def audit(
    cdp: Asked,
    traits: Sequence[str] = (),
    *,
    target: str = "",
    segment: str = "",
    purpose: str = "",
    at: At = None,
    seed: int = 0,
) -> Audit:
    """What a project holds of its people: how well known, how spread, how stale, how used.

    Parameters
    ----------
    cdp : Asked
        A project.
    traits : sequence of str, optional
        By default every trait that has a distribution and is not personal.
    target : str, optional
        A segment, a stage such as ``lifecycle.loyal``, stages or a trait: how much each attribute
        tells of it is measured.
    segment : str, optional
        Whose people alone are described.
    purpose : str, optional
        Attributes describe the people who may be used for it.
    at : instant, optional
        By default that of the last run.
    seed : int
        Of samples and shuffles.

    Returns
    -------
    Audit

    Raises
    ------
    UnknownName
        A trait, the segment or the target is not defined.
    CoterieError
        Hardly anybody has the target, or all have the same.

    Notes
    -----
    Properties are counted over all that was recorded, for that is what could be dropped; nothing
    of a person is in the answer, and no text that fewer than 5 people share.
    """
    library = cdp.questions.library
    named, left_out = _named(cdp, traits)
    goal = group_of(cdp, target)[0] if "." in target else target
    asked = list(dict.fromkeys([*named, *([goal] if goal else [])]))
    crowd = gather(cdp, asked, segment=segment, purpose=purpose, at=at)
    used = usage(cdp.questions.asked)
    attributes = _attributes(cdp, crowd, named, used)
    score = relating.Told(np.nan, "", {})
    if target:
        score = _told(cdp, crowd, attributes, target, seed)
        attributes = _with_importance(attributes, score)
    return Audit(
        name=cdp.settings.name,
        at=crowd.at,
        offset=crowd.offset,
        purpose=crowd.purpose,
        people=len(crowd),
        attributes=tuple(attributes),
        recorded=tuple(recorded(cdp, used, crowd.offset)),
        idle_traits=tuple(name for name in library.traits if name not in segmented(library)),
        left_out=left_out,
        target=target,
        score=score.score if target else None,
        score_name=score.score_name,
        zone=str(cdp.settings.tz),
    )


def _named(cdp: Asked, traits: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    if traits:
        return list(traits), {}
    library = cdp.questions.library
    lists = {x: "a list" for x in library.traits if isinstance(library.type(x), ListOf)}
    personal = {x: "made of identifiers or contacts" for x in library.traits
                if x not in lists and not drawable(cdp, x)}  # fmt: skip
    left_out = lists | personal
    return [name for name in library.traits if name not in left_out], left_out


def _attributes(cdp: Asked, crowd: Crowd, names: Sequence[str], used: Usage) -> list[Attribute]:
    columns = [crowd.column(name) for name in names]
    stale = staleness(cdp, names, crowd.frame.index, crowd.at, crowd.offset)
    values = relating.read(crowd.frame, columns, crowd.at)
    some = _some(values, len(crowd))
    near = relating.strongest(some, {column.name: column.kind for column in columns})
    found = []
    for column in columns:
        name = column.name
        days, share = stale.get(name, (None, None))
        other, correlation = near.get(name, ("", None))
        found.append(
            msgspec.structs.replace(
                described(crowd, column),
                stale_days=days, stale_share=share, correlated=other, correlation=correlation,
                used_by=tuple(sorted(used.definitions.get(name, ()))),
            )
        )  # fmt: skip
    return found


def _some(values: dict[str, Reals], n: int) -> dict[str, Reals]:
    """Evenly spaced people, where there are very many."""
    step = max(1, n // relating.SAMPLED)
    return {name: each[::step] for name, each in values.items()}


def _defining(cdp: Asked, goal: str) -> set[str]:
    """The target, and whatever rests on an aggregate that it rests on: they tell of it anyway."""
    library = cdp.questions.library
    behind = leaves(library, goal)
    return {name for name in library if name == goal or behind & leaves(library, name)}


def _told(
    cdp: Asked, crowd: Crowd, attributes: Sequence[Attribute], target: str, seed: int
) -> relating.Told:
    goal, stage = group_of(cdp, target) if "." in target else (target, "")
    barred = _defining(cdp, goal)
    columns = [crowd.column(a.name) for a in attributes if a.name not in barred and a.distinct]
    if not columns:
        raise CoterieError(
            "the target is defined by every attribute there is", where="target",
            hint="name a target that other definitions decide",
        )  # fmt: skip
    values = relating.read(crowd.frame, columns, crowd.at)
    aim, kind = _aim(cdp, crowd, goal, stage)
    kinds = {column.name: column.kind for column in columns}
    return relating.told(values, kinds, aim, kind, seed)


def _aim(cdp: Asked, crowd: Crowd, goal: str, stage: str) -> tuple[Reals, Kind]:
    """The target as numbers: a truth for a segment or stage, classes for texts."""
    column = crowd.column(goal)
    if stage:
        inside = (crowd.frame[goal] == stage).fillna(False)
        return np.asarray(inside, np.float64), Kind.BOOLEAN
    if column.kind is Kind.ORDINAL:
        column = Column(goal, Kind.CATEGORY)
    values = relating.read(crowd.frame, [column], crowd.at)[goal]
    if not isinstance(cdp.questions.library.definition(goal), Stages):
        return values, column.kind
    return values, Kind.CATEGORY


def _with_importance(attributes: Sequence[Attribute], score: relating.Told) -> list[Attribute]:
    """Attributes with what they tell of the target, the most telling first."""
    found = [
        msgspec.structs.replace(one, importance=score.importances.get(one.name))
        for one in attributes
    ]
    found.sort(key=lambda one: -one.importance.lost if one.importance else np.inf)
    return found
