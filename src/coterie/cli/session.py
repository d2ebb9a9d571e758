"""What every command shares: its project, its screen, its progress, its way to fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from coterie.errors import CoterieError

if TYPE_CHECKING:
    from coterie.project import Project
    from coterie.project.opened import Now

Folder = Annotated[
    Path | None,
    typer.Option(
        "--project", "-p", help="The project's folder; by default the one you stand in.",
        show_default=False,
    ),
]  # fmt: skip
At = Annotated[
    str | None,
    typer.Option("--at", help="As of this date or instant, by what is known now; only reads."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]

FAILED, MISUSED, STOPPED = 1, 2, 130


def screen() -> Console:
    """Where answers go."""
    return Console(file=sys.stdout, highlight=False)


def aside() -> Console:
    """Where remarks, progress and errors go, so that answers can be piped."""
    return Console(file=sys.stderr, highlight=False)


def say(text: str) -> None:
    """Print text as it is: nothing in it is markup, and no line is cut."""
    screen().print(text, markup=False, soft_wrap=True)


def remark(text: str) -> None:
    """Print a remark beside the answer."""
    aside().print(f"[dim]{escape(text)}[/dim]", soft_wrap=True)


def failed(error: CoterieError) -> None:
    """Print an error in its five parts."""
    first, _, rest = str(error).partition("\n")
    console = aside()
    console.print(f"[bold red]error:[/bold red] {escape(first)}", soft_wrap=True)
    if rest:
        console.print(rest, markup=False, soft_wrap=True)


@contextmanager
def opened(
    context: typer.Context, folder: Path | None, clock: Now | None = None
) -> Iterator[Project]:
    """The project of a command: ``-p`` after its name, before it, or where the user stands."""
    from coterie.project import Project
    from coterie.project.folder import find
    from coterie.project.opened import now

    with Project(find(folder or context.obj or Path()), clock or now) as project:
        yield project


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A line for each thing that is being done, on a terminal; elsewhere nothing."""
    console = aside()
    if not console.is_terminal:
        yield lambda what, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            for other in tasks:
                if other != what:
                    _finish(bars, tasks[other])
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        yield tell
        for task in tasks.values():
            _finish(bars, task)


def _finish(bars: Any, task: Any) -> None:
    """Fill a bar whose work is over."""
    shown = bars.tasks[bars.task_ids.index(task)]
    bars.update(
        task, total=shown.total or shown.completed, completed=shown.total or shown.completed
    )


def asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()
