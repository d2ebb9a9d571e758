"""When something happens next, if nothing new is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.engines.stream import kernels
from coterie.engines.stream import layout as y
from coterie.engines.stream.parameters import next_activation

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition


def upcoming(engine: StreamEngine) -> int | None:
    """The earliest instant at which a deadline, a waiting event or a fit is due; None for never.

    Microseconds UTC. One that is not after the clock is overdue: deadlines of a step were bounded.
    """
    found = [at for part in engine.parts for at in (_deadline(part), _event(part)) if at]
    fits = next_activation(engine.program, engine.fits, engine.offset, engine.clock, y.FOREVER)
    return min([*found, *([fits] if fits < y.FOREVER else [])], default=None)


def _deadline(part: Partition) -> int | None:
    found = part.call(kernels.soonest, part.rows, part.wheel, stateful=False)
    return None if found == y.FOREVER else found


def _event(part: Partition) -> int | None:
    return int(part.waiting[:, y.E_AT].min()) if part.n_waiting else None
