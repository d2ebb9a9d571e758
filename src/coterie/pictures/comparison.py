"""Two segments side by side: by which traits their people differ, and how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.time import DAY
from coterie.language.types import Boolean, Decimal, Instant, Integer, Real
from coterie.pictures.crowd import Asked, At, Crowd, group_of, members
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

FAR = 3
"""Standard deviations that are drawn; a longer bar ends there, and its number says so."""

Numbers = np.ndarray[Any, np.dtype[np.float64]]


class Spread(NamedTuple):
    """The known values of one trait in one segment; NaN where there are too few."""

    known: int
    mean: float
    variance: float


class Inside(NamedTuple):
    """One of two segments that are compared.

    Parameters
    ----------
    people : int
        Who is in it and may be used.
    everyone : int
        Who may be used.
    spreads : mapping of str to Spread
        Of each trait.
    """

    people: int
    everyone: int
    spreads: Mapping[str, Spread]


def data(
    cdp: Asked, a: str, b: str, traits: Sequence[str] = (), *, at: At = None, purpose: str = "",
    known: Callable[[str], Inside] | None = None,
) -> pa.Table:  # fmt: skip
    """One row a trait, the largest difference first.

    Parameters
    ----------
    a, b : str
        Segments, or stages as in ``lifecycle.loyal``.
    traits : sequence of str, optional
        Numbers, instants (as days before the picture's) and truths (as shares); by default all
        that the project has.
    known : callable, optional
        What :func:`inside` says of a segment, where somebody keeps that.

    Returns
    -------
    pyarrow.Table
        ``trait``, ``mean_a``, ``mean_b``, ``known_a``, ``known_b``, and ``difference``: that of the
        means in pooled standard deviations, above zero where `a` has more; null where neither
        varies or nobody is known.

    Notes
    -----
    The standardised difference is Cohen's d with the mean of both variances (Austin, "Using the
    standardized difference to compare the prevalence of a binary variable", 2009): from 0.2 it is
    called small, from 0.8 large. It says nothing about causes.
    """
    crowd, names = Crowd(cdp, at, purpose), [*traits] or _comparable(cdp)
    one, other = map(known, (a, b)) if known else _both(cdp, crowd, (a, b), names)
    found = []
    for name in names:
        label = f"{name} (days ago)" if _is_instant(cdp, name) else name
        pair = one.spreads[name], other.spreads[name]
        found.append((label, *pair, difference(*pair)))
    found.sort(key=lambda row: -abs(row[3]) if row[3] is not None else 1.0)
    counts = f"{one.people:,} in {a} and {other.people:,} in {b}"
    return _table(found, a, b, f"{counts}, of {crowd.note(one.everyone)}")


def inside(cdp: Asked, name: str, *, at: At = None, purpose: str = "") -> Inside:
    """What a comparison needs of one segment or stage, whatever it is compared with.

    Raises
    ------
    UnknownName
        There is no such segment or stage.
    """
    crowd, names, (group, stage) = Crowd(cdp, at, purpose), _comparable(cdp), group_of(cdp, name)
    people, n_people = crowd.inside(names, group, stage)
    return _inside(people, n_people, names, crowd)


def _both(cdp: Asked, crowd: Crowd, pair: Sequence[str], names: Sequence[str]) -> Iterator[Inside]:
    """The same of two, in one question."""
    groups = [group_of(cdp, name) for name in pair]
    people = crowd.values([*names, *(group for group, _ in groups)])
    for each in groups:
        yield _inside(people.filter(members(people, *each)), people.num_rows, names, crowd)


def _inside(people: pa.Table, n_people: int, names: Sequence[str], crowd: Crowd) -> Inside:
    spreads = {name: _spread(_numbers(people[name], crowd.position.t)) for name in names}
    return Inside(people.num_rows, n_people, spreads)


def _comparable(cdp: Asked) -> list[str]:
    return [name for name in cdp.questions.library.traits if _counts(cdp, name)]


def _counts(cdp: Asked, name: str) -> bool:
    return isinstance(
        cdp.questions.library.type(name), Integer | Decimal | Real | Boolean | Instant
    )


def _is_instant(cdp: Asked, name: str) -> bool:
    return isinstance(cdp.questions.library.type(name), Instant)


def _numbers(values: pa.ChunkedArray, now: int) -> Numbers:
    known = values.drop_null()
    if pa.types.is_timestamp(known.type):
        return np.asarray((now - pc.cast(known, pa.int64()).to_numpy()) / DAY)
    return np.asarray(pc.cast(known, pa.float64()).to_numpy())


def _spread(values: Numbers) -> Spread:
    mean = float(values.mean()) if values.size else math.nan
    return Spread(values.size, mean, float(values.var(ddof=1)) if values.size > 1 else math.nan)


def difference(a: Spread, b: Spread) -> float | None:
    """The standardised difference of two means.

    Examples
    --------
    >>> difference(Spread(10, 3.0, 4.0), Spread(10, 1.0, 4.0))
    1.0
    """
    pooled = math.sqrt((a.variance + b.variance) / 2)
    return (a.mean - b.mean) / pooled if pooled > 0 else None


def _table(
    found: list[tuple[str, Spread, Spread, float | None]], a: str, b: str, note: str
) -> pa.Table:
    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return table(
        {
            "trait": (pa.string(), [name for name, *_ in found]),
            "mean_a": (pa.float64(), [known(one.mean) for _, one, _, _ in found]),
            "mean_b": (pa.float64(), [known(other.mean) for _, _, other, _ in found]),
            "known_a": (pa.int64(), [one.known for _, one, _, _ in found]),
            "known_b": (pa.int64(), [other.known for _, _, other, _ in found]),
            "difference": (pa.float64(), [apart for *_, apart in found]),
        },
        f"{a} and {b}",
        note,
        a=a,
        b=b,
    )


def chart(data: pa.Table) -> Drawing:
    """A bar a trait, to the right where the first segment has more, and both means behind it."""
    a, b = about(data, "a"), about(data, "b")
    shown = [
        row
        | {"label": _label(row), "more": a if row["difference"] > 0 else b}
        | {"drawn": max(-FAR, min(FAR, row["difference"]))}
        for row in rows(data)
        if row["difference"] is not None
    ]
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("trait:N").sort([row["trait"] for row in shown]).title(None),
        tooltip=["trait:N", alt.Tooltip("mean_a:Q", format=",.4~g", title=a),
                 alt.Tooltip("mean_b:Q", format=",.4~g", title=b),
                 alt.Tooltip("difference:Q", format="+.2f")],
    )  # fmt: skip
    across = alt.X("drawn:Q").scale(domain=[-FAR, 2 * FAR], nice=False)
    bars = base.mark_bar().encode(
        x=across.title(f"difference in standard deviations; means in {a} / {b}")
        .axis(values=list(range(-FAR, FAR + 1)), format="d", titleAnchor="start"),
        color=alt.Color("more:N").title("more in").scale(domain=[a, b]),
    )  # fmt: skip
    means = base.mark_text(align="right").encode(x=alt.value("width"), text="label:N")
    return finished(layered(bars, means), data, height=alt.Step(22), least=480)


def _label(row: dict[str, Any]) -> str:
    means = f"({_short(row['mean_a'])} / {_short(row['mean_b'])})"
    return f"{row['difference']:+.1f} {means}".replace("-", "\N{MINUS SIGN}")


def _short(mean: float) -> str:
    """Three digits, or all before the point.

    Examples
    --------
    >>> _short(6941.2), _short(12.94), _short(0.000143)
    ('6,941', '12.9', '0.000143')
    """
    return f"{mean:,.0f}" if abs(mean) >= 100 else f"{mean:.3g}"
