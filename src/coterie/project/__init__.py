"""One folder that a user keeps: its settings, definitions and stores together."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.project.frame import Frame
    from coterie.project.project import Project, open  # noqa: A004 - `coterie.open`

__all__ = ["Frame", "Project", "open"]


def __getattr__(name: str) -> Any:
    """What a project is opened with, when it is first used: a part of this room needs no engine."""
    if name == "Frame":
        from coterie.project.frame import Frame

        return Frame
    if name in ("Project", "open"):
        from coterie.project import project

        return getattr(project, name)
    raise AttributeError(f"module 'coterie.project' has no attribute {name!r}")
