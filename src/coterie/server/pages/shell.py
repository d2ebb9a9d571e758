"""What all pages share: head, navigation, headers, and the way they are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple
from urllib.parse import quote

import msgspec
import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup

from coterie.pictures.theme import Drawing
from coterie.server.pages import figures
from coterie.server.pages.static import address
from coterie.server.pages.texts import known, text, words


class Room(NamedTuple):
    """A part of the workbench that the navigation leads to; its title is the text ``NAME.nav``."""

    name: str
    path: str


ROOMS: Sequence[Room] = (
    Room("home", "/"),
    Room("segments", "/segments"),
    Room("people", "/people"),
    Room("explore", "/explore"),
    Room("studies", "/studies"),
    Room("data", "/data"),
    Room("settings", "/settings"),
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Nothing is fetched from elsewhere, and no script runs but the package's own."""


def page(
    template: str,
    room: str,
    title: str | Markup,
    *,
    status: int = 200,
    texts: str = "",
    **values: object,
) -> Response[str]:
    """A page as it is sent.

    Parameters
    ----------
    template : str
        A file of `templates`, which extends ``base.html``.
    room : str
        Of `ROOMS`, which the navigation marks.
    title : str
        Stands in the browser's tab; the template writes its own heading.
    texts : str
        The texts that the page's scripts say; those of the room by default.
    **values
        What the template is given. Texts are escaped unless they are `Markup`.
    """
    made = _environment().get_template(template)
    html = made.render(room=room, title=title, texts=texts or room, **values)
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=HEADERS)


def number(value: float | None, digits: int = 0) -> Markup:
    """A number that the browser writes as its reader's language does; a dash for none."""
    if value is None:
        return Markup('<span class="none">&ndash;</span>')
    return Markup('<data class="number" value="{}" data-digits="{}">{}</data>').format(
        value, digits, f"{value:,.{digits}f}"
    )


def plural(key: str, n: int, **values: object) -> Markup:
    """A text for one (``key_one``) or for any other number (``key_other``), which is `n` in it."""
    return text(f"{key}_{'one' if n == 1 else 'other'}", n=number(n), **values)


def signed(value: int | None) -> Markup:
    """By how many something grew or shrank, with its sign, as the reader writes it."""
    if value is None:
        return number(None)
    way = "up" if value > 0 else "down" if value < 0 else "soft"
    return Markup('<data class="number {}" value="{}" data-sign="true">{}</data>').format(
        way, value, f"{value:+,}" if value else "0"
    )


def instant(value: datetime | None, style: str = "minute") -> Markup:
    """An instant that the browser writes as its reader does.

    Parameters
    ----------
    style : str
        ``"date"``, ``"minute"``, ``"second"`` or ``"ago"``.
    """
    if value is None:
        return Markup('<span class="none">&ndash;</span>')
    return Markup('<time datetime="{}" data-style="{}">{}</time>').format(
        value.isoformat(), style, f"{value:%Y-%m-%d %H:%M} UTC"
    )


def bdi(value: str) -> Markup:
    """A text from outside within a sentence: its own direction, and nothing of it is markup."""
    return Markup('<bdi class="outside">{}</bdi>').format(value)


def as_json(value: object) -> Markup:
    """Data for a script of the page, in an element that no text of it can end."""
    said = msgspec.json.encode(value).decode().replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(said)  # noqa: S704 - nothing of it is markup any more


def chart(data: pa.Table, drawing: Drawing, *, heading: bool = True) -> Markup:
    """A chart with its heading, its note, and its numbers as a table."""
    return figures.figure(data, drawing, heading=heading)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("coterie.server.pages"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["urlencode"] = partial(quote, safe="")  # a name is one part of an address
    made.globals |= {
        "t": text, "plural": plural, "known": known, "rooms": ROOMS, "static": address,
        "number": number, "signed": signed, "instant": instant, "as_json": as_json, "bdi": bdi,
        "chart": chart, "themes": figures.themes, "words": words,
    }  # fmt: skip
    return made
