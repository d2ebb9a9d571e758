"""The reference is what the code says now, and names everything that a user can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tools.reference import PAGES
from typer.main import get_command

import coterie
from coterie import errors, recipes
from coterie.cli.main import app
from coterie.collect.gate import REASONS
from coterie.collect.mapping import Mapping
from coterie.language import nodes
from coterie.language.plan import TrackingPlan
from coterie.project.settings import Settings

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def headings(name: str) -> set[str]:
    """The headings of a page whose text is one piece of code."""
    text = (FOLDER / name).read_text("utf-8")
    return set(re.findall(r"^#+ `([^`]*)`$", text, flags=re.MULTILINE))


def commands(names: str, command: Any) -> Iterator[str]:
    """The words that call a command, and those below it."""
    yield names
    for name, sub in getattr(command, "commands", {}).items():
        yield from commands(f"{names} {name}", sub)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_what_the_code_says(name: str) -> None:
    """The committed page is the generated one; `python -m tools.reference` writes it."""
    assert (FOLDER / name).read_text("utf-8") == PAGES[name](), (
        "the reference is out of date: run `python -m tools.reference`"
    )


def test_no_page_is_left_over() -> None:
    """Every page of the folder is generated."""
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)


def test_every_command_has_a_heading() -> None:
    """A command that can be typed can be looked up."""
    assert set(commands("coterie", get_command(app))) <= headings("commands.md")


def test_every_option_is_named() -> None:
    """So can each of its options."""
    text = (FOLDER / "commands.md").read_text("utf-8")
    todo = [get_command(app)]
    while todo:
        command = todo.pop()
        todo += getattr(command, "commands", {}).values()
        spelt = {word for option in command.params for word in option.opts if word[0] == "-"}
        assert {word for word in spelt if f"`{word}`" not in text} <= {"--help", "-h"}


@pytest.mark.parametrize("struct", [Settings, Mapping, TrackingPlan])
def test_every_setting_has_a_heading(struct: type[msgspec.Struct]) -> None:
    """A word that a file may hold can be looked up."""
    known = {part for path in headings("settings.md") for part in re.split(r"[.\[\]]+", path)}
    tables, seen = [struct], set()
    while tables:
        table = tables.pop()
        seen.add(table)
        fields = msgspec.inspect.type_info(table).fields
        assert {field.encode_name for field in fields} <= known
        found = {each for field in fields for each in structs(field.type)}
        tables += found - seen


def structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """The tables that a setting's type holds."""
    if isinstance(kind, msgspec.inspect.StructType):
        yield kind.cls
    inner = [getattr(kind, name, None) for name in ("value_type", "item_type")]
    for each in (*inner, *getattr(kind, "types", ())):
        if each is not None:
            yield from structs(each)


def test_every_error_and_reason_has_a_heading() -> None:
    """What the product refuses can be looked up by its code."""
    classes = [getattr(errors, name) for name in errors.__all__ if name != "nearest"]
    assert {error.code for error in classes} | set(REASONS) <= headings("errors.md")


def test_every_public_function_and_node_is_there() -> None:
    """What a definition can be written with can be looked up."""
    text = (FOLDER / "language.md").read_text("utf-8")
    assert {*coterie.__all__, "open"} <= headings("language.md")
    kinds = (*nodes.SELECTIONS, *nodes.EXPRESSIONS)
    assert [kind.__name__ for kind in kinds if f"| `{kind.__name__}` |" not in text] == []


def test_every_recipe_has_a_heading() -> None:
    """So can every recipe."""
    assert {name for name in recipes.__all__ if name.islower()} <= headings("recipes.md")
