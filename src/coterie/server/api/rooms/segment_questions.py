"""What is asked of one segment, answered by a project as its last answer has it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from coterie.errors import CoterieError, DefinitionError
from coterie.language.codec import to_yaml
from coterie.language.definitions import Definitions, Stages, Trait
from coterie.language.english import sentence, stage_lines
from coterie.language.time import from_micros
from coterie.pictures import against
from coterie.pictures.crowd import group_of
from coterie.pictures.distribution import drawable
from coterie.pictures.saying import about
from coterie.profiles.course import Course, course
from coterie.profiles.newest import moved, newest
from coterie.profiles.present import Page, Wanted, came, page
from coterie.profiles.shared import Counted, Shared, shared
from coterie.profiles.stores import answered
from coterie.project import Project
from coterie.project.permission import still_allowed
from coterie.project.published import Published
from coterie.project.written import NOWHERE as UNWRITTEN
from coterie.project.written import written
from coterie.server.api import problems
from coterie.server.api.rooms import segment_views as v

SIZE = 50
"""People or changes of one page."""
SHOWN = 4
"""Traits that are told beside each of the people."""


class Listed(NamedTuple):
    """A page of people, with what of them only history tells.

    Parameters
    ----------
    found : Page
    wanted : Wanted
    purpose : str
    since : mapping of str to int or None
        None where the stream is to be asked.
    may : mapping of str to bool or None
    """

    found: Page
    wanted: Wanted
    purpose: str
    since: Mapping[str, int] | None
    may: Mapping[str, bool] | None


def named(project: Project, name: str, *, sets: bool = False) -> tuple[Published, str, str]:
    """The answer published last, and which segment or stage of it is meant.

    Parameters
    ----------
    sets : bool
        Whether a set of stages can be meant as a whole.

    Raises
    ------
    Refused
        There is none of this name, or it was defined since that answer.
    """
    published = project.published
    try:
        if sets and name in published.questions.library.stages:
            return published, name, ""
        return published, *group_of(published, name)
    except DefinitionError:
        new = _is_new(project, published, name)
        raise problems.UNREADY if new else problems.NOWHERE from None


def _is_new(project: Project, published: Published, name: str) -> bool:
    """Whether the files define it by now, and did not when the answer was published."""
    group, _, _ = name.partition(".")
    try:
        return group in project.questions.groups and group not in published.questions.groups
    except CoterieError:
        return False  # the files are being edited


def definition(name: str, project: Project) -> v.Definition:
    """What it is, in English and as it was written."""
    published, group, _ = named(project, name, sets=True)
    library = published.questions.library
    meant = library.definition(group)
    purpose = library.purpose(group)
    kind: v.Kind = (
        "segment" if not isinstance(meant, Stages) else "tiers" if meant.ordered else "stages"
    )
    found = _written(project, group)
    return v.Definition(
        name=name, kind=kind, purpose=purpose, basis=library.purposes[purpose],
        english=sentence(group, meant), yaml=to_yaml(Definitions({group: meant})),
        source=found.source, where=found.where, traits=[*rests_on(published, group)],
        stages=[*meant.options] if isinstance(meant, Stages) else [], lines=stage_lines(meant),
        description=meant.description,
    )  # fmt: skip


def _written(project: Project, group: str) -> Any:
    try:
        return written(project.folder, project.library.where(group))
    except (CoterieError, OSError):
        return UNWRITTEN  # the files are being edited


def rests_on(published: Published, group: str) -> Sequence[str]:
    """The traits that a definition is made of, itself left out."""
    library = published.questions.library
    return [
        name for name in library.needs([group])
        if name != group and isinstance(library.definition(name), Trait)
    ]  # fmt: skip


def history(name: str, project: Project) -> Course:
    """Its size over time, with causes."""
    published, group, stage = named(project, name)
    counts = published.tally.of(published.stores, group, stage)
    return course(counts, published.settings.tz)


def history_view(name: str, found: Course) -> v.History:
    """The same as data."""
    steps = [
        v.Step(from_micros(one.at), one.size, one.entered, one.left, one.causes)
        for one in found.points
    ]
    return v.History(name, found.unit, found.size, steps)


def people(
    name: str, wanted: Mapping[str, Any], streamed: bool, project: Project
) -> Listed:  # fmt: skip
    """A page of the people who are in it.

    Parameters
    ----------
    wanted : mapping
        Fields of :class:`coterie.profiles.present.Wanted`.
    streamed : bool
        Whether a stream is asked afterwards who may be used, and since when they are in it.

    Raises
    ------
    Refused
        There is none of this name, or it is to be sorted by a trait that is not shown.
    """
    published, group, stage = named(project, name)
    shown = tuple(shown_traits(published, group))
    if wanted.get("sort") not in ("", None, *shown):
        raise problems.NOWHERE
    asked = Wanted(
        group, stage, published.questions.permission(group), shown, n=SIZE, **wanted
    )  # fmt: skip
    offset = answered(published.run).offset
    later = moved(published.stores, published.tally, group, stage, offset)
    found = page(published.everybody, later, asked)
    profiles = found.rows["profile"].combine_chunks()
    purpose = published.questions.library.purpose(group)
    since = may = None
    if not streamed:
        since = came(published.stores, group, stage, profiles.to_pylist())
    if not streamed:
        may = _may(project, profiles, purpose, published.clock)
    return Listed(found, asked, purpose, since, may)


def shown_traits(published: Published, group: str) -> list[str]:
    """What is told beside each of its people: the last few that it rests on."""
    return [name for name in rests_on(published, group) if drawable(published, name)][-SHOWN:]


def _may(project: Project, profiles: pa.Array, purpose: str, at: int) -> Mapping[str, bool]:
    """Who may be used still, by all that is known; nobody where that cannot be told."""
    if not len(profiles):
        return {}
    allowed = still_allowed(project, profiles, purpose, at)
    return dict(zip(profiles.to_pylist(), allowed.to_pylist(), strict=True))


def changes(
    name: str, change: str, cause: str, number: int, project: Project
) -> v.Changes:  # fmt: skip
    """Who entered and left, the newest first."""
    published, group, stage = named(project, name)
    n, rows = newest(
        published.stores, published.tally, group, stage, change, cause, n=SIZE,
        skipped=(number - 1) * SIZE,
    )  # fmt: skip
    told = [v.Change(**row | {"at": from_micros(row["at"])}) for row in rows]
    return v.Changes(name, n, number, pages(n), told)


def pages(n: int) -> int:
    """How many pages so many are on; one of nobody."""
    return max(1, math.ceil(n / SIZE))


def overlap(name: str, project: Project) -> v.Overlap:
    """Whom it shares with the others."""
    published, group, stage = named(project, name)
    questions = published.questions

    def ask() -> Counted:
        others = [each for each in every(published) if each != (group, stage)]
        permission = questions.permission(group)
        return shared(published.everybody, (group, stage), permission, others)

    found = published.remembered(("overlap", name), ask)
    told = [_other(found, one) for one in found.others if one.theirs]
    return v.Overlap(name, questions.library.purpose(group), found.everyone, found.own, told)


def every(published: Published) -> list[tuple[str, str]]:
    """Each segment, and each stage with its set."""
    library = published.questions.library
    found = [(name, "") for name in library.segments]
    for name in library.stages:
        meant = library.definition(name)
        assert isinstance(meant, Stages)
        found += [(name, stage) for stage in meant.options]
    return found


def _other(found: Counted, one: Shared) -> v.Other:
    chance = found.own * one.theirs / found.everyone if found.everyone else 0
    return v.Other(
        name=f"{one.segment}.{one.stage}" if one.stage else one.segment,
        theirs=one.theirs, both=one.both, share=one.both / found.own if found.own else None,
        of_theirs=one.both / one.theirs, lift=one.both / chance if chance else None,
    )  # fmt: skip


def traits(name: str, project: Project) -> list[str]:
    """The traits that its people can be set against everyone by, those first that it rests on."""
    published, group, _ = named(project, name)
    return published.remembered(("traits", group), lambda: _traits(published, group))


def _traits(published: Published, group: str) -> list[str]:
    library = published.questions.library
    order = dict.fromkeys([*reversed(rests_on(published, group)), *library.traits])
    return [each for each in order if drawable(published, each)]


def spread(name: str, trait: str, project: Project) -> pa.Table:
    """One trait of its people against everyone's.

    Parameters
    ----------
    trait : str
        By default the first of :func:`traits`.

    Raises
    ------
    Refused
        There is no such trait, or none that may be drawn.
    """
    published, group, _ = named(project, name)
    known = traits(name, project)
    trait = trait or (known[0] if known else "")
    if trait not in known:
        raise problems.NOWHERE
    purpose = published.questions.library.purpose(group)
    others = published.remembered(
        ("everyone", trait, purpose), lambda: against.everyone(published, trait, purpose=purpose)
    )
    return published.remembered(
        ("against", name, trait),
        lambda: against.data(published, name, trait, purpose=purpose, others=others),
    )


def spread_view(name: str, trait: str, project: Project) -> v.Spread:
    """The same as data."""
    data = spread(name, trait, project)
    told = traits(name, project)
    bars = [
        v.Bar(row["inside"], row["everyone"], row.get("value"), row.get("from"), row.get("to"))
        for row in data.to_pylist()
    ]
    return v.Spread(name, trait or told[0], about(data, "note"), told, bars)


def instant(at: int | None) -> datetime | None:
    """Microseconds as an instant."""
    return None if at is None else from_micros(at)
