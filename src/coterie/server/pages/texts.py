"""What the pages say: one file a room in `texts/en`, asked for by room and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

LANGUAGE = "en"
_CODE = re.compile("`([^`]+)`")


def text(key: str, **values: object) -> Markup:
    """A text of the pages, with its values put in and escaped; between backticks stands code.

    Parameters
    ----------
    key : str
        Room and name: ``"people.title"``.

    Raises
    ------
    KeyError
        There is no such text.

    Examples
    --------
    >>> str(text("shell.page_of", page=2, pages=7))
    'Page 2 of 7'
    >>> text("settings.no_destinations_hint")
    Markup('Add one with <code>coterie destinations add</code>.')
    """
    room, _, name = key.partition(".")
    said = _CODE.sub(r"<code>\1</code>", str(escape(_room(room)[name])))
    found = Markup(said)  # noqa: S704 - escaped here
    return found.format(**values) if values else found


def words(room: str) -> Mapping[str, str]:
    """The texts that scripts say: the table ``scripts`` of the shell, and of a room."""
    return {**_scripts("shell"), **_scripts(room)}


def known(key: str) -> bool:
    """Whether there is such a text."""
    room, _, name = key.partition(".")
    return name in _room(room)


def _scripts(room: str) -> Mapping[str, str]:
    found: Mapping[str, str] = _room(room).get("scripts", {})
    return found


@cache
def _room(name: str) -> Mapping[str, Any]:
    file = files("coterie.server.pages").joinpath("texts", LANGUAGE, f"{name}.toml")
    return tomllib.loads(file.read_text("utf-8"))
