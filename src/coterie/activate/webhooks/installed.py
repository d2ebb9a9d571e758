"""Whether what `coterie[serve]` brings for webhooks is there."""

from __future__ import annotations

from coterie.extras import required

NEEDED = ("httpx", "standardwebhooks")


def needed() -> None:
    """See that the libraries that send are installed.

    Raises
    ------
    ProjectError
        One of them is not.
    """
    required("serve", "what sends webhooks", NEEDED)
