"""Commands about people: segments, profile, why, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.reviewing import review
from coterie.cli.session import AsJson, At, Folder, opened, remark, say, screen
from coterie.collect.words import rows

if TYPE_CHECKING:
    from coterie.profiles.why import Explanation
    from coterie.project import Project

Person = Annotated[str, typer.Argument(help="A raw id as imported, or a pseudonym.")]


def add(app: typer.Typer) -> None:
    """Add these commands; `segments` is a group of its own verbs as well."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(segments)
    group.command()(review)
    app.add_typer(group, name="segments")
    for command in (profile, why, export):
        app.command()(command)


def segments(
    context: typer.Context, at: At = None, json: AsJson = False, project: Folder = None
) -> None:
    """Show every segment and stage: its size, its audience, its change, and what it means."""
    if context.invoked_subcommand is not None:
        context.obj = project or context.obj
        return
    from coterie.cli import tables
    from coterie.project.instants import shown

    with opened(context, project) as cdp:
        report = cdp.segments.report(at)
        if json:
            say(report.as_json())
            return
        version = f", definitions version {report.version}" if report.version else ""
        say(f"As of {shown(report.at, cdp.settings.tz)}: {report.people:,} people{version}\n")
        if report.groups:
            screen().print(tables.segments(report))
        else:
            say("no segments or stages are defined yet: definitions.py is where they are written")
        _remarks(report.notes, report.fitted_for_this)


def profile(
    context: typer.Context,
    person: Person,
    at: At = None,
    events: Annotated[int, typer.Option(min=0, help="How many of the newest events.")] = 10,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Show one person: traits, segments, stages, and the newest events."""
    from coterie.cli import tables
    from coterie.project.instants import shown

    with opened(context, project) as cdp:
        zone = cdp.settings.tz
        report = cdp.profile(person, at, events=events)
        if json:
            say(report.as_json())
            return
        say(f"Profile {report.profile}, as of {shown(report.at, zone)}\n")
        for title, table in (
            ("Traits", tables.traits(report, zone)),
            ("Segments and stages", tables.memberships(report)),
            (f"Newest of {report.n_events:,} events", tables.timeline(report, zone)),
        ):
            screen().print(f"[bold]{title}[/bold]")
            screen().print(table if table.row_count else "none")
            say("")
        _remarks([], report.fitted_for_this)


def why(
    context: typer.Context,
    person: Person,
    segment: Annotated[
        str, typer.Argument(help="A segment, a trait, stages, or one stage: lifecycle.loyal.")
    ],
    at: At = None,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Explain why a person is in a segment, or not: since when, until when, what would differ."""
    with opened(context, project) as cdp:
        explanation = cdp.why(person, segment, at)
        say(_as_json(explanation) if json else _as_text(explanation, cdp))


def _as_json(explanation: Explanation) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(explanation), indent=2).decode()


def _as_text(explanation: Explanation, cdp: Project) -> str:
    from coterie.profiles.why import as_text
    from coterie.project.instants import translated

    return translated(as_text(explanation), cdp.settings.tz)


def export(
    context: typer.Context,
    segment: Annotated[str, typer.Argument(help="A segment, or one stage: lifecycle.loyal.")],
    form: Annotated[
        str, typer.Option("--format", help="csv (safe in a spreadsheet), csv-raw, jsonl, parquet.")
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(help="The file; SEGMENT.FORMAT here by default, - for the screen."),
    ] = None,
    traits: Annotated[str, typer.Option(help="Traits to write too, separated by commas.")] = "",
    own: Annotated[
        list[str] | None,
        typer.Option("--id", help="Only this person, with this raw id; repeat it."),
    ] = None,
    listed: Annotated[
        str | None, typer.Option("--ids", help="FILE:COLUMN of your own raw ids; rows carry them.")
    ] = None,
    at: At = None,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Write the audience of a segment to a file: who is in it and may be used for its purpose."""
    with opened(context, project) as cdp:
        ids = _ids(own, listed)
        names = [name.strip() for name in traits.split(",") if name.strip()]
        _export(cdp, segment, out, form, names, ids, at, json)


def _export(
    cdp: Project, segment: str, out: Path | None, form: str, traits: list[str],
    ids: list[str] | None, at: str | None, json: bool,
) -> None:  # fmt: skip
    from coterie.activate.export import default_name

    report = cdp.export(
        segment, out or default_name(segment, form), form, traits=traits, at=at, ids=ids
    )
    remark(report.message)
    if json:
        say(report.as_json())
    elif report.file:
        say(f"{rows(report.written)} in {report.file}")


def _ids(own: list[str] | None, listed: str | None) -> list[str] | None:
    if not own and listed is None:
        return None
    from coterie.activate.ids import read_ids

    return [*(own or []), *(read_ids(listed) if listed is not None else [])]


def _remarks(notes: list[str], fitted: list[str]) -> None:
    for note in notes:
        remark(note)
    if fitted:
        remark(f"fitted as of then, for this answer only: {', '.join(fitted)}")
