"""Commands that let others send events: serve, sources add, list and revoke."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import AsJson, Folder, aside, failed, opened, remark, say, screen
from coterie.errors import CoterieError, ProjectError, nearest

if TYPE_CHECKING:
    from coterie.project.opened import Now
    from coterie.storage.sources import WriteKey

ROLES = ("collect", "engine", "api")
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
    role: Annotated[
        list[str] | None,
        typer.Option(help="Only collect, engine or api; may be repeated. By default all three."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8765,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Log each answer: route, status, milliseconds.")
    ] = False,
    require_token: Annotated[
        bool, typer.Option("--require-token", help="Ask for a token on this machine as well.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, help="To try things out: its clock's seconds in one second.")
    ] = 1,
    project: Folder = None,
) -> None:
    """Take in events, keep everybody current, and answer over HTTP.

    The role collect takes events as Segment's libraries send them; engine follows them, and tells
    destinations; api answers who somebody is and who enters and leaves. Logs go to stderr, a JSON
    object a line.

    Ends with Ctrl-C or SIGTERM, after answering what it took. Imports, runs and replays may go on
    meanwhile; they wait for their turn. With --speed the clock of a project that is only for trying
    things out runs ahead of the machine's: it can never be moved back.
    """
    roles = _roles(role)
    from coterie.server.installed import needed

    needed()
    from coterie.server.serving import serve as serving

    with opened(context, project, _clock(speed)) as cdp:
        if "collect" in roles and all(key.revoked_at is not None for key in cdp.sources.list()):
            remark("nobody may send events yet: coterie sources add web")
        doing = "collecting" if roles == ["collect"] else "serving"
        serving(
            cdp, host, port, lambda address: say(f"{doing} at {address}"), _refused, roles=roles,
            access=access_log, always=require_token,
        )  # fmt: skip
        say("stopped; everything that was acknowledged is kept")


def _refused(error: CoterieError) -> None:
    """Print why an edit cannot be used, where somebody looks on; the log has it as well."""
    if aside().is_terminal:
        failed(error)


def _clock(speed: float) -> Now:
    """The machine's clock, or one that runs faster from here on."""
    from coterie.project.clock import Faster
    from coterie.project.opened import now

    return now if speed == 1 else Faster(now(), speed, time.monotonic)


def _roles(said: list[str] | None) -> list[str]:
    """The roles to serve, each once.

    Raises
    ------
    ProjectError
        There is no such role.
    """
    for name in said or ():
        if name not in ROLES:
            raise ProjectError(
                "no such role", where="--role", got=repr(name), expected=", ".join(ROLES),
                hint=nearest(name, ROLES),
            )  # fmt: skip
    return [name for name in ROLES if not said or name in said]


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
