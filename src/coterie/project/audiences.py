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
from coterie.storage.outbox import Outbox

if TYPE_CHECKING:
    from coterie.project.project import Project
    from coterie.project.streaming.live import Live


class LiveAudience:
    """The audiences of a project whose stream runs in this process.

    Parameters
    ----------
    project : Project
        For the thread that asks alone; it reads the definitions anew when others are in force.
    live : Live
    """

    def __init__(self, project: Project, live: Live) -> None:
        self._project = project
        self._live = live
        self._in_force = ""

    def ready(self) -> bool:
        """Whether the stream has caught up; from then on it is as new as the outbox."""
        if not self._live.ready:
            return False
        mark = Outbox(self._project.stores.ledger).mark()
        if mark is not None and mark.definitions_hash != self._in_force:
            self._project.reload()
            self._in_force = mark.definitions_hash
        return True

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
        library = self._project.library
        return library.purpose(segment) if segment in library else ""

    def definition(self, segment: str) -> str:
        """A segment in English; empty where it is defined no more."""
        library = self._project.library
        return sentence(segment, library.definition(segment)) if segment in library else ""

    def of_run(self, offset: int) -> Iterable[Change]:
        """What a run recorded that was not the stream's, in order."""
        stores = self._project.stores
        log = state.read_changes(stores.lake, stores.ledger, after=offset - 1)
        for row in log.filter(pc.equal(log["offset"], offset)).to_pylist():
            yield Change(
                f"r{offset}.{row['sequence']}", row["profile"], row["segment"], row["stage"],
                row["change"], micros(row["at"]), row["version"], row["cause"], row["reason"],
            )  # fmt: skip
