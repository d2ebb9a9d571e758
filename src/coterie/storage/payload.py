"""The canonical bytes of an event: equal facts have equal bytes, whatever file they came from."""

from __future__ import annotations

import decimal
import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from coterie.errors import StoreError
from coterie.language.events import Event

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_DECODER = msgspec.json.Decoder(Event, float_hook=Decimal)


_decimal = lru_cache(maxsize=1 << 14)(Decimal)


class _Bare(Event, frozen=True, kw_only=True, gc=False):
    context: msgspec.Raw = msgspec.Raw(b"{}")  # type: ignore[assignment]


_BARE = msgspec.json.Decoder(_Bare, float_hook=Decimal)
_BARES = msgspec.json.Decoder(list[_Bare], float_hook=_decimal)
_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_OCCURRED, _RECEIVED = b',"occurred_at":', b',"received_at":'
_PLAIN = frozenset({str, bool, type(None)})
SENT = ("sentAt", "sent_at")
"""Names in a context that a retry changes."""

_WHOLE = 10**18


class Fact(msgspec.Struct, frozen=True, gc=False):
    """An event as the log takes it: its key, a hash of what it says, its instants and bytes."""

    key: bytes
    digest: bytes
    at: int
    received_at: int
    body: bytes


def fact(event: Event, said_at: int | None = None) -> Fact:
    """An event made ready for the log.

    Parameters
    ----------
    said_at : int, optional
        When it occurred by its sender's own clock, as in :func:`fingerprint`.

    Raises
    ------
    StoreError
        A value that JSON cannot hold.
    """
    body = encode(event)
    digest = fingerprint(event, body, said_at)
    return Fact(event.key, digest, event.occurred_at, event.received_at, body)


def made(event: Event, said_at: int, unsent: bytes | None = None) -> Fact:
    """The same of an event whose properties are canonical, and whose context is JSON already.

    Parameters
    ----------
    said_at : int
        When it occurred by its sender's own clock.
    unsent : bytes, optional
        The context without when the event was sent, where it says so; empty for none.
    """
    body = said = _ENCODER.encode(event)
    if unsent is not None:
        context = msgspec.Raw(unsent) if unsent else {}
        said = _ENCODER.encode(msgspec.structs.replace(event, context=context))
    at, received = event.occurred_at, event.received_at
    instants = b',"occurred_at":%d,"received_at":%d' % (at, received)
    content = said.replace(instants, b',"occurred_at":%d' % said_at, 1)
    digest = hashlib.blake2b(content, digest_size=8).digest()
    return Fact(event.key, digest, at, received, body)


def encode(event: Event) -> bytes:
    """The event as canonical JSON: sorted property names, numbers in their shortest form.

    ``1.50``, ``1.5`` and ``15E-1`` are one number and ``3.00`` and ``3`` are one, so a fact read
    from a text file and from a typed one has the same bytes.

    Raises
    ------
    StoreError
        A value that JSON cannot hold, such as NaN or half a surrogate pair.
    """
    try:
        properties = canonical(event.properties)
        context = canonical(event.context) if event.context else event.context
        event = msgspec.structs.replace(event, properties=properties, context=context)
        return _ENCODER.encode(event)
    except (TypeError, ValueError, OverflowError) as error:
        raise StoreError(
            "an event holds a value that cannot be stored",
            where=event.name,
            got=type(error).__name__,
            expected="text, numbers, booleans, null, lists and objects",
        ) from error


def decode(payload: bytes) -> Event:
    """The event of stored bytes; numbers with a point or an exponent are `Decimal`."""
    return _DECODER.decode(payload)


def decode_bare(payload: bytes) -> Event:
    """The event of stored bytes for whoever does not ask for its context: that stays JSON."""
    return _BARE.decode(payload)


def decode_bares(payloads: Iterable[bytes]) -> Sequence[Event]:
    """The same of many; numbers that come often are one object."""
    return _BARES.decode(b"[%b]" % b",".join(payloads))


def fingerprint(event: Event, payload: bytes, said_at: int | None = None) -> bytes:
    """A 64-bit hash of what the event says: without when it was received or sent.

    Parameters
    ----------
    said_at : int, optional
        Stands for when it occurred, where that was corrected by when it was received.
    """
    if event.context and any(name in event.context for name in SENT):
        said = {name: value for name, value in event.context.items() if name not in SENT}
        payload = encode(msgspec.structs.replace(event, context=said))
    return _digest(payload, said_at)


def _digest(payload: bytes, said_at: int | None) -> bytes:
    before, _, after = payload.partition(_RECEIVED)
    if said_at is not None:
        before = b"%s%d" % (before[: before.index(_OCCURRED) + len(_OCCURRED)], said_at)
    return hashlib.blake2b(before + after.lstrip(b"-0123456789"), digest_size=8).digest()


def canonical(value: Any) -> Any:
    """The value with every number in its one canonical form.

    Examples
    --------
    >>> canonical({"price": Decimal("2.50"), "items": [Decimal("3.0"), "3.0"]})
    {'price': Decimal('2.5'), 'items': [3, '3.0']}
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        return value if -_WHOLE < value < _WHOLE else number(Decimal(value))
    if kind is dict:
        return {k: v if type(v) in _PLAIN else canonical(v) for k, v in value.items()}
    if kind is Decimal:
        return number(value)
    if kind is float:
        return number(Decimal(repr(value)))
    if kind is list or kind is tuple:
        return [canonical(inner) for inner in value]
    raise TypeError(kind.__name__)


def number(value: Decimal) -> int | Decimal:
    """A number in its one canonical form: whole ones as integers, others in their shortest form.

    Raises
    ------
    ValueError
        It is not finite.
    """
    if not value.is_finite():
        raise ValueError("not a finite number")
    if value.adjusted() < 18 and value == (whole := int(value)):
        return whole
    return value.normalize(_EXACT)
