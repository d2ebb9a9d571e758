"""The stream of a project: replayed, watched, and verified."""

from coterie.project.streaming.stream import Stream

__all__ = ["Stream"]
