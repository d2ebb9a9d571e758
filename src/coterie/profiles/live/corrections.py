"""Corrections for which no history has to be read."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.engines.stream import StreamEngine
from coterie.engines.stream.adopting import adopt
from coterie.engines.stream.arriving import Arriving
from coterie.engines.stream.lateness import overtake
from coterie.profiles.live.steps import Step

SPAN = 2_000_000
"""Microseconds within which a person's events may come in another order, and no history is read."""


def overtaken(
    engine: StreamEngine, arriving: Arriving, step: Step, whose: Sequence[str], offset: int
) -> list[str]:
    """Apply late events that nothing of their person has passed; who of these is left."""
    late = step.overtaken()
    left = {*overtake(engine, arriving, late, offset=offset)} if late else set()
    done = {arrival.profile for arrival in late} - left
    return [profile for profile in whose if profile not in done]


def adopted(
    engine: StreamEngine, arriving: Arriving, step: Step, whose: Sequence[str], offset: int
) -> list[str]:
    """Let states of devices pass to users of whom nothing was known; who of these is left."""
    pairs = step.alone()
    left = adopt(engine, arriving, pairs, step.late, offset=offset) if pairs else {}
    done = {who for pair in pairs.items() - left.items() for who in pair}
    return [profile for profile in whose if profile not in done]


SPARING = {"late": overtaken, "merge": adopted}
"""What corrects people in memory, by why that is wanted."""
