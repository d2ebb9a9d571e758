"""Small files are whole, in their place, and readable by whom they are meant for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coterie.storage import durable


@pytest.mark.parametrize(
    ("private", "file", "folder"), [(True, 0o600, 0o700), (False, 0o644, 0o755)]
)
def test_who_may_read_a_file(tmp_path: Path, private: bool, file: int, folder: int) -> None:
    """Only its owner; or whoever reads what this user writes."""
    former = os.umask(0o022)
    try:
        durable.write(tmp_path / "made" / "file", b"content", private=private)
    finally:
        os.umask(former)
    assert (tmp_path / "made" / "file").stat().st_mode & 0o777 == file
    assert (tmp_path / "made").stat().st_mode & 0o777 == folder


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    """The folder holds the file alone."""
    durable.write(tmp_path / "file", b"before")
    durable.write(tmp_path / "file", b"after")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"after"
