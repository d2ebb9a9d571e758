"""The house is kept small and tidy: sizes, promises, and nothing of anybody's machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400

# Folders of one machine, and options or addresses that name where packages come from.
PRIVATE = re.compile(
    r"(?<![\w.~/-])/(?:work|root|home|Users|opt|tmp/contract)/"
    r"|--(?:extra-)?index[-]url|--find[-]links|\bindex[-]url\s*="
    r"|https?://[^\s)>\"']*/simple\b|python[h]osted\.org"
)


def tracked() -> list[Path]:
    """The files of the repository, as git lists them."""
    listing = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Each line of the text files among `paths`, after its place."""
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def test_files_are_short() -> None:
    """One idea a file: none of the package is over 400 lines."""
    sizes = {p: len(p.read_text().splitlines()) for p in (ROOT / "src").rglob("*.py")}
    long = {str(p.relative_to(ROOT)): n for p, n in sizes.items() if n > MOST_LINES}
    assert not long


def test_tests_state_their_promise() -> None:
    """Every test says in its docstring's first line what it promises."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def test_nothing_names_a_machine_or_a_package_index() -> None:
    """What is checked in works anywhere: no home folders, no package hosts."""
    found = [f"{place}: {line.strip()}" for place, line in lines(tracked()) if PRIVATE.search(line)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "cd /ro" + "ot/x",
        "open('/ho" + "me/me/a.csv')",
        "--index" + "-url x",
        "https://a.b/sim" + "ple/",
    ],
)
def test_such_a_line_would_be_noticed(line: str) -> None:
    """The pattern above finds what it is meant to find."""
    assert PRIVATE.search(line)


@pytest.mark.parametrize("line", ["../data/home/x.csv", "https://a.b/home/", "orders/work/"])
def test_ordinary_paths_are_left_alone(line: str) -> None:
    """Relative paths and web addresses are nobody's machine."""
    assert not PRIVATE.search(line)
