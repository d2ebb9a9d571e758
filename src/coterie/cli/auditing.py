"""An audit as tables for a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from coterie.cli.tables import plain_table

if TYPE_CHECKING:
    from coterie.discover.auditing import Attribute, Audit


def attributes(found: Audit) -> Group:
    """One line an attribute, with what it tells of the target where there is one."""
    told = ["lost"] if found.target else []
    table = plain_table("attribute", "type", "unknown", "distinct", "outliers", "stale", *told)
    for one in found.attributes:
        cells = [escape(one.name), one.kind, _share(one.unknown, one.people), f"{one.distinct:,}",
                 f"{one.outliers_z:,}", _days(one.stale_days)]  # fmt: skip
        table.add_row(*cells, *([_lost(one)] if told else []))
    head = f"{found.people:,} people who may be used for {found.purpose}"
    parts: list[Text | Table] = [Text(head), table]
    if found.score is not None:
        parts.append(Text(
            f"\nAll of them together: {found.score_name} {found.score:.3f} for {found.target} on "
            "people held out; 'lost' is what it loses when the attribute is shuffled."
        ))  # fmt: skip
    return Group(*parts)


def _lost(one: Attribute) -> str:
    if one.importance is None:
        return "-"
    lost = round(one.importance.lost, 3) + 0.0  # never -0.000
    return f"{lost:.3f} ±{one.importance.deviation:.3f}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _days(days: float | None) -> str:
    return "-" if days is None else f"{days:,.0f} d"


def unused(found: Audit) -> Group:
    """What no definition reads, an event a line."""
    lines = [Text("")]
    if found.idle_traits:
        lines.append(Text(f"decide no segment and no stage: {', '.join(found.idle_traits)}"))
    if found.unused:
        lines.append(Text("read by no definition:"))
    for event, of in groupby(found.unused, key=lambda one: one.event):
        several = list(of)
        names = ", ".join(f"{one.name} ({one.filled:,})" for one in several if one.name)
        lines.append(Text(f"  {event}: {names}" if names else
                          f"  {event}, the whole event ({several[0].rows:,})"))  # fmt: skip
    return Group(*lines)
