"""Charts on a page: the data first, drawn by the reader's browser."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from markupsafe import Markup, escape

from coterie.pictures.page import embedded, numbers
from coterie.pictures.saying import about
from coterie.pictures.theme import Drawing, config


def figure(data: pa.Table, drawing: Drawing, *, heading: bool = True) -> Markup:
    """A chart, the line under it, and its numbers for who cannot see it.

    Parameters
    ----------
    data : pyarrow.Table
        As a picture of `coterie.pictures` gives it: the metadata hold title and note.
    drawing : altair.Chart or altair.LayerChart
    """
    from coterie.server.pages.shell import as_json

    spec, least = embedded(drawing)
    title, note = about(data, "title"), about(data, "note")
    table = Markup(numbers(data))  # noqa: S704 - escapes what it is given
    head = Markup("<h3>{}</h3>").format(title) if heading else ""
    return Markup(
        '<figure>{}<div class="scroll"{}><div class="chart" role="img" aria-label="{}" '
        'data-least="{}"><script type="application/json">{}</script></div></div>'
        "<figcaption>{}</figcaption>{}</figure>"
    ).format(head, _scrolls(least), title, least, as_json(spec), note, table)


def themes() -> dict[str, Any]:
    """The colours of charts on light and on dark paper."""
    found = {name: config(dark=name == "dark") for name in ("light", "dark")}
    return {name: theme | {"background": "transparent"} for name, theme in found.items()}


def _scrolls(least: int) -> Markup:
    return Markup(' tabindex="0"') if least else escape("")
