"""Damaged stores and closed doors: one clear error, never a page of Python."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.test_commands import of
from tests.project.shop import Shop


@pytest.mark.parametrize("question", ["segments", "profile ann", "segments --at 2024-02-01"])
def test_cut_off_file_of_the_lake_is_named_as_damage(ran: Shop, question: str) -> None:
    """Whatever is asked of it."""
    for path in (ran.folder / "data" / "lake").rglob("*.parquet"):
        if "_delta_log" not in path.parts:
            os.truncate(path, 100)
    done = of(ran, *question.split())
    assert done.exit_code == 1
    assert "damaged" in done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_place_that_cannot_be_written_is_one_error(ran: Shop, tmp_path: Path) -> None:
    """An export of the quarantine, too."""
    done = of(ran, "quarantine", "export", tmp_path / "nowhere" / "q.csv")
    assert done.exit_code == 1
    assert "error: a file cannot be read or written" in done.stderr
