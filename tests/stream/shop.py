"""Stories told by hand: short words over the case table's plan, and what comes out of them."""

from __future__ import annotations

from typing import Any

from coterie.engines.fits import Fit
from coterie.engines.reference import Fact
from coterie.language.authoring import Defined
from coterie.language.library import Library
from coterie.language.naming import named
from tests.conformance.case import PLAN, at
from tests.stream.compare import check_records, check_values, folded, slack
from tests.stream.host import Host, Manner
from tests.stream.oracle import Change, Oracle, members, values
from tests.stream.story import Arrived, Edited, Entry, Erased, Moved, Refitted, Story, Ticked

PURPOSES = {"analytics": "legitimate_interest"}


def library(**found: Defined) -> Library:
    """Checked definitions over the case table's plan."""
    return Library(named(found), PLAN, PURPOSES, "analytics")


class Log:
    """Writes a story, each line an entry; offsets and keys count up."""

    def __init__(self, clock: int = at(-1), **found: Defined) -> None:
        self.library = library(**found)
        self.clock = clock
        self.entries: list[Entry] = []

    @property
    def offset(self) -> int:
        """Of the next entry."""
        return len(self.entries) + 1

    def event(
        self, name: str, when: int, who: str = "ann", *, key: int | None = None, **values: Any
    ) -> Log:
        """An event of somebody."""
        order = self.offset if key is None else key
        fact = Fact(order.to_bytes(16, "big"), name, when, self.offset, None, values)
        self.entries.append(Arrived(self.offset, who, fact))
        return self

    def instead(self, of: int, name: str, when: int, who: str = "ann", **values: Any) -> Log:
        """An event that supersedes the one whose key is `of`."""
        self.event(name, when, who, **values)
        last = self.entries.pop()
        assert isinstance(last, Arrived)
        self.entries.append(Arrived(last.offset, who, last.fact, of.to_bytes(16, "big")))
        return self

    def tick(self, t: int) -> Log:
        """The clock moves."""
        self.entries.append(Ticked(self.offset, t))
        return self

    def merge(self, device: str, profile: str) -> Log:
        """The events of a device become those of a profile."""
        self.entries.append(Moved(self.offset, device, profile))
        return self

    def erase(self, profile: str) -> Log:
        """Nothing of a profile stays."""
        self.entries.append(Erased(self.offset, profile))
        return self

    def edit(self, **found: Defined) -> Log:
        """Other definitions from now on."""
        self.entries.append(Edited(self.offset, library(**found)))
        return self

    def refit(self, t: int, **parameters: dict[str, Any]) -> Log:
        """New parameters for the fitted node of each named definition."""
        keys = {name: next(iter(self.library.fitted([name]))) for name in parameters}
        versions = (Fit(keys[name], self.offset, t, p) for name, p in parameters.items())
        self.entries.append(Refitted(self.offset, tuple(versions)))
        return self

    def story(self) -> Story:
        """What was written."""
        return Story(self.library, self.clock, tuple(self.entries))

    def followed(self, manner: Manner | None = None) -> Host:
        """The stream after all of it, which said nothing but what the oracle says."""
        story = self.story()
        host, oracle = Host(story, manner=manner or Manner()).finish(), Oracle(story)
        due = [change for entry in story.entries for change in oracle.take(entry)]
        check_records(sorted(host.changes), sorted(due), slack(self.library))
        wanted = values(oracle.world)
        check_values(host.values(), wanted)
        assert host.members() == members(wanted, oracle.world.library)
        assert folded(host.changes) == host.members()
        return host


def said(host: Host, segment: str) -> list[tuple[str, int, str]]:
    """The changes of one segment: entered or exited (or ``-stage``, ``+stage``), when, and why."""
    return [(_word(c), c.at, c.cause) for c in host.changes if c.segment == segment]


def _word(change: Change) -> str:
    if change.stage:
        return ("+" if change.enters else "-") + change.stage
    return "entered" if change.enters else "exited"
