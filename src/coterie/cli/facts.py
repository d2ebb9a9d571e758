"""Commands that bring facts in, move the clock, and take people out: import, run, status, erase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import (
    FAILED,
    MISUSED,
    AsJson,
    Folder,
    asks,
    opened,
    progress,
    remark,
    say,
    screen,
)

if TYPE_CHECKING:
    from coterie.collect.mapping import Mapping
    from coterie.collect.summary import Summary
    from coterie.project import Project


def add(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(import_)
    for command in (run, status, erase):
        app.command()(command)


def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV, Parquet or JSON Lines.")],
    mapped: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help="A mapping file: what each column means. By default that of the source's last "
            "import, where it fits, or one inferred.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Import with the inferred mapping unasked.")
    ] = False,
    source: Annotated[
        str, typer.Option(help="Where the facts come from; files of one system share it.")
    ] = "",
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Bring files in: shows what it takes each column for, and accounts for every row."""
    from coterie.project.importing import chosen, mapping_for

    with opened(context, project) as cdp:
        if mapped is None:
            mapping, earlier = chosen(cdp, files, source)
            if earlier:
                _reused(mapping, earlier)
            elif not yes:
                _agree(mapping)
        else:
            mapping = mapping_for(cdp, files, mapped, source)
        folder = mapped.parent if mapped else None
        with progress() as tell:
            summary = cdp.import_(files, mapping, folder=folder, progress=tell)
        say(summary.as_json().decode()) if json else _summary(summary)


def _reused(mapping: Mapping, earlier: str) -> None:
    """Say which mapping is used where none was given."""
    remark(
        f"read by the mapping with which {earlier} was imported (source {mapping.source}); "
        "for another say --map FILE, or --source NAME where the facts come from elsewhere"
    )


def _agree(mapping: Mapping) -> None:
    """Show an inferred mapping and ask; without a terminal, print it and stop."""
    say(mapping.to_toml())
    if not asks():
        remark(
            "this mapping was inferred; nothing was imported. Check it, then import with --yes, or "
            "keep it in a file, edit it, and import with --map FILE"
        )
        raise typer.Exit(MISUSED)
    typer.confirm("Import with this mapping?", abort=True)


def _summary(summary: Summary) -> None:
    from coterie.cli.summaries import imported

    screen().print(imported(summary))


def run(
    context: typer.Context,
    until: Annotated[
        str | None,
        typer.Option(help="A date (its 00:00 in the project's zone), an instant, last or now."),
    ] = None,
    note: Annotated[
        str, typer.Option(help="Why: kept with the run and the definitions that it brings in.")
    ] = "",
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Move the clock there, compute everybody's traits and segments, and record the changes."""
    from coterie.cli.author import author
    from coterie.project.instants import shown

    with opened(context, project) as cdp:
        with progress() as tell:
            report = cdp.run(until, note=note, author=author(cdp.folder), progress=tell)
        if json:
            say(report.as_json())
            return
        say(
            f"As of {shown(report.clock, cdp.settings.tz)}: {report.people:,} people, "
            f"{report.changes:,} changes, definitions version {report.version}"
        )
        for note in report.notes:
            remark(note)


def status(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """Show where the project stands: what it received, its clock, its stores."""
    from coterie.cli.summaries import standing

    with opened(context, project) as cdp:
        report = cdp.status()
        say(report.as_json()) if json else screen().print(standing(report))


def erase(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="A raw id as imported, or a pseudonym.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Delete one person from every store, and search what is left to prove it."""
    with opened(context, project) as cdp:
        cdp.people.known(person)
        if not yes:
            _sure()
        _erase(cdp, person, json)


def _sure() -> None:
    if not asks():
        remark("erasing cannot be undone: say --yes")
        raise typer.Exit(MISUSED)
    typer.confirm("Erase this person from every store? It cannot be undone", abort=True)


def _erase(cdp: Project, person: str, json: bool) -> None:
    from coterie.cli.summaries import erased

    report = cdp.erase(person)
    if json:
        import msgspec

        say(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        screen().print(erased(report))
    if not report.proven:
        raise typer.Exit(FAILED)
