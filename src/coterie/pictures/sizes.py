"""How many people are in each segment or stage, how many may be used, and who came and went."""

from __future__ import annotations

import altair as alt
import pyarrow as pa

from coterie.language.time import from_micros
from coterie.pictures.crowd import Asked, At, said, stages_of
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, Drawing, finished, layered
from coterie.profiles.counting import Group, Moved, groups
from coterie.profiles.members import moved, of_runs
from coterie.profiles.state import read_changes


def data(cdp: Asked, stages: str = "", *, at: At = None) -> pa.Table:
    """One row a segment, or a stage of one set of stages.

    Parameters
    ----------
    stages : str, optional
        The set of stages; by default every segment.
    at : instant, optional
        As of then, by what is known now; by default what the last run answered.

    Returns
    -------
    pyarrow.Table
        ``name``, ``purpose``, ``holds``, ``audience`` (who of them may be used for the purpose),
        ``share`` of everyone, ``entered`` and ``exited`` at the last run (null for the past).
    """
    instant = cdp.instant(at)
    if stages:
        stages_of(cdp, stages)
    names = [stages] if stages else list(cdp.questions.library.segments)
    needed = dict.fromkeys((*names, *(cdp.questions.permission(name) for name in names)))
    everyone = cdp.answers.everyone(tuple(needed), instant)
    changes = _changes(cdp) if instant is None else None
    found = groups(cdp.questions, names, everyone, dict.fromkeys(names, ""), changes)
    as_of = said(from_micros(cdp.answers.position(instant).t).astimezone(cdp.settings.tz))
    note = f"{everyone.num_rows:,} people as of {as_of}"
    if any(size.audience < size.holds for group in found for size in group.sizes):
        note = f"{note}; pale are those who may not be used"
    if changes is not None:
        note = f"{note}; + entered and \N{MINUS SIGN} left at the last run"
    return _table(found, everyone.num_rows, stages or "Segments", note)


def _changes(cdp: Asked) -> Moved:
    run, (_, lake, ledger) = cdp.answers.last_run(), cdp.stores
    log = of_runs(read_changes(lake, ledger), [one.offset for one in ledger.runs()])
    return moved(log, run.offset)


def _table(found: list[Group], people: int, title: str, note: str) -> pa.Table:
    sized = [(group, size) for group in found for size in group.sizes]
    if len(found) != 1:  # stages keep their own order
        sized.sort(key=lambda one: -one[1].holds)
    sizes = [size for _, size in sized]
    return table(
        {
            "name": (pa.string(), [size.name for size in sizes]),
            "purpose": (pa.string(), [group.purpose for group, _ in sized]),
            "holds": (pa.int64(), [size.holds for size in sizes]),
            "audience": (pa.int64(), [size.audience for size in sizes]),
            "share": (pa.float64(), [size.holds / people if people else 0.0 for size in sizes]),
            "entered": (pa.int64(), [size.entered for size in sizes]),
            "exited": (pa.int64(), [size.exited for size in sizes]),
        },
        title,
        note,
    )


def chart(data: pa.Table) -> Drawing:
    """A bar for each, the largest segment first and stages in their own order.

    Who is in it is pale, who may be used is full; behind the number is what the last run changed.
    """
    shown = [{**row, "label": _label(row)} for row in rows(data)]
    largest = max((row["holds"] for row in shown), default=0)
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("name:N").sort([row["name"] for row in shown]).title(None),
        tooltip=["name:N", "purpose:N", alt.Tooltip("holds:Q", format=","),
                 alt.Tooltip("audience:Q", format=","), alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    across = alt.Scale(domainMax=max(1, largest * 1.45), nice=False)
    holds = base.mark_bar(opacity=0.35).encode(
        x=alt.X("holds:Q", scale=across, axis=COUNT, title="people")
    )
    audience = base.mark_bar().encode(x=alt.X("audience:Q"))
    label = base.mark_text(align="left", dx=5).encode(x="holds:Q", text="label:N")
    return finished(layered(holds, audience, label), data, height=alt.Step(22), least=420)


def _label(row: dict[str, int | None]) -> str:
    if not row["entered"] and not row["exited"]:
        return f"{row['holds']:,}"
    return f"{row['holds']:,}  +{row['entered']:,} \N{MINUS SIGN}{row['exited']:,}"
