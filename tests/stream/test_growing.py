"""Arrays grow where they lie, and where they cannot they are copied."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.engines.stream import growing
from coterie.engines.stream.growing import LARGE, Room


def test_a_large_array_grows_without_a_copy() -> None:
    """What was written before stays where it is, and zeros follow."""
    room = Room()
    first = room.longer(np.arange(3), LARGE + 1)
    longer = room.longer(first, 2 * LARGE)
    first[0] = 7
    assert longer[:5].tolist() == [7, 1, 2, 0, 0]
    assert len(longer) == 2 * LARGE


def test_a_small_array_is_copied() -> None:
    """Room that may never be needed is not held for it."""
    room = Room()
    first = room.longer(np.arange(3), 4)
    longer = room.longer(first, 5)
    first[0] = 7
    assert longer.tolist() == [0, 1, 2, 0, 0]


def test_an_array_of_elsewhere_finds_room_of_its_own() -> None:
    """A copy that grows leaves the original alone."""
    room = Room()
    first = room.longer(np.arange(3), LARGE + 1)
    other = room.longer(first.copy(), LARGE + 2)
    other[0] = 7
    assert first[:3].tolist() == [0, 1, 2]


def test_a_machine_that_promises_nothing_gives_what_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no more may be asked for than there is, an array is copied each time."""
    monkeypatch.setattr(growing, "half_of_memory", lambda: 2**56)
    assert len(Room().longer(np.arange(3), LARGE + 1)) == LARGE + 1
