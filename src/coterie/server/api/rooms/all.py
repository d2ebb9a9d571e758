"""All routes of the workbench's rooms."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from coterie.server.api.rooms import (
    builder,
    data,
    explore,
    home,
    people,
    quarantine,
    segments,
    settings,
    studies,
    studies_start,
)

_ROOMS = (
    home,
    segments,
    builder,
    people,
    explore,
    studies_start,
    studies,
    data,
    quarantine,
    settings,
)
ROOMS: Sequence[HTTPRouteHandler] = [route for room in _ROOMS for route in room.ROUTES]
