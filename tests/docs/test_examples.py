"""What the pages show is what happens: every example of README.md and docs/ is run.

In a page, ``python`` blocks and ``console`` blocks run in order, in one namespace and one new
folder. A console block holds ``$ coterie ...`` and ``$ cd ...`` lines; output shown under a
command is compared (``...`` stands for anything, and spaces are not counted), output left out
is not; ``> FILE`` at the end of a command keeps its answer in a file. What is shown and not run is
written in ``sh`` or ``text`` blocks, or comes after ``<!-- skip: next -->``.

A page of `ON_DATA` begins in a folder that holds a file of the real data, and is skipped without.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shlex
import shutil
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from coterie.cli.main import app

ROOT = Path(__file__).parents[2]
ON_DATA = {"docs/tutorial-online-retail.md": "uci_online_retail/online_retail.csv.gz"}
"""Page -> the file of the real data that it begins with, unpacked."""

PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if str(page.relative_to(ROOT)) not in ON_DATA
]
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
    line, redirected, file = command.partition(" > ")
    program, *arguments = shlex.split(line, comments=True)
    if program == "cd":
        os.chdir(*arguments)
        return ""
    if program != "coterie":
        raise ValueError(f"a console block runs `coterie` and `cd` alone, not `{program}`")
    answer = stream()
    said = stream() if redirected else answer
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(answer),
        contextlib.redirect_stderr(said),
        contextlib.suppress(SystemExit),
    ):
        patch.setattr(sys, "stdin", io.StringIO())
        for name, value in PLAIN.items():
            patch.setenv(name, value)
        app(arguments, prog_name=program)
    if redirected:
        Path(file).write_text(text_of(answer), "utf-8")
    return text_of(said)


def stream() -> io.TextIOWrapper:
    """What a command writes to, text or bytes, in order."""
    return io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True)


def text_of(written: io.TextIOWrapper) -> str:
    """What was written."""
    written.seek(0)
    return written.read()


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


@pytest.mark.parametrize(("page", "file"), ON_DATA.items(), ids=ON_DATA)
def test_page_on_real_data_shows_what_happens(
    page: str, file: str, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does one who has the real data."""
    monkeypatch.chdir(tmp_path)
    with gzip.open(shared_data / file) as packed, Path(Path(file).stem).open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    run_page(ROOT / page)


@pytest.mark.parametrize(
    "block",
    [
        "```python\nassert 1 == 2\n```\n",
        "```python\n>>> 1 + 1\n3\n```\n",
        "```console\n$ coterie --help\nnothing of the kind\n```\n",
        "```console\n$ coterie no-such-command\nUsage: fine\n```\n",
        "```console\n$ coterie --help > help.txt\nUsage: ...\n```\n",
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
