"""How charts look: one set of colours on light paper and one on dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import wrap
from typing import Any

import altair as alt
import pyarrow as pa
from altair.utils import schemapi

from coterie.pictures.saying import about

Drawing = alt.Chart | alt.LayerChart
"""What every picture gives: one view, so that it can be as wide as its page."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
WIDTH = 620
"""Pixels, where nobody says otherwise."""
LETTERS = 100
"""In a line under a title of that width."""
COUNT = alt.Axis(tickCount=4, labelExpr="datum.value % 1 ? '' : format(datum.value, ',')")
"""An axis of people: whole numbers, each once."""
MONTHS = alt.Axis(format="%b %y", tickCount=6, grid=False, labelOverlap=True, labelSeparation=8)
"""An axis of time."""

CATEGORIES = [
    "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5",
    "#9c6b4e", "#b5a33c", "#2f8f9d", "#d45087", "#6b6ecf",
]  # fmt: skip
GREY = "#9498a0"
PAPER = {False: "#ffffff", True: "#14181f"}
INK = {False: "#1f2430", True: "#e8ebf0"}
SOFT = {False: "#5b6472", True: "#9aa4b2"}
LINE = {False: "#e3e7ed", True: "#2c3440"}
MAIN = {False: "#4269d0", True: "#7f9ff5"}
RAMP = {False: ["#f4f7fc", "#a9c2ef", "#7ea3ec"], True: ["#1b222c", "#2b4580", "#3f63b8"]}
"""From few to many; the ink can be read on every shade."""


def config(*, dark: bool = False) -> dict[str, Any]:
    """A Vega-Lite configuration for light or dark paper."""
    ink, soft, line, main = INK[dark], SOFT[dark], LINE[dark], MAIN[dark]
    quiet = {
        "labelColor": soft, "titleColor": soft, "labelFontSize": 11, "titleFontSize": 11,
        "titleFontWeight": "normal", "labelLimit": 220,
    }  # fmt: skip
    return {
        "background": PAPER[dark],
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "color": ink, "subtitleColor": soft, "anchor": "start", "fontSize": 14,
            "subtitleFontSize": 11, "offset": 12, "frame": "group",
        },
        "axis": {**quiet, "domainColor": line, "tickColor": line, "gridColor": line},
        "legend": {**quiet, "orient": "bottom", "columns": 3, "symbolLimit": 40},
        "text": {"color": ink, "fontSize": 11},
        "bar": {"color": main},
        "line": {"color": main, "strokeWidth": 2},
        "point": {"color": main, "filled": True, "size": 60},
        "rule": {"color": soft},
        "area": {"color": main},
        "range": {"category": CATEGORIES, "heatmap": RAMP[dark], "ramp": RAMP[dark]},
    }  # fmt: skip


def layered(*charts: alt.Chart) -> alt.LayerChart:
    """Charts upon one another, the first at the bottom."""
    return alt.LayerChart(layer=list(charts))


@contextmanager
def trusted() -> Iterator[None]:
    """While this lasts, drawings are made without holding each part against Vega-Lite's schema.

    That takes longer than all else of a drawing. A server draws what tests have held against it.
    """
    with schemapi.debug_mode(False):
        yield


def checked() -> bool:
    """Whether drawings are held against the schema."""
    return schemapi.DEBUG_MODE


def finished(drawing: Drawing, data: pa.Table, *, height: object, least: int = 0) -> Drawing:
    """A drawing with its title, size and colours.

    Parameters
    ----------
    height : int or altair.Step
    least : int
        How narrow it can be read, in pixels; a narrower page scrolls it.
    """
    title = alt.TitleParams(about(data, "title"), subtitle=wrap(about(data, "note"), LETTERS))
    sized: Drawing = drawing.properties(
        title=title, width=WIDTH, height=height, usermeta={"least": least}
    )
    done: Drawing = sized.configure(**config())
    return done
