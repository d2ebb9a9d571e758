"""What a machine lacks is skipped and said; where it was promised, it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_real_data_has_its_counts(shared_data: Path) -> None:
    """The page with the counts that imports must reproduce lies beside the data."""
    assert (shared_data / "README.md").is_file()


@pytest.mark.parametrize(("require", "code", "outcome"), [("0", 0, "skipped"), ("1", 1, "error")])
def test_missing_data_is_skipped_unless_promised(
    require: str, code: int, outcome: str, tmp_path: Path
) -> None:
    """The same test skips on a bare machine and fails where services are required."""
    missing = {"COTERIE_SHARED_DATA": str(tmp_path / "none"), "COTERIE_REQUIRE_SERVICES": require}
    test = f"{Path(__file__).relative_to(ROOT)}::test_real_data_has_its_counts"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", test],
        cwd=ROOT,
        env=os.environ | missing,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert f"1 {outcome}" in done.stdout
    assert "set COTERIE_SHARED_DATA to its folder" in done.stdout
