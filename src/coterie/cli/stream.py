"""Commands about the stream: replay, watch, verify."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coterie.cli.session import (
    FAILED,
    MISUSED,
    AsJson,
    Folder,
    aside,
    failed,
    opened,
    progress,
    remark,
    say,
    screen,
)
from coterie.errors import ProjectError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from coterie.project.streaming.reports import ReplayReport
    from coterie.project.streaming.watching import Movement

_LOOK = 0.5
"""Seconds between two looks for who moved."""

Begin = Annotated[
    str,
    typer.Option(
        "--from", show_default=False,
        help="empty: before the first event; start: out of history, where the clock stands. By "
        "default where the stream stood last.",
    ),
]  # fmt: skip
Until = Annotated[
    str, typer.Option(help="A date, an instant, last (the newest event) or now: where it ends.")
]
Speed = Annotated[
    str, typer.Option(help="max; recorded, as it happened; or recorded:60, so many times as fast.")
]


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (replay, watch, verify):
        app.command()(command)


def replay(
    context: typer.Context,
    begin: Begin = "",
    until: Until = "last",
    speed: Speed = "max",
    follow: Annotated[
        bool, typer.Option("--follow", help="Then go on as the machine's clock does, for ever.")
    ] = False,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Move the clock event by event: everybody is kept current, each change has its instant."""
    kind, factor = _speed(speed)
    with opened(context, project) as cdp, _stoppable() as stopping, progress() as tell:
        report = cdp.stream.replay(
            until, begin=_begin(begin), speed=kind, factor=factor, follow=follow,
            progress=tell, refused=failed, stopping=stopping,
        )  # fmt: skip
        say(report.as_json() if json else _ended(report, cdp.settings.tz))


def _begin(said: str) -> Any:
    if said not in ("", "empty", "start"):
        raise ProjectError(
            "a replay cannot begin there", where="--from", got=repr(said), expected="empty or start"
        )
    return said


def _speed(said: str) -> tuple[Any, float]:
    kind, _, factor = said.partition(":")
    try:
        times = float(factor or 1)
    except ValueError:
        times = 0.0
    if kind not in ("max", "recorded") or times <= 0 or (kind == "max" and factor):
        raise ProjectError(
            "no such speed", where="--speed", got=repr(said),
            expected="max, recorded, or recorded:60 for so many times as fast",
        )  # fmt: skip
    return kind, times


def _ended(report: ReplayReport, zone: ZoneInfo) -> str:
    from coterie.project.instants import shown

    return (
        f"As of {shown(report.clock, zone)}: {report.people:,} people, "
        f"{report.changes:,} changes, definitions version {report.version}"
    )


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop: the step at hand is finished, and everything kept."""
    asked = False

    def stop(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        aside().print("\nstopping after this step; once more stops at once")

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def watch(
    context: typer.Context,
    segment: Annotated[
        str, typer.Argument(help="A segment, stages, or one stage: lifecycle.loyal.")
    ],
    latest: Annotated[
        int, typer.Option("--last", min=0, help="Begin with the latest so many.")
    ] = 0,
    once: Annotated[bool, typer.Option("--once", help="Print what there is, and end.")] = False,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Print who enters and leaves a segment, with why, as it happens: another process replays."""
    import time

    def rest() -> bool:
        time.sleep(_LOOK)
        return not once

    with opened(context, project) as cdp:
        for look in cdp.stream.watch(segment, latest=latest).follow(rest):
            for movement in look.movements:
                say(_line(movement) if json else _moved(movement, cdp.settings.tz))
            if look.others and not json:
                remark(f"{look.others:,} more moved who may not be used for it")


def _line(movement: Movement) -> str:
    """One movement as a line of JSON."""
    from msgspec.json import encode

    return encode(movement).decode()


def _moved(movement: Movement, zone: ZoneInfo) -> str:
    from coterie.project.instants import shown

    at, sign = shown(movement.at, zone), "+" if movement.change == "entered" else "-"
    said = f"{at}  {sign} {movement.profile} {movement.change} {movement.name}: {movement.cause}"
    return "\n".join([said, *(f"    {why}" for why in movement.why)])


def verify(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """Compare the stream with SQL over all of history: profiles, values, memberships, records.

    Ends with 1 where anything differs, and with 2 where no live event reached any value since the
    stream last came out of SQL, so that SQL would be compared with itself.
    """
    from coterie.cli import parity

    with opened(context, project) as cdp:
        report = cdp.stream.verify()
        if json:
            say(report.as_json())
        else:
            screen().print(parity.compared(report, cdp.settings.tz))
    if not report.equal:
        raise typer.Exit(FAILED)
    if not report.live:
        raise typer.Exit(MISUSED)
