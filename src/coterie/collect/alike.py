"""Messages of one shape, made ready together: what holds for all of them is found once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from coterie.collect.contexts import Contexts
from coterie.collect.gate import Gate
from coterie.collect.messages import Arrival
from coterie.collect.plain import Plain, plains
from coterie.collect.quality.columns import ANY, Look, doubtful, looks
from coterie.language.events import Kind
from coterie.language.time import DAY
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.moulds import Mould
from coterie.storage.payload import Fact

FEW = 4
"""Messages of one shape that are as quickly made one by one."""

MANY = 500
"""Messages that are made together: what is known of them stays in the processor's memory."""

_SHAPES = 10_000

Harmless = Callable[[str, bool, tuple[str, ...]], bool]
"""Whether what stands in an event of a name, or in an identify, under some names is nobody's."""


class _Group(NamedTuple):
    """What messages have in common; `context` is JSON that their batches say."""

    source: str
    context: bytes
    kind: Kind
    name: str
    has_user: bool
    has_device: bool
    properties: tuple[str, ...]


class _Members(NamedTuple):
    """Messages by their place, when each was received, and what it says."""

    places: list[int]
    received_at: list[int]
    said: list[Plain]

    def those(self, sure: Sequence[bool]) -> _Members:
        """Some of them."""
        places, received_at, said = self
        return _Members(
            list(compress(places, sure)), list(compress(received_at, sure)),
            list(compress(said, sure)),
        )  # fmt: skip


class _Shape(NamedTuple):
    """What is looked at in the properties of a group, and how its facts are made."""

    looks: tuple[Look, ...]
    mould: Mould


class Made(NamedTuple):
    """Facts by the place of their message; where there is none, it must be made alone.

    `names` are those of events that the plan does not have, by the place of the message.
    """

    facts: list[Fact | None]
    names: dict[int, str]


class Alike:
    """Makes messages ready that are just as they should be: all that are not in doubt.

    Parameters
    ----------
    pseudonymiser : Pseudonymiser
    gate : Gate
    contexts : Contexts
    harmless : callable
        Whether properties may be stored as they are, by their names.
    most : int
        Bytes of one event.

    Notes
    -----
    In doubt is a message that must be read with care, one of which the gate has something to say,
    and one in which something personal may stand beside the ids.
    """

    def __init__(
        self, pseudonymiser: Pseudonymiser, gate: Gate, contexts: Contexts, harmless: Harmless,
        most: int,
    ) -> None:  # fmt: skip
        self._pseudonymiser = pseudonymiser
        self._gate = gate
        self._contexts = contexts
        self._harmless = harmless
        self._most = most
        self._shape = lru_cache(maxsize=_SHAPES)(self._shaped)

    def make(self, arrivals: Sequence[Arrival], now: int | None) -> Made:
        """The facts of the messages that are not in doubt.

        Parameters
        ----------
        now : int or None
            Microseconds UTC as of which they are judged; None for the arrival of each.
        """
        found = Made([None] * len(arrivals), {})
        if len(arrivals) >= FEW:
            for start in range(0, len(arrivals), MANY):
                self._make(arrivals, now, range(start, min(start + MANY, len(arrivals))), found)
        return found

    def _make(
        self, arrivals: Sequence[Arrival], now: int | None, wanted: range, found: Made
    ) -> None:
        """Those of some places."""
        for group, members in self._groups(arrivals, now, wanted).items():
            if len(members.places) < FEW:
                continue
            try:
                places, facts = self._facts(group, members)
            except Exception:  # noqa: BLE001, S112 - whoever makes them alone says which it was
                continue
            for place, fact in zip(places, facts, strict=True):
                found.facts[place] = fact
            if not self._gate.has(group.name):
                found.names.update(dict.fromkeys(places, group.name))

    def _groups(
        self, arrivals: Sequence[Arrival], now: int | None, wanted: range
    ) -> dict[_Group, _Members]:
        """The messages that are plain and not of the future."""
        found: dict[tuple[object, ...], _Members] = {}
        few = arrivals[wanted.start : wanted.stop]
        for i, arrival, said in zip(wanted, few, plains(few, self._most), strict=True):
            received = arrival.received_at
            if said is None or said.occurred_at > (received if now is None else now) + DAY:
                continue
            key = (
                arrival.source, arrival.context, said.kind, said.name, said.user is not None,
                said.device is not None, tuple(said.properties),
            )  # fmt: skip
            members = found.get(key)
            if members is None:
                members = found[key] = _Members([], [], [])
            members.places.append(i)
            members.received_at.append(received)
            members.said.append(said)
        return {_Group(*key): members for key, members in found.items()}  # type: ignore[arg-type]

    def _shaped(self, group: _Group) -> _Shape | None:
        """How such messages are made; None where they must be one by one."""
        if not self._harmless(group.name, group.kind == "identify", group.properties):
            return None
        if not self._gate.admits(group.name):
            return None
        looked = looks(self._gate.checks(group.name), group.properties)
        if looked is None:
            return None
        mould = Mould(
            group.source, group.name, group.kind, has_user=group.has_user,
            has_device=group.has_device, has_properties=bool(group.properties),
        )  # fmt: skip
        return _Shape(looked, mould)

    def _facts(self, group: _Group, members: _Members) -> tuple[Sequence[int], Sequence[Fact]]:
        """The places of those that are not in doubt, and their facts."""
        shape = self._shape(group._replace(context=b""))
        if shape is None:
            return (), ()
        said = members.said
        contexts = self._contexts.many(group.context, [one.context for one in said])
        doubts = {i for i, context in enumerate(contexts) if context is None}
        doubts.update(doubtful(ANY, [one.message_id for one in said]))
        columns = zip(*[one.properties.values() for one in said], strict=True)
        for look, column in zip(shape.looks, columns, strict=True):
            doubts.update(doubtful(look, column))
        if doubts:
            sure = [i not in doubts for i in range(len(said))]
            members, contexts = members.those(sure), list(compress(contexts, sure))
        return members.places, self._moulded(group, shape.mould, members, contexts)

    def _moulded(
        self, group: _Group, mould: Mould, members: _Members, contexts: Sequence[bytes | None]
    ) -> list[Fact]:
        said, hidden = members.said, self._pseudonymiser
        people = []
        if group.has_user:
            people.append(hidden.people([one.user for one in said if one.user is not None]))
        if group.has_device:
            devices = [one.device for one in said if one.device is not None]
            people.append(hidden.devices(devices))
        instants = (
            [one.said_at for one in said], [one.occurred_at for one in said], members.received_at,
        )  # fmt: skip
        properties = [one.properties for one in said] if group.properties else None
        ids = [one.message_id for one in said]
        return mould.facts(ids, instants, people, properties, [each or b"" for each in contexts])
