"""The command: its options, its commands, and the one place where errors are printed."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from coterie.cli import (
    audit,
    definitions,
    destinations,
    discover,
    facts,
    history,
    making,
    people,
    pictures,
    plan,
    quarantine,
    samples,
    schedules,
    serve,
    stream,
    tokens,
)
from coterie.cli.session import FAILED, STOPPED, Folder, aside, failed
from coterie.errors import CoterieError, StoreError

BEFORE = {"segments": "profile", "plan": "test"}
"""Groups, which are added after all commands, and the command that each stands before."""


class Commands(TyperGroup):
    """The commands in the order of a user's work; an error is printed once, here."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """The names in the order in which they were added; a group of verbs where its work is."""
        names = list(self.commands)
        for group, after in BEFORE.items():
            names.remove(group)
            names.insert(names.index(after), group)
        return names

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run one command."""
        from coterie.storage.stopping import interrupted, listening

        try:
            with listening():
                return super().invoke(ctx)
        except CoterieError as error:
            failed(error)
            raise typer.Exit(FAILED) from None
        except Exception as error:
            if interrupted(error):
                _stopped()
            said = _refused(error)
            if said is None:
                raise
            failed(said)
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            _stopped()


def _stopped() -> NoReturn:
    """Ctrl-C is no error: nothing that was half done is seen."""
    aside().print("\nstopped; what was finished is kept")
    raise typer.Exit(STOPPED) from None


def _refused(error: Exception) -> StoreError | None:
    """What the system said no to (a full disk, a forbidden folder), or a damaged file of the lake.

    None for anything else, which is a defect and shown as one.
    """
    if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        return StoreError(
            "a file cannot be read or written", where=str(error.filename or ""),
            got=error.strerror or type(error).__name__,
        )  # fmt: skip
    if type(error).__name__ in _DAMAGED and any(w in str(error) for w in (".parquet", "Parquet")):
        return StoreError(
            "a file of the lake is damaged", where="data/lake", got=type(error).__name__,
            hint="restore data/lake from a backup, or delete it and type `coterie run`: it writes "
            "the lake again from the log",
        )  # fmt: skip
    return None


_DAMAGED = ("ArrowInvalid", "InvalidInputException", "IOException", "SerializationException")


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"coterie {version('coterie')}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    project: Folder = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Turn raw customer data into people, traits, segments and actions."""
    context.obj = project


making.add(app)
facts.add(app)
people.add(app)
history.add(app)
pictures.add(app)
audit.add(app)
discover.add(app)
definitions.add(app)
plan.add(app)
samples.add(app)
schedules.add(app)
stream.add(app)
serve.add(app)
tokens.add(app)
destinations.add(app)
quarantine.add(app)


def run() -> None:
    """The console command."""
    app()


__all__ = ["app", "run"]
