"""The coarse grid of time and the small pools of values that every strategy draws from."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from coterie.language.time import DAY, micros, parse_instant

HOUR = DAY // 24
BASE = micros(parse_instant("2011-06-01"))
"""The first instant of histories: a whole number of days, so that steps fall on the grid."""

WINDOWS = tuple(timedelta(hours=h) for h in (1, 2, 3, 6, 24))
STEPS = tuple(timedelta(hours=h) for h in (1, 2, 24))

TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "b",
    "Z",
    "z",
    "é",
    "É",
    "ß",
    "\u0130",
    "\u212a",
    "\uffff",
    "\U0001f600",
)
"""Texts whose order, folding and matching engines tend to get wrong."""

REALS = (0.25, 0.5, 1.0, 1.25, 2.0, 3.75)
SMALL = st.integers(-3, 4)
HUGE = st.sampled_from((2**40, -(2**40), 2**40 - 1))
CONSTANTS = st.one_of(
    SMALL.map(Decimal),
    st.decimals(-5, 5, places=2),
    st.decimals(-1, 1, places=6),
    st.sampled_from((Decimal(2**62), Decimal(-(2**62)), Decimal("9223372036854.775807"))),
)
ODD = st.sampled_from([Decimal(k) + Decimal("0.137") for k in range(5)])
"""Constants for reals: no sum of dyadic values or of faded weights is within 1e-9 of one."""

instants = st.builds(
    lambda hour, jitter: BASE + hour * HOUR + jitter,
    st.integers(0, 12),
    st.sampled_from((0, 0, 0, 0, 0, 1, -1)),
)
