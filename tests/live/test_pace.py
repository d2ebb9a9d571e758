"""The clock goes as fast as it may: at once, at the pace at which it happened, or as it happens."""

from __future__ import annotations

import pytest

from coterie.cli.stream import _speed
from coterie.errors import ProjectError
from coterie.profiles.live.pace import SECOND, AtOnce, Following, Recorded


class Clock:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def seconds(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_at_once_goes_to_the_end() -> None:
    """And ends there."""
    pace = AtOnce(50)
    assert pace.reach(7) == 50
    assert (pace.ended(49), pace.ended(50)) == (False, True)
    pace.rest(7)


@pytest.mark.parametrize("factor", [1.0, 60.0])
def test_recorded_goes_as_it_happened(factor: float) -> None:
    """So many times as fast, from where the clock stood, and not beyond the end."""
    clock = Clock()
    pace = Recorded(1_000 * SECOND, factor, clock.seconds, clock.sleep)
    assert pace.reach(5) == 5
    clock.sleep(3)
    assert pace.reach(5) == 5 + int(3 * factor * SECOND)
    clock.sleep(10_000)
    assert pace.reach(5) == 1_000 * SECOND
    assert pace.ended(1_000 * SECOND)


def test_recorded_rests_unless_it_lags() -> None:
    """A step that took longer than it stood for is followed by the next at once."""
    clock = Clock()
    pace = Recorded(10**12, 1.0, clock.seconds, clock.sleep)
    pace.reach(0)
    pace.rest(0)
    rested = clock.now
    assert rested > 100.0
    clock.sleep(5)
    pace.rest(0)
    assert clock.now == rested + 5


def test_following_never_ends() -> None:
    """It goes where the machine's clock is."""
    clock = Clock()
    pace = Following(lambda: int(clock.now * SECOND), clock.sleep)
    assert pace.reach(0) == 100 * SECOND
    assert not pace.ended(10**18)
    pace.rest(100 * SECOND)
    assert clock.now > 100.0


def test_speeds_are_read() -> None:
    """As the help of the command says."""
    assert _speed("max") == ("max", 1.0)
    assert _speed("recorded") == ("recorded", 1.0)
    assert _speed("recorded:60") == ("recorded", 60.0)


@pytest.mark.parametrize("said", ["fast", "recorded:x", "recorded:0", "recorded:-1", "max:2", ""])
def test_other_speeds_are_refused(said: str) -> None:
    """With what is expected."""
    with pytest.raises(ProjectError, match="no such speed"):
        _speed(said)
