"""A chart beside the results: medians with their ranges, by the wall and by processor time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from common.results import RESULTS

KINDS = {"wall": "by the clock", "cpu": "by processor time"}


def draw(name: str, speeds: Mapping[str, Mapping[str, Any]], title: str) -> None:
    """Write ``results/<name>.svg``: the median of every contender, and its range as a line."""
    rows = [
        {"who": who, "kind": title, "ours": who.startswith("coterie"), **each[kind]}
        for kind, title in KINDS.items()
        for who, each in speeds.items()
    ]
    base = alt.Chart().encode(
        y=alt.Y("who:N", sort=list(speeds), title=None, axis=alt.Axis(labelLimit=300)),
    )
    scale = alt.Scale(type="log", domain=[20_000, 10_000_000], nice=False)
    medians = base.mark_circle(size=90, opacity=1).encode(
        x=alt.X("median:Q", scale=scale, title=f"{title}, logarithmic", axis=_axis()),
        color=alt.Color("ours:N", legend=None, scale=alt.Scale(range=["#52606d", "#2f6f9f"])),
    )
    ranges = base.mark_rule(color="#7b8794", strokeWidth=3).encode(x="least:Q", x2="most:Q")
    words = base.mark_text(align="left", dx=9, color="#1f2933").encode(
        x="most:Q", text=alt.Text("median:Q", format=".3s")
    )
    chart = alt.layer(ranges, medians, words, data=alt.InlineData(values=rows))
    faceted = (
        chart.properties(width=340)
        .facet(column=alt.Column("kind:N", title=None, sort=list(KINDS.values())))
        .configure_view(stroke=None)
    )
    faceted.save(str(RESULTS / f"{name}.svg"))
    print(f"  drawn in {RESULTS / name}.svg")


def _axis() -> alt.Axis:
    return alt.Axis(format="~s", values=[10**k for k in range(4, 8)], grid=True)
