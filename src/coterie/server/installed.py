"""Whether what `coterie[serve]` brings is there."""

from __future__ import annotations

from importlib.util import find_spec

from coterie.errors import ProjectError

NEEDED = ("granian", "litestar", "prometheus_client", "structlog")


def needed() -> None:
    """See that the libraries of the server are installed.

    Raises
    ------
    ProjectError
        One of them is not.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ProjectError(
            "the server is not installed", got=f"no {missing[0]}",
            hint="type: pip install 'coterie[serve]'",
        )  # fmt: skip
