"""Contexts as they are stored: canonical JSON, of fields that hardly vary and are made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec

from coterie.collect.limits import Refused, field
from coterie.collect.personal import Hiding, harmless
from coterie.collect.spec import fields
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.payload import SENT, canonical

_ENCODE = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode
_OBJECTS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_ORDERS = 10_000
_PARTS = 1 << 15
_BYTES = 4_096
"""Orders of fields, fields, and bytes of a context that is remembered by field."""
_ROOM = 1 << 24
_ENTRY = 200
"""Bytes of fields that are remembered, twice, and what remembering one takes beside its text."""

Part = tuple[str, bytes]
"""A field's name as it is stored, and its JSON with the name."""
Memories = dict[str, dict[bytes, bytes]]
"""Name -> JSON of a field as it came -> as it is stored, with the name."""


class Contexts:
    """Makes contexts ready for the log.

    Parameters
    ----------
    pseudonymiser : Pseudonymiser
    """

    def __init__(self, pseudonymiser: Pseudonymiser) -> None:
        self._pseudonymiser = pseudonymiser
        self._hiding = Hiding(pseudonymiser)
        self._order = lru_cache(maxsize=_ORDERS)(_ordered)
        self._remembered = lru_cache(maxsize=_PARTS)(self._part)
        self._memories: Memories = {}
        self._former: Memories = {}
        self._taken = 0

    def parts(self, batch: bytes, message: bytes) -> list[Part]:
        """The fields of a context, a message's before its batch's.

        Raises
        ------
        Refused
            They are no JSON, or no store holds them.
        """
        part = self._remembered if len(message) <= _BYTES else self._part
        return [part(name, bytes(raw)) for name, raw in fields(batch, message).items()]

    def plain(self, parts: Sequence[Part]) -> bytes | None:
        """The object of these fields; None where a field tells when it was sent, or comes twice."""
        if order := self._order(tuple([name for name, _ in parts])):
            return b"{%s}" % b",".join([parts[i][1] for i in order])
        return None

    def many(self, batch: bytes, messages: Sequence[bytes]) -> list[bytes | None]:
        """What :meth:`plain` gives of each, nothing where there are no fields.

        None stands for one that must be looked at alone.

        Parameters
        ----------
        batch : bytes
            What the batch of all of them says.
        """
        found: list[bytes | None] = [None] * len(messages)
        shapes: dict[tuple[str, ...], list[int]] = {}
        said = _decoded(batch, messages)
        for i, one in enumerate(said):
            if one is not None and len(messages[i]) <= _BYTES:
                shapes.setdefault(tuple(one), []).append(i)
        for names, places in shapes.items():
            contexts = [one for i in places if (one := said[i]) is not None]
            for i, made in zip(places, self._alike(names, contexts), strict=True):
                found[i] = made
        return found

    def _alike(
        self, names: Sequence[str], contexts: Sequence[Mapping[str, msgspec.Raw]]
    ) -> Sequence[bytes | None]:
        """Contexts with the same fields."""
        if not names:
            return [b""] * len(contexts)
        columns = list(zip(*[each.values() for each in contexts], strict=True))
        order = self._order(tuple([self._pseudonymiser.scrub(name) for name in names]))
        if not order:
            return [None] * len(contexts)
        try:
            return _objects([self._column(names[i], columns[i]) for i in order], len(contexts))
        except Refused:
            return [None] * len(contexts)

    def _column(self, name: str, raws: Sequence[msgspec.Raw]) -> list[bytes]:
        """A field of many contexts; each value that comes often is made once.

        It is one, and stands for all, where all say the same.
        """
        if raws.count(raws[0]) == len(raws):
            raws = raws[:1]
        said = list(map(bytes, raws))
        memory = self._memories.setdefault(name, {})
        made = list(map(memory.get, said))
        if None in made:
            former = self._former.get(name, {})
            missing = {*said} - memory.keys()
            fresh = {raw: former.get(raw) or self._part(name, raw)[1] for raw in missing}
            made = [memory.get(raw) or fresh[raw] for raw in said]
            self._remember(memory, fresh)
        return made  # type: ignore[return-value]

    def _remember(self, memory: dict[bytes, bytes], fresh: dict[bytes, bytes]) -> None:
        """Keep fields of a name; when they take much, all that did not come since go."""
        self._taken += sum(map(len, fresh)) + sum(map(len, fresh.values())) + _ENTRY * len(fresh)
        if self._taken > _ROOM:
            self._memories, self._former, self._taken = {}, self._memories, 0
        else:
            memory.update(fresh)

    def _part(self, name: str, raw: bytes) -> Part:
        said = self._hiding.context({name: field(raw)})
        text = name + raw.decode()
        if "\\" in text or not harmless(text):  # an escape may be an at sign
            said = self._pseudonymiser.scrubbed(said)
        ((stored, value),) = said.items()
        return stored, named(stored, canonical(value))


def _decoded(batch: bytes, messages: Sequence[bytes]) -> Sequence[Mapping[str, msgspec.Raw] | None]:
    """The fields of contexts that are objects or nothing; None where they cannot be read."""
    if not batch and all(messages):
        with suppress(msgspec.MsgspecError):
            return _OBJECTS.decode(b"[%b]" % b",".join(messages))
    return [_of(batch, message) for message in messages]


def _of(batch: bytes, message: bytes) -> Mapping[str, msgspec.Raw] | None:
    try:
        return fields(batch, message)
    except Refused:
        return None


def _objects(columns: Sequence[Sequence[bytes]], n: int) -> list[bytes]:
    """So many objects of these fields; what is the same in all of them is written once."""
    varied = [column for column in columns if len(column) > 1]
    said = [b"%b" if len(each) > 1 else each[0].replace(b"%", b"%%") for each in columns]
    form = b"{%b}" % b",".join(said)
    return list(map(form.__mod__, zip(*varied, strict=True))) if varied else [form % ()] * n


def _ordered(names: tuple[str, ...]) -> tuple[int, ...]:
    """Where each field stands when they are sorted; nothing where they are no plain fields."""
    if len({*names}) < len(names) or not {*names}.isdisjoint(SENT):
        return ()
    return tuple(sorted(range(len(names)), key=names.__getitem__))


def named(name: str, value: Any) -> bytes:
    """A field of an object as JSON."""
    return _ENCODE({name: value})[1:-1]


def whole(parts: Mapping[str, bytes]) -> bytes:
    """The object of these fields, or nothing where there are none."""
    return b"{%s}" % b",".join([part for _, part in sorted(parts.items())]) if parts else b""
