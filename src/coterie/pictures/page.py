"""One HTML file that needs nothing else: its style, scripts, charts and tables are inside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import altair as alt
import msgspec
import pyarrow as pa

from coterie.pictures.crowd import said
from coterie.pictures.heights import settled
from coterie.pictures.saying import about
from coterie.pictures.theme import Drawing, checked, config

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
{body}
<script type="application/json" id="charts">{charts}</script>
<script>{script}</script>
</body>
</html>
"""
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
    "style-src 'unsafe-inline'; script-src {script}"
)
"""Nothing is fetched, nothing is sent, and no script runs but the one that was written here."""


class Page:
    """A page under construction: its charts are drawn by the reader's browser.

    Parameters
    ----------
    title : str
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._specs: dict[str, dict[str, Any]] = {}

    def figure(
        self, data: pa.Table, drawing: Drawing, *, heading: bool = True, before: str = ""
    ) -> str:
        """A chart, the line under it, and its numbers as a table for who cannot see it.

        `before` is HTML between heading and chart.
        """
        name = f"chart-{len(self._specs) + 1}"
        spec, least = embedded(drawing)
        self._specs[name] = spec
        title, note = escape(about(data, "title")), escape(about(data, "note"))
        head = f"<h3>{title}</h3>" if heading else ""
        scrolls = ' tabindex="0"' if least else ""
        return (
            f'<figure>{head}{before}<div class="scroll"{scrolls}>'
            f'<div class="chart" id="{name}" role="img" aria-label="{title}" '
            f'style="min-width:{least}px"></div></div>'
            f"<figcaption>{note}</figcaption>{numbers(data)}</figure>"
        )

    def html(self, body: str) -> str:
        """The whole file."""
        script = _script()
        return PAGE.format(
            policy=POLICY.format(script=_hash(script)),
            title=escape(self._title),
            style=_file("report.css"),
            body=body,
            charts=self._charts(),
            script=script,
        )

    def _charts(self) -> str:
        themes = {name: config(dark=name == "dark") for name in ("light", "dark")}
        themes = {name: theme | {"background": "transparent"} for name, theme in themes.items()}
        text = msgspec.json.encode({"specs": self._specs, "themes": themes}).decode()
        return text.replace("<", "\\u003c")  # nothing in the data can end the script


def embedded(drawing: Drawing) -> tuple[dict[str, Any], int]:
    """A specification that takes the width and the colours of its page, and its least width."""
    spec: dict[str, Any] = drawing.to_dict(validate=checked())
    for theirs in ("config", "title", "$schema"):
        spec.pop(theirs)
    least = spec.pop("usermeta")["least"]
    return spec | {
        "width": "container",
        "height": settled(spec),
        "autosize": {"type": "fit-x", "contains": "padding"},
    }, least


@cache
def _script() -> str:
    """What draws the charts, with Vega, Vega-Lite and Vega-Embed as Altair's charts need them."""
    import vl_convert

    version = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
    found: str = vl_convert.javascript_bundle(_file("report.js"), version)
    return found.replace("</script", "<\\/script")


def _file(name: str) -> str:
    return files("coterie.pictures").joinpath(name).read_text("utf-8")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def section(name: str, title: str, *parts: str) -> str:
    """A part of the page with a heading that can be linked to."""
    return f'<section id="{name}"><h2>{escape(title)}</h2>{"".join(parts)}</section>'


def numbers(data: pa.Table) -> str:
    """The numbers of a chart, folded away until they are asked for."""
    head = "".join(
        f'<th{_side(kind)} scope="col">{escape(_heading(data, name))}</th>'
        for name, kind in zip(data.column_names, data.schema.types, strict=True)
    )
    rows = "".join(f"<tr>{_cells(data, row)}</tr>" for row in data.to_pylist())
    return (
        '<details class="numbers"><summary>numbers</summary><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _heading(data: pa.Table, name: str) -> str:
    """A column's name; one of two segments is named after it."""
    for short in ("a", "b"):
        if name.endswith(f"_{short}") and (long := about(data, short)):
            return f"{name[:-2]}, {long}"
    return name


def _cells(data: pa.Table, row: dict[str, Any]) -> str:
    return "".join(
        f"<td{_side(data.schema.field(name).type)}>{escape(shown(name, value))}</td>"
        for name, value in row.items()
    )


def _side(kind: pa.DataType) -> str:
    return ' class="n"' if pa.types.is_integer(kind) or pa.types.is_floating(kind) else ""


def shown(name: str, value: Any) -> str:
    """A value as people read it.

    Examples
    --------
    >>> shown("share", 0.1234), shown("people", 1629), shown("cohort", date(2011, 12, 1))
    ('12.3 %', '1,629', '2011-12-01')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.1%}".replace("%", " %") if name in SHARES else f"{value:,.5g}"
        case int():
            return f"{value:,}"
        case datetime():
            return said(value)
        case date():
            return value.isoformat()
    return str(value)


SHARES = ("share", "jaccard", "passed")


def listed(links: Iterable[tuple[str, str]]) -> str:
    """A list of the sections."""
    items = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title in links)
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'
