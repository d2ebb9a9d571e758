"""What the pages show is what happens: every example of README.md and docs/ is run.

In a page, ``python`` blocks and ``console`` blocks run in order, in one namespace and one new
folder. A console block holds ``$ coterie ...`` and ``$ cd ...`` lines; output shown under a
command is compared (``...`` stands for anything, and spaces are not counted), output left out
is not. What is shown and not run is written in ``sh`` or ``text`` blocks, or comes after
``<!-- skip: next -->``.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from coterie.cli.main import app
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE
PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}


def commands(block: str) -> list[tuple[str, str]]:
    """Each ``$`` line of a console block, with the output shown under it."""
    parts: list[tuple[str, str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            parts.append((line[2:], ""))
        elif parts:
            command, shown = parts.pop()
            parts.append((command, f"{shown}{line}\n"))
        else:
            raise ValueError(f"a console block begins with a command, not with {line!r}")
    return parts


def run(command: str) -> str:
    """Run one `coterie` or `cd` line; what it printed, errors included.

    In this process: another one for each line would spend its time on imports.
    """
    program, *arguments = shlex.split(command, comments=True)
    if program == "cd":
        os.chdir(*arguments)
        return ""
    if program != "coterie":
        raise ValueError(f"a console block runs `coterie` and `cd` alone, not `{program}`")
    said = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        patch.setattr(sys, "stdin", io.StringIO())
        for name, value in PLAIN.items():
            patch.setenv(name, value)
        with contextlib.suppress(SystemExit):
            app(arguments, prog_name=program)
    return said.getvalue()


def console(example: Example) -> str | None:
    """What differs between the page and the world, or None."""
    checker = OutputChecker()
    for command, shown in commands(example.parsed):
        got = run(command)
        if shown.strip() and not checker.check_output(shown.strip(), got.strip(), FLAGS):
            return f"$ {command}\n-- the page shows\n{shown}\n-- it printed\n{got}"
    return None


PARSERS = (
    SkipParser(),
    PythonCodeBlockParser(doctest_optionflags=FLAGS),
    CodeBlockParser("console", console),
)


def run_page(page: Path) -> None:
    """Run every example of a page in the current folder."""
    for example in Document.parse(str(page), *PARSERS).examples():
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_shows_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who types the page's examples, from the top, sees what the page shows."""
    monkeypatch.chdir(tmp_path)
    run_page(page)


@pytest.mark.parametrize(
    "block",
    [
        "```python\nassert 1 == 2\n```\n",
        "```python\n>>> 1 + 1\n3\n```\n",
        "```console\n$ coterie --help\nnothing of the kind\n```\n",
        "```console\n$ coterie no-such-command\nUsage: fine\n```\n",
    ],
)
def test_wrong_page_is_noticed(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example that does not do what the page shows fails."""
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(block)
    with pytest.raises(AssertionError):
        run_page(page)


def test_blocks_of_a_page_share_names_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one block makes, the next can use."""
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    (tmp_path / "shop").mkdir()
    page.write_text(
        "```python\nx = 1\n```\n\n```console\n$ cd shop\n```\n\n"
        "```python\n>>> from pathlib import Path\n>>> x, Path.cwd().name\n(1, 'shop')\n```\n"
    )
    run_page(page)
