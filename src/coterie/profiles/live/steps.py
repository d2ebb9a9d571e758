"""Steps of the log: what stands between two ticks, and takes effect together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from coterie.engines.stream.arriving import Arrival
from coterie.storage.log import Entry


class Step:
    """What the log said since the last tick, and takes effect at the next one.

    Everything between two ticks is one step, so that the log alone decides what is answered
    together, whatever batches it is read in.

    Attributes
    ----------
    joined : dict of str to str
        Devices with events of their own, and the users to whom those belong from now on.
    """

    def __init__(self) -> None:
        self.causes: dict[str, str] = {}
        self.definitions: Entry | None = None
        self.models: list[Entry] = []
        self.erased = False
        self.late: dict[str, list[Arrival]] = {}
        self.whole: set[str] = set()
        self.joined: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.causes or self.definitions or self.models or self.erased)

    def correct(self, causes: Mapping[str, str]) -> None:
        """Note profiles whose history has to be read again; a merge outweighs a late event."""
        for profile, cause in causes.items():
            if cause == "merge" or profile not in self.causes:
                self.causes[profile] = cause

    def alone(self) -> dict[str, str]:
        """The devices that were joined, and with whom, where nothing else has to be corrected."""
        devices, others = Counter(self.joined.values()), self.whole | self.late.keys()
        return {
            device: user
            for device, user in self.joined.items()
            if devices[user] == 1 and device not in others | devices.keys()
            and user not in self.whole | self.joined.keys() and not self.erased
        }  # fmt: skip

    def overtake(self, late: Iterable[Arrival]) -> None:
        """Note events that are not after the clock."""
        for arrival in late:
            self.causes.setdefault(arrival.profile, "late")
            self.late.setdefault(arrival.profile, []).append(arrival)

    def reread(self, profiles: Collection[str]) -> None:
        """Note profiles whose histories lost something, or gained what is not at hand."""
        self.correct(dict.fromkeys(profiles, "late"))
        self.whole |= {*profiles}

    def overtaken(self) -> list[Arrival]:
        """The late events of those whose histories may not have to be read for them."""
        if self.erased:
            return []
        return [
            arrival
            for profile, late in self.late.items()
            if profile not in self.whole and self.causes[profile] == "late"
            for arrival in late
        ]

    def note(self, entries: Iterable[Entry]) -> None:
        """Note what is no event and no tick."""
        for entry in entries:
            if entry.kind == "definitions":
                self.definitions = entry
            elif entry.kind == "model":
                self.models.append(entry)
            elif entry.kind == "erase":
                self.erased = True


def groups(entries: list[Entry], stop: int) -> Iterator[list[Entry]]:
    """The entries cut after each tick, and after the one at which a run ended."""
    group: list[Entry] = []
    for entry in entries:
        group.append(entry)
        if entry.kind == "tick" or entry.offset == stop:
            yield group
            group = []
    if group:
        yield group
