"""Whether what `coterie[serve]` brings for webhooks is there."""

from __future__ import annotations

from importlib.util import find_spec

from coterie.errors import ProjectError

NEEDED = ("httpx", "standardwebhooks")


def needed() -> None:
    """See that the libraries that send are installed.

    Raises
    ------
    ProjectError
        One of them is not.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ProjectError(
            "what sends webhooks is not installed", got=f"no {missing[0]}",
            hint="type: pip install 'coterie[serve]'",
        )  # fmt: skip
