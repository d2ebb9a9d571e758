"""Whether what this room is made with is installed."""

from __future__ import annotations

from coterie.extras import required

NEEDED = ("pandas", "sklearn", "openTSNE", "shap")


def needed() -> None:
    """See that the libraries of ``coterie[discover]`` are there.

    Raises
    ------
    ProjectError
        One of them is not.
    """
    required("discover", "discovery", NEEDED)
