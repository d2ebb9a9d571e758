"""What changed over time, on the screen: sizes, people, versions of definitions, edits."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from coterie.cli.session import say, screen
from coterie.cli.tables import plain_table
from coterie.errors import ProjectError
from coterie.project.instants import shown

if TYPE_CHECKING:
    from coterie.language.differences import Difference
    from coterie.project import Project
    from coterie.project.history import HistoryReport, MembersReport
    from coterie.project.previewing import Effect, PreviewReport
    from coterie.project.versions import VersionsReport

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def steps(report: HistoryReport, zone: ZoneInfo) -> Table:
    """Sizes over time; with more stages than one, a column that names them."""
    staged = any(step.stage for step in report.steps)
    causes = [] if report.known else ["cause"]
    table = plain_table("at", *(["stage"] if staged else []), "size", "entered", "left",
                        *causes, "version")  # fmt: skip
    for step in report.steps:
        cells = [shown(step.at, zone), *([step.stage] if staged else [])]
        cells += [f"{step.size:,}", f"+{step.entered:,}", f"-{step.left:,}"]
        cells += [step.cause] if causes else []
        table.add_row(*map(escape, cells), "" if step.version is None else str(step.version))
    return table


def people(report: MembersReport, zone: ZoneInfo) -> Table:
    """Who is listed, since when, and why they came in."""
    if report.known:
        table = plain_table("profile")
        for one in report.people:
            table.add_row(one.profile)
        return table
    table = plain_table("profile", "since", "cause")
    for one in report.people:
        table.add_row(
            one.profile, "" if one.since is None else shown(one.since, zone), one.cause or ""
        )
    return table


def past(cdp: Project, between: list[int], *, diff: bool, yaml: bool, json: bool) -> None:
    """Print the versions of the definitions, or what two of them do not share."""
    if not diff and between:
        raise ProjectError("versions are named with --diff", hint="add --diff")
    if len(between) > 2:
        raise ProjectError(
            "two versions are compared at a time", got=str(len(between)), hint="name one or two"
        )
    if not diff:
        report = cdp.versions()
        say(report.as_json()) if json else screen().print(versions(report, cdp.settings.tz))
        return
    old, new = [*between, None, None][:2]
    found = cdp.differences(old, new)
    if json:
        say(found.as_json())
        return
    newer = "the files as they are" if found.new is None else f"version {found.new}"
    say(f"from version {found.old} to {newer}\n")
    screen().print(differences(found.differences, yaml=yaml))


def versions(report: VersionsReport, zone: ZoneInfo) -> RenderableType:
    """Every version: its run, its author, its note, and what it changed."""
    if not report.versions:
        return "no run has recorded any definitions yet"
    parts: list[RenderableType] = []
    for version in report.versions:
        by = f" by {version.author}" if version.author else ""
        head = f"[bold]version {version.version}[/bold]  {shown(version.at, zone)}{escape(by)}"
        parts.append(head)
        parts += [Padding(escape(version.note), (0, 0, 0, 2))] if version.note else []
        parts.append(Padding(_counted(version.differences), (0, 0, 0, 2)))
    return Group(*parts)


def _counted(differences: list[Difference]) -> str:
    """How many definitions were added, removed and changed, and which."""
    said = []
    for change, sign in _SIGNS.items():
        names = [found.name for found in differences if found.change == change]
        if names:
            more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
            said.append(f"{sign}{len(names)} {change}: {', '.join(names[:8])}{more}")
    return f"[dim]{escape('; '.join(said) or 'another purpose')}[/dim]"


def differences(found: Iterable[Difference], *, yaml: bool = False) -> RenderableType:
    """Each definition that differs, in old and new words."""
    parts: list[RenderableType] = []
    for difference in found:
        parts.append(f"[bold]{_SIGNS[difference.change]} {escape(difference.name)}[/bold]")
        said = _yaml(difference) if yaml else _english(difference)
        parts.append(Padding(escape(said), (0, 0, 0, 2)))
    return Group(*parts) if parts else "no definition differs"


def _english(difference: Difference) -> str:
    sides = (("old: ", difference.old), ("new: ", difference.new))
    return "\n".join(title + text for title, text in sides if text)


def _yaml(difference: Difference) -> str:
    """The lines that went and came, with those around them."""
    old, new = difference.old_yaml.splitlines(), difference.new_yaml.splitlines()
    return "\n".join([*unified_diff(old, new, lineterm="")][3:])


def preview(report: PreviewReport, *, listed: bool) -> RenderableType:
    """What an edit changes: definitions, sizes, and who enters and leaves."""
    parts: list[RenderableType] = [differences(report.differences), ""]
    if not report.effects:
        return Group(*parts, "no segment means anything else: nobody enters or leaves")
    table = plain_table("", "now", "then", "enter", "leave")
    for effect in report.effects:
        table.add_row(escape(_name(effect)), f"{effect.before:,}", f"{effect.after:,}",
                      f"+{effect.entered:,}", f"-{effect.left:,}")  # fmt: skip
    parts.append(table)
    return Group(*parts, *([_movers(report)] if listed else []))


def _name(effect: Effect) -> str:
    return f"{effect.name}.{effect.stage}" if effect.stage else effect.name


def _movers(report: PreviewReport) -> RenderableType:
    table = plain_table("profile", "enters", "leaves")
    for one in report.movers:
        name = f"{one.segment}.{one.stage}" if one.stage else one.segment
        table.add_row(one.profile, *((name, "") if one.change == "entered" else ("", name)))
    left = sum(effect.entered + effect.left for effect in report.effects) - len(report.movers)
    note = f"{left:,} more may not be used for the purpose of their segment" if left else ""
    return Group("", table, note)
