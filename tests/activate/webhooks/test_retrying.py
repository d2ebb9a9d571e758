"""The schedule of Standard Webhooks, its jitter, and what receivers ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coterie.activate.webhooks.retrying import (
    DELAYS,
    HOUR,
    JITTER,
    LONGEST,
    MINUTE,
    SECOND,
    asked_to_wait,
    next_attempt,
)


def test_the_delays_are_those_that_the_standard_recommends() -> None:
    """5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h."""
    hours = [2, 5, 10, 14, 20, 24]
    assert (5 * SECOND, 5 * MINUTE, 30 * MINUTE, *(n * HOUR for n in hours)) == DELAYS


@given(st.integers(1, 9), st.floats(0, 1, exclude_max=True), st.integers(0, 10 * LONGEST))
def test_no_attempt_comes_early_nor_more_than_jitter_late(
    attempts: int, random: float, wait: int
) -> None:
    """The delay is the schedule's and at most a fifth more, or what the receiver asked for."""
    found = next_attempt(attempts, 0, random, wait)
    assert found is not None
    least = max(DELAYS[attempts - 1], min(wait, LONGEST))
    assert least <= found <= max(DELAYS[attempts - 1] * (1 + JITTER), least)


def test_after_the_last_delay_there_is_no_next() -> None:
    """Ten attempts, then the delivery has failed."""
    assert next_attempt(len(DELAYS) + 1, 0, 0.5) is None


@given(st.text(max_size=40))
def test_whatever_a_receiver_asks_is_a_wait_of_at_most_a_day(header: str) -> None:
    """No header makes an error, a negative wait or one without an end."""
    assert 0 <= asked_to_wait(header, 0) <= LONGEST


def test_dates_and_seconds_are_read() -> None:
    """Both forms of RFC 9110; a date that has passed asks for nothing."""
    assert asked_to_wait(" 120 ", 0) == 120 * SECOND
    assert asked_to_wait("Thu, 01 Jan 1970 01:00:00 GMT", 0) == HOUR
    assert asked_to_wait("Thu, 01 Jan 1970 01:00:00 GMT", 2 * HOUR) == 0
    assert asked_to_wait("99999999999999999999", 0) == LONGEST
