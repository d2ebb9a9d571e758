"""Who is in which audience as a live stream knows it, for whoever tells destinations of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from coterie.activate.webhooks.enqueuing import Standing
from coterie.activate.webhooks.messages import Change
from coterie.language.english import sentence
from coterie.language.time import micros
from coterie.profiles import state

if TYPE_CHECKING:
    from coterie.language.library import Library
    from coterie.profiles.questions import Questions
    from coterie.project.project import Project
    from coterie.project.streaming.live import Live


class LiveAudience:
    """The audiences of a project whose stream runs in this process.

    Parameters
    ----------
    project : Project
        For the thread that asks alone.
    live : Live
    """

    def __init__(self, project: Project, live: Live) -> None:
        self._project = project
        self._live = live
        self._known: tuple[Questions, str] | None = None

    def ready(self) -> bool:
        """Whether the stream has caught up; from then on it is as new as the outbox."""
        return self._live.ready

    def terms(self) -> str:
        """What each segment is for, and on which legal basis: another text for other terms."""
        questions = self._live.questions
        if questions is None:
            return ""
        if self._known is None or self._known[0] is not questions:
            library = questions.library
            purposes = [(name, library.purpose(name)) for name in questions.groups]
            said = repr((sorted(library.purposes.items()), sorted(purposes)))
            self._known = questions, said
        return self._known[1]

    def standing(
        self, profile: str, segment: str, stage: str, traits: Sequence[str]
    ) -> Standing | None:
        """How a person stands at the stream's position."""
        found = self._live.profile(profile)
        if found is None:
            return None
        holds = found.stages.get(segment) == stage if stage else segment in found.memberships
        may = found.may.get(self.purpose(segment), False)
        return Standing(holds, may, {name: found.traits.get(name) for name in traits})

    def purpose(self, segment: str) -> str:
        """What a segment's people may be used for; empty where it is defined no more."""
        library = self._library(segment)
        return "" if library is None else library.purpose(segment)

    def definition(self, segment: str) -> str:
        """A segment in English; empty where it is defined no more."""
        library = self._library(segment)
        return "" if library is None else sentence(segment, library.definition(segment))

    def _library(self, segment: str) -> Library | None:
        """The definitions in force, where they define it."""
        questions = self._live.questions
        known = questions is not None and segment in questions.groups
        return questions.library if questions is not None and known else None

    def of_run(self, offset: int) -> Iterable[Change]:
        """What a run recorded that was not the stream's, in order."""
        stores = self._project.stores
        log = state.read_changes(stores.lake, stores.ledger, after=offset - 1)
        for row in log.filter(pc.equal(log["offset"], offset)).to_pylist():
            yield Change(
                f"r{offset}.{row['sequence']}", row["profile"], row["segment"], row["stage"],
                row["change"], micros(row["at"]), row["version"], row["cause"], row["reason"],
            )  # fmt: skip
