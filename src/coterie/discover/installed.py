"""Whether what this room is made with is installed."""

from importlib.util import find_spec

from coterie.errors import CoterieError

NEEDED = ("pandas", "sklearn", "openTSNE", "shap")


def needed() -> None:
    """See that the libraries of ``coterie[discover]`` are there.

    Raises
    ------
    CoterieError
        One is not, with how to install it.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CoterieError(
            "discovery needs libraries that are not installed", got=f"no {', '.join(missing)}",
            hint="pip install 'coterie[discover]'",
        )  # fmt: skip
