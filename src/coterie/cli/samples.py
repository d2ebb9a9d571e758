"""The command that tries sample profiles: test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coterie.cli.session import FAILED, AsJson, Folder, opened, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from coterie.project.samples import Check, SampleReport


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command("test")(try_)


def try_(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="Sample profiles; by default the project's tests/profiles.yaml."),
    ] = None,
    postgres: Annotated[
        str, typer.Option(help="Ask this database as well: postgresql://user@host/database.")
    ] = "",
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Try your definitions on sample people, on every engine; exit 1 where one says otherwise."""
    with opened(context, project) as cdp:
        report = cdp.test(file, postgres=postgres)
        say(report.as_json() if json else "\n".join(_lines(report, cdp.settings.tz)))
        if not report.passed:
            raise typer.Exit(FAILED)


def _lines(report: SampleReport, zone: ZoneInfo) -> Iterator[str]:
    from coterie.project.instants import shown

    former = ""
    for check in report.checks:
        if check.person != former:
            yield check.person
            former = check.person
        mark = "pass" if check.passed else "FAIL"
        yield f"  {mark}  {check.name} at {shown(check.at, zone)}: {_said(check)}"
    passed = len(report.checks) - len(report.failed)
    yield (
        f"\n{report.people} people, {len(report.checks)} checks on {' and '.join(report.engines)}: "
        f"{passed} passed, {len(report.failed)} failed"
    )


def _said(check: Check) -> str:
    if check.passed:
        return check.expected
    answers = set(check.got.values())
    got = answers.pop() if len(answers) == 1 else _apart(check)
    return f"expected {check.expected}, got {got}  ({check.where})"


def _apart(check: Check) -> str:
    """What engines say that do not agree."""
    return ", ".join(f"{value} by {engine}" for engine, value in check.got.items())
