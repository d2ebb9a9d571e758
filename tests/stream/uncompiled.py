"""Programs whose kernels are plain Python, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT


def printed(program: str, *arguments: object) -> str:
    """What a program prints; it may import `tests`, and must not fail."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"COTERIE_COMPILED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout
