"""How the people of a study were made ready, as tables of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Note, Prepared
from coterie.discover.reporting.parts import NONE, Cell, share, table

STEPS = {
    "people": "People left out",
    "types": "Traits",
    "missing": "Unknown values",
    "outliers": "Outliers",
    "skew": "Skew",
    "encoding": "Encoding",
    "scaling": "Scaling",
    "correlation": "Correlation",
    "components": "Components",
}
"""Steps in the order of the page, and their headings."""


def columns(crowd: Crowd, prepared: Prepared) -> str:
    """Each trait: what it is, the share filled in, and the features it became."""
    made: dict[str, list[str]] = {}
    for feature in prepared.features:
        made.setdefault(feature.column, []).append(feature.name)
    people = max(1, len(prepared.imputed))
    rows = [
        [
            Cell(column.name, column.unit),
            Cell(column.kind.value),
            Cell(share(int(prepared.imputed[:, place].sum()), people) or NONE, number=True),
            Cell(_features(made.get(column.name, []), column.name)),
        ]
        for place, column in enumerate(crowd.columns)
    ]
    heads = [Cell("trait"), Cell("type"), Cell("filled in", number=True), Cell("used as")]
    return table(heads, rows, kind="columns")


def _features(names: Sequence[str], column: str) -> str:
    """What became of a trait, the first few by name."""
    if not names:
        return "left out"
    short = ["itself" if name == column else name.removeprefix(f"{column} ") for name in names]
    said = ", ".join(short[:4])
    return f"{said} and {len(short) - 4} more" if len(short) > 4 else said


def notes(found: Iterable[Note]) -> str:
    """What was found and done, step by step; traits of which the same is said share a row."""
    order = list(STEPS)
    known = sorted(
        found, key=lambda note: order.index(note.step) if note.step in order else len(order)
    )
    told: dict[tuple[str, str], list[str]] = {}
    for note in known:
        told.setdefault((note.step, note.said), []).append(note.column)
    rows = [
        [Cell(STEPS.get(step, step)), Cell(", ".join(filter(None, traits))), Cell(said)]
        for (step, said), traits in told.items()
    ]
    heads = [Cell("step"), Cell("trait"), Cell("what was done, and why")]
    return table(heads, rows, kind="steps")
