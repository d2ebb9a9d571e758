"""Commands about rows that could not become events: list, show, export, fix, replay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import Folder, opened, remark, say, screen
from coterie.collect.words import rows

if TYPE_CHECKING:
    from coterie.collect.quarantine import Outcome

Source = Annotated[str | None, typer.Option(help="Only rows of this source.")]
Reason = Annotated[str | None, typer.Option(help="Only rows refused for this reason.")]


def add(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        no_args_is_help=True, help="Rows that could not become events: see, mend, import again."
    )
    group.command("list")(list_)
    for command in (show, export, fix, replay):
        group.command()(command)
    app.add_typer(group, name="quarantine")


def list_(
    context: typer.Context,
    source: Source = None,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many rows.")] = 50,
    project: Folder = None,
) -> None:
    """List refused rows by file and row number, with the reason; no content is shown."""
    from coterie.cli.summaries import refused

    with opened(context, project) as cdp:
        rows = cdp.quarantine.list(source=source, reason=reason, limit=limit)
        counts = cdp.stores.ledger.reasons()
        screen().print(refused(rows, counts))


def show(
    context: typer.Context,
    row: Annotated[str, typer.Argument(help="The row's id, as listed.")],
    project: Folder = None,
) -> None:
    """Show one refused row as it came, personal values included."""
    import msgspec

    with opened(context, project) as cdp:
        say(msgspec.json.encode(cdp.quarantine.show(row)[1]).decode())


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    source: Source = None,
    reason: Reason = None,
    project: Folder = None,
) -> None:
    """Write refused rows to a CSV file to be mended; it holds personal values."""
    with opened(context, project) as cdp:
        n = cdp.quarantine.export(out, source=source, reason=reason)
        say(f"{rows(n)} in {out}")
        remark(f"mend them there, then: coterie quarantine fix {out}")


def fix(
    context: typer.Context,
    mended: Annotated[Path, typer.Argument(help="An exported file whose cells were edited.")],
    project: Folder = None,
) -> None:
    """Import mended rows through the mapping that they came with."""
    with opened(context, project) as cdp:
        _outcome(cdp.replay(mended))


def replay(
    context: typer.Context, source: Source = None, reason: Reason = None, project: Folder = None
) -> None:
    """Import refused rows again as they are: after a mapping's second file, or the clock, moved."""
    with opened(context, project) as cdp:
        _outcome(cdp.replay(source=source, reason=reason))


def _outcome(outcome: Outcome) -> None:
    say(f"{rows(outcome.n_replayed)} tried again, {outcome.n_refused:,} refused again")
