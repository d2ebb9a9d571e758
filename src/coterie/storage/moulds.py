"""The bytes of many events at once: what they have in common is written once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from coterie.language.events import Kind, event_keys
from coterie.storage.payload import Fact

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


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
            b"%b}",
        ]
        self._body = head + b',"received_at":%d' + b"".join(rest)
        self._content = head + b"".join(rest)

    def facts(
        self, messages: Sequence[str], instants: tuple[Sequence[int], Sequence[int], Sequence[int]],
        people: Iterable[Iterable[bytes]], properties: Sequence[dict[str, Any]] | None,
        contexts: Iterable[bytes],
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
        contexts : iterable of bytes
            Canonical JSON, or nothing.
        """
        said_at, at, received = instants
        said = [*people]
        if properties is not None:
            said.append(_lines(properties))
        said.append([b',"context":' + context if context else b"" for context in contexts])
        ids = _lines(messages)
        bodies = map(self._body.__mod__, zip(ids, at, received, *said, strict=True))
        contents = map(self._content.__mod__, zip(ids, said_at, *said, strict=True))
        digests = [hashlib.blake2b(each, digest_size=8).digest() for each in contents]
        keys = event_keys(self.source, messages)
        return list(map(Fact, keys, digests, at, received, bodies))


def _lines(values: Sequence[Any]) -> list[bytes]:
    """Each value as JSON, in which no line ends."""
    return _ENCODER.encode_lines(values).split(b"\n")[:-1]
