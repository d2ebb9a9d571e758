"""Commands about the tracking plan: print it, check it, compare versions, watch it, draft one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.session import FAILED, AsJson, Folder, opened, remark, say, screen

Days = Annotated[int, typer.Option(min=1, help="How many days are looked at.")]


def add(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The tracking plan: what events and properties must be.")
    group.callback(invoke_without_command=True)(plan)
    for command in (check, versions, diff, violations, draft):
        group.command()(command)
    app.add_typer(group, name="plan")


def plan(context: typer.Context, project: Folder = None) -> None:
    """Print the tracking plan as a data dictionary, in Markdown."""
    from coterie.language.dictionary import dictionary

    if context.invoked_subcommand is not None:
        context.obj = project or context.obj
        return
    with opened(context, project) as cdp:
        say(dictionary(cdp.plan, f"Data dictionary of {cdp.settings.name}"))


def check(
    context: typer.Context,
    against: Annotated[
        Path | None,
        typer.Option(
            help="A folder of plan files, or one of them, to compare with; by default the "
            "version of the last run.", show_default=False,
        ),
    ] = None,
    days: Days = 30,
    json: AsJson = False,
    project: Folder = None,
) -> None:  # fmt: skip
    """Say what the files' plan breaks before it takes effect; exits with 1 where it does."""
    from coterie.cli.planned import checked

    with opened(context, project) as cdp:
        report = cdp.planning.check(against, days=days)
        say(report.as_json()) if json else screen().print(checked(report))
        if report.breaking:
            raise typer.Exit(FAILED)


def versions(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """List the versions of the tracking plan that runs recorded."""
    from coterie.cli.planned import kept

    with opened(context, project) as cdp:
        report = cdp.planning.versions()
        say(report.as_json()) if json else screen().print(kept(report, cdp.settings.tz))


def diff(
    context: typer.Context,
    between: Annotated[
        list[int] | None,
        typer.Argument(
            help="An older version and a newer one; by default the last run's and the files.",
            show_default=False, metavar="[OLD [NEW]]",
        ),
    ] = None,
    json: AsJson = False,
    project: Folder = None,
) -> None:  # fmt: skip
    """Show what two versions of the tracking plan do not share."""
    from coterie.cli.planned import changes

    old, new = [*(between or []), None, None][:2]
    with opened(context, project) as cdp:
        report = cdp.planning.differences(old, new)
        say(report.as_json()) if json else screen().print(changes(report.changes))


def violations(
    context: typer.Context,
    days: Days = 7,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Count by day what was not as planned: observed, coerced, dropped, refused."""
    from coterie.cli.planned import violated

    with opened(context, project) as cdp:
        report = cdp.planning.violations(days=days, source=source)
        say(report.as_json()) if json else screen().print(violated(report))


def draft(
    context: typer.Context,
    source: Annotated[str | None, typer.Option(help="Only events of this source.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Only events that are not planned.")] = False,
    events: Annotated[
        int, typer.Option(min=1, help="How many of the newest entries of the log are read.")
    ] = 200_000,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; by default it is printed.")
    ] = None,
    project: Folder = None,
) -> None:
    """Write a tracking plan out of the events that came, with counts as comments."""
    with opened(context, project) as cdp:
        text = cdp.planning.draft(source=source, new=new, events=events)
    if out is None:
        say(text.rstrip())
        return
    with out.open("x", encoding="utf-8") as file:
        file.write(text)
    remark(f"read {out} before you use it: it says what came, not what should come")
