"""Commands that send changes of audiences elsewhere: add, list, test, retry and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import FAILED, AsJson, Folder, opened, remark, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.project.destinations import DeliveryReport, DestinationReport

Name = Annotated[str, typer.Argument(help="The destination, as in crm.")]


def add(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(no_args_is_help=True, help="Where changes of audiences are sent.")
    group.command("add")(add_)
    group.command("list")(list_)
    group.command("test")(try_out)
    for command in (deliveries, retry, pause, resume, rotate, remove):
        group.command()(command)
    app.add_typer(group, name="destinations")


def add_(
    context: typer.Context,
    name: Name,
    url: Annotated[str, typer.Option(help="Where messages are sent, as in https://…/hook.")],
    segment: Annotated[
        list[str],
        typer.Option(help="A segment, stages, or one of them (lifecycle.loyal). Repeatable."),
    ],
    traits: Annotated[
        str, typer.Option(help="What is said of each person: names with commas between them.")
    ] = "",
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Send whoever enters or leaves these audiences there, and print the signing secret once.

    `coterie serve` sends; every message is signed as Standard Webhooks asks.
    """
    import msgspec

    named = [trait.strip() for trait in traits.split(",") if trait.strip()]
    with opened(context, project) as cdp:
        made, secret = cdp.destinations.add(name, url, segment, named)
        if json:
            said = {"name": made.name, "url": made.url, "segments": made.segments,
                    "traits": made.traits, "secret": secret}  # fmt: skip
            say(msgspec.json.encode(said).decode())
            return
        say(secret)
        remark(f"the secret of {name}: keep it, for it cannot be shown again")


def list_(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """List the destinations, and how many deliveries wait, arrived and failed."""
    import msgspec

    with opened(context, project) as cdp:
        found = cdp.destinations.list()
        if json:
            say(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
            return
        for each in found:
            _told(each)
        if not found:
            remark("there are none yet: coterie destinations add crm --url … --segment …")


def _told(each: DestinationReport) -> None:
    """A destination, and the fates of its deliveries, which add up."""
    counts = each.counts
    dropped = sum(n for fate, n in counts.items() if fate.startswith("dropped"))
    fates = [f"{counts.get(fate, 0):,} {fate}" for fate in ("delivered", "failed", "waiting")]
    paused = "" if each.paused_at is None else f"  (paused: {each.why})"
    say(f"{each.name}  {each.url}{paused}")
    say(f"  {', '.join(each.segments)}")
    say(f"  {counts['enqueued']:,} enqueued = {' + '.join(fates)} + {dropped:,} dropped")


def try_out(context: typer.Context, name: Name, project: Folder = None) -> None:
    """Send a message that says nothing of anybody, and show the answer."""
    with opened(context, project) as cdp:
        answer = cdp.destinations.test(name)
        say(answer.said)
        if answer.body:
            say(answer.body.decode("utf-8", "replace")[:500])
    if not answer.accepted:
        raise typer.Exit(FAILED)


def deliveries(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Only those of this destination.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Show the newest deliveries: what was sent about whom, and what became of it."""
    import msgspec

    fate = "failed" if failed else "waiting" if waiting else ""
    with opened(context, project) as cdp:
        found = cdp.destinations.deliveries(name, fate=fate, limit=limit)
        if json:
            say(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        elif found:
            _rows(found, cdp.settings.zone)
        else:
            remark("there are none")


def _rows(found: Sequence[DeliveryReport], zone: str) -> None:
    from zoneinfo import ZoneInfo

    from coterie.project.instants import shown

    tz = ZoneInfo(zone)
    for row in found:
        tries = "" if not row.attempts else f" after {row.attempts} {_tries(row.attempts)}"
        said = f": {row.why}" if row.why else ""
        say(
            f"{row.destination} {row.sequence:>5}  {shown(row.at, tz)}  {row.profile or 'erased'} "
            f"{row.change} {row.segment}  {row.fate}{tries}{said}"
        )


def _tries(n: int) -> str:
    return "try" if n == 1 else "tries"


def retry(
    context: typer.Context,
    name: Name,
    number: Annotated[
        int | None, typer.Option("--no", help="Only this one, as `deliveries` shows it.")
    ] = None,
    project: Folder = None,
) -> None:
    """Try failed deliveries once more; those that say what is true no more are dropped."""
    with opened(context, project) as cdp:
        n, old = cdp.destinations.retry(name, number)
        say(f"{n:,} tried again, {old:,} dropped as a later one says more")


def pause(context: typer.Context, name: Name, project: Folder = None) -> None:
    """Send nothing until it is resumed; what changes meanwhile waits."""
    with opened(context, project) as cdp:
        cdp.destinations.pause(name)
        say(f"{name} is paused")


def resume(context: typer.Context, name: Name, project: Folder = None) -> None:
    """Send again, what waited first."""
    with opened(context, project) as cdp:
        cdp.destinations.resume(name)
        say(f"{name} is sent to again")


def rotate(
    context: typer.Context,
    name: Name,
    hours: Annotated[
        float, typer.Option(min=0, help="For so long messages are signed with both secrets.")
    ] = 24.0,
    project: Folder = None,
) -> None:
    """Sign with another secret, and print it."""
    with opened(context, project) as cdp:
        say(cdp.destinations.rotate(name, hours))
        remark(f"the new secret of {name}; for {hours:g} hours messages have both signatures")


def remove(context: typer.Context, name: Name, project: Folder = None) -> None:
    """Send nothing there any more; what waits is dropped."""
    with opened(context, project) as cdp:
        n = cdp.destinations.remove(name)
        say(f"{name} is removed; {n:,} waiting dropped")
