"""The destinations of a project: where changes of audiences are sent, and what became of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from coterie.activate.webhooks.installed import needed
from coterie.errors import CoterieError, ProjectError, nearest
from coterie.language.time import micros
from coterie.profiles import members, state
from coterie.profiles.flushing import flush
from coterie.project.exporting import check
from coterie.project.opened import now
from coterie.project.permission import still_allowed
from coterie.project.reports import Report
from coterie.storage.deliveries import Deliveries, Delivery
from coterie.storage.destinations import Destination, Place
from coterie.storage.destinations import Destinations as Kept

if TYPE_CHECKING:
    from coterie.activate.webhooks.deliverer import Deliverer
    from coterie.activate.webhooks.sending import Answer
    from coterie.profiles.stores import Stores
    from coterie.project.project import Project
    from coterie.project.streaming.live import Live

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.IGNORECASE | re.ASCII)
HOUR = 3_600_000_000


class DestinationReport(Report, frozen=True):
    """A destination, and how many deliveries have which fate.

    Parameters
    ----------
    added_at : int
        Microseconds UTC.
    paused_at : int or None
        Since when nothing is sent, and `why`.
    counts : dict of str to int
        ``enqueued``, which is the sum of ``waiting``, ``delivered``, ``failed`` and
        ``dropped.<reason>``.
    """

    name: str
    url: str
    segments: tuple[str, ...]
    traits: tuple[str, ...]
    added_at: int
    paused_at: int | None
    why: str
    counts: dict[str, int]


class DeliveryReport(Report, frozen=True):
    """One delivery; instants are microseconds UTC.

    Parameters
    ----------
    sequence : int
        Its number among those of its destination.
    message : str
        Its `webhook-id`.
    segment : str
        ``hesitant``, or ``lifecycle.loyal``.
    at : int
        Of the change.
    why : str
        The last answer; of one that was dropped, the reason.
    due_at : int or None
        When it is tried next.
    """

    destination: str
    sequence: int
    message: str
    profile: str
    segment: str
    change: str
    at: int
    fate: str
    attempts: int
    why: str
    due_at: int | None
    last_at: int | None


class Destinations:
    """The destinations of a project.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    @property
    def _kept(self) -> Kept:
        return Kept(self._project.stores.ledger)

    @property
    def _deliveries(self) -> Deliveries:
        return Deliveries(self._project.stores.ledger)

    def add(
        self, name: str, url: str, segments: Sequence[str], traits: Sequence[str] = ()
    ) -> tuple[Destination, str]:
        """Send the changes of some audiences to an address, from now on.

        Parameters
        ----------
        segments : sequence of str
            Segments, stages (``lifecycle``, which is each of them), or one stage.
        traits : sequence of str, optional
            What is said of each person.

        Returns
        -------
        Destination, str
            What is kept of it, and the secret that its messages are signed with.

        Raises
        ------
        CoterieError
            A name that is none, an address that nothing may be sent to, or an unknown segment.
        """
        needed()
        from coterie.activate.webhooks.targets import checked_url

        project = self._project
        self._check_name(name)
        checked_url(url, project.settings.webhooks.allow)
        wanted = list(dict.fromkeys(part for each in segments for part in self._parts(each)))
        if not wanted:
            raise ProjectError("a destination needs a segment", hint="say --segment NAME")
        for trait in traits:
            if trait not in project.library.traits:
                raise ProjectError(
                    "there is no such trait", got=repr(trait),
                    hint=nearest(trait, project.library.traits),
                )  # fmt: skip
        secret = _secret()
        with project.writing() as stores:
            inside = list(self._inside(stores, wanted))
            made = self._kept.add(
                name, url, wanted, list(traits), self._seal(secret), project.now(), inside
            )
        return made, secret

    def list(self) -> list[DestinationReport]:
        """Every destination, by name."""
        counts = self._deliveries.counts()
        found = []
        for each in self._kept.every():
            fates = counts.get(each.id, {})
            found.append(DestinationReport(
                each.name, each.url, each.segments, each.traits, each.added_at, each.paused_at,
                each.why, {"enqueued": sum(fates.values()), **fates},
            ))  # fmt: skip
        return found

    def remove(self, name: str) -> int:
        """Send nothing more there, and return how many deliveries waited, which are dropped."""
        return self._kept.remove(self._named(name).id, self._project.now())

    def pause(self, name: str) -> None:
        """Send nothing until it is resumed; changes are enqueued meanwhile."""
        self._kept.pause(self._named(name).id, self._project.now(), "by command")

    def resume(self, name: str) -> None:
        """Send again, what waited first."""
        self._kept.resume(self._named(name).id)

    def rotate(self, name: str, hours: float = 24.0) -> str:
        """Sign with another secret, and return it.

        Parameters
        ----------
        hours : float
            For so long messages have a signature by the former secret too.
        """
        needed()
        secret = _secret()
        until = self._project.now() + int(hours * HOUR)
        self._kept.rotate(self._named(name).id, self._seal(secret), until)
        return secret

    def test(self, name: str) -> Answer:
        """Send a message that says nothing of anybody, and return the answer."""
        needed()
        from coterie.activate.webhooks.trying import tried

        project, to = self._project, self._named(name)
        number = secrets.token_hex(8)
        allow = project.settings.webhooks.allow
        return tried(to, project.pseudonymiser, allow, micros(now()), number)

    def deliveries(
        self, name: str = "", *, fate: str = "", limit: int = 100
    ) -> Sequence[DeliveryReport]:
        """The newest deliveries of one destination or of all, newest first.

        Parameters
        ----------
        fate : str, optional
            Only those ``waiting``, ``delivered``, ``failed`` or ``dropped``.
        """
        names = {each.id: each.name for each in self._kept.every()}
        key = self._named(name).id if name else None
        found = self._deliveries.list(key, fate or None, limit)
        return [_said(row, names.get(row.destination, "")) for row in found]

    def retry(self, name: str, number: int | None = None) -> tuple[int, int]:
        """Try failed deliveries again, all or one; how many, and how many said nothing new.

        Those whose person's later change was enqueued since are dropped instead.
        """
        return self._deliveries.retry(self._named(name).id, self._project.now(), number)

    def forget(self, people: set[str]) -> None:
        """Leave nothing of erased people."""
        self._deliveries.forget(people, self._project.now())

    def deliverer(
        self,
        live: Live,
        *,
        random: Callable[[], float],
        refused: Callable[[CoterieError], None] = lambda error: None,
    ) -> Deliverer:
        """What sends, beside a live stream: run it in a thread of its own, and wake it on changes.

        Parameters
        ----------
        random : callable
            A number in [0, 1).
        """
        needed()
        from coterie.activate.webhooks import deliverer as sending
        from coterie.activate.webhooks.enqueuing import Enqueuer
        from coterie.project.audiences import LiveAudience
        from coterie.storage.pending import Pending

        project, said = self._project, self._project.settings.webhooks
        ledger, audience = project.stores.ledger, LiveAudience(project, live)
        enqueuer = Enqueuer(
            Kept(ledger), Deliveries(ledger), Pending(ledger), audience=audience,
            runs=audience.of_run, seal=project.pseudonymiser.seal, now=project.now,
        )  # fmt: skip
        return sending.Deliverer(
            Kept(ledger), Deliveries(ledger), enqueuer, project.pseudonymiser,
            sending.World(project.now, random, lambda: micros(now()), refused),
            sending.Manner(
                seconds=said.seconds, at_once=said.at_once, allow=said.allow,
                keep_days=said.keep_days,
            ),
        )  # fmt: skip

    # --- checking ----------------------------------------------------------------------------

    def _named(self, name: str) -> Destination:
        every = {each.name: each for each in self._kept.every()}
        if name not in every:
            raise ProjectError(
                "there is no such destination", got=repr(name), hint=nearest(name, every)
            )
        return every[name]

    def _check_name(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise ProjectError(
                "a destination cannot be called that", got=repr(name),
                expected="letters, digits, - and _, at most 63, as in crm",
            )  # fmt: skip
        if any(each.name == name for each in self._kept.every()):
            raise ProjectError(
                "there is a destination of that name", got=repr(name),
                hint=f"coterie destinations remove {name}",
            )  # fmt: skip

    def _parts(self, name: str) -> Iterator[str]:
        """A segment, one stage, or every stage of a set."""
        group, _, stage = name.partition(".")
        library = self._project.library
        if stage or group not in library.stages:
            check(self._project, group, stage)
            yield name
        else:
            yield from (f"{group}.{option}" for option in library.definition(group).options)  # type: ignore[union-attr]

    def _inside(self, stores: Stores, wanted: Sequence[str]) -> Iterator[Place]:
        """Who is in the audiences now, so that the destination is told when they leave."""
        project = self._project
        flush(stores, project.plan)
        inside = members.folded(state.read_changes(stores.lake, stores.ledger))
        for name in wanted:
            segment, _, stage = name.partition(".")
            own = pc.and_(pc.equal(inside["segment"], segment), pc.equal(inside["stage"], stage))
            profiles = inside["profile"].filter(own).combine_chunks()
            if len(profiles):
                purpose = project.library.purpose(segment)
                may = still_allowed(project, profiles, purpose, project.now())
                yield from ((p, segment, stage) for p in profiles.filter(may).to_pylist())

    def _seal(self, secret: str) -> bytes:
        return self._project.pseudonymiser.seal(secret.encode())


def _secret() -> str:
    from coterie.activate.webhooks.signing import SECRET_BYTES, secret_of

    return secret_of(secrets.token_bytes(SECRET_BYTES))


def _said(row: Delivery, name: str) -> DeliveryReport:
    return DeliveryReport(
        destination=name, sequence=row.sequence, message=row.message, profile=row.profile,
        segment=f"{row.segment}.{row.stage}" if row.stage else row.segment, change=row.change,
        at=row.at, fate=row.fate, attempts=row.attempts, why=row.why, due_at=row.due_at,
        last_at=row.last_at,
    )  # fmt: skip
