"""The deliverer: one thread and one event loop that sends what is due, and keeps what became."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

import httpx
import msgspec

from coterie.activate.webhooks.addresses import Addresses
from coterie.activate.webhooks.connecting import Transport
from coterie.activate.webhooks.enqueuing import Enqueuer
from coterie.activate.webhooks.lanes import Lane
from coterie.activate.webhooks.looking import Looking
from coterie.activate.webhooks.retrying import next_attempt
from coterie.activate.webhooks.sending import Answer, client, post
from coterie.activate.webhooks.signing import headers
from coterie.errors import CoterieError
from coterie.language.time import DAY
from coterie.storage.deliveries import Deliveries, Delivery, Fate, Outcome
from coterie.storage.destinations import Destination, Destinations

STEP = 0.1
"""Seconds between two looks whether to stop."""

KEEP = 0.02
"""Seconds that answers wait for each other, to be kept in one transaction."""

GRACE = 3.0
"""Seconds that messages on their way have to arrive when the deliverer is stopped."""

RESOLVERS = 64
"""Names that may be resolved at the same time, each in a thread that waits for it."""

FORGET = 200
"""Deliveries that are forgotten in one transaction."""

SECOND, NEVER = 1_000_000, 2**62


class Sealed(Protocol):
    """What opens that which is kept encrypted."""

    def open(self, sealed: bytes) -> bytes:
        """The bytes that were sealed."""


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How messages are sent.

    Parameters
    ----------
    seconds : float
        For one attempt, answer included.
    at_once : int
        Messages on their way to one destination at the same time.
    allow : tuple of str
        Internal networks to which messages may be sent.
    keep_days : int
        How long a delivery is kept that has its fate.
    """

    seconds: float = 15.0
    at_once: int = 8
    allow: tuple[str, ...] = ()
    keep_days: int = 90


class World(NamedTuple):
    """What a deliverer needs of the world.

    Parameters
    ----------
    now : callable
        Microseconds UTC.
    random : callable
        A number in [0, 1).
    stamp : callable
        Microseconds UTC as the receivers' clocks have them, for signatures: another instant than
        `now` where time is simulated.
    refused : callable
        Told of what goes wrong with the stores; what was to be done is tried again.
    """

    now: Callable[[], int]
    random: Callable[[], float]
    stamp: Callable[[], int]
    refused: Callable[[CoterieError], None] = lambda error: None


class Deliverer:
    """Sends the changes of audiences to their destinations.

    Parameters
    ----------
    destinations, deliveries : Destinations, Deliveries
        Of one ledger.
    enqueuer : Enqueuer
    sealed : Sealed
    world : World
    manner : Manner, optional
    transport : callable, optional
        Makes what carries the requests to one destination, within the event loop.

    Notes
    -----
    At least once, and once in effect: what becomes of an attempt is kept after it was made, so
    that a deliverer that is killed between the two makes it again under the same message id. About
    one person, one message is on its way to a destination at a time, in the order of the changes.
    """

    def __init__(
        self,
        destinations: Destinations,
        deliveries: Deliveries,
        enqueuer: Enqueuer,
        sealed: Sealed,
        world: World,
        manner: Manner | None = None,
        transport: Callable[[], Transport] | None = None,
    ) -> None:
        self._destinations = destinations
        self._deliveries = deliveries
        self._enqueuer = enqueuer
        self._looking = Looking(destinations, enqueuer, self._tidy)
        self._sealed = sealed
        self._world = world
        self._manner = manner or Manner()
        self._transport = transport or _transports(self._manner.allow)
        self._lanes: dict[int, Lane] = {}
        self._done: list[Outcome] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()
        self._keep_at = 0.0
        self._attempts: dict[str, dict[str, int]] = {}

    # --- from other threads --------------------------------------------------------------------

    def run(self, stopping: Callable[[], bool]) -> None:
        """Send until somebody wants it to end; in a thread of its own."""
        asyncio.run(self._run(stopping))

    def deliver(self) -> None:
        """Send all that is due by now, and return."""
        asyncio.run(self._run(None))

    def wake(self) -> None:
        """There may be something new; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(self._woken)
            except RuntimeError:  # it ended just now
                return

    def counts(self) -> dict[str, dict[str, int]]:
        """Destination -> how many deliveries were enqueued, and have which fate by now.

        `enqueued` is the sum of ``waiting``, ``delivered``, ``failed`` and ``dropped.<reason>``;
        ``attempts.<status>`` counts what this deliverer sent, by the status of the answer.
        """
        counted = self._deliveries.counts()
        found = {}
        for each in self._destinations.every():
            fates = counted.get(each.id, {})
            sent = dict(self._attempts.get(each.name, {}))
            found[each.name] = {"enqueued": sum(fates.values()), **fates, **sent}
        return found

    # --- the loop ------------------------------------------------------------------------------

    def _woken(self) -> None:
        self._looking.ask()
        self._event.set()

    async def _run(self, stopping: Callable[[], bool] | None) -> None:
        """Round after round; without `stopping`, until nothing is due any more."""
        self._loop = loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        loop.set_default_executor(ThreadPoolExecutor(RESOLVERS, "resolver"))
        self._looking = Looking(self._destinations, self._enqueuer, self._tidy)
        self._keep_at, self._lanes = 0.0, {}
        try:
            while not (stopping and stopping()):
                self._event.clear()
                self._round(loop.time())
                if stopping is None and not self._busy(loop.time()):
                    break
                await self._rest(self._patience(loop.time()))
        finally:
            await self._finish()
            self._loop = None

    async def _rest(self, seconds: float) -> None:
        """Wait, until something is there to be done."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return

    def _patience(self, time: float) -> float:
        """Seconds until the next look at the clock."""
        now = self._world.now()
        lanes = [lane for lane in self._lanes.values() if lane.destination.paused_at is None]
        due = [max(lane.quiet_until, lane.held_until) for lane in lanes if not len(lane)]
        until = [(at - now) / SECOND for at in due if at > now]
        if self._done:
            until.append(self._keep_at - time)
        if not self._looking.busy:
            until.append(self._looking.at - time)
        return max(0.001, min([STEP, *until]))

    def _round(self, time: float) -> None:
        """Keep what became, look at what is new, send what is due."""
        try:
            if self._done and (time >= self._keep_at or not self._any_way()):
                self._keep_at = time + KEEP
                self._settle()
            self._looking.begin(time, self._event)
            if seen := self._looking.end():
                self._see(seen.destinations)
            for lane in self._lanes.values():
                self._fill(lane)
        except CoterieError as error:  # it is tried again
            self._world.refused(error)

    def _see(self, destinations: Sequence[Destination]) -> None:
        """A lane for each destination, none for those that were removed."""
        known = {each.id: each for each in destinations}
        for gone in self._lanes.keys() - known.keys():
            self._lanes[gone].close()
        for key, destination in known.items():
            if key not in self._lanes:
                self._lanes[key] = self._lane(destination)
            self._lanes[key].look(destination)

    def _lane(self, destination: Destination) -> Lane:
        through = client(self._transport(), self._manner.seconds)
        return Lane(destination, self._manner.at_once, through)

    # --- sending -------------------------------------------------------------------------------

    def _fill(self, lane: Lane) -> None:
        """Send what is due to one destination, as much as may be on its way at once."""
        now = self._world.now()
        while lane.open(now) and (delivery := lane.next() or self._lined_up(lane, now)):
            task = asyncio.create_task(self._attempt(lane, delivery))
            lane.send(delivery, task)

    def _lined_up(self, lane: Lane, now: int) -> Delivery | None:
        """Read ahead, unless it is known that nothing is due."""
        if now < lane.quiet_until:
            return None
        due = self._deliveries.due(lane.destination.id, now, lane.most())
        lane.line_up(due)
        found = lane.next()
        if found is None:  # until then, or until what is on its way is kept
            later = None if due else self._deliveries.next(lane.destination.id)
            lane.quiet_until = NEVER if later is None else later
        return found

    async def _attempt(self, lane: Lane, delivery: Delivery) -> None:
        to, at = lane.destination, self._world.stamp()
        try:
            said = self._sealed.open(delivery.sealed or b"").decode()
            signed = headers(delivery.message, at, said, self._secrets(to))
            answer = await post(lane.client, to.url, signed, said, self._manner.seconds, at)
        except (CoterieError, ValueError) as error:
            answer = Answer(0, f"not sent: {type(error).__name__}")
        self._done.append(self._outcome(lane, delivery, answer))
        lane.landed(delivery)
        self._event.set()

    def _secrets(self, of: Destination) -> list[str]:
        """What messages are signed with now, the newest first."""
        until = of.former_until
        former = of.former if until is not None and self._world.now() < until else None
        kept = [of.secret] + ([former] if former else [])
        return [self._sealed.open(secret).decode() for secret in kept]

    def _outcome(self, lane: Lane, delivery: Delivery, answer: Answer) -> Outcome:
        now = self._world.now()
        if answer.wait and not answer.accepted:
            lane.held_until = max(lane.held_until, now + answer.wait)
        if answer.gone:
            self._gone(lane, now)
        fate: Fate = "delivered" if answer.accepted else "waiting"
        due = None
        if fate == "waiting":
            due = next_attempt(delivery.attempts + 1, now, self._world.random(), answer.wait)
            fate = "failed" if due is None else "waiting"
        counted = self._attempts.setdefault(lane.destination.name, {})
        name = f"attempts.{answer.status or 'none'}"
        counted[name] = counted.get(name, 0) + 1
        return Outcome(delivery, now, answer.status, answer.said, fate, due)

    def _gone(self, lane: Lane, now: int) -> None:
        """Send nothing more to a receiver that wants nothing any more."""
        lane.destination = msgspec.structs.replace(lane.destination, paused_at=now)
        try:
            self._destinations.pause(lane.destination.id, now, "410 Gone")
            self._looking.outdate()
        except CoterieError as error:  # the next answer says it again
            self._world.refused(error)

    # --- keeping -------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Keep what became of all attempts since the last time, in one transaction."""
        done = list(self._done)
        if not done:
            return
        self._deliveries.settle(done)
        del self._done[: len(done)]
        for outcome in done:
            lane = self._lanes.get(outcome.delivery.destination)
            if lane is not None:
                lane.kept(outcome.delivery)

    def _tidy(self) -> None:
        """Forget some of the deliveries that have their fate for long."""
        self._deliveries.expire(self._world.now() - self._manner.keep_days * DAY, FORGET)

    def _any_way(self) -> bool:
        """Whether anything is on its way."""
        return any(lane.tasks for lane in self._lanes.values())

    def _busy(self, time: float) -> bool:
        """Whether there is anything to be done before time passes."""
        looking = self._looking.busy or self._looking.at <= time
        return looking or bool(self._done) or self._any_way()

    async def _finish(self) -> None:
        """Let messages on their way arrive, for a moment; what does not is sent again."""
        tasks = [task for lane in self._lanes.values() for task in lane.tasks]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._looking.close()
        for lane in self._lanes.values():
            await lane.client.aclose()
        try:
            self._settle()
        except CoterieError as error:
            self._world.refused(error)


def _transports(allow: Sequence[str]) -> Callable[[], Transport]:
    """One for each destination, so that the connections of one are no work for another."""
    addresses, trusted = Addresses(allow), httpx.create_ssl_context(trust_env=False)
    return lambda: Transport(addresses, trusted=trusted)
