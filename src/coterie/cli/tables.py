"""Answers as tables that also read well in a narrow terminal, in a file, and without colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from coterie.language.time import micros
from coterie.project.instants import shown

if TYPE_CHECKING:
    from coterie.profiles.counting import Group as Counted
    from coterie.profiles.counting import Size
    from coterie.project.reports import ProfileReport, SegmentReport


def plain_table(*headers: str, wide: int = 0) -> Table:
    """A table without lines; the column `wide` takes the room that is left, numbers stand right."""
    table = Table(box=None, pad_edge=False, expand=True, header_style="bold")
    for i, header in enumerate(headers):
        if i == wide:
            table.add_column(header, ratio=1, overflow="fold")
        else:
            table.add_column(header, justify="right", no_wrap=True)
    return table


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and values side by side."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(escape(name), escape(value))
    return table


def segments(report: SegmentReport) -> Group:
    """Segments with their size, audience, change and English definition; stages as groups.

    The numbers stand under each other; a definition takes the whole width below its name.
    """
    changed = any(size.entered is not None for g in report.groups for size in g.sizes)
    headers = ["", "hold", "may be used", "share", *(["last run"] if changed else [])]
    sizes = [_size("", size, report.people, changed) for g in report.groups for size in g.sizes]
    widths = [max(map(len, column)) for column in zip(headers, *sizes, strict=True)]
    parts: list[RenderableType] = [_line(headers, widths, style="bold")]
    for group in report.groups:
        parts += _group(group, widths, report.people, changed)
    return Group(*parts)


def _group(
    group: Counted, widths: list[int], people: int, changed: bool
) -> Iterator[RenderableType]:
    said = Padding(f"[dim]{escape(group.english)}[/dim]", (0, 0, 0, 4))
    name = f"[bold]{escape(group.name)}[/bold]{_purpose(group)}"
    if group.kind == "segment":
        yield _line(_size(name, group.sizes[0], people, changed), widths)
        yield said
        return
    yield name
    yield said
    for size in group.sizes:
        yield _line(_size(f"  {escape(size.name)}", size, people, changed), widths)


def _line(cells: Sequence[str], widths: Sequence[int], style: str = "") -> Table:
    """One line of a table whose columns have these widths, the first what is left."""
    table = Table(box=None, show_header=False, pad_edge=False, expand=True, style=style)
    table.add_column(ratio=1, overflow="fold")
    for width in widths[1:]:
        table.add_column(justify="right", no_wrap=True, width=width)
    table.add_row(*cells)
    return table


def _purpose(group: Counted) -> str:
    return f" [dim]for {escape(group.purpose)}[/dim]"


def _size(name: str, size: Size, people: int, changed: bool) -> list[str]:
    share = f"{100 * size.holds / people:.1f} %" if people else ""
    cells = [name, f"{size.holds:,}", f"{size.audience:,}", share]
    return [*cells, f"+{size.entered:,} -{size.exited:,}"] if changed else cells


def traits(report: ProfileReport, zone: ZoneInfo) -> Table:
    """Every trait of a person."""
    return pairs((name, value(said, zone)) for name, said in report.traits.items())


def memberships(report: ProfileReport) -> Table:
    """Every segment and stage that a person is in."""
    rows = [(m.name, m.stage, m.purpose, m.may) for m in (*report.stages, *report.segments)]
    return pairs(
        (name, f"{stage or 'in'}{'' if may else f'  (not to be used for {purpose})'}")
        for name, stage, purpose, may in rows
    )


def timeline(report: ProfileReport, zone: ZoneInfo) -> Table:
    """A person's newest events."""
    rows = [(shown(e.at, zone), f"{e.name}  {properties(e.properties)}") for e in report.timeline]
    return pairs(rows)


def properties(said: Mapping[str, Any]) -> str:
    """An event's properties in a line; arrays as their length."""
    return ", ".join(f"{name} {_short(v)}" for name, v in said.items() if v is not None)


def _short(said: Any) -> str:
    if isinstance(said, list):
        return f"({len(said)})"
    return str(said) if len(str(said)) <= 32 else f"{str(said)[:31]}…"


def value(said: Any, zone: ZoneInfo) -> str:
    """A value as people read it: instants in the project's zone, unknown as a dash."""
    match said:
        case None:
            return "-"
        case bool():
            return "yes" if said else "no"
        case datetime():
            return shown(micros(said), zone)
        case float():
            return f"{said:.6g}"
        case list():
            return ", ".join(value(item, zone) for item in said)
        case int():
            return f"{said:,}"
    return str(said)
