"""The three stores of a project, together."""

from __future__ import annotations

from typing import NamedTuple

from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Run
from coterie.storage.log import Log


class Position(NamedTuple):
    """Where an answer is true: facts up to a log offset, and a clock in microseconds UTC."""

    offset: int
    t: int


class Stores(NamedTuple):
    """Where a project's facts and decisions are kept."""

    log: Log
    lake: Lake
    ledger: Ledger


def answered(run: Run) -> Position:
    """The position that a run answered: its tick, and the fits that it activated."""
    return Position(run.counts["offset"], run.clock)
