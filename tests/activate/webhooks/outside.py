"""A ledger with destinations, people who come and go, and a clock that the test moves."""

from __future__ import annotations

import random
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from coterie.activate.webhooks.addresses import Addresses
from coterie.activate.webhooks.connecting import Transport
from coterie.activate.webhooks.deliverer import Deliverer, Manner, World
from coterie.activate.webhooks.enqueuing import Enqueuer, Standing
from coterie.activate.webhooks.messages import Change
from coterie.activate.webhooks.signing import secret_of
from coterie.errors import CoterieError
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.deliveries import Deliveries
from coterie.storage.destinations import Destination, Destinations
from coterie.storage.ledger import Ledger
from coterie.storage.outbox import RECORDS, Mark, Outbox
from coterie.storage.pending import Pending
from tests.activate.webhooks.receiver import Verifying

SECOND = 1_000_000
HOUR = 3600 * SECOND
BEGAN = 1_800_000_000 * SECOND
SECRET = secret_of(bytes(range(32)))
TRUSTED = ssl.create_default_context()


class People:
    """Who is in what, as a live stream would know it."""

    def __init__(self) -> None:
        self.inside: dict[str, set[str]] = {}
        self.refusing: set[str] = set()
        self.traits: dict[str, Any] = {}
        self.gone: set[str] = set()
        self.basis = "consent"

    def ready(self) -> bool:
        """Always."""
        return True

    def terms(self) -> str:
        """Those of the test."""
        return self.basis

    def standing(
        self, profile: str, segment: str, stage: str, traits: Sequence[str]
    ) -> Standing | None:
        """How a person stands now."""
        if profile in self.gone:
            return None
        holds = (f"{segment}.{stage}" if stage else segment) in self.inside.get(profile, set())
        known = {name: self.traits.get(name) for name in traits}
        return Standing(holds, profile not in self.refusing, known)

    def purpose(self, segment: str) -> str:
        """Marketing, all of them."""
        return "marketing"

    def definition(self, segment: str) -> str:
        """A sentence."""
        return f"people who are {segment}"


class Outside:
    """What goes out of a project, without the project."""

    def __init__(self, folder: Path, **manner: Any) -> None:
        self.ledger = Ledger(folder / "ledger.db")
        self.outbox = Outbox(self.ledger)
        self.destinations = Destinations(self.ledger)
        self.deliveries = Deliveries(self.ledger)
        self.pseudonymiser = Pseudonymiser(bytes(32))
        self.people = People()
        self.runs: dict[int, list[Change]] = {}
        self.refused: list[CoterieError] = []
        self.offset = 0
        self.set(BEGAN)
        self.manner = Manner(**{"allow": ("127.0.0.0/8",), "seconds": 1.0, **manner})
        self.deliverer = self.another()

    def set(self, now: int) -> None:
        """Move the clock, the verifier's too."""
        self.now = Verifying.micros = now

    def another(self) -> Deliverer:
        """A deliverer as a process that starts anew has it."""
        enqueuer = Enqueuer(
            self.destinations, self.deliveries, Pending(self.ledger), audience=self.people,
            runs=lambda offset: self.runs[offset], seal=self.pseudonymiser.seal,
            now=lambda: self.now,
        )  # fmt: skip
        addresses = Addresses(self.manner.allow)
        return Deliverer(
            self.destinations, self.deliveries, enqueuer, self.pseudonymiser,
            World(
                lambda: self.now, random.Random(7).random, lambda: self.now, self.refused.append
            ),
            self.manner, lambda: Transport(addresses, trusted=TRUSTED),
        )  # fmt: skip

    def add(
        self, url: str, *segments: str, name: str = "crm", traits: Sequence[str] = ()
    ) -> Destination:
        """A destination for some segments, ``hesitant`` where none is named."""
        sealed = self.pseudonymiser.seal(SECRET.encode())
        return self.destinations.add(name, url, segments or ("hesitant",), traits, sealed, self.now)

    # --- what happens --------------------------------------------------------------------------

    def commit(self, *changes: tuple[str, str, str], revisits: Sequence[str] = ()) -> None:
        """Keep change records: profile, ``entered`` or ``exited``, segment or ``stages.stage``."""
        self.offset += 1
        rows: list[dict[str, object]] = []
        for profile, change, name in changes:
            segment, _, stage = name.partition(".")
            self._move(profile, change, name)
            rows.append({
                "id": 0, "profile": profile, "segment": segment, "stage": stage,
                "change": change, "at": self.now, "version": 3, "sequence": len(rows) + 1,
                "cause": "event", "reason": "Product Added", "offset": self.offset,
            })  # fmt: skip
        mark = Mark(
            offset=self.offset, clock=self.now, horizon=None, definitions_hash="",
            settled=self.offset,
        )  # fmt: skip
        self.outbox.commit(mark, pa.Table.from_pylist(rows, RECORDS), revisits)

    def _move(self, profile: str, change: str, name: str) -> None:
        inside = self.people.inside.setdefault(profile, set())
        (inside.add if change == "entered" else inside.discard)(name)

    def enter(self, *profiles: str, segment: str = "hesitant") -> None:
        """These people enter a segment."""
        self.commit(*((profile, "entered", segment) for profile in profiles))

    def leave(self, *profiles: str, segment: str = "hesitant") -> None:
        """These people leave it."""
        self.commit(*((profile, "exited", segment) for profile in profiles))

    def permit(self, profile: str, may: bool) -> None:
        """Somebody allows the use, or allows it no more."""
        (self.people.refusing.discard if may else self.people.refusing.add)(profile)
        self.commit(revisits=[profile])

    # --- time ----------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Send what is due now."""
        self.deliverer.deliver()

    def wait(self, micros: int) -> None:
        """Let time pass, and send what becomes due on the way, at its instant."""
        end = self.now + micros
        self.deliver()
        while (due := self._next()) is not None and due <= end:
            self.set(max(due, self.now + 1))
            self.deliver()
        self.set(end)

    def _next(self) -> int | None:
        every = [each for each in self.destinations.every() if each.paused_at is None]
        found = [due for each in every if (due := self.deliveries.next(each.id)) is not None]
        return min(found, default=None)

    def fates(self, name: str = "crm") -> dict[str, int]:
        """How many deliveries have which fate, which add up to what was enqueued."""
        counts = {k: n for k, n in self.deliverer.counts()[name].items() if "attempts" not in k}
        enqueued = counts.pop("enqueued")
        assert enqueued == sum(counts.values())
        return counts
