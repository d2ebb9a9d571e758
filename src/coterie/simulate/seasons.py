"""The shape of time: when in the year, the week and the day people visit the shop.

Two changes of time, and neither touches the buying process on the scale of days:

* a *season* makes visits, sign-ups and nothing else denser in some weeks (Poisson visits are
  drawn evenly in the season's own time and mapped back);
* the *hours* make nights quiet. They are one increasing map of each UTC day onto itself, which
  orders pass through as well: an order stays on the very day that the process gave it, its hour
  does not, and a gap between two orders changes by less than seven hours.

The processes run in *even time*, before the hours are applied.
"""

from __future__ import annotations

import numpy as np

from coterie.simulate.arrays import Ints, Reals
from coterie.simulate.parameters import DAY, WEEK

_HOURLY = np.array(
    [2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 12, 12, 11, 11, 11, 12, 13, 15, 17, 18, 15, 9, 5], float
)
_DAY_EDGES = np.arange(25) / 24
_DAY_MASS = np.concatenate([[0.0], np.cumsum(_HOURLY) / _HOURLY.sum()])
_WEEKDAYS = np.array([0.95, 0.9, 0.92, 0.95, 1.0, 1.08, 1.2])  # Monday first


def with_hours(even: Reals) -> Ints:
    """Clock instants (microseconds UTC) of instants in even time."""
    day = np.floor(even / DAY)
    clock = np.interp(even / DAY - day, _DAY_MASS, _DAY_EDGES)
    instants: Ints = day.astype(np.int64) * DAY + (clock * DAY).astype(np.int64)
    return instants


def without_hours(clock: int) -> float:
    """The instant in even time that the hours map to `clock`."""
    day, within = divmod(clock, DAY)
    return day * DAY + float(np.interp(within / DAY, _DAY_EDGES, _DAY_MASS)) * DAY


class Season:
    """The density of visits through the year: 1 on average, higher before Christmas.

    Parameters
    ----------
    start, end : float
        The stretch of time covered, in microseconds UTC.
    gifts : bool
        The calendar of people who buy presents: December, and Saint Valentine's.
    """

    def __init__(self, start: float, end: float, *, gifts: bool = False) -> None:
        first, last = int(start // DAY), int(end // DAY) + 1
        days = np.arange(first, last, dtype=np.int64)
        density = _yearly(_day_of_year(days), gifts) * _WEEKDAYS[(days + 3) % 7]
        self._edges = np.append(days, last).astype(np.float64) * DAY
        self._mass = np.concatenate([[0.0], np.cumsum(density)]) * (DAY / WEEK)

    def weeks(self, since: Reals, until: Reals) -> Reals:
        """How many average weeks of visits lie between two instants; none when reversed."""
        return np.maximum(self._at(until) - self._at(since), 0.0)

    def draw(self, since: Reals, until: Reals, evenly: Reals) -> Reals:
        """Instants between `since` and `until` by the season, for numbers even in [0, 1)."""
        low, high = self._at(since), self._at(until)
        drawn: Reals = np.interp(low + (high - low) * evenly, self._mass, self._edges)
        return drawn

    def _at(self, instants: Reals) -> Reals:
        mass: Reals = np.interp(instants, self._edges, self._mass)
        return mass


def _day_of_year(days: Ints) -> Ints:
    dates = days.astype("datetime64[D]")
    opening = dates.astype("datetime64[Y]").astype("datetime64[D]")
    day: Ints = (dates - opening).astype(np.int64)
    return day


def _yearly(day: Ints, gifts: bool) -> Reals:
    year = np.arange(365)
    shape = _gift_year if gifts else _common_year
    density: Reals = shape(day.astype(np.float64)) / shape(year.astype(np.float64)).mean()
    return density


def _common_year(day: Reals) -> Reals:
    summer = -0.2 * np.exp(-(((day - 210) / 30) ** 2))
    shape: Reals = 1 + summer + 0.7 * np.exp(-(((day - 338) / 22) ** 2))
    return shape


def _gift_year(day: Reals) -> Reals:
    valentine = 1.2 * np.exp(-(((day - 40) / 8) ** 2))
    shape: Reals = 0.4 + valentine + 4 * np.exp(-(((day - 342) / 18) ** 2))
    return shape
