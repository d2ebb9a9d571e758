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
)

_ROOMS = (home, segments, builder, people, explore, studies, data, quarantine, settings)
ROOMS: Sequence[HTTPRouteHandler] = [route for room in _ROOMS for route in room.ROUTES]
