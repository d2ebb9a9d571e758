"""Styles and scripts of the pages: all of them come from the package itself."""

from __future__ import annotations

import asyncio
import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from mimetypes import guess_type

import altair as alt
from litestar import Response, get
from litestar.params import FromPath

from coterie.server.api.problems import NOWHERE

CHARTS = "vega.js"
"""Vega, Vega-Lite and Vega-Embed, made once a process from what Altair's renderer carries."""

_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff",
}  # fmt: skip


@get("/static/{edition:str}/{name:str}", include_in_schema=False)
async def static(edition: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file that belongs to this edition of the pages."""
    if edition != current() or name not in _names():
        raise NOWHERE
    body = await asyncio.to_thread(charts) if name == CHARTS else _files()[name]
    kind = guess_type(name)[0] or "application/octet-stream"
    return Response(body, media_type=kind, headers=_HEADERS)


def address(name: str) -> str:
    """Where a file is served."""
    return f"/static/{current()}/{name}"


@cache
def current() -> str:
    """What changes whenever one of the files does, so that browsers may keep them for ever."""
    made = hashlib.sha256(version("coterie").encode())
    for name, body in sorted(_files().items()):
        made.update(name.encode() + body)
    return made.hexdigest()[:12]


@cache
def charts() -> bytes:
    """The module that draws charts, with an interpreter instead of `eval`."""
    import vl_convert

    edition = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
    found: str = vl_convert.javascript_bundle("export { vegaEmbed };", edition)
    return found.encode()


@cache
def _files() -> dict[str, bytes]:
    folder = files("coterie.server.pages").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def _names() -> frozenset[str]:
    return frozenset([*_files(), CHARTS])
