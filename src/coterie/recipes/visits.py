"""Visits: how often somebody comes, and when that jumps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from coterie.language.authoring import Defined, Selected, segment, trait
from coterie.language.time import days, minutes
from coterie.recipes.events import VISIT

HALF_HOUR = minutes(30)


@dataclass(frozen=True, eq=False)
class Visits:
    """What :func:`visits` defines.

    Parameters
    ----------
    visits_1d, visits_28d : Defined
        Visits within the last 24 hours, and within the last 28 days with them.
    visit_spike : Defined
        Who came today more than 3 times as often as on a mean day of the 28.
    """

    visits_1d: Defined
    visits_28d: Defined
    visit_spike: Defined


def visits(
    seen: Selected = VISIT,
    *,
    gap: timedelta = HALF_HOUR,
    times: int = 3,
    at_least: int = 1,
    purpose: str = "",
) -> Visits:
    """A spike in visits: today more than 3 times the daily mean of 28 days.

    Parameters
    ----------
    seen : Selected
        What a visit is made of.
    gap : timedelta
        A visit begins with the first event after so long without one.
    times : int
        A spike is more than so many times the mean.
    at_least : int
        Fewer visits than this are no spike. With 1, anybody's first visit of a month is one,
        being 28 times the mean; more leaves such newcomers out.
    purpose : str
        What the segment is for; empty means the project's default purpose.

    Notes
    -----
    Today is the last 24 hours, so the answer needs no time zone; the 28 days include it.
    """
    begun = seen.sessions(gap)
    today = trait(begun.count(within=days(1)), description="Visits within the last 24 hours")
    month = trait(begun.count(within=days(28)), description="Visits within the last 28 days")
    spike = today > times * month / 28
    return Visits(
        visits_1d=today,
        visits_28d=month,
        visit_spike=segment(
            spike & (today >= at_least) if at_least > 1 else spike, purpose=purpose,
            description=f"Visits today are more than {times} times those of a mean day of the 28",
        ),
    )  # fmt: skip
