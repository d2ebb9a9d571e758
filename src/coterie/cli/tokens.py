"""Commands for those who ask the API: tokens add, list and revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import AsJson, Folder, opened, remark, say, screen

if TYPE_CHECKING:
    from coterie.storage.tokens import Token

Name = Annotated[str, typer.Argument(help="Whose it is, as in shop-backend.")]


def add(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(no_args_is_help=True, help="Who may ask the API, by which tokens.")
    group.command("add")(add_)
    group.command("list")(list_)
    group.command()(revoke)
    app.add_typer(group, name="tokens")


def add_(
    context: typer.Context,
    name: Name,
    purpose: Annotated[
        str, typer.Option(help="Show only who may be used for this; without it everybody.")
    ] = "",
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Make a token for the API, and print it: only its hash is kept.

    On the machine itself the API needs none. A name may have several tokens, so that its holder
    can change from one to the next.
    """
    import msgspec

    with opened(context, project) as cdp:
        made, token = cdp.tokens.add(name, purpose)
        if json:
            said = msgspec.structs.asdict(made) | {"token": token}
            say(msgspec.json.encode(said).decode())
            return
        say(token)
        remark(f"the token {made.id} of {name}: keep it, for it cannot be shown again")


def list_(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """List the tokens by name: the beginning of each one's hash, what for, since and until when."""
    import msgspec

    with opened(context, project) as cdp:
        tokens = cdp.tokens.list()
        if json:
            say(msgspec.json.format(msgspec.json.encode(tokens), indent=2).decode())
        elif tokens:
            _table(tokens, cdp.settings.zone)
        else:
            remark("there are none yet: coterie tokens add NAME --purpose marketing")


def _table(tokens: list[Token], zone: str) -> None:
    from zoneinfo import ZoneInfo

    from coterie.cli.tables import plain_table
    from coterie.project.instants import shown

    tz = ZoneInfo(zone)
    shape = plain_table("name", "token", "purpose", "added", "revoked")
    for token in tokens:
        ended = "" if token.revoked_at is None else shown(token.revoked_at, tz)
        added = shown(token.added_at, tz)
        shape.add_row(token.name, token.id, token.purpose or "(all)", added, ended)
    screen().print(shape)


def revoke(
    context: typer.Context,
    name: Name,
    token: Annotated[str, typer.Option(help="Only the one that `tokens list` shows so.")] = "",
    project: Folder = None,
) -> None:
    """Let the tokens of a name work no more; a server that runs knows within a second."""
    with opened(context, project) as cdp:
        n = cdp.tokens.revoke(name, token)
        say(f"{n:,} token{'' if n == 1 else 's'} of {name} revoked")
