"""Each chart of a study is a valid specification that renders, also when nobody is drawn."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pyarrow as pa
import pytest
import vl_convert

from coterie.discover.candidates import Candidate
from coterie.discover.drawing import (
    agreement,
    criteria,
    deciding,
    dendrogram,
    maps,
    profile,
    silhouettes,
    sizes,
    together,
)
from coterie.pictures.theme import Drawing
from tests.discover.drawing.example import NAMES, Study, study

PNG = b"\x89PNG\r\n"
Data = Callable[[Study, Candidate], pa.Table]
PICTURES: dict[str, tuple[Callable[[pa.Table], Drawing], Data]] = {
    "map": (maps.chart, lambda made, one: maps.data(made.prepared, one, NAMES)),
    "tsne": (maps.chart, lambda made, one: maps.data(made.prepared, None, way="tsne")),
    "sizes": (sizes.chart, lambda made, one: sizes.data(one, NAMES)),
    "silhouettes": (
        silhouettes.chart, lambda made, one: silhouettes.data(made.prepared, one, NAMES)
    ),
    "criterion": (criteria.chart, lambda made, one: criteria.data(made.candidates, "bic", one)),
    "profile": (
        profile.chart, lambda made, one: profile.data(made.crowd, made.prepared, one, NAMES)
    ),
    "lines": (
        profile.lines, lambda made, one: profile.data(made.crowd, made.prepared, one, NAMES)
    ),
    "deciding": (deciding.chart, lambda made, one: deciding.data(made.explain(), NAMES)),
    "dendrogram": (dendrogram.chart, lambda made, one: dendrogram.data(made.prepared, one)),
    "agreement": (
        agreement.chart, lambda made, one: agreement.data(made.candidates, made.recommendation)
    ),
    "together": (
        together.chart,
        lambda made, one: together.data(made.prepared.matrix, one, together.again(one), times=2),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Study:
    return study(120)


@pytest.mark.parametrize("name", PICTURES)
def test_chart_renders_also_of_nobody(made: Study, name: str) -> None:
    """Altair checks it against Vega-Lite's schema, and Vega draws it; without a row as well."""
    draw, data = PICTURES[name]
    assert made.chosen
    table = data(made, made.chosen)
    assert table.num_rows
    assert len(drawn(draw(table))) > 3_000
    assert drawn(draw(table.slice(0, 0)))


def drawn(drawing: Drawing) -> bytes:
    """The chart as PNG."""
    version = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
    image: bytes = vl_convert.vegalite_to_png(drawing.to_dict(validate=True), vl_version=version)
    assert image.startswith(PNG)
    return image
