"""Cron lines name exact instants, over clock changes as cron's users expect."""

from __future__ import annotations

from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from coterie.errors import ProjectError
from coterie.language.time import iso
from coterie.project.schedules.cron import check_cron, instants
from tests.project.shop import at

LONDON = ZoneInfo("Europe/London")


def between(line: str, after: str, until: str, zone: ZoneInfo = LONDON) -> list[str]:
    """The instants of a line, as month, day and time in UTC."""
    end = at(until)
    return [iso(t)[5:16] for t in takewhile(lambda t: t <= end, instants(line, zone, at(after)))]


def test_skipped_time_of_day_fires_when_the_clocks_have_jumped() -> None:
    """In spring 01:30 does not exist in London: that day's run is at 02:00 summer time."""
    found = between("30 1 * * *", "2024-03-30T12:00Z", "2024-04-01T12:00Z")
    assert found == ["03-31T01:00", "04-01T00:30"]


def test_repeated_time_of_day_fires_once() -> None:
    """In autumn 01:30 comes twice: the run is at the first."""
    found = between("30 1 * * *", "2024-10-26T12:00Z", "2024-10-28T12:00Z")
    assert found == ["10-27T00:30", "10-28T01:30"]


@pytest.mark.parametrize("minute", range(0, 120, 5))
def test_day_of_the_repeated_hour_fires_once_wherever_the_clock_stood(minute: int) -> None:
    """A run that stops between, even inside the repeated hour, leaves no second firing behind."""
    split = f"2024-10-27T{minute // 60:02}:{minute % 60:02}Z"
    start, end = "2024-10-26T12:00Z", "2024-10-28T12:00Z"
    whole = between("30 1 * * *", start, end)
    assert between("30 1 * * *", start, split) + between("30 1 * * *", split, end) == whole


def test_hourly_line_keeps_its_pace() -> None:
    """24 hours are 24 firings, whatever the clocks show."""
    for day in ("03-30", "10-26"):
        found = between(
            "0 * * * *", f"2024-{day}T12:00Z", f"2024-{day[:3]}{int(day[3:]) + 1}T12:00Z"
        )
        assert len(found) == 24


@pytest.mark.parametrize(
    ("start", "end"),
    [("2024-03-15T00:00Z", "2024-04-13T23:00Z"), ("2024-10-14T23:00Z", "2024-11-14T00:00Z")],
)
def test_thirty_days_are_thirty_runs(start: str, end: str) -> None:
    """Over both changes of the clocks, at any hour of London's day."""
    for hour in range(24):
        assert len(between(f"15 {hour} * * *", start, end)) == 30


def test_line_of_another_zone_is_another_instant() -> None:
    """06:00 in Tokyo is 21:00 UTC of the day before."""
    found = between("0 6 * * *", "2024-01-01T00:00Z", "2024-01-02T00:00Z", ZoneInfo("Asia/Tokyo"))
    assert found == ["01-01T21:00"]


@pytest.mark.parametrize(
    "line", ["", "0 6 * *", "0 0 6 * * *", "61 * * * *", "0 6 * * fry", "0 0 30 2 *"]
)
def test_line_that_cron_would_not_take_is_refused(line: str) -> None:
    """With what was expected."""
    with pytest.raises(ProjectError, match="not a cron line") as refused:
        check_cron(line, "coterie.toml: segments.default.schedule")
    assert "0 6 * * *" in refused.value.expected
