"""What Explore answers, as data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from coterie.pictures.page import embedded
from coterie.pictures.saying import about
from coterie.pictures.theme import Drawing


class Column(msgspec.Struct, frozen=True):
    """A column of a picture's numbers, with its Arrow type."""

    name: str
    type: str


class Picture(msgspec.Struct, frozen=True):
    """A picture: its numbers, and how they are drawn.

    Parameters
    ----------
    title, note : str
        What it shows; of whom, and as of when.
    rows : list of dict
        A value for each column; unknown is null.
    chart : dict
        A specification in Vega-Lite, with all that it draws.
    """

    title: str
    note: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    chart: dict[str, Any]


class Trait(msgspec.Struct, frozen=True):
    """A trait, segment or set of stages whose values can be drawn, and their type."""

    name: str
    type: str


class Choices(msgspec.Struct, frozen=True):
    """What the pictures can be asked of.

    Parameters
    ----------
    as_of : datetime
        Of the answer published last, which is drawn unless a day is asked for.
    traits : list of Trait
        Those with a distribution that tells of nobody.
    ranks, stages : list of str
        Traits that rank people, and sets of stages.
    segments : list of str
        Segments, and single stages as in ``lifecycle.loyal``.
    events : list of str
        Names of the tracking plan.
    purposes : list of str
        Whom pictures may count, the project's default purpose first.
    """

    as_of: datetime
    traits: list[Trait]
    ranks: list[str]
    stages: list[str]
    segments: list[str]
    events: list[str]
    purposes: list[str]


def picture(data: pa.Table, drawing: Drawing) -> Picture:
    """A picture of :mod:`coterie.pictures` as JSON has it."""
    spec, _ = embedded(drawing)
    columns = [Column(field.name, str(field.type)) for field in data.schema]
    title, note = about(data, "title"), about(data, "note")
    return Picture(title, note, columns, data.to_pylist(), spec)
