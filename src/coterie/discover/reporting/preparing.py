"""How the people of a study were made ready, as tables of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Note, Prepared
from coterie.discover.reporting.parts import Cell, table

STEPS = {
    "people": "People left out",
    "types": "Types",
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
            Cell(_share(int(prepared.imputed[:, place].sum()), people), number=True),
            Cell(_features(made.get(column.name, []), column.name)),
        ]
        for place, column in enumerate(crowd.columns)
    ]
    heads = [Cell("trait"), Cell("type"), Cell("filled in", number=True), Cell("used as")]
    return table(heads, rows)


def _share(filled: int, people: int) -> str:
    return f"{100 * filled / people:.1f} %" if filled else "\N{EN DASH}"


def _features(names: Sequence[str], column: str) -> str:
    """What became of a trait, the first few by name."""
    if not names:
        return "left out"
    short = ["itself" if name == column else name.removeprefix(f"{column} ") for name in names]
    said = ", ".join(short[:4])
    return f"{said} and {len(short) - 4} more" if len(short) > 4 else said


def notes(found: Iterable[Note]) -> str:
    """What was found and done, step by step."""
    order = list(STEPS)
    known = sorted(
        found,
        key=lambda note: order.index(note.step) if note.step in order else len(order),
    )
    rows = [
        [Cell(STEPS.get(note.step, note.step)), Cell(note.column), Cell(note.said)]
        for note in known
    ]
    return table([Cell("step"), Cell("trait"), Cell("what was done, and why")], rows)
