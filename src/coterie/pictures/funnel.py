"""How far people come along a row of events: of who began, how many passed each step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import altair as alt
import pyarrow as pa

from coterie.engines.sql.sources import LakeSource
from coterie.errors import UnknownName, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.authoring import Selected, node_of
from coterie.language.phrases import phrase
from coterie.language.rewrite import plain
from coterie.language.scope import row_types
from coterie.language.selected import selected
from coterie.language.time import DAY
from coterie.pictures.crowd import Asked, At, Crowd
from coterie.pictures.crowd import said as day
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered
from coterie.profiles.passing import Funnel, Way, funnel

STEPS = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")
"""The way of a shop, as the Segment specification names its events."""
WEEK = timedelta(days=7)
BACK = 90
"""Days before the picture's instant in which people begin, unless somebody says otherwise."""
MOST = 8
Step = str | Selected | n.Selection
"""The name of an event, or events of one name with conditions on their properties."""


def data(
    cdp: Asked,
    steps: Sequence[Step] = STEPS,
    *,
    within: timedelta = WEEK,
    since: At = None,
    until: At = None,
    at: At = None,
    purpose: str = "",
) -> pa.Table:
    """One row a step.

    Parameters
    ----------
    steps : sequence of str or selection
        Two to eight events of the tracking plan, by name or with conditions on their properties
        (``order.where(order["revenue"] >= 50)``); one may come again.
    within : timedelta
        Each step lies less than that after the first.
    since : instant, optional
        The first step lies at or after it; by default 90 days before `until`.
    until : instant, optional
        The first step lies before it; by default that of the picture counts as well.

    Returns
    -------
    pyarrow.Table
        ``step`` (from 1), ``event`` (with its conditions in English), ``people``, ``share`` of who
        began, ``passed``: the share of the step before, null where nobody was there, and ``hours``:
        the median of the time from the first step, of each person's quickest way.

    Raises
    ------
    UnknownName
        The tracking plan has no such event or property.
    WrongType
        There are fewer than two steps, or more than eight; a step is no event with conditions on
        its properties; or `within` is no time.

    Notes
    -----
    See :func:`coterie.profiles.passing.funnel` for what passing is; other events may lie between
    two steps, and each person counts once.
    """
    chosen = tuple(_chosen(cdp, step, i) for i, step in enumerate(steps))
    _check(chosen, within)
    crowd = Crowd(cdp, at, purpose)
    t = crowd.position.t
    end = cdp.instant(until)
    end = t + 1 if end is None else end
    begin = cdp.instant(since)
    begin = end - BACK * DAY if begin is None else begin
    way = Way(chosen, within // timedelta(microseconds=1), begin, end)
    people = crowd.now(())["profile"].combine_chunks()
    lake = cdp.stores.lake
    source = LakeSource(lake, crowd.position.offset, **lake.settings())
    try:
        found = funnel(source, cdp.questions.library, way, people, crowd.position)
    finally:
        source.backend.disconnect()
    first, last = day(crowd.local(begin)), day(crowd.local(min(end, t)))
    began = f"began from {first} to {last}, {_words(within)} for the whole way"
    return _table(
        [said(step) for step in chosen], found, f"{began}; {crowd.note(found.passed[0].people)}"
    )


def _chosen(cdp: Asked, step: Step, number: int) -> n.Selection:
    """A step as a selection, checked against the plan."""
    library = cdp.questions.library
    if isinstance(step, str):
        if step not in library.plan.events:
            hint = nearest(step, library.plan.events)
            raise UnknownName(f"no event is called {step!r}", hint=hint)
        return n.Named(step)
    chosen = _selection(step) if isinstance(step, Selected) else step
    row_types(chosen, library.scope, f"steps[{number}]")
    if len(plain(chosen) or ()) != 1:
        raise WrongType(
            "a step of a funnel is one event, perhaps with conditions on its properties",
            where=f"steps[{number}]", hint="name an event, and filter it: order.where(…)",
        )  # fmt: skip
    return chosen


def _selection(step: Selected) -> n.Selection:
    found = node_of(step.any())
    assert isinstance(found, n.Any_)
    return found.of


def _check(steps: Sequence[n.Selection], within: timedelta) -> None:
    if not 2 <= len(steps) <= MOST:
        raise WrongType("a funnel has 2 to 8 steps", where="steps", got=f"{len(steps)}")
    if within <= timedelta(0):
        raise WrongType("a funnel needs time", where="within", got="none", expected="above 0")


def said(step: Step) -> str:
    """A step in English; the name of an event alone as it is."""
    if isinstance(step, str):
        return step
    chosen = _selection(step) if isinstance(step, Selected) else step
    return chosen.event if isinstance(chosen, n.Named) else selected(chosen, phrase)


def _table(steps: Sequence[str], found: Funnel, note: str) -> pa.Table:
    counts = [passed.people for passed in found.passed]
    before = [counts[0], *counts]
    if found.waiting:
        note = f"{note}; {found.waiting:,} of them still have time"
    return table(
        {
            "step": (pa.int64(), range(1, len(steps) + 1)),
            "event": (pa.string(), steps),
            "people": (pa.int64(), counts),
            "share": (pa.float64(), [n / counts[0] if counts[0] else None for n in counts]),
            "passed": (
                pa.float64(),
                [n / b if b else None for n, b in zip(counts, before, strict=False)],
            ),
            "hours": (
                pa.float64(),
                [None if p.median is None else p.median / 3600 for p in found.passed],
            ),
        },
        "Funnel",
        note,
    )


def _words(within: timedelta) -> str:
    """A length of time in words.

    Examples
    --------
    >>> _words(timedelta(days=7)), _words(timedelta(hours=1)), _words(timedelta(minutes=90))
    ('7 days', '1 hour', '90 minutes')
    """
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        n, rest = divmod(int(within.total_seconds()), length)
        if n and not rest:
            return f"{n:,} {unit}{'' if n == 1 else 's'}"
    return f"{within.total_seconds():,g} seconds"


def chart(data: pa.Table) -> Drawing:
    """A bar a step from the top down, with the share of who began and of the step before."""
    shown = [row | {"label": _label(row), "name": f"{row['step']}. {row['event']}"}
             for row in rows(data)]  # fmt: skip
    most = max((row["people"] for row in shown), default=0)
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("name:N").sort([row["name"] for row in shown]).title(None),
        x=alt.X("people:Q").axis(None).scale(domain=[0, max(1, most * 1.6)], nice=False),
        tooltip=["event:N", alt.Tooltip("people:Q", format=","),
                 alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("passed:Q", format=".1%"),
                 alt.Tooltip("hours:Q", format=",.3~g", title="hours (median)")],
    )  # fmt: skip
    label = base.mark_text(align="left", dx=6).encode(text="label:N")
    return finished(layered(base.mark_bar(), label), data, height=alt.Step(34), least=480)


def _label(row: dict[str, float | None]) -> str:
    people, share, passed = row["people"], row["share"], row["passed"]
    if share is None or row["step"] == 1:
        return f"{people:,}"
    before = "" if passed is None else f", {passed:.0%} of the step before"
    return f"{people:,}  ({share:.1%}{before})"
