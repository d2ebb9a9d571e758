"""What one process serves: the roles it has, each with a start, an end, and perhaps a failure."""

from __future__ import annotations

from typing import Literal, Protocol

COLLECT: Literal["collect"] = "collect"
ENGINE: Literal["engine"] = "engine"
API: Literal["api"] = "api"
ROLES = (COLLECT, ENGINE, API)
"""Events in; everybody kept current and told to destinations; questions answered."""


class Role(Protocol):
    """A part of the server; it runs in threads of its own, or answers where it is asked."""

    @property
    def name(self) -> str:
        """One of `ROLES`."""

    @property
    def ready(self) -> bool:
        """Whether it does its work now."""

    def start(self) -> None:
        """Begin; returns once that is certain to go well, or raises."""

    def stop(self) -> None:
        """End, and return when nothing is left to lose."""
