"""Whether what `coterie[serve]` brings is there."""

from __future__ import annotations

from coterie.extras import required

NEEDED = ("granian", "litestar", "prometheus_client", "structlog")


def needed() -> None:
    """See that the libraries of the server are installed.

    Raises
    ------
    ProjectError
        One of them is not.
    """
    required("serve", "the server", NEEDED)
