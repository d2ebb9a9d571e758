"""Pages of Markdown whose examples are run, as a reader types them.

In a page, ``python`` blocks and ``console`` blocks run in order, in one namespace and one new
folder. A console block holds ``$ coterie ...`` and ``$ cd ...`` lines; output shown under a
command is compared (``...`` stands for anything, and spaces are not counted), output left out
is not; ``> FILE`` at the end of a command keeps its answer in a file. What is shown and not run is
written in ``sh`` or ``text`` blocks, or comes after ``<!-- skip: next -->``. Servers of pages
listen at 8790 to 8799, for which a run takes ports that are free.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import shlex
import shutil
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from coterie.cli.main import app
from tests.support.ports import free_port

PORT = re.compile(r"\b879\d\b")
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
    document = Document(served_elsewhere(page.read_text("utf-8")), str(page))
    for parser in PARSERS:
        for region in parser(document):
            document.add(region)
    for example in document.examples():
        example.evaluate()


def served_elsewhere(text: str) -> str:
    """A page with free ports in place of its own, so that pages run beside each other."""
    free = {port: str(free_port()) for port in sorted(set(PORT.findall(text)))}
    return PORT.sub(lambda found: free[found[0]], text)


def follow(page: Path, data: Path, folder: Path) -> None:
    """Run a page in a folder that holds a file of the real data, unpacked, as its reader would."""
    with gzip.open(data) as packed, (folder / data.stem).open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    with contextlib.chdir(folder):
        run_page(page)
