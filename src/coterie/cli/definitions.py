"""Commands about what was defined: definitions, sql."""

from __future__ import annotations

from typing import Annotated

import typer

from coterie.cli.session import Folder, opened, say, screen


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (definitions, sql):
        app.command()(command)


def definitions(
    context: typer.Context,
    yaml: Annotated[bool, typer.Option("--yaml", help="Print canonical YAML.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print canonical JSON.")] = False,
    english: Annotated[
        bool, typer.Option("--english", help="Print sentences; the default.")
    ] = False,
    versions: Annotated[
        bool, typer.Option("--versions", help="List the versions that runs recorded.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what two versions do not share.")
    ] = False,
    between: Annotated[
        list[int] | None,
        typer.Argument(
            help="With --diff: an older version and a newer one; by default the last run's and "
            "the files as they are.", show_default=False, metavar="[OLD [NEW]]",
        ),
    ] = None,
    project: Folder = None,
) -> None:  # fmt: skip
    """Check every definition and print it: in English, as YAML, or as JSON."""
    from coterie.cli.versions import past
    from coterie.language.codec import to_json, to_yaml

    with opened(context, project) as cdp:
        if versions or diff or between:
            past(cdp, between or [], diff=diff, yaml=yaml, json=json)
        elif json:
            say(to_json(cdp.questions.definitions))
        elif yaml:
            say(to_yaml(cdp.questions.definitions))
        else:
            _english(cdp)


def _english(cdp: object) -> None:
    from rich.markup import escape

    from coterie.project import Project
    from coterie.project.segments import english

    assert isinstance(cdp, Project)
    for name in cdp.library.names:
        kind = str(cdp.library.type(name))
        screen().print(f"[bold]{escape(name)}[/bold]  [dim]{escape(kind)}[/dim]", soft_wrap=True)
        say(f"  {english(cdp, name)}")


def sql(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Traits, segments or stages.")],
    project: Folder = None,
) -> None:
    """Print the SQL by which definitions are answered."""
    with opened(context, project) as cdp:
        say(cdp.sql(names))
