"""What an extra of the package brings: whether it is installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from coterie.errors import ProjectError


def required(extra: str, what: str, libraries: Iterable[str]) -> None:
    """See that libraries of an extra are installed, without importing them.

    Parameters
    ----------
    extra, what : str
        ``serve``, and what needs it, as in ``the server``.
    libraries : iterable of str
        Names as they are imported.

    Raises
    ------
    ProjectError
        One of them is not, with the command that installs all.

    Examples
    --------
    >>> required("serve", "the server", ["json"])
    >>> required("serve", "the server", ["no_such_library"])
    Traceback (most recent call last):
        ...
    coterie.errors.ProjectError: the server needs libraries that are not installed
      got:      no no_such_library
      hint:     type: pip install 'coterie[serve]'
    """
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        raise ProjectError(
            f"{what} needs libraries that are not installed", got=f"no {', '.join(missing)}",
            hint=f"type: pip install 'coterie[{extra}]'",
        )  # fmt: skip
