"""One folder that a user keeps: its settings, definitions and stores together."""

from coterie.project.frame import Frame
from coterie.project.project import Project, open  # noqa: A004 - `coterie.open`

__all__ = ["Frame", "Project", "open"]
