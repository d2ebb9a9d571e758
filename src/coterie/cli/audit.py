"""The command that looks over what is held of people: audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.session import AsJson, At, Folder, opened, say, screen


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(audit)


def audit(
    context: typer.Context,
    target: Annotated[
        str, typer.Option(help="A segment, stage or trait: how much each attribute tells of it.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(help="Write all of it as one HTML file, anew.", show_default=False),
    ] = None,
    at: At = None,
    as_json: AsJson = False,
    project: Folder = None,
) -> None:
    """Look over every attribute: type, unknowns, spread, age, use; and what nothing uses."""
    from coterie.cli.auditing import attributes, unused

    with opened(context, project) as cdp:
        found = cdp.audit(target=target, at=at)
    if out is not None:
        found.report(out)
    if as_json:
        say(found.as_json())
        return
    screen().print(attributes(found))
    screen().print(unused(found))
    if out is not None:
        say(f"{out}: {out.stat().st_size / 1e6:.1f} MB, open it in a browser")
