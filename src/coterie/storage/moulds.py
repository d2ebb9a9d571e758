"""The bytes of many events at once: what they have in common is written once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from coterie.language.events import Kind, event_keys
from coterie.storage.payload import Fact

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_CONTEXT = b',"context":'


class Mould:
    """Makes facts of events that have source, name and kind in common, and which fields they have.

    Parameters
    ----------
    has_user, has_device, has_properties : bool
        Whether all of them say who it was, on which device, and anything else; or none does.

    Notes
    -----
    The facts are those of :func:`coterie.storage.payload.made`, byte by byte.
    """

    def __init__(
        self, source: str, name: str, kind: Kind, *, has_user: bool, has_device: bool,
        has_properties: bool,
    ) -> None:  # fmt: skip
        self.source = source
        head = b'{"source":%b,"message_id":%%b,"name":%b,"occurred_at":%%d'
        head %= tuple(_ENCODER.encode(text).replace(b"%", b"%%") for text in (source, name))
        rest = [
            b"" if kind == "track" else b',"type":"%b"' % kind.encode(),
            b',"user_id":"%b"' if has_user else b"",
            b',"anonymous_id":"%b"' if has_device else b"",
            b',"properties":%b' if has_properties else b"",
        ]
        content = head + b"".join(rest)
        body = head + b',"received_at":%d' + b"".join(rest)
        self._with_context = body + _CONTEXT + b"%b}", content + _CONTEXT + b"%b}"
        self._without = body + b"%b}", content + b"%b}"

    def facts(
        self, messages: Sequence[str], instants: tuple[Sequence[int], Sequence[int], Sequence[int]],
        people: Iterable[Iterable[bytes]], properties: Sequence[dict[str, Any]] | None,
        contexts: Sequence[bytes],
    ) -> list[Fact]:  # fmt: skip
        """The events, made ready for the log.

        Parameters
        ----------
        messages : sequence of str
            Their ids.
        instants : sequences of int
            When each occurred by its sender's clock, when by ours, and when it was received.
        people : iterables of bytes
            Pseudonyms of the users, where they have one, and of the devices, where they have one.
        properties : sequence of dict, optional
            Canonical (:func:`coterie.storage.payload.canonical`).
        contexts : sequence of bytes
            Canonical JSON, or nothing.
        """
        said_at, at, received = instants
        said: list[Iterable[bytes]] = [*people]
        if properties is not None:
            said.append(_lines(properties))
        body, content = self._with_context
        if not all(contexts):
            body, content = self._without
            contexts = [_CONTEXT + context if context else b"" for context in contexts]
        ids = _lines(messages)
        bodies = map(body.__mod__, zip(ids, at, received, *said, contexts, strict=True))
        contents = map(content.__mod__, zip(ids, said_at, *said, contexts, strict=True))
        digests = [hashlib.blake2b(each, digest_size=8).digest() for each in contents]
        keys = event_keys(self.source, messages)
        return list(map(Fact, keys, digests, at, received, bodies))


def _lines(values: Sequence[Any]) -> list[bytes]:
    """Each value as JSON, in which no line ends."""
    return _ENCODER.encode_lines(values).split(b"\n")[:-1]
