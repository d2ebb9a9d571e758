"""Whose permissions may have changed, so that audiences are looked at although no segment moved."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable

from coterie.privacy.consent import CONSENT
from coterie.profiles.live.known import Known
from coterie.storage.log import Entry

_CONSENT = CONSENT.encode()


class Permitting:
    """Notes consents and corrections, until the clock has come to them."""

    def __init__(self) -> None:
        self._ahead: list[tuple[int, str]] = []
        self._now: set[str] = set()

    def note(self, events: Iterable[Entry], known: Known) -> None:
        """Take in what was said, at the instant at which it was."""
        for entry in events:
            if _CONSENT not in entry.payload:  # to decode every event again would take its time
                continue
            event = entry.event
            profile = known.of(event.user_id, event.anonymous_id)
            if event.name == CONSENT and profile is not None:
                heapq.heappush(self._ahead, (entry.at, profile))

    def corrected(self, profiles: Collection[str]) -> None:
        """Whatever these people said may read differently now."""
        self._now.update(profiles)

    def take(self, clock: int) -> set[str]:
        """Everybody noted whose instant the clock has reached, since the last call."""
        found, self._now = self._now, set()
        while self._ahead and self._ahead[0][0] <= clock:
            found.add(heapq.heappop(self._ahead)[1])
        return found
