"""The command that reviews segments: which to merge, and which to divide."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coterie.cli.session import AsJson, At, Folder, opened, say, screen

if TYPE_CHECKING:
    from coterie.discover.splitting import Review

TITLES = {"merge": "To merge", "divide": "To divide"}


def review(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Segments or stages; by default all.", show_default=False),
    ] = None,
    outcome: Annotated[
        str, typer.Option(help="What segments are for: a number, a truth or a segment.")
    ] = "",
    traits: Annotated[
        str, typer.Option(help="By which traits people are compared: spend,orders_30d.")
    ] = "",
    floor: Annotated[int, typer.Option(min=1, help="The least people of a segment.")] = 100,
    purpose: Annotated[str, typer.Option(help="What for; by default the project's purpose.")] = "",
    at: At = None,
    as_json: AsJson = False,
    project: Folder = None,
) -> None:
    """Say which segments are alike, too small or weak, and which hold more than one group."""
    from coterie.discover.installed import needed

    needed()
    from coterie.discover.splitting import Limits, reviewed

    with opened(context, project) as cdp:
        found = reviewed(
            cdp, names or (), outcome=outcome,
            traits=[name.strip() for name in traits.split(",") if name.strip()],
            purpose=purpose, at=at, limits=Limits(floor=floor),
        )  # fmt: skip
    if as_json:
        say(json.dumps(_plain(asdict(found)), ensure_ascii=False))
    else:
        _show(found)


def _show(found: Review) -> None:
    from rich.markup import escape
    from rich.padding import Padding

    from coterie.cli.tables import plain_table
    from coterie.discover.explaining.facts import number

    table = plain_table("segment", "people", *([found.outcome] if found.outcome else []))
    for group in found.groups:
        mean = [number(group.outcome)] if found.outcome else []
        table.add_row(escape(group.name), f"{group.people:,}", *mean)
    screen().print(table)
    for do, title in TITLES.items():
        proposals = [each for each in found.proposals if each.do == do]
        if proposals:
            screen().print(f"\n[bold]{title}[/bold]")
        for each in proposals:
            screen().print(Padding(escape(each.said), (0, 0, 0, 2)))
    if not found.proposals:
        say("\nNothing to merge, nothing to divide.")
    left = f"; {found.n_left_out:,} people were not compared: too much of them is unknown"
    tests = f"{found.n_tests:,} tests, corrected for their number{left if found.n_left_out else ''}"
    screen().print(f"\n[dim]{tests}[/dim]", soft_wrap=True)


def _plain(value: Any) -> Any:
    """What JSON knows: no NaN."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case float() if not math.isfinite(value):
            return None
    return value
