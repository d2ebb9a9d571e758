"""Commands that make a project: init, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.session import progress, say

_AHEAD = 2.0


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (init, demo):
        app.command()(command)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make the project in.")],
    recipe: Annotated[str, typer.Option(help="Definitions to begin with: retail.")] = "",
    zone: Annotated[str, typer.Option(help="The project's time zone, an IANA name.")] = "UTC",
) -> None:
    """Make a project: settings, definitions, a tracking plan, and the key to its pseudonyms."""
    from coterie.project.folder import create

    for path in create(folder, recipe, zone):
        say(f"  {folder / path}")
    say(f"\nNext: cd {folder}, then coterie import FILE, coterie run, coterie segments")


def demo(
    folder: Annotated[Path, typer.Argument(help="The folder to make it in.")] = Path("demo"),
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 10_000,
    months: Annotated[float, typer.Option(min=1, help="How long the shop has been open.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another shop.")] = 7,
    serve: Annotated[bool, typer.Option("--serve", help="Go on: serve the shop, live.")] = False,
    speed: Annotated[float, typer.Option(min=1, help="Live seconds in a second.")] = 600,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to serve at.")] = 8765,
) -> None:
    """Make a simulated shop with the retail recipe, and show its people and segments.

    With --serve its people go on shopping for two months more, ten minutes in a second; their
    events arrive over HTTP, and the server's clock runs as fast. Ctrl-C ends it.
    """
    from coterie.cli.tour import tour
    from coterie.project.demo import make

    ahead = _AHEAD if serve else 0
    with progress() as tell:
        made = make(folder, people=people, months=months, seed=seed, progress=tell, ahead=ahead)
    with made.project as project:
        tour(project, folder)
    if serve:
        from coterie.cli.demonstration import demonstrate

        demonstrate(made, speed, port)
