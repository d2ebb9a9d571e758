"""Sources, plan, quarantine, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

ROUTES: Sequence[HTTPRouteHandler] = ()
