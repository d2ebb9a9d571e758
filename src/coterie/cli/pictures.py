"""Commands that draw: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.session import At, Folder, opened, say
from coterie.errors import ProjectError


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(report)


def report(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The HTML file; it is written anew.")] = Path(
        "report.html"
    ),
    at: At = None,
    compare: Annotated[
        str, typer.Option(help="Two segments to set side by side: champions,at_risk.")
    ] = "",
    project: Folder = None,
) -> None:
    """Write one HTML file of pictures and definitions; it needs no network and names nobody."""
    with opened(context, project) as cdp:
        cdp.pictures.report(out, at=at, compare=_pair(compare))
        say(f"{out}: {out.stat().st_size / 1e6:.1f} MB, open it in a browser")


def _pair(compare: str) -> tuple[str, str] | None:
    if not compare:
        return None
    names = [name.strip() for name in compare.split(",")]
    if len(names) != 2 or not all(names):
        raise ProjectError(
            "two segments are compared", where="--compare", got=repr(compare),
            expected="two names and a comma between them",
        )  # fmt: skip
    return names[0], names[1]
