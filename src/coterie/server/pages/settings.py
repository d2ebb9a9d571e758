"""Definitions in force, keys, jobs, as pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

ROUTES: Sequence[HTTPRouteHandler] = ()
