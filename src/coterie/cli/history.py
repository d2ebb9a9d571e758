"""Commands about the past and the next step: history, members, preview."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from coterie.cli.session import AsJson, Folder, opened, remark, say, screen

Name = Annotated[str, typer.Argument(help="A segment, stages, or one stage: lifecycle.loyal.")]


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (history, members, preview):
        app.command()(command)


def history(
    context: typer.Context,
    segment: Name,
    known: Annotated[
        bool,
        typer.Option("--known", help="By today's definitions and what is known now, not as run."),
    ] = False,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Show a segment's size over time: who entered and left at each run, and why."""
    from coterie.cli import versions

    with opened(context, project) as cdp:
        report = cdp.history(segment, known=known)
        if json:
            say(report.as_json())
            return
        how = "as known now, by today's definitions" if known else "as believed at each run"
        say(f"{report.name}, {how}: {report.english or 'it is not defined any more'}\n")
        screen().print(versions.steps(report, cdp.settings.tz))


def members(
    context: typer.Context,
    segment: Annotated[str, typer.Argument(help="A segment, or one stage: lifecycle.loyal.")],
    on: Annotated[
        str | None,
        typer.Option(help="On this date or instant, by what was believed then; else last run."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="As of this date or instant, by what is known now.")
    ] = None,
    json: AsJson = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    project: Folder = None,
) -> None:
    """List who was in a segment on a day, and may be used for its purpose still."""
    from coterie.activate.export import export
    from coterie.cli import versions
    from coterie.project.instants import shown

    with opened(context, project) as cdp:
        report = cdp.members(segment, on=on, at=at)
        if json:
            say(report.as_json())
            return
        remark(report.message)
        if csv:
            export(report.frame.arrow, sys.stdout.buffer, "csv")
            return
        how = "by what is known now" if report.known else f"definitions version {report.version}"
        say(f"{report.name} as of {shown(report.at, cdp.settings.tz)}, {how}\n")
        screen().print(versions.people(report, cdp.settings.tz))


def preview(
    context: typer.Context,
    people: Annotated[bool, typer.Option("--people", help="List who enters and leaves.")] = False,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Show what your edit of the definitions would change before a run applies it."""
    from coterie.cli import versions
    from coterie.project.instants import shown

    with opened(context, project) as cdp:
        report = cdp.preview()
        if json:
            say(report.as_json())
            return
        clock = shown(report.at, cdp.settings.tz)
        say(f"As of {clock}, from definitions version {report.version} to the files as they are\n")
        screen().print(versions.preview(report, listed=people))
        for note in report.notes:
            remark(note)
