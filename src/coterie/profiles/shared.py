"""How many people one segment or stage shares with each of the others, by the last answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coterie.profiles.recorded import Records, asked
from coterie.profiles.state import files_of
from coterie.profiles.stores import Stores
from coterie.storage.columns import literal
from coterie.storage.ledger import Run

_COUNT = "count(*) FILTER ({rule})"


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
    stores: Stores, run: Run, own: tuple[str, str], permission: str,
    others: Sequence[tuple[str, str]],
) -> Counted:  # fmt: skip
    """Whom a segment shares with others.

    Parameters
    ----------
    run : Run
        The last.
    own : (str, str)
        The segment, and its stage or nothing.
    permission : str
        The trait that says whether somebody may be used.
    others : sequence of (str, str)
        As `own`.
    """
    with asked(stores) as records:
        columns = records.view("answer", files_of(stores.lake, run))
        rules = [_rule(columns, *each) for each in (own, *others)]
        asks = ["count(*)", *(_COUNT.format(rule=rule) for rule in rules)]
        asks += [_COUNT.format(rule=f"({rules[0]}) AND ({rule})") for rule in rules[1:]]
        numbers = _numbers(records, asks, columns[permission])
    everyone, size, *counts = numbers
    half = len(others)
    pairs = zip(others, counts[:half], counts[half:], strict=True)
    found = [Shared(*other, theirs, both) for other, theirs, both in pairs]
    return Counted(everyone, size, sorted(found, key=lambda one: (-one.both, one.theirs)))


def _numbers(records: Records, asks: Sequence[str], may: str) -> list[int]:
    said = ", ".join(f"{each} AS n{i}" for i, each in enumerate(asks))
    row = records.ask(f"SELECT {said} FROM answer WHERE {may}").to_pylist()[0]  # noqa: S608 - names are quoted
    return list(row.values())


def _rule(columns: dict[str, str], segment: str, stage: str) -> str:
    return f"{columns[segment]} = {literal(stage)}" if stage else columns[segment]
