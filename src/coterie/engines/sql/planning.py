"""What has to be read for some definitions, and in which order: decided before any SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from coterie.engines.sql.aggregates import COUNTED
from coterie.engines.sql.grouping import since_of, value_of
from coterie.engines.sql.selections import Core, core_of
from coterie.language import nodes as n
from coterie.language.library import Library

WIDEST = 64
"""The most aggregates of one group-by, so that no statement grows with the library."""


class Group(NamedTuple):
    """Aggregates that one statement computes.

    Parameters
    ----------
    name : str
        The table it makes: ``id`` and a column for each aggregate.
    core : Core
        The rows they all read.
    leaves : dict of str to Aggregate
    valued : bool
        Whether they count how often a value occurs.
    """

    name: str
    core: Core
    leaves: dict[str, n.Aggregate]
    valued: bool


class Stage(NamedTuple):
    """Groups whose windows begin at instants that earlier stages give.

    Parameters
    ----------
    sinces : dict of Expr to str
        Instants that the groups need, and the column of each; empty in the first stage.
    groups : tuple of Group
    """

    sinces: dict[n.Expr, str]
    groups: tuple[Group, ...]


class Plan:
    """The stages of some definitions of a library.

    Parameters
    ----------
    library : Library
    names : sequence of str

    Attributes
    ----------
    leaves : dict of Aggregate to (str, str)
        Where the value of each aggregate is: the table of its group, and its column.
    stages : tuple of Stage
    """

    def __init__(self, library: Library, names: Iterable[str]) -> None:
        self.library = library
        self.needs = library.needs(names)
        self._depth: dict[n.Expr, int] = {}
        self.leaves: dict[n.Aggregate, tuple[str, str]] = {}
        found: dict[n.Aggregate, None] = {}
        for name in self.needs:
            self._collect(library.lowered[name], found)
        by_stage: dict[int, list[n.Aggregate]] = {}
        for leaf in found:
            by_stage.setdefault(self._stage(leaf), []).append(leaf)
        self.stages = tuple(self._planned(by_stage[stage]) for stage in sorted(by_stage))

    def _collect(self, node: n.Node, found: dict[n.Aggregate, None]) -> None:
        if isinstance(node, n.Aggregate):
            since = since_of(node)
            if since is not None:
                self._collect(since, found)
            found.setdefault(node)
            return
        for _, child in n.parts(node):
            self._collect(child, found)

    def _stage(self, node: n.Node) -> int:
        """How many rounds of instants come before a node can be computed."""
        if node not in self._depth:
            self._depth[node] = self._staged(node)  # type: ignore[index]
        return self._depth[node]  # type: ignore[index]

    def _staged(self, node: n.Node) -> int:
        if isinstance(node, n.Ref):
            return self._stage(self.library.lowered[node.name])
        if isinstance(node, n.Aggregate):
            since = since_of(node)
            return 0 if since is None else self._stage(since) + 1
        return max((self._stage(child) for _, child in n.parts(node)), default=0)

    def _planned(self, leaves: list[n.Aggregate]) -> Stage:
        sinces: dict[n.Expr, str] = {}
        together: dict[object, list[n.Aggregate]] = {}
        for leaf in leaves:
            since = since_of(leaf)
            if since is not None:
                sinces.setdefault(since, f"since_{len(sinces)}")
            together.setdefault(self._family(leaf), []).append(leaf)
        groups = [
            self._group(members[start : start + WIDEST])
            for members in together.values()
            for start in range(0, len(members), WIDEST)
        ]
        return Stage(sinces, tuple(groups))

    def _family(self, leaf: n.Aggregate) -> object:
        """What aggregates have in common that one group-by computes."""
        core = core_of(leaf.of)
        if type(leaf) not in COUNTED:
            return core
        value = value_of(leaf)
        assert value is not None
        read = (node for node in n.walk(value) if isinstance(node, n.Property))
        return core, value, frozenset((p.name, self.library.kind(p, leaf.of)) for p in read)

    def _group(self, members: list[n.Aggregate]) -> Group:
        name = f"coterie_group_{len({table for table, _ in self.leaves.values()})}"
        first = len(self.leaves)
        leaves = {f"leaf_{first + i}": leaf for i, leaf in enumerate(members)}
        self.leaves |= {leaf: (name, column) for column, leaf in leaves.items()}
        return Group(name, core_of(members[0].of), leaves, type(members[0]) in COUNTED)

    def depths(self, names: Iterable[str]) -> list[list[str]]:
        """These definitions and all that they refer to, in layers: each reads earlier ones."""
        depth: dict[str, int] = {}
        for name in self.library.needs(names):
            below = self.references(self.library.lowered[name])
            depth[name] = 1 + max((depth[ref] for ref in below), default=-1)
        layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
        for name, level in depth.items():
            layers[level].append(name)
        return layers

    def references(self, expr: n.Expr) -> set[str]:
        """The definitions that an expression reads beside its aggregates."""
        return {node.name for node in _outside(expr) if isinstance(node, n.Ref)}

    def read(self, exprs: Iterable[n.Expr]) -> set[n.Aggregate]:
        """The aggregates that expressions read themselves."""
        found = (node for expr in exprs for node in _outside(expr))
        return {node for node in found if isinstance(node, n.Aggregate)}


def _outside(expr: n.Node) -> Iterable[n.Node]:
    """The nodes of an expression, aggregates as a whole."""
    yield expr
    if not isinstance(expr, n.Aggregate):
        for _, child in n.parts(expr):
            yield from _outside(child)
