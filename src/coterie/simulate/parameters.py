"""What a simulated shop is asked to be: its size, its time, its seed and its planted truth."""

from __future__ import annotations

import msgspec

from coterie.errors import CoterieError

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
WEEK = 7 * DAY
"""Lengths of time in microseconds."""

MOST_PEOPLE = 1_000_000
MOST_MONTHS = 120
MONTH_DAYS = 365.25 / 12


class ShopParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a simulated shop depends on: equal parameters give equal events.

    Parameters
    ----------
    people : int
        How many people there are, 1 to 1,000,000 (10,000).
    months : float
        How long the shop has been open at `until`, in months of 365.25 / 12 days (12).
    seed : int
        Seed of every random number (7).
    until : int
        The last instant, in microseconds UTC (2026-01-01T00:00:00Z). Nothing occurs or arrives
        after it.
    buying_r, buying_alpha : float
        BG/NBD: the rate of buying, per week, is Gamma(shape `buying_r`, rate `buying_alpha`)
        over people (0.8 and 2.4 weeks: a mean of an order in three weeks).
    dropout_a, dropout_b : float
        BG/NBD: the probability to stop for good after a repeat order is
        Beta(`dropout_a`, `dropout_b`) over people (0.4 and 0.8: many never stop, many soon).
    spend_p, spend_q, spend_gamma : float
        Gamma-Gamma: an order is Gamma(shape `spend_p`, rate nu), and nu is
        Gamma(shape `spend_q`, rate `spend_gamma`) over people (1.5, 3 and 80: a mean of 60 EUR).
    late_share : float
        Share of events that arrive more than an hour after they occurred (0.01).
    duplicate_share : float
        Share of events that are delivered again, most of them once (0.01).

    Raises
    ------
    CoterieError
        A number outside its range.

    Notes
    -----
    The planted values are chosen so that a year of 20,000 people identifies them: estimates by
    maximum likelihood scatter around them with standard deviations of 2 to 5 %.

    Examples
    --------
    >>> ShopParameters(people=1_000).seed
    7
    """

    people: int = 10_000
    months: float = 12
    seed: int = 7
    until: int = 1_767_225_600_000_000
    buying_r: float = 0.8
    buying_alpha: float = 2.4
    dropout_a: float = 0.4
    dropout_b: float = 0.8
    spend_p: float = 1.5
    spend_q: float = 3.0
    spend_gamma: float = 80.0
    late_share: float = 0.01
    duplicate_share: float = 0.01

    def __post_init__(self) -> None:
        self._within("people", self.people, 1, MOST_PEOPLE)
        self._within("months", self.months, 1, MOST_MONTHS)
        self._within("seed", self.seed, 0, 2**63 - 1)
        for share in ("late_share", "duplicate_share"):
            self._within(share, getattr(self, share), 0, 0.5)
        for name in self.__struct_fields__:
            if name.startswith(("buying_", "dropout_", "spend_")):
                self._within(name, getattr(self, name), 0.05, 1_000)

    @property
    def start(self) -> int:
        """The instant the shop opened, in microseconds UTC."""
        return self.until - round(self.months * MONTH_DAYS * DAY)

    @staticmethod
    def _within(name: str, value: float, least: float, most: float) -> None:
        if not least <= value <= most:
            raise CoterieError(
                "a parameter of the simulated shop is out of its range",
                where=name, got=f"{value:g}", expected=f"{least:g} to {most:g}",
            )  # fmt: skip
