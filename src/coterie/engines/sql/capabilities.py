"""What an engine does with each node of the language: said here, checked at import."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def check_complete(what: str, nodes: Iterable[type], *declared: Collection[type]) -> None:
    """Refuse to import an engine that says nothing of a node, or says two things of it.

    Parameters
    ----------
    what : str
        The engine and the kind of node, for the error.
    nodes : iterable of type
        Every node that the language has.
    declared : collections of type
        Those that the engine renders, those that are lowered before, those it does not support.

    Raises
    ------
    TypeError
        A node that is in none of the collections or in several, or one that is no node.

    Examples
    --------
    >>> check_complete("a toy engine", [int, str], [int], [str])
    """
    wanted = set(nodes)
    for node in wanted:
        places = sum(node in collection for collection in declared)
        if places != 1:
            raise TypeError(f"{what} declares {node.__name__} in {places} places, not in one")
    unknown = set().union(*declared) - wanted
    if unknown:
        names = ", ".join(sorted(node.__name__ for node in unknown))
        raise TypeError(f"{what} declares what the language does not have: {names}")
