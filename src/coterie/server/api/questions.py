"""Sizes of segments as readers see them, asked of the stores."""

from __future__ import annotations

from collections.abc import Iterable

from coterie.errors import DefinitionError
from coterie.language.time import from_micros
from coterie.profiles.counting import Group
from coterie.project import Project
from coterie.project.reports import SegmentReport
from coterie.server.api.problems import NOWHERE
from coterie.server.api.views import Segment, Segments, StageSize


class Sizes:
    """How many people are in each segment; counted anew when something new was published."""

    def __init__(self) -> None:
        self._known: tuple[tuple[int, str], SegmentReport] | None = None

    def report(self, project: Project) -> SegmentReport:
        """What `coterie segments` says; what it said last while an edit cannot be used.

        Raises
        ------
        CoterieError
            Nothing has been computed yet, or the definitions cannot be used.
        """
        run = project.stores.ledger.last_run()
        key = (0, "") if run is None else (run.offset, run.definitions_hash)
        if self._known is not None and self._known[0] == key:
            return self._known[1]
        project.reload()
        try:
            self._known = key, project.segments.report()
        except DefinitionError:
            if self._known is None:
                raise
        return self._known[1]

    def all(self, purpose: str, project: Project) -> Segments:
        """Every segment, or those of a purpose."""
        found = self.report(project)
        groups = [group for group in found.groups if purpose in ("", group.purpose)]
        return Segments(
            from_micros(found.at), found.offset, found.people, [*_seen(groups, told=not purpose)]
        )

    def one(self, name: str, purpose: str, project: Project) -> Segment:
        """One segment.

        Raises
        ------
        Refused
            There is none of this name, or it is for another purpose.
        """
        for found in self.all(purpose, project).segments:
            if found.name == name:
                return found
        raise NOWHERE


def _seen(groups: Iterable[Group], *, told: bool) -> Iterable[Segment]:
    for group in groups:
        alone = group.kind == "segment"
        audience = sum(size.audience for size in group.sizes)
        holds = sum(size.holds for size in group.sizes) if told else None
        stages = [
            StageSize(size.name, size.audience, size.holds if told else None)
            for size in group.sizes
        ]
        yield Segment(
            group.name, group.kind, group.purpose, group.english, audience, holds,
            [] if alone else stages,
        )  # fmt: skip
