from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.torture.shop import Shop, opened


@pytest.fixture(scope="session")
def strace() -> str:
    """The program that records and injects."""
    found = shutil.which("strace")
    if found is None:
        missing("no strace: `sudo apt-get install strace`")
    if subprocess.run([found, "-qq", "-o", "/dev/null", "true"], check=False).returncode:
        missing("this machine lets no process trace another")
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A tiny shop of one test's own."""
    made = opened(tmp_path)
    yield made
    made.stop()
