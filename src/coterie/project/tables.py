"""Everybody's values as a table: one row a person and instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.errors import NoPurpose, nearest
from coterie.project.frame import Frame

if TYPE_CHECKING:
    from coterie.project.opened import At
    from coterie.project.project import Project


def traits(
    project: Project,
    names: Sequence[str],
    at: At | Sequence[At],
    profiles: Sequence[str] | None,
    purpose: str,
) -> Frame:
    """The values of definitions at instants; see :meth:`coterie.project.Project.traits`."""
    for name in names:
        if name not in project.questions.may.values():
            project.library.definition(name)
    may = _permission(project, purpose or project.settings.default_purpose)
    several = at if isinstance(at, Sequence) and not isinstance(at, str) else [at]
    positions = [project.answers.position(project.instant(one)) for one in several]
    people = None if profiles is None else [project.people.known(one) for one in profiles]
    asked = tuple(dict.fromkeys((*names, may)))
    rows = project.answers.values(asked, project.answers.spine(positions, people))
    return Frame(rows.filter(rows[may]).select(["profile", "at", *names]))


def _permission(project: Project, purpose: str) -> str:
    known = project.questions.may
    if purpose not in known:
        raise NoPurpose(
            f"the project declares no purpose {purpose!r}", hint=nearest(purpose, known)
        )
    return known[purpose]
