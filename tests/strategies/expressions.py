"""Building one well-typed expression: a method a category of values, a choice a node."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal as Quantile
from typing import Any

from hypothesis import strategies as st

from coterie.errors import UnknownName
from coterie.language import nodes as n
from coterie.language.inference import Scope, row_types
from coterie.language.plan import TrackingPlan
from coterie.language.time import from_micros
from coterie.language.types import (
    Boolean,
    Decimal,
    Enumerated,
    Instant,
    Integer,
    ListOf,
    Real,
    Text,
    Type,
)
from tests.strategies.grid import CONSTANTS, ODD, STEPS, TEXTS, WINDOWS, instants

Row = dict[str, Type] | None
"""The properties of the event that a row expression reads; None outside of one."""

KINDS: dict[str, Callable[[Type], bool]] = {
    "exact": lambda kind: isinstance(kind, Integer | Decimal),
    "real": lambda kind: kind == Real(),
    "decaying": lambda kind: kind == Real(decaying=True),
    "text": lambda kind: kind == Text(),
    "boolean": lambda kind: kind == Boolean(),
    "instant": lambda kind: kind == Instant(),
    "listed": lambda kind: isinstance(kind, ListOf),
    "stage": lambda kind: isinstance(kind, Enumerated),
}
OPS = ("==", "!=", "<", "<=", ">", ">=")
ORDERED = OPS[2:]


class Maker:
    """Draws nodes over a plan and the definitions known so far."""

    def __init__(self, draw: st.DrawFn, plan: TrackingPlan, refs: dict[str, Type]) -> None:
        self.draw = draw
        self.refs = refs
        self.scope = Scope(plan, self._type)

    def _type(self, name: str) -> Type:
        if name not in self.refs:
            raise UnknownName(f"nothing is named {name!r}")
        return self.refs[name]

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def of(self, category: str, row: Row, depth: int) -> Any:
        """An expression of a category; over `row`, or of a profile where that is None."""
        options = self._leaves(category, row)
        if depth <= 0:
            options += self._constants(category)
        else:
            options += [getattr(self, f"_{name}") for name in NODES[category]]
            if row is None:
                options += [getattr(self, f"_{name}") for name in LEAVES[category]]
        if not options:
            options = self._constants(category) or [getattr(self, f"_{LEAVES[category][0]}")]
        return self.pick(options)(row, depth - 1)

    def _leaves(self, category: str, row: Row) -> list[Callable[[Row, int], Any]]:
        """The properties or references of a category."""
        known = self.refs if row is None else row
        node = n.Ref if row is None else n.Property
        names = [name for name, kind in known.items() if KINDS[category](kind)]
        return [lambda *_, name=name: node(name) for name in names]  # type: ignore[misc]

    def _constants(self, category: str) -> list[Callable[[Row, int], Any]]:
        constant = getattr(self, f"_{category}_constant", None)
        return [constant] if constant is not None else []

    # --- constants --------------------------------------------------------------------------

    def _exact_constant(self, row: Row = None, depth: int = 0) -> n.Number:
        return n.Number(self.draw(CONSTANTS))

    def _text_constant(self, row: Row = None, depth: int = 0) -> n.Words:
        return n.Words(self.pick(TEXTS))

    def _boolean_constant(self, row: Row = None, depth: int = 0) -> n.Truth:
        return n.Truth(self.draw(st.booleans()))

    def _instant_constant(self, row: Row = None, depth: int = 0) -> n.Expr:
        moment = n.Moment(from_micros(self.draw(instants)))
        return self.pick((moment, moment, n.At())) if row is not None else moment

    def _constant(self, category: str) -> n.Literal_:
        if category == "instant":
            return n.Moment(from_micros(self.draw(instants)))
        return getattr(self, f"_{category}_constant")()  # type: ignore[no-any-return]

    # --- selections -------------------------------------------------------------------------

    def selection(self, depth: int) -> n.Selection:
        """Events of the plan, in any nesting of selections."""
        nodes = ("named", "where", "either", "then", "without", "sessions") if depth > 0 else ()
        return getattr(self, f"_{self.pick(('named', *nodes))}")(depth - 1)  # type: ignore[no-any-return]

    def _named(self, depth: int) -> n.Selection:
        return n.Named(self.pick(sorted(self.scope.plan.events)))

    def _where(self, depth: int) -> n.Selection:
        of = self.selection(depth)
        return n.Where(of, self.of("boolean", self._row(of), min(depth, 1)))

    def _either(self, depth: int) -> n.Selection:
        return n.Either(tuple(self.selection(depth) for _ in range(self.pick((1, 2, 2, 3)))))

    def _then(self, depth: int) -> n.Selection:
        return n.Then(self.selection(depth), self.selection(depth), self.pick(WINDOWS))

    def _without(self, depth: int) -> n.Selection:
        return n.Without(self.selection(depth), self.selection(depth), self.pick(WINDOWS))

    def _sessions(self, depth: int) -> n.Selection:
        return n.Sessions(self.selection(depth), self.pick(WINDOWS))

    def _row(self, selection: n.Selection) -> dict[str, Type]:
        return row_types(selection, self.scope)

    # --- aggregates -------------------------------------------------------------------------

    def _within(self) -> timedelta | None:
        return self.pick((None, None, *WINDOWS))  # type: ignore[no-any-return]

    def _since(self, depth: int) -> n.Expr | None:
        return self.of("instant", None, depth) if depth > 0 and self.pick((0, 0, 1)) else None

    def _counting(self, node: type[n.Count] | type[n.Any_], depth: int) -> Any:
        return node(of=self.selection(depth), within=self._within(), since=self._since(depth))

    def _count(self, row: Row, depth: int) -> n.Count:
        return self._counting(n.Count, depth)  # type: ignore[no-any-return]

    def _any(self, row: Row, depth: int) -> n.Any_:
        return self._counting(n.Any_, depth)  # type: ignore[no-any-return]

    def _valued(self, node: type[n.Aggregate], category: str, depth: int, **more: Any) -> Any:
        of = self.selection(depth)
        value = self.of(category, self._row(of), min(depth, 1))
        return node(of=of, value=value, within=self._within(), **more)  # type: ignore[call-arg]

    def _sum(self, row: Row, depth: int) -> n.Expr:
        return self._valued(n.Sum, "exact", depth, since=self._since(depth))  # type: ignore[no-any-return]

    def _mean(self, row: Row, depth: int) -> n.Expr:
        return self._valued(n.Mean, "exact", depth)  # type: ignore[no-any-return]

    def _distinct(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "text", "boolean", "instant"))
        return self._valued(n.Distinct, category, depth)  # type: ignore[no-any-return]

    def _one_exact(self, row: Row, depth: int) -> n.Expr:
        node = self.pick((n.Min, n.Max, n.First, n.Last, n.Top))
        return self._valued(node, "exact", depth)  # type: ignore[no-any-return]

    def _one_text(self, row: Row, depth: int) -> n.Expr:
        node = self.pick((n.Min, n.Max, n.First, n.Last, n.Top))
        return self._valued(node, "text", depth)  # type: ignore[no-any-return]

    def _one_boolean(self, row: Row, depth: int) -> n.Expr:
        return self._valued(self.pick((n.First, n.Last, n.Top)), "boolean", depth)  # type: ignore[no-any-return]

    def _one_instant(self, row: Row, depth: int) -> n.Expr:
        node = self.pick((n.Min, n.Max, n.First, n.Last, n.Top))
        return self._valued(node, "instant", depth)  # type: ignore[no-any-return]

    def _end_at(self, row: Row, depth: int) -> n.Expr:
        node = self.pick((n.FirstAt, n.LastAt))
        return node(of=self.selection(depth), within=self._within())  # type: ignore[no-any-return]

    def _one_real(self, row: Row, depth: int) -> n.Expr:
        node = self.pick((n.Sum, n.Mean, n.Min, n.Max, n.First, n.Last))
        of = self.selection(depth)
        row = self._row(of)
        if not any(KINDS["real"](kind) for kind in row.values()):
            of = n.Named("Order Completed")
            row = self._row(of)
        return node(of=of, value=self.of("real", row, min(depth, 1)), within=self._within())  # type: ignore[no-any-return]

    def _values(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "text", "boolean", "instant"))
        return self._valued(n.Values, category, depth, limit=self.pick((1, 2, 3)))  # type: ignore[no-any-return]

    def _decayed(self, row: Row, depth: int, step: timedelta | None = None) -> n.Decayed:
        of = self.selection(depth)
        fading = self.pick(({"half_life": self.pick(WINDOWS)}, {"rate": self.draw(ODD)}))
        category = self.pick(("exact", "none", "none"))
        weight = None if category == "none" else self.of(category, self._row(of), 0)
        return n.Decayed(of=of, within=self._within(), weight=weight, step=step, **fading)

    def _stepped(self, row: Row, depth: int) -> n.Decayed:
        return self._decayed(row, depth, self.pick(STEPS))

    # --- operators --------------------------------------------------------------------------

    def _arithmetic(self, row: Row, depth: int) -> n.Expr:
        left, right = self.of("exact", row, depth), self.of("exact", row, depth)
        return n.Arithmetic(self.pick("+-*/"), left, right)

    def _real_arithmetic(self, row: Row, depth: int) -> n.Expr:
        """Sums and products of positive reals, which lose nothing to cancellation."""
        odd = n.Number(self.draw(ODD))
        op = self.pick("+*/")
        other = odd if op == "/" else self.pick((odd, self.of("real", row, 0)))
        return n.Arithmetic(op, self.of("real", row, depth), other)

    def _compare(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "exact", "text", "instant", "boolean"))
        op = self.pick(OPS[:2] if category == "boolean" else OPS)
        left = self.of(category, row, depth)
        right = self.of(category, row, self.pick((depth, 0, 0)))
        return n.Compare(op, *self.draw(st.permutations([left, right])))

    def _compare_real(self, row: Row, depth: int) -> n.Expr:
        if row is not None and not any(KINDS["real"](kind) for kind in row.values()):
            return self._compare(row, depth)
        sides = [self.of("real", row, depth), n.Number(self.draw(ODD))]
        return n.Compare(self.pick(ORDERED), *self.draw(st.permutations(sides)))

    def _compare_decaying(self, row: Row, depth: int) -> n.Expr:
        sides = [self.of("decaying", row, depth), n.Number(self.draw(ODD))]
        return n.Compare(self.pick(ORDERED), *self.draw(st.permutations(sides)))

    def _compare_age(self, row: Row, depth: int) -> n.Expr:
        age = n.Age(self.of("instant", row, depth))
        low, high = (n.Length(self.pick((*WINDOWS, timedelta(0)))) for _ in "ab")
        return self.pick((  # type: ignore[no-any-return]
            n.Compare(self.pick(ORDERED), age, low),
            n.Compare(self.pick(ORDERED), high, age),
            n.Between(age, low, high),
            n.Known(age),
        ))  # fmt: skip

    def _compare_stage(self, row: Row, depth: int) -> n.Expr:
        stages = {name: k for name, k in self.refs.items() if isinstance(k, Enumerated)}
        if not stages:
            return self._compare(row, depth)
        name = self.pick(sorted(stages))
        kind, ref = stages[name], n.Ref(name)
        one = n.Words(self.pick(kind.options))
        sides = self.draw(st.permutations([ref, one]))
        return self.pick((  # type: ignore[no-any-return]
            n.Compare(self.pick(OPS if kind.ordered else OPS[:2]), *sides),
            n.IsIn(ref, (one, n.Words(self.pick(kind.options)))),
            n.Match("contains", ref, "o"),
        ))  # fmt: skip

    def _and(self, row: Row, depth: int) -> n.Expr:
        parts = tuple(self.of("boolean", row, depth) for _ in range(self.pick((1, 2, 2, 3))))
        return self.pick((n.And, n.Or))(parts)  # type: ignore[no-any-return]

    def _not(self, row: Row, depth: int) -> n.Expr:
        return n.Not(self.of("boolean", row, depth))

    def _known(self, row: Row, depth: int) -> n.Expr:
        categories = ["exact", "text", "boolean", "instant"]
        return n.Known(self.of(self.pick(categories + ["listed"] * (row is None)), row, depth))

    def _between(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "text", "instant"))
        of, low, high = (self.of(category, row, depth) for _ in "abc")
        return n.Between(of, low, high)

    def _is_in(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "text", "instant", "boolean"))
        options = tuple(self._constant(category) for _ in range(self.pick((1, 2, 3))))
        return n.IsIn(self.of(category, row, depth), options)

    def _match(self, row: Row, depth: int) -> n.Expr:
        op = self.pick(("contains", "starts_with", "ends_with", "equals"))
        return n.Match(op, self.of("text", row, depth), self.pick(TEXTS), self.draw(st.booleans()))

    def _has(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "text", "instant", "boolean"))
        listed = self._valued(n.Values, category, depth, limit=self.pick((1, 2)))
        return n.Has(listed, self._constant(category))

    def _branches(self, category: str) -> Callable[[Row, int], n.Expr]:
        def branch(row: Row, depth: int) -> n.Expr:
            values = [self.of(category, row, depth) for _ in range(self.pick((1, 2, 2, 3)))]
            if self.draw(st.booleans()):
                return n.Coalesce(tuple(values))
            whens = tuple(n.When(self.of("boolean", row, depth), value) for value in values)
            otherwise = self.pick((None, self.of(category, row, 0)))
            return n.Case(whens, otherwise)

        return branch

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_branch_"):
            return self._branches(name.removeprefix("_branch_"))
        raise AttributeError(name)

    def _age(self, row: Row, depth: int) -> n.Expr:
        return n.Age(self.of("instant", row, depth), self.pick(STEPS))

    # --- fitted -----------------------------------------------------------------------------

    def _population(self, row: Row, depth: int, category: str = "exact") -> n.Expr:
        of = self.of(category, row, depth)
        if category == "instant" or self.pick((0, 1)):
            q = self.pick((None, Quantile("0.25"), Quantile("0.5")))
            statistic = "quantile" if q is not None else self.pick(("min", "max"))
            return n.Population(statistic, of, q)
        return n.Population("mean", of)

    def _population_instant(self, row: Row, depth: int) -> n.Expr:
        return self._population(row, depth, "instant")

    def _population_real(self, row: Row, depth: int) -> n.Expr:
        if self.draw(st.booleans()):
            return n.Population("stddev", self.of(self.pick(("exact", "real")), row, depth))
        return self._population(row, depth, "real")

    def _rank(self, row: Row, depth: int) -> n.Expr:
        category = self.pick(("exact", "real", "instant"))
        return n.QuantileRank(self.of(category, row, depth), self.pick((2, 3, 5)))

    def _inputs(self, depth: int) -> tuple[n.Expr, ...]:
        categories = [self.pick(("exact", "real", "boolean")) for _ in range(self.pick((1, 2)))]
        return tuple(self.of(category, None, depth) for category in categories)

    def _cluster(self, row: Row, depth: int) -> n.Expr:
        inputs = self._inputs(depth)
        return n.Cluster(f"groups{len(inputs)}", inputs)

    def _predict(self, row: Row, depth: int) -> n.Expr:
        inputs = self._inputs(depth)
        return n.Predict(f"score{len(inputs)}", inputs)


NODES: dict[str, tuple[str, ...]] = {
    "exact": ("arithmetic", "branch_exact"),
    "real": ("real_arithmetic",),
    "decaying": (),
    "text": ("branch_text",),
    "instant": ("branch_instant",),
    "listed": (),
    "stage": (),
    "boolean": (
        "compare", "compare", "compare_real", "and", "not", "known", "between", "is_in", "match",
        "branch_boolean",
    ),
}  # fmt: skip
"""What builds a category from others, in rows and profiles alike."""

LEAVES: dict[str, tuple[str, ...]] = {
    "exact": (
        "count", "sum", "mean", "distinct", "one_exact", "age", "population", "rank", "cluster",
    ),
    "real": ("one_real", "stepped", "population_real", "predict"),
    "decaying": ("decayed",),
    "text": ("one_text",),
    "instant": ("end_at", "one_instant", "population_instant"),
    "listed": ("values",),
    "stage": ("count",),
    "boolean": ("any", "one_boolean", "compare_age", "compare_decaying", "compare_stage", "has"),
}  # fmt: skip
"""What makes a category out of a profile's events."""
