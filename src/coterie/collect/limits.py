"""What no store holds, wherever it stands in a message: NUL, endless numbers, depth."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

MOST_DEEP = 32
"""How deep lists and objects may lie in each other."""

_BROADEST = 300
_ANYTHING = msgspec.json.Decoder(float_hook=Decimal)


class Refused(Exception):
    """A message that cannot be an event.

    Parameters
    ----------
    reason : str
        One of :data:`coterie.collect.gate.REASONS`.
    detail : str
        The path below the message, and the type; never a value.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def suspect(body: bytes) -> bool:
    """Whether a message may hold NUL, half a character, or too deep a nesting."""
    lists = body.count(b"[") if b"[" in body else 0  # to find one is quicker than to count
    if body.count(b"{") + lists > MOST_DEEP:
        return True
    if b"\\" not in body:
        return False
    return b"\\u00" in body or b"\\ud" in body or b"\\uD" in body


def suspects(bodies: Sequence[bytes]) -> list[bool]:
    """What :func:`suspect` says of each."""
    together = b"".join(bodies)
    if b"[" in together or b"\\" in together:
        return list(map(suspect, bodies))
    return [body.count(b"{") > MOST_DEEP for body in bodies]


def walk(value: Any, path: str, depth: int) -> None:
    """Refuse what no store holds, wherever it stands in a value: NUL, endless numbers, depth.

    Raises
    ------
    Refused
        With this path; never a value.
    """
    kind = type(value)
    if kind is str:
        _characters(value, path)
    elif kind in (Decimal, float, int):
        bounded(Decimal(value), path)
    elif kind is dict or kind is list:
        if depth == MOST_DEEP:
            raise Refused("too_deep", f"{path}: {MOST_DEEP} levels")
        for inner in value if kind is list else (*value, *value.values()):
            walk(inner, path, depth + 1)


def _characters(text: str, path: str) -> None:
    if "\0" in text:
        raise Refused("nul", path)
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        raise Refused("broken_json", f"{path}: half a character") from None


def bounded(value: Decimal, path: str) -> None:
    """Refuse a number that is none, or has more than 300 digits.

    Raises
    ------
    Refused
    """
    if not value.is_finite():
        raise Refused("not_a_number", path)
    if abs(value.adjusted()) > _BROADEST:
        raise Refused("too_large", f"{path}: {_BROADEST} digits")


def field(raw: bytes) -> Any:
    """What a field of the context says.

    Raises
    ------
    Refused
        No store holds it.
    """
    try:
        said = _ANYTHING.decode(raw)
    except (ValueError, RecursionError, ArithmeticError):
        raise Refused("broken_json", "context") from None
    walk(said, "context", 1)
    return said
