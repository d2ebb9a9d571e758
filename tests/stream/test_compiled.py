"""Kernels run compiled or not, and never as what they were before an edit."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from coterie.engines.stream.compiled import COMPILED

needs_numba = pytest.mark.skipif(not COMPILED, reason="kernels are not compiled here")

CALLED = """
from coterie.engines.stream.compiled import compiled

STEP = {step}

@compiled
def stepped(x):
    return {expression}
"""

CALLING = """
import called
from called import stepped
from coterie.engines.stream.compiled import kernel

@kernel
def direct(x):
    return stepped(x) * 10

@kernel
def dotted(x):
    return called.stepped(x) * 10 + called.STEP

if __name__ == "__main__":
    print(direct(1), dotted(1))
    print(*(sum(f.stats.cache_hits.values()) for f in (direct, dotted) if hasattr(f, "stats")))
"""


def printed(folder: Path, step: int, expression: str, **environment: str) -> list[str]:
    """What a new process prints, after the called file was written anew."""
    (folder / "called.py").write_text(CALLED.format(step=step, expression=expression))
    (folder / "calling.py").write_text(CALLING)
    done = subprocess.run(
        [sys.executable, "calling.py"],
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")


@needs_numba
def test_machine_code_on_disk_is_used_until_what_it_calls_changes(tmp_path: Path) -> None:
    """An edit of another file's code or constant reaches the kernels that rest on it."""
    assert printed(tmp_path, 1, "x + STEP")[:2] == ["20 21", "0 0"]
    assert printed(tmp_path, 1, "x + STEP")[:2] == ["20 21", "1 1"]
    assert printed(tmp_path, 1, "x - STEP")[:2] == ["0 1", "0 0"]
    assert printed(tmp_path, 2, "x - STEP")[:2] == ["-10 -8", "0 0"]
    assert printed(tmp_path, 2, "x - STEP")[:2] == ["-10 -8", "1 1"]


def test_the_same_source_runs_as_plain_python(tmp_path: Path) -> None:
    """With `COTERIE_COMPILED=0` kernels are the functions that were written."""
    assert printed(tmp_path, 1, "x + STEP", COTERIE_COMPILED="0")[:2] == ["20 21", ""]


@needs_numba
def test_kernels_compile_where_no_folder_may_be_written_to(tmp_path: Path) -> None:
    """Without a place for machine code it is made anew each time."""
    nowhere = {"NUMBA_CACHE_LOCATOR_CLASSES": "IPythonCacheLocator"}
    assert printed(tmp_path, 1, "x + STEP", **nowhere)[:2] == ["20 21", "0 0"]


@needs_numba
def test_functions_of_others_count_places_from_the_end() -> None:
    """Only kernels take places as they are given."""
    numba = import_module("numba")
    last = numba.njit(lambda a: a[-len(a)] * 10 + a[-1])
    assert last(np.array([1, 2])) == 12
