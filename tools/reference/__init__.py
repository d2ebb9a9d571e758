"""The generated reference: ``python -m tools.reference`` writes ``docs/reference/``.

Every sentence of it stands in a docstring, in the help of an option or beside a constant, so the
reference cannot say anything that the code does not. ``tests/docs/test_reference.py`` compares.
"""

from collections.abc import Callable

from tools.reference import commands, errors, language, recipes, settings

PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "errors.md": errors.page,
    "language.md": language.page,
    "recipes.md": recipes.page,
    "settings.md": settings.page,
}
"""File -> what writes its text."""

__all__ = ["PAGES"]
