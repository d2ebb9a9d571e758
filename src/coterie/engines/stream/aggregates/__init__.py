"""One file an aggregate: its empty state, what an occurrence adds to it, its value, its form."""

from __future__ import annotations

from coterie.engines.stream.aggregates import (
    counting,
    decayed,
    different,
    ends,
    extremes,
    reals,
    recent,
    sums,
)
from coterie.engines.stream.aggregates.forms import gathered

FILES = (counting, sums, reals, extremes, ends, different, recent, decayed)

FORMS = gathered(form for file in FILES for form in file.FORMS)
"""The form of each aggregate of the language and mode of its value."""
