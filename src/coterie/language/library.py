"""A library: definitions that were checked against a plan, typed, ordered and lowered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from coterie.errors import DefinitionError, DefinitionErrors, UnknownName, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.checking import (
    check_purpose,
    definition_type,
    ordered,
    place,
    references,
)
from coterie.language.definitions import Definition, Definitions, Segment, Stages, Trait
from coterie.language.inference import Scope, type_of
from coterie.language.plan import TrackingPlan
from coterie.language.rewrite import lowered_value
from coterie.language.types import Type

__all__ = ["Library", "digest", "references"]


class Library:
    """Definitions that mean something: every one typed, none half-checked.

    Parameters
    ----------
    definitions : Definitions
    plan : TrackingPlan
    purposes : mapping of str to str
        Declared purpose -> legal basis.
    default_purpose : str
        What a segment without a purpose is for.

    Raises
    ------
    DefinitionErrors
        With every error found, each naming file, definition, place and nearest right name.

    Examples
    --------
    >>> from coterie.language.plan import PlannedEvent
    >>> plan = TrackingPlan(events={"Order Completed": PlannedEvent()})
    >>> orders = Trait(n.Count(n.Named("Order Completed")))
    >>> purposes = {"analytics": "legitimate_interest"}
    >>> library = Library(Definitions({"orders": orders}), plan, purposes, "analytics")
    >>> library.type("orders")
    Integer()
    """

    def __init__(
        self,
        definitions: Definitions,
        plan: TrackingPlan,
        purposes: Mapping[str, str],
        default_purpose: str,
    ) -> None:
        self.plan = plan
        self.purposes = dict(purposes)
        self.default_purpose = default_purpose
        self._definitions = definitions
        self._types: dict[str, Type] = {}
        self._kinds: dict[tuple[n.Expr, n.Selection | None], Type] = {}
        self._fit_keys: dict[n.Fitted, str] = {}
        self._expanded: dict[str, n.Expr] = {}
        self._references: dict[str, tuple[str, ...]] = {}
        self._nodes: dict[str, tuple[n.Fitted, ...]] = {}
        self.scope = Scope(plan, self.type)
        self.order, cycles = ordered(definitions)
        self._errors: list[DefinitionError] = list(cycles)
        for name in self.order:
            self._check(name)
        if self._errors:
            raise DefinitionErrors(self._errors)
        self.lowered: dict[str, n.Expr] = {
            name: lowered_value(self.definition(name), self.type_of) for name in self.order
        }
        """Name -> the one lowered expression that engines interpret, in dependency order."""

    def __contains__(self, name: object) -> bool:
        return name in self._definitions.by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions.by_name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order written."""
        return tuple(self._definitions.by_name)

    @property
    def segments(self) -> tuple[str, ...]:
        """The names of segments, in the order written."""
        return tuple(name for name in self if isinstance(self.definition(name), Segment))

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of stages and tiers, in the order written."""
        return tuple(name for name in self if isinstance(self.definition(name), Stages))

    @property
    def traits(self) -> tuple[str, ...]:
        """The names of traits, in the order written."""
        return tuple(name for name in self if isinstance(self.definition(name), Trait))

    def definition(self, name: str) -> Definition:
        """The definition of this name; `UnknownName` with the nearest one where there is none."""
        try:
            return self._definitions.by_name[name]
        except KeyError:
            raise UnknownName(
                f"nothing is named {name!r}", hint=nearest(name, self._definitions.by_name)
            ) from None

    def where(self, name: str) -> str:
        """File and line of a definition, empty where unknown."""
        return self._definitions.where.get(name, "")

    def purpose(self, name: str) -> str:
        """What a segment or stages are for."""
        return getattr(self.definition(name), "purpose", "") or self.default_purpose

    def type(self, name: str) -> Type:
        """The type of a definition's value (a segment is boolean, never unknown)."""
        if name not in self._types:
            self.definition(name)
            raise _BlockedError(f"{name!r} has no type: it is wrong itself", where=self.where(name))
        return self._types[name]

    def type_of(self, expr: n.Expr) -> Type:
        """The type of a profile expression."""
        return type_of(expr, self.scope)

    def kind(self, expr: n.Expr, of: n.Selection | None = None) -> Type:
        """The type of a profile expression, or of a row expression over `of`; remembered."""
        asked = (expr, of)
        if asked not in self._kinds:
            scope = self.scope if of is None else self.scope.of(of)
            self._kinds[asked] = type_of(expr, scope)
        return self._kinds[asked]

    def needs(self, names: Iterable[str]) -> tuple[str, ...]:
        """These names and all that they refer to, in dependency order."""
        wanted: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in wanted:
                wanted.add(name)
                todo.extend(self._referred(name))
        return tuple(name for name in self.order if name in wanted)

    def expanded(self, node: Any) -> Any:
        """The lowered node with every reference replaced by what it refers to."""
        if isinstance(node, n.Ref):
            if node.name not in self._expanded:
                self._expanded[node.name] = self.expanded(self.lowered[node.name])
            return self._expanded[node.name]
        return n.rebuild(node, self.expanded)

    def fit_key(self, node: n.Fitted) -> str:
        """The name under which a fitted node's parameters are kept.

        The model's own name for `cluster` and `predict`; else a hash of all that the node means,
        so that an edit of what it ranks asks for a new fit.
        """
        if isinstance(node, n.Cluster | n.Predict):
            return node.model
        if node not in self._fit_keys:
            self._fit_keys[node] = digest(self.expanded(node))
        return self._fit_keys[node]

    def fitted(self, names: Iterable[str] | None = None) -> dict[str, n.Fitted]:
        """Fit key -> fitted node of these definitions, each after those that it needs."""
        found: dict[str, n.Fitted] = {}
        for name in self.needs(names if names is not None else self.order):
            for node in self._fitted_of(name):
                found.setdefault(self.fit_key(node), node)
        return found

    def _referred(self, name: str) -> tuple[str, ...]:
        """The names that a definition speaks of; remembered."""
        if name not in self._references:
            self._references[name] = tuple(references(self.definition(name)))
        return self._references[name]

    def _fitted_of(self, name: str) -> tuple[n.Fitted, ...]:
        """The fitted nodes in one definition, children before their parents; remembered."""
        if name not in self._nodes:
            nodes = [x for x in n.walk(self.lowered[name]) if isinstance(x, n.Fitted)]
            self._nodes[name] = tuple(reversed(nodes))  # in a walk parents come first
        return self._nodes[name]

    def hash(self) -> str:
        """A hash of every definition and purpose: equal exactly when all mean the same."""
        return self._hash

    @cached_property
    def _hash(self) -> str:
        return digest(
            [[name, self._definitions.by_name[name], self.purpose(name)] for name in sorted(self)]
        )

    # --- checking ---------------------------------------------------------------------------

    def _check(self, name: str) -> None:
        definition = self.definition(name)
        for check in (self._check_type, self._check_purpose):
            try:
                check(name, definition)
            except _BlockedError:
                continue  # its error is that of the definition it refers to
            except DefinitionError as error:
                error.where = place(self.where(name), error.where or name)
                self._errors.append(error)

    def _check_type(self, name: str, definition: Definition) -> None:
        self._types[name] = definition_type(name, definition, self.scope)

    def _check_purpose(self, name: str, definition: Definition) -> None:
        if not isinstance(definition, Trait):
            check_purpose(self.purpose(name), self.purposes)


class _BlockedError(WrongType):
    """A definition is asked for its type that has none, for an error already known."""


def digest(value: Any) -> str:
    """A 128-bit hash of the canonical JSON of nodes."""
    return hashlib.blake2b(
        msgspec.json.encode(value, order="deterministic"), digest_size=16
    ).hexdigest()
