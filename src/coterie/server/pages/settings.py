"""Definitions in force, keys, jobs, as pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from functools import partial
from typing import Annotated, NamedTuple

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from markupsafe import Markup

from coterie.language.differences import Difference
from coterie.project import Project
from coterie.server.api.app import Asked, whole
from coterie.server.api.rooms import settings_answers as a
from coterie.server.api.rooms import settings_views as v
from coterie.server.api.rooms.settings import asked
from coterie.server.pages.shell import page, plural
from coterie.server.pages.texts import text

NEWEST = 20
"""Versions that are listed with what they changed; others are compared by their numbers."""

_SIGNS = {"+": "added", "-": "removed", "@": "place"}


class All(NamedTuple):
    """Everything that the page shows."""

    definitions: v.Definitions
    versions: v.Versions
    access: v.Access
    jobs: v.Jobs
    destinations: v.Destinations


class Line(NamedTuple):
    """A line of a difference, and whether it was added, removed, or is there in both."""

    kind: str
    said: str


@get("/settings", guards=[whole], include_in_schema=False)
async def settings(request: Asked) -> Response[str]:
    """Everything that a project is set to."""
    found = await asked(request, everything)
    return page(
        "settings.html", "settings", text("settings.title"), view=found,
        newest=found.versions.versions[:NEWEST], counted=counted, lines=lines, old=None, new=None,
        compared=None,
    )  # fmt: skip


@get("/settings/compare", guards=[whole], include_in_schema=False)
async def compare(
    request: Asked,
    old: Annotated[str, QueryParameter(pattern=r"^\d{0,9}$")] = "",
    new: Annotated[str, QueryParameter(pattern=r"^\d{0,9}$")] = "",
) -> Response[str]:
    """What two versions of the definitions do not share."""
    versions, compared = await asked(request, partial(_both, _number(old), _number(new)))
    return page(
        "settings_compare.html", "settings", text("settings.compare"), versions=versions.versions,
        compared=compared, lines=lines, old=compared.old, new=compared.new,
    )  # fmt: skip


def everything(project: Project) -> All:
    """All that a project is set to."""
    return All(
        a.definitions(project), a.versions(project), a.access(project), a.jobs(project),
        a.destinations(project),
    )  # fmt: skip


def _both(old: int | None, new: int | None, project: Project) -> tuple[v.Versions, v.Compared]:
    return a.versions(project), a.compared(old, new, project)


def _number(said: str) -> int | None:
    return int(said) if said else None


def counted(found: Sequence[Difference]) -> Markup:
    """How many definitions were added, changed and removed."""
    counts = Counter(each.change for each in found)
    said = (
        plural(f"settings.{change}", counts[change])
        for change in ("added", "changed", "removed") if counts[change]
    )  # fmt: skip
    return Markup(", ").join(said)


def lines(found: Difference) -> Iterator[Line]:
    """What a definition's YAML changed, line by line."""
    before, after = found.old_yaml.splitlines(), found.new_yaml.splitlines()
    for said in [*unified_diff(before, after, lineterm="", n=2)][2:]:
        kind = _SIGNS.get(said[:1], "same")
        if kind != "place":
            yield Line(kind, said)


ROUTES: Sequence[HTTPRouteHandler] = (settings, compare)
