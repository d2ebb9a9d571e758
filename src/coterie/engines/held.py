"""What an engine keeps in memory, told apart by what it is kept for."""

from __future__ import annotations

import msgspec


class Held(msgspec.Struct, frozen=True):
    """What one distinct aggregate keeps of everybody, or a sequence that aggregates read.

    Parameters
    ----------
    name : str
        The first definition that rests on it, in the order in which they are answered.
    of : str
        What it is, in English.
    bytes : int
        Of everybody whose state is in memory.
    most : int
        Bytes of the person of whom it keeps most.
    """

    name: str
    of: str
    bytes: int
    most: int
