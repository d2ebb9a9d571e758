"""Charts of a row a value, as high as their rows: a page of any width then fits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def settled(spec: Mapping[str, Any]) -> int | Any:
    """The height of a specification in pixels, where it is given as so many a row.

    Notes
    -----
    Vega-Lite fits a chart's width to its page only beside a height in pixels.

    Examples
    --------
    >>> rows = [{"name": "a"}, {"name": "b"}, {"name": "a"}]
    >>> y = {"y": {"field": "name", "type": "nominal"}}
    >>> settled({"height": {"step": 20}, "data": {"values": rows}, "encoding": y})
    40
    >>> settled({"height": 180})
    180
    """
    height = spec["height"]
    if not isinstance(height, dict):
        return height
    parts = spec.get("layer", [spec])
    values = {value for part in parts for value in _rows(spec, part)}
    return height["step"] * max(1, len(values))


def _rows(spec: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[object]:
    """What stands beside the rows of one layer."""
    y = part.get("encoding", {}).get("y", {})
    domain = (y.get("scale") or {}).get("domain")
    if isinstance(domain, list):
        yield from domain
    elif "field" in y:
        yield from (row.get(y["field"]) for row in _data(spec, part))


def _data(spec: Mapping[str, Any], part: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = part.get("data") or spec.get("data") or {}
    named: Mapping[str, list[dict[str, Any]]] = spec.get("datasets", {})
    found: list[dict[str, Any]] = data["values"] if "values" in data else named[data["name"]]
    return found
