"""Commands that let others send events: serve, sources add, list and revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import AsJson, Folder, failed, opened, remark, say, screen
from coterie.errors import ProjectError

if TYPE_CHECKING:
    from coterie.storage.sources import WriteKey

Name = Annotated[str, typer.Argument(help="The source, as in web.")]


def add(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    group = typer.Typer(no_args_is_help=True, help="Who may send events, by which write keys.")
    group.command("add")(add_)
    group.command("list")(list_)
    group.command()(revoke)
    app.add_typer(group, name="sources")


def serve(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="What to serve: collect.")] = "collect",
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8765,
    project: Folder = None,
) -> None:
    """Take in events over HTTP, as Segment's libraries send them.

    Ends with Ctrl-C or SIGTERM, after answering what it took. Imports, runs and replays may go on
    meanwhile; they wait for their turn.
    """
    if role != "collect":
        raise ProjectError("no such role", where="--role", got=repr(role), expected="collect")
    from coterie.server.installed import needed

    needed()
    from coterie.server.serving import serve as serving

    with opened(context, project) as cdp:
        if not any(key.revoked_at is None for key in cdp.sources.list()):
            remark("nobody may send events yet: coterie sources add web")
        serving(cdp, host, port, lambda address: say(f"collecting at {address}"), failed)
        say("stopped; everything that was acknowledged is kept")


def add_(context: typer.Context, name: Name, json: AsJson = False, project: Folder = None) -> None:
    """Make a write key for a source, and print it: only its hash is kept.

    A source may have several keys, so that its senders can change from one to the next.
    """
    import msgspec

    with opened(context, project) as cdp:
        made, key = cdp.sources.add(name)
        if json:
            said = msgspec.structs.asdict(made) | {"key": key}
            say(msgspec.json.encode(said).decode())
            return
        say(key)
        remark(f"the write key {made.id} of {name}: keep it, for it cannot be shown again")


def list_(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """List the write keys by source: the beginning of each one's hash, since when, until when."""
    import msgspec

    with opened(context, project) as cdp:
        keys = cdp.sources.list()
        if json:
            say(msgspec.json.format(msgspec.json.encode(keys), indent=2).decode())
        elif keys:
            _table(keys, cdp.settings.zone)
        else:
            remark("there are none yet: coterie sources add web")


def _table(keys: list[WriteKey], zone: str) -> None:
    from zoneinfo import ZoneInfo

    from coterie.cli.tables import plain_table
    from coterie.project.instants import shown

    tz = ZoneInfo(zone)
    shape = plain_table("source", "key", "added", "revoked")
    for key in keys:
        ended = "" if key.revoked_at is None else shown(key.revoked_at, tz)
        shape.add_row(key.source, key.id, shown(key.added_at, tz), ended)
    screen().print(shape)


def revoke(
    context: typer.Context,
    name: Name,
    key: Annotated[str, typer.Option(help="Only the key that `sources list` shows so.")] = "",
    project: Folder = None,
) -> None:
    """Let the write keys of a source work no more; a server that runs knows within a second."""
    with opened(context, project) as cdp:
        n = cdp.sources.revoke(name, key)
        say(f"{n:,} write key{'' if n == 1 else 's'} of {name} revoked")
