"""The libraries that know formats and units, where they are installed."""

from __future__ import annotations

import importlib
from typing import Any

from coterie.errors import PlanError


def library(name: str, where: str, needs: str) -> Any:
    """A library of ``coterie[quality]``.

    Parameters
    ----------
    where, needs : str
        The place in the plan, and what it declares there.

    Raises
    ------
    PlanError
        It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise PlanError(
            "the tracking plan declares what needs a library that is not installed",
            where=where, got=needs, hint="type: pip install 'coterie[quality]'",
        ) from None  # fmt: skip
