"""A log as the tests of the stream tell it: what can be an entry, and what is known after each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import msgspec

from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Fact
from coterie.language.library import Library


@dataclass(frozen=True)
class Arrived:
    """An event of a device, in place of an earlier one where that is known by its key."""

    offset: int
    device: str
    fact: Fact
    supersedes: bytes | None = None


@dataclass(frozen=True)
class Ticked:
    """The clock moved to `t`."""

    offset: int
    t: int


@dataclass(frozen=True)
class Moved:
    """The events of a device belong to another profile from now on: a merge or a split."""

    offset: int
    device: str
    profile: str

    @property
    def cause(self) -> str:
        """A device of its own again was split from the others."""
        return "split" if self.device == self.profile else "merge"


@dataclass(frozen=True)
class Erased:
    """All that is known of a profile was erased."""

    offset: int
    profile: str


@dataclass(frozen=True)
class Edited:
    """Other definitions, and the fits that those need which were not there before."""

    offset: int
    library: Library
    versions: tuple[Fit, ...] = ()


@dataclass(frozen=True)
class Refitted:
    """Versions of fitted parameters became active."""

    offset: int
    versions: tuple[Fit, ...]


Entry = Arrived | Ticked | Moved | Erased | Edited | Refitted


@dataclass(frozen=True)
class Story:
    """Definitions, the clock before the first entry, and a log."""

    library: Library
    clock: int
    entries: tuple[Entry, ...]

    def __str__(self) -> str:
        return "\n".join(
            [f"clock {self.clock}", *_definitions(self.library), *map(_said, self.entries)]
        )


def _definitions(library: Library) -> list[str]:
    return [f"{name} = {expr}" for name, expr in library.lowered.items()]


def _said(entry: Entry) -> str:
    if isinstance(entry, Edited):
        lines = [f"Edited(offset={entry.offset}, versions={entry.versions})"]
        return "\n    ".join(lines + _definitions(entry.library))
    return str(entry)


@dataclass
class World:
    """What is known after so many entries: events, whose they are, definitions and fits.

    Notes
    -----
    Only the bookkeeping of a log, which the engine's host does as well; what it *means* is the
    oracle's.
    """

    library: Library
    clock: int
    offset: int = 0
    fits: Fits = field(default_factory=Fits)
    known: dict[bytes, Arrived] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    superseded: list[Arrived] = field(default_factory=list)
    _keys: set[bytes] = field(default_factory=set)

    @classmethod
    def before(cls, story: Story) -> World:
        """Nothing but the definitions."""
        return cls(story.library, story.clock)

    def profile(self, device: str) -> str:
        """Whose the events of a device are."""
        return self.owner.get(device, device)

    def history(self, profile: str) -> list[Fact]:
        """Every visible fact of a profile, those ahead of the clock too."""
        return [each.fact for each in self.known.values() if self.profile(each.device) == profile]

    def all_facts(self) -> dict[str, list[Fact]]:
        """Profile -> its facts, the superseded ones too, for engines that compare offsets."""
        found: dict[str, list[Fact]] = {}
        for each in (*self.known.values(), *self.superseded):
            found.setdefault(self.profile(each.device), []).append(each.fact)
        return found

    def profiles(self) -> list[str]:
        """Every profile that has a fact, seen or still ahead."""
        return sorted({self.profile(each.device) for each in self.known.values()})

    def everyone(self) -> list[str]:
        """Every profile with an event at or before the clock."""
        seen = (each for each in self.known.values() if each.fact.at <= self.clock)
        return sorted({self.profile(each.device) for each in seen})

    def take(self, entry: Entry) -> dict[str, str]:
        """Know one more entry; profile -> the cause for which its history is another now."""
        self.offset = entry.offset
        match entry:
            case Arrived():
                return self._arrived(entry)
            case Ticked(_, t):
                self.clock = t
            case Moved(_, device, profile):
                before, self.owner[device] = self.profile(device), profile
                return dict.fromkeys(sorted({before, profile}), entry.cause)
            case Erased(_, profile):
                self._erase(profile)
                return {profile: "erase"}
            case Edited(_, library, versions):
                self.library, self.fits = library, self.fits.plus(versions)
            case Refitted(_, versions):
                self.fits = self.fits.plus(versions)
        return {}

    def _arrived(self, entry: Arrived) -> dict[str, str]:
        if entry.fact.key in self._keys:  # a duplicate: the first in the log is stored
            return {}
        self._keys.add(entry.fact.key)
        replaced = self.known.pop(entry.supersedes, None) if entry.supersedes else None
        self.known[entry.fact.key] = entry
        changed = [entry.device] if replaced or entry.fact.at <= self.clock else []
        if replaced:
            changed.append(replaced.device)
            retired = msgspec.structs.replace(replaced.fact, retired=entry.offset)
            self.superseded.append(replace(replaced, fact=retired))
        return dict.fromkeys(sorted(map(self.profile, changed)), "late")

    def _erase(self, profile: str) -> None:
        kept = (each for each in self.known.values() if self.profile(each.device) != profile)
        self.known = {each.fact.key: each for each in kept}
        self.superseded = [e for e in self.superseded if self.profile(e.device) != profile]


def told(entries: Iterable[Entry], world: World) -> World:
    """The world after these entries as well."""
    for entry in entries:
        world.take(entry)
    return world
