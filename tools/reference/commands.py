"""The page of commands: what ``coterie --help`` says, on one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from coterie.cli.main import app
from tools.reference import docstrings


def page() -> str:
    """The page."""
    blocks = [_block(names, command) for names, command in commands()]
    return docstrings.page("Commands", *blocks)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it, groups before their commands."""
    yield from _below("coterie", get_command(app))


def _below(names: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield names, command
    for name, sub in getattr(command, "commands", {}).items():
        yield from _below(f"{names} {name}", sub)


def _block(names: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    rows = [(f"`{_usage(p)}`", p.help or "", _default(p)) for p in arguments]
    rows += [(_spelt(p), p.help or "", _default(p)) for p in options]
    usage = " ".join([names, *(_usage(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
    usage += " COMMAND" if hasattr(command, "commands") else ""
    return "\n\n".join(
        filter(
            None,
            [
                f"## `{names}`",
                command.help,
                f"```text\n{usage}\n```",
                docstrings.table(("", "meaning", "default"), *rows),
            ],
        )
    )


def _usage(argument: Any) -> str:
    name = (argument.metavar or argument.name).strip("{}[]").upper()
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _spelt(option: Any) -> str:
    return ", ".join(f"`{word}`" for word in option.opts)


def _default(parameter: Any) -> str:
    shown = parameter.default not in (None, "", False) and not callable(parameter.default)
    return f"`{parameter.default}`" if shown else ""
