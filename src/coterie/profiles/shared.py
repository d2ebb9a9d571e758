"""How many people one segment or stage shares with each of the others, by the last answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from coterie.profiles.everybody import Everybody, Truths


class Shared(NamedTuple):
    """The people of another segment or stage, and those of them who are in this one as well."""

    segment: str
    stage: str
    theirs: int
    both: int


class Counted(NamedTuple):
    """Whom a segment shares.

    Parameters
    ----------
    everyone : int
        Who may be used for the purpose: nobody else is counted.
    own : int
        Who of them is in it.
    others : list of Shared
        The one that shares most of all its people first.
    """

    everyone: int
    own: int
    others: list[Shared]


def shared(
    everybody: Everybody, own: tuple[str, str], permission: str, others: Sequence[tuple[str, str]]
) -> Counted:
    """Whom a segment shares with others.

    Parameters
    ----------
    everybody : Everybody
        The answer that counts.
    own : (str, str)
        The segment, and its stage or nothing.
    permission : str
        The trait that says whether somebody may be used.
    others : sequence of (str, str)
        As `own`.
    """
    may = everybody.inside(permission)
    mine = everybody.inside(*own) & may
    found = []
    for other in others:
        theirs = everybody.inside(*other)
        found.append(Shared(*other, _count(theirs & may), _count(theirs & mine)))
    return Counted(
        _count(may), _count(mine), sorted(found, key=lambda one: (-one.both, one.theirs))
    )


def _count(truths: Truths) -> int:
    return int(np.count_nonzero(truths))
