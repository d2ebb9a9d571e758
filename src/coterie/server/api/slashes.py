"""Slashes in names of the address: a server is given ``%2F`` as a slash like any other."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request
from litestar.datastructures import State

STAND_IN = "\x1f"
"""Stands for a slash of a name until the route is found; names are made of nothing like it."""

_NAMED = re.compile(
    r"(?P<before>(?:/v1)?/segments/)(?P<name>[a-z0-9_]+\..*?)"
    r"(?P<after>(?:/(?:people|members|changes|traits|overlap|months|definition|history))?)\Z"
    r"|(?P<whose>(?:/v1)?/people/)(?P<id>.+?)(?P<what>(?:/(?:timeline|coming|why/[^/]+))?)\Z",
    re.DOTALL,
)


def stood_in(path: str) -> str:
    """The path with the slashes of a stage's name, or of a person's id, in one part.

    Examples
    --------
    >>> stood_in("/segments/size.S/M/people") == f"/segments/size.S{STAND_IN}M/people"
    True
    >>> stood_in("/segments/vip/people")
    '/segments/vip/people'
    """
    found = _NAMED.match(path)
    if found is None:
        return path
    before, name, after = (part for part in found.groups() if part is not None)
    return before + name.replace("/", STAND_IN) + after


async def restored(request: Request[Any, Any, State]) -> None:
    """Give the route's parameters their slashes back."""
    found = request.scope["path_params"]
    if any(STAND_IN in str(value) for value in found.values()):
        request.scope["path_params"] = {
            name: value.replace(STAND_IN, "/") if isinstance(value, str) else value
            for name, value in found.items()
        }
