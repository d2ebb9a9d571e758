"""Logs of every kind of entry, whose clock stops at, just before and just after what happens."""

from __future__ import annotations

from hypothesis import strategies as st

from coterie.language.library import Library
from tests.strategies.definitions import edits, library_over
from tests.strategies.grid import BASE, HOUR
from tests.strategies.histories import fact_of
from tests.strategies.plans import plans
from tests.strategies.positions import edges
from tests.strategies.versions import activated
from tests.stream.story import Arrived, Edited, Entry, Erased, Moved, Refitted, Story, Ticked, World

DEVICES = ("p0", "p1", "p2")
KINDS = (
    "arrived", "arrived", "arrived", "arrived", "arrived", "arrived", "arrived",
    "ticked", "ticked", "ticked", "ticked",
    "superseded", "repeated", "moved", "moved", "erased", "edited", "refitted",
)  # fmt: skip
IN_ORDER = ("ahead", "ahead", "ticked")
FARTHEST = BASE + 60 * 24 * HOUR
"""The clock stops here, so that a daily step does not make a test slow."""


@st.composite
def stories(
    draw: st.DrawFn, *, most: int = 16, kinds: tuple[str, ...] = KINDS, depth: int = 3
) -> Story:
    """A library, and a log that may hold late events, duplicates, merges, edits and refits."""
    library = draw(library_over(draw(plans()), depth=depth))
    story = Story(library, draw(st.sampled_from((BASE - HOUR, BASE, BASE + 3 * HOUR))), ())
    return Story(library, story.clock, tuple(Teller(draw, story).told(most, kinds)))


class Teller:
    """Draws the entries of a log one after another, knowing what there was before."""

    def __init__(self, draw: st.DrawFn, story: Story) -> None:
        self.draw = draw
        self.world = World.before(story)
        self.entries: list[Entry] = []
        self.arrived: list[Arrived] = []
        self.keys = draw(st.permutations(range(256)))

    def told(self, most: int, kinds: tuple[str, ...]) -> list[Entry]:
        """Some entries, and a last tick that brings all that waits."""
        for _ in range(self.draw(st.integers(most // 2, most))):
            self._add(getattr(self, f"_{self.draw(st.sampled_from(kinds))}")(self._next()))
        self._add(self._ticked(self._next()))
        return self.entries

    def _next(self) -> int:
        return len(self.entries) + 1

    def _add(self, entry: Entry) -> None:
        if isinstance(entry, Arrived) and entry not in self.arrived:
            self.arrived.append(entry)
        self.world.take(entry)
        self.entries.append(entry)

    def _arrived(self, offset: int) -> Arrived:
        """An event near the clock: late, simultaneous with it, or ahead."""
        near = (self.world.clock - BASE) // HOUR
        hour = self.draw(st.integers(near - 4, near + 6))
        return self._event(offset, hour, self.draw(st.sampled_from((0, 0, 0, 0, 0, 1, -1))))

    def _ahead(self, offset: int) -> Arrived:
        """An event that the clock has not reached."""
        near = (self.world.clock - BASE) // HOUR + 1
        return self._event(offset, self.draw(st.integers(near, near + 6)), 1)

    def _event(self, offset: int, hour: int, jitter: int) -> Arrived:
        plan = self.world.library.plan
        fact = fact_of(self.draw, plan, self.keys[offset], offset, BASE + hour * HOUR + jitter)
        return Arrived(offset, self.draw(st.sampled_from(DEVICES)), fact)

    def _superseded(self, offset: int) -> Arrived:
        """An event in place of an earlier one, mostly of the same device."""
        fresh = self._arrived(offset)
        if not self.arrived:
            return fresh
        old = self.draw(st.sampled_from(self.arrived))
        device = self.draw(st.sampled_from((old.device, old.device, fresh.device)))
        return Arrived(offset, device, fresh.fact, old.fact.key)

    def _repeated(self, offset: int) -> Arrived:
        """The same event again, as senders that were not answered do."""
        if not self.arrived:
            return self._arrived(offset)
        old = self.draw(st.sampled_from(self.arrived))
        return Arrived(offset, old.device, old.fact, old.supersedes)

    def _ticked(self, offset: int) -> Ticked:
        """The clock moves to, just before or just after an edge, or stays."""
        facts = [each.fact for each in self.world.known.values()]
        ahead = [t for t in edges(facts, self.world.library) if t >= self.world.clock]
        edge = self.draw(st.sampled_from([*ahead[:24], self.world.clock + HOUR]))
        shift = self.draw(st.sampled_from((0, 0, 0, 1, -1, HOUR // 2, 30 * HOUR)))
        return Ticked(offset, max(self.world.clock, min(edge + shift, FARTHEST)))

    def _moved(self, offset: int) -> Moved:
        one, other = (self.draw(st.sampled_from(DEVICES)) for _ in "ab")
        return Moved(offset, one, other)

    def _erased(self, offset: int) -> Erased:
        return Erased(offset, self.draw(st.sampled_from(DEVICES)))

    def _edited(self, offset: int) -> Edited:
        library: Library = self.draw(edits(self.world.library))
        new = [key for key in library.fitted() if not self.world.fits.versions(key)]
        keys = [key for key in new if self.draw(st.booleans())]
        return Edited(
            offset, library, self.draw(activated(library, keys, offset, self.world.clock))
        )

    def _refitted(self, offset: int) -> Entry:
        library = self.world.library
        keys = sorted(key for key in library.fitted() if self.draw(st.integers(0, 3)))
        if not keys:
            return self._arrived(offset)
        return Refitted(offset, self.draw(activated(library, keys, offset, self.world.clock)))
