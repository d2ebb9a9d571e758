"""Each chart is a valid specification that renders, also when there is nobody to draw."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType

import altair as alt
import pyarrow as pa
import pytest
import vl_convert

from coterie.pictures import (
    changes,
    comparison,
    distribution,
    flow,
    funnel,
    overlap,
    retention,
    rfm,
    shares,
    sizes,
    trend,
)
from coterie.pictures.ribbons import apart
from coterie.project import Project

pytestmark = pytest.mark.xdist_group("pictures")
PNG = b"\x89PNG\r\n"
Data = Callable[[Project], pa.Table]

PICTURES: dict[str, tuple[ModuleType, Data]] = {
    "sizes": (sizes, sizes.data),
    "sizes of stages": (sizes, lambda cdp: sizes.data(cdp, "loyalty_tier")),
    "trend": (trend, trend.data),
    "trend of one": (trend, lambda cdp: trend.data(cdp, ["lifecycle_stage.loyal"])),
    "changes": (changes, lambda cdp: changes.data(cdp, "active_30d")),
    "rfm": (rfm, rfm.data),
    "rfm without names": (rfm, lambda cdp: rfm.data(cdp, stages="")),
    "shares": (shares, shares.data),
    "flow": (flow, flow.data),
    "retention": (retention, retention.data),
    "funnel": (funnel, funnel.data),
    "numbers": (distribution, lambda cdp: distribution.data(cdp, "recency_days")),
    "few numbers": (distribution, lambda cdp: distribution.data(cdp, "recency_rank")),
    "log numbers": (distribution, lambda cdp: distribution.data(cdp, "gross_spend", log=True)),
    "texts": (distribution, lambda cdp: distribution.data(cdp, "favourite_category")),
    "instants": (distribution, lambda cdp: distribution.data(cdp, "last_order_at")),
    "stages": (distribution, lambda cdp: distribution.data(cdp, "lifecycle_stage")),
    "truths": (distribution, lambda cdp: distribution.data(cdp, "active_30d")),
    "comparison": (comparison, lambda cdp: comparison.data(cdp, "champions", "lost")),
    "overlap": (overlap, overlap.data),
}


@pytest.mark.parametrize("name", PICTURES)
def test_chart_is_a_valid_specification_that_renders(shop: Project, name: str) -> None:
    """Altair checks it against Vega-Lite's schema, and Vega draws it."""
    module, data = PICTURES[name]
    table = data(shop)
    assert table.num_rows
    spec = module.chart(table).to_dict(validate=True)
    assert spec["$schema"].endswith(f"/{alt.SCHEMA_VERSION}.json")
    assert spec["title"]["text"]
    assert len(drawn(spec)) > 3_000


@pytest.mark.parametrize("name", PICTURES)
def test_chart_of_nobody_renders(shop: Project, name: str) -> None:
    """A new project has pictures too: empty ones."""
    module, data = PICTURES[name]
    assert drawn(module.chart(data(shop).slice(0, 0)).to_dict(validate=True))


def test_every_picture_of_the_gallery_is_a_chart(shop: Project) -> None:
    """In a notebook a picture is one call."""
    gallery = shop.pictures
    charts = [
        gallery.sizes(), gallery.trend("champions"), gallery.changes("champions"), gallery.rfm(),
        gallery.shares(), gallery.flow(), gallery.retention(), gallery.distribution("frequency"),
        gallery.comparison("champions", "lost"), gallery.overlap("champions", "active_30d"),
        shop.segments["champions"].plot(),
    ]  # fmt: skip
    assert all(isinstance(chart, alt.Chart | alt.LayerChart) for chart in charts)


def test_labels_beside_bars_stand_apart_and_within() -> None:
    """No label of the flow is written upon another, nor below the picture."""
    places = apart([0.1, 0.11, 0.12, 0.97, 0.98, 0.99])
    assert all(b - a > 0.049 for a, b in pairwise(places))
    assert places == sorted(places)
    assert max(places) <= 1


def drawn(spec: dict[str, object]) -> bytes:
    """The chart as PNG."""
    version = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
    image = vl_convert.vegalite_to_png(spec, vl_version=version)
    assert image.startswith(PNG)
    return image
