"""Cards in a file that people edit: names and sentences of their own, in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from coterie.discover.explaining.cards import Persona, Words
from coterie.errors import ProjectError

HEAD = """\
# Personas of this study. Change `name` and `say` as you like; an empty one takes what the numbers
# suggest. Clusters are counted from 0, the largest first.

"""


def write(path: Path, cards: Sequence[Persona]) -> None:
    """Write the words of cards for editing; a file that is there is written anew."""
    data = {str(card.cluster): {"name": card.name, "say": card.say} for card in cards}
    path.write_text(HEAD + tomli_w.dumps(data), "utf-8")


def read(path: Path) -> dict[int, Words]:
    """The words of a file, by cluster; none where there is no file.

    Raises
    ------
    ProjectError
        It is no TOML, or holds something else than clusters with `name` and `say`.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise _wrong(path, "this is not TOML") from None
    if not all(_is_card(name, card) for name, card in data.items()):
        raise _wrong(path, "the personas cannot be read")
    return words(data)


def words(data: Mapping[str, Mapping[str, str]]) -> dict[int, Words]:
    """Words by cluster, of a file's data.

    Examples
    --------
    >>> words({"0": {"name": "Loyal"}})
    {0: Words(name='Loyal', say='')}
    """
    return {int(name): Words(**card) for name, card in data.items()}


def _is_card(name: str, card: Any) -> bool:
    return (
        name.isascii()
        and name.isdigit()
        and isinstance(card, dict)
        and set(card) <= {"name", "say"}
        and all(isinstance(value, str) for value in card.values())
    )


def _wrong(path: Path, what: str) -> ProjectError:
    return ProjectError(
        what, where=path.name, expected='[0], then name = "…" and say = "…"',
        hint="delete the file, and it is written anew",
    )  # fmt: skip
