"""Imports go one way, towards the ground, and the language's files need each other in no ring."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

# From the ground up. A room may import from the rooms below it, unless ONLY says which.
ROOMS = (
    "errors",
    "extras",
    "language",
    "storage",
    "privacy",
    "collect",
    "engines",
    "recipes",
    "simulate",
    "profiles",
    "pictures",
    "discover",
    "activate",
    "project",
    "server",
    "cli",
)
ONLY = {
    "recipes": {"errors", "language"},  # written in the language and nothing else
    "simulate": {"errors", "language", "recipes"},  # it makes data, and knows of no store
}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("coterie", cache_dir=None)


def below(room: str) -> set[str]:
    """The rooms that `room` may import from."""
    return ONLY.get(room, set(ROOMS[: ROOMS.index(room)]))


def room_of(module: str) -> str:
    """The room of a module; empty for `coterie` itself, the roof over all of them."""
    return module.partition(".")[2].partition(".")[0]


def test_every_room_has_its_place(imports: grimp.ImportGraph) -> None:
    """A new room is put into the order before anything is built in it."""
    assert {room_of(module) for module in imports.modules} <= {"", *ROOMS}


def test_imports_go_towards_the_ground(imports: grimp.ImportGraph) -> None:
    """No room imports from one above it, nor from the roof; not even inside a function."""
    wrong = [
        f"{detail['importer']}:{detail['line_number']}: {detail['line_contents']}"
        for module in sorted(imports.modules)
        for imported in sorted(imports.find_modules_directly_imported_by(module))
        if (room := room_of(module)) and room_of(imported) not in {room} | below(room)
        for detail in imports.get_import_details(importer=module, imported=imported)
    ]
    assert not wrong, "\n".join(wrong)


def test_files_of_the_language_need_each_other_in_no_ring(imports: grimp.ImportGraph) -> None:
    """Each file of the ground can be read after the ones that it imports."""
    language = {module for module in imports.modules if room_of(module) == "language"}
    needs = {m: imports.find_modules_directly_imported_by(m) & language for m in language}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]), pytrace=False)
