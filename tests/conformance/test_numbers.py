"""Each database computes as `language.numbers` says, also at the ends of 64 bits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa
import pytest

from coterie.engines.sql.arithmetic import Operators, Typed
from coterie.engines.sql.dialects import dialect_of
from coterie.language import numbers
from coterie.language.types import Decimal, Integer, Real, Type

ENDS = [2**63 - 1, 2**62, 9_223_372_036_854, 10**12 + 1, 1_000_001, 777, 15, 5, 2, 1]
WHOLE = [0, *ENDS, *(-value for value in ENDS), -(2**63)]
REALS = [0.0, 1.5, -2.5, 3e-200, 1e200, -1e200, 5e-324, 1.7e308, -1.7e308]
SCALES = [(0, 0), (2, 0), (0, 2), (2, 4), (6, 6), (3, 6), (5, 2)]
EXACT: dict[str, Callable[..., int | None]] = {
    "+": numbers.add,
    "-": lambda a, s, b, r: numbers.add(a, s, -b, r),
    "*": numbers.multiply,
    "/": numbers.divide,
}


@pytest.fixture(params=["duckdb_backend", "postgres_backend"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def exact(scale: int) -> Type:
    return Decimal(scale) if scale else Integer()


def computed(
    backend: Any, pairs: list[tuple[Any, Any]], kind: pa.DataType, **columns: Any
) -> dict[str, list[Any]]:
    """Columns over the pairs ``a``, ``b``, each made by a function of the operators and both."""
    dialect = dialect_of(backend)
    a, b = zip(*pairs, strict=True)
    rows = pa.table(
        {"id": range(len(a)), "a": pa.array(a, kind), "b": pa.array(b, kind)},
        schema=pa.schema([("id", pa.int64()), ("a", kind), ("b", kind)]),
    )
    dialect.load("coterie_pairs", rows)
    name = "int64" if kind == pa.int64() else "float64"
    table = ibis.table({"id": "int64", "a": name, "b": name}, name="coterie_pairs")
    operators = Operators(dialect)
    made = table.select("id", **{key: make(operators, table) for key, make in columns.items()})
    schema = made.schema().to_pyarrow()
    found = dialect.fetch(dialect.compile(made.order_by("id")), schema)
    dialect.drop("coterie_pairs")
    return found.to_pydict()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("left", "right"), SCALES)
@pytest.mark.parametrize("op", EXACT)
def test_exact_arithmetic_is_that_of_the_law(backend: Any, op: str, left: int, right: int) -> None:
    """Sums, differences, products and quotients at every pair of scales, null beyond 64 bits."""
    pairs = list(itertools.product(WHOLE, WHOLE))
    found = computed(
        backend,
        pairs,
        pa.int64(),
        answer=lambda o, t: o.arithmetic(op, Typed(t.a, exact(left)), Typed(t.b, exact(right))),
    )
    assert found["answer"] == [EXACT[op](a, left, b, right) for a, b in pairs]


@pytest.mark.parametrize(("left", "right"), SCALES)
def test_comparison_is_exact_across_scales(backend: Any, left: int, right: int) -> None:
    """No value of 64 bits at any scale overflows where it is compared."""
    pairs = list(itertools.product(WHOLE, WHOLE))
    scale = max(left, right)
    found = computed(
        backend,
        pairs,
        pa.int64(),
        less=lambda o, t: o.compare("<", Typed(t.a, exact(left)), Typed(t.b, exact(right))),
        equal=lambda o, t: o.compare("==", Typed(t.a, exact(left)), Typed(t.b, exact(right))),
    )
    scaled = [(numbers.rescale(a, left, scale), numbers.rescale(b, right, scale)) for a, b in pairs]
    assert found["less"] == [a < b for a, b in scaled]
    assert found["equal"] == [a == b for a, b in scaled]


def test_sums_and_means_are_null_beyond_64_bits_only(backend: Any) -> None:
    """A sum may be beyond 64 bits on the way; its mean may fit where the sum does not."""
    top = 2**63 - 1
    pairs = [(top, 0), (top, 0), (-top, 1), (1, 1), (top, 1), (None, 2)]
    dialect = dialect_of(backend)
    kind = pa.int64()
    a, b = zip(*pairs, strict=True)
    dialect.load("coterie_pairs", pa.table({"a": pa.array(a, kind), "b": pa.array(b, kind)}))
    table = ibis.table({"a": "int64", "b": "int64"}, name="coterie_pairs")
    operators = Operators(dialect)
    value = Typed(table.a, Decimal(6))
    grouped = table.group_by("b").aggregate(
        total=operators.total(value, None), mean=operators.mean(value, None)
    )
    answer = dialect.fetch(
        dialect.compile(grouped.order_by("b")), pa.schema([(n, kind) for n in grouped.columns])
    ).to_pylist()
    dialect.drop("coterie_pairs")
    assert answer == [
        {"b": 0, "total": None, "mean": top},
        {"b": 1, "total": 1, "mean": 0},
        {"b": 2, "total": None, "mean": None},
    ]


@pytest.mark.parametrize("op", ["+", "-", "*", "/"])
def test_real_arithmetic_is_finite_or_null(backend: Any, op: str) -> None:
    """Overflow and division by zero are null, what vanishes is 0; no database raises."""
    pairs = list(itertools.product(REALS, REALS))
    found = computed(
        backend,
        pairs,
        pa.float64(),
        answer=lambda o, t: o.arithmetic(op, Typed(t.a, Real()), Typed(t.b, Real())),
    )
    for (a, b), answer in zip(pairs, found["answer"], strict=True):
        wanted = real_by_python(op, a, b)
        if wanted is None or answer is None:
            assert answer is wanted, (op, a, b)
        else:
            assert math.isclose(answer, wanted, rel_tol=1e-9, abs_tol=1e-300), (op, a, b)


def real_by_python(op: str, a: float, b: float) -> float | None:
    if op == "/" and b == 0:
        return None
    result = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[op]
    return result if math.isfinite(result) else None


def test_nested_arithmetic_is_planned_in_time(backend: Any) -> None:
    """The functions write their arguments once, so that depth costs no more than its length."""

    def deep(operators: Operators, table: Any) -> Any:
        value = Typed(table.a, Decimal(2))
        for _ in range(30):
            value = Typed(operators.arithmetic("*", value, Typed(table.b, Decimal(6))), Decimal(6))
            value = Typed(operators.arithmetic("/", value, Typed(table.b, Decimal(6))), Decimal(6))
        return value.value

    def deep_real(operators: Operators, table: Any) -> Any:
        value = Typed(operators.real(Typed(table.a, Decimal(2))), Real())
        for op in "+-*/" * 10:
            value = Typed(operators.arithmetic(op, value, Typed(table.b, Decimal(6))), Real())
        return value.value

    found = computed(backend, [(700, 1_000_000)], pa.int64(), exact=deep, real=deep_real)
    assert found["exact"] == [7_000_000]
    assert found["real"] == [7.0]
