"""Studies as they are printed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coterie.cli.tables import plain_table

if TYPE_CHECKING:
    from coterie.discover.keeping.shelf import Kept
    from coterie.discover.studying.study import Study

MOST = 8
"""Candidates that are printed; the report has all."""


def shown(study: Study) -> Group:
    """The verdict, its reasons, the clusters as cards, and the best of what was tried."""
    first, *reasons = study.recommendation.reasons
    parts: list[RenderableType] = [
        f"[bold]{study.name}[/bold]: {len(study.crowd):,} people, "
        f"{len(study.prepared.features):,} features of {_columns(study):,} traits, "
        f"{len(study.candidates):,} clusterings tried",
        *_left_out(study),
        "",
        f"[bold]{escape(first)}[/bold]",
        *(Padding(escape(reason), (0, 0, 0, 2)) for reason in reasons),
        "",
    ]
    if study.tree is not None:
        parts += [Text("\n".join(study.tree.lines())), ""]
    elif study.picked is not None:
        parts += [f"Here is {study.needed().name}, which was picked.", ""]
    if study.chosen is not None:
        parts += [*_cards(study), ""]
    parts.append(_tried(study))
    if study.chosen is not None and study.kept is not None:
        parts += ["", Text(f"live: coterie discover --adopt {study.name}", style="dim")]
    return Group(*parts)


def _columns(study: Study) -> int:
    return len({feature.column for feature in study.prepared.features})


def _left_out(study: Study) -> list[str]:
    """Who is in no cluster, and why."""
    return [escape(note.said) for note in study.notes if note.step == "people"]


def _cards(study: Study) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for card in study.personas():
        parts.append(f"[bold]{escape(card.name)}[/bold]")
        parts += [Padding(escape(fact.said), (0, 0, 0, 4)) for fact in card.facts]
        if card.say:
            parts.append(Padding(f"[dim]{escape(card.say)}[/dim]", (0, 0, 0, 4)))
    return parts


def _tried(study: Study) -> Table:
    table = plain_table("clustering", "weight", "stability", "silhouette", "smallest", "noise")
    for row in study.table.head(MOST).to_dict("records"):
        table.add_row(
            escape(str(row["candidate"])), _number(row, "score"), _number(row, "stability"),
            _number(row, "silhouette"), _number(row, "smallest", ",.0f"),
            _number(row, "noise", ".1%"),
        )  # fmt: skip
    return table


def _number(row: dict[Hashable, Any], name: str, form: str = ".2f") -> str:
    value = row.get(name)
    return f"{value:{form}}" if isinstance(value, float | int) and value == value else "-"


def listed(studies: Iterable[Kept]) -> Table:
    """One line a study: who, and what was found."""
    table = plain_table("study", "people", "traits", "found", "decided")
    for kept in studies:
        begun, record = kept.begun, kept.finished
        table.add_row(
            kept.name, f"{kept.n_people:,}", f"{len(begun.columns):,}",
            "stopped" if record is None else record.said, _decided(kept),
        )  # fmt: skip
    return table


def _decided(kept: Kept) -> str:
    """The last decision in a word or two."""
    if not kept.decisions:
        return "-"
    last = kept.decisions[-1]
    return f"{last.decided} as {last.how}" if last.how else last.decided
