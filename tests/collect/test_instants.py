"""Instants that are read together are those that are read one by one."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from coterie.collect.instants import instant, instants
from coterie.collect.limits import Refused

_WRITTEN = st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
)


@given(st.lists(_WRITTEN, max_size=9))
def test_all_that_browsers_write_are_read_together(said: list[str]) -> None:
    """From the year 1 to 9999, to the millisecond."""
    assert list(instants(said)) == [instant(each, "") for each in said]


def _alone(said: str) -> int | None:
    try:
        return instant(said, "")
    except Refused:
        return None


@given(
    st.lists(_WRITTEN, min_size=1, max_size=3), st.integers(0, 23),
    st.sampled_from("09Z-:.T +\0\u0660\u00b2"),
)  # fmt: skip
def test_whatever_is_read_together_is_an_instant(said: list[str], at: int, sign: str) -> None:
    """One with another sign in it is either the same or left to be read alone."""
    said[0] = said[0][:at] + sign + said[0][at + 1 :]
    for found, each in zip(instants(said), said, strict=True):
        assert found is None or found == _alone(each)


def test_days_that_no_calendar_has_are_read_alone() -> None:
    """And so are the year 0, an hour too many and a leap second."""
    for said in ("2026-02-29T", "0000-01-01T", "2026-13-01T", "2026-01-00T"):
        assert instants([said + "00:00:00.000Z"]) == [None]
    for said in ("24:00:00", "23:60:00", "23:59:60"):
        assert instants([f"2026-01-01T{said}.000Z", "2026-01-01T00:00:00.000Z"]) == [None, None]
    assert datetime(2024, 2, 29, tzinfo=UTC).timestamp() * 1e6 == instants(
        ["2024-02-29T00:00:00.000Z"]
    )[0]  # fmt: skip
