"""Commands that make a project: init, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.session import progress, say


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
) -> None:
    """Make a simulated shop with the retail recipe, and show its people and segments."""
    from coterie.cli.tour import tour
    from coterie.project.demo import make

    with progress() as tell:
        project, _ = make(folder, people=people, months=months, seed=seed, progress=tell)
    with project:
        tour(project, folder)
