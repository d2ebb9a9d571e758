"""Everybody's values as a table: one row a person and instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.project.frame import Frame

if TYPE_CHECKING:
    from coterie.project.project import At, Project


def traits(
    project: Project, names: Sequence[str], at: At | Sequence[At], profiles: Sequence[str] | None
) -> Frame:
    """The values of definitions at instants; see :meth:`coterie.project.Project.traits`."""
    for name in names:
        project.library.definition(name)
    several = at if isinstance(at, Sequence) and not isinstance(at, str) else [at]
    positions = [project.answers.position(project.instant(one)) for one in several]
    people = None if profiles is None else [project.people.known(one) for one in profiles]
    return Frame(project.answers.values(names, project.answers.spine(positions, people)))
