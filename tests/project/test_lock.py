"""One process writes at a time; others read meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from coterie.errors import StoreError
from tests.project.shop import Shop

HOLDING = """
import sys, time
from pathlib import Path
from coterie.project import Project

with Project(Path(sys.argv[1])).writing():
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def another(ran: Shop) -> Iterator[Shop]:
    """The shop while another process writes to it."""
    command = [sys.executable, "-c", HOLDING, str(ran.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        yield ran


def test_second_writer_is_told(another: Shop) -> None:
    """It does not wait, and changes nothing."""
    end = another.project.stores.log.end()
    for write in (
        lambda: another.project.run("2024-03-01"),
        lambda: another.imported(),
        lambda: another.project.erase("ann"),
        lambda: another.project.replay(),
    ):
        with pytest.raises(StoreError, match="another process is changing"):
            write()
    assert another.project.stores.log.end() == end


def test_readers_go_on(another: Shop) -> None:
    """Everything that only asks is answered."""
    assert another.project.segments.report().people == 4
    assert another.project.why("ann", "best").holds is False
    assert another.project.status().balanced


def test_lock_ends_with_its_process(ran: Shop) -> None:
    """However the writer ended, the next one may write."""
    command = [sys.executable, "-c", HOLDING.replace("sys.stdin.read()", "import os; os._exit(9)"),
               str(ran.folder)]  # fmt: skip
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    assert ran.project.run("2024-03-01").people == 4
