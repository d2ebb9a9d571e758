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
    say,
    screen,
)
from coterie.errors import ProjectError

if TYPE_CHECKING:
    from coterie.project.streaming.reports import ReplayReport

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
    for command in (replay, verify):
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


def _ended(report: ReplayReport, zone: Any) -> str:
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
