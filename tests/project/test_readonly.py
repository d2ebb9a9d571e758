"""Asking writes nothing: every byte of the data folder is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from coterie.project import Project
from tests.project.shop import Shop


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file below a folder with a hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


ASKED: dict[str, Callable[[Project, Path], object]] = {
    "segments": lambda cdp, out: cdp.segments.report(),
    "segments then": lambda cdp, out: cdp.segments.report("2024-02-01"),
    "segments to come": lambda cdp, out: cdp.segments.report("2025-01-01"),
    "profile": lambda cdp, out: cdp.profile("ann"),
    "profile then": lambda cdp, out: cdp.profile("ann", "2024-02-01"),
    "why": lambda cdp, out: cdp.why("ann", "best"),
    "why then": lambda cdp, out: cdp.why("ann", "best", "2024-02-01"),
    "traits": lambda cdp, out: cdp.traits(["spend", "rank"]),
    "traits then": lambda cdp, out: cdp.traits(["spend", "rank"], at=["2024-01-15", "2024-02-15"]),
    "export": lambda cdp, out: cdp.export("active", out / "a.csv"),
    "export then": lambda cdp, out: cdp.export("active", out / "a.csv", at="2024-02-01"),
    "people": lambda cdp, out: cdp.segments["best"].profiles("rank", at="2024-02-01"),
    "status": lambda cdp, out: cdp.status(),
    "sql": lambda cdp, out: cdp.sql(["best"]),
}


@pytest.mark.parametrize("question", ASKED)
def test_asking_writes_nothing(ran: Shop, question: str, tmp_path: Path) -> None:
    """Also when a fit as of then had to be made for the answer."""
    ran.project.close()
    before = bytes_of(ran.folder)
    with ran.open() as cdp:
        ASKED[question](cdp, tmp_path)
    assert bytes_of(ran.folder) == before


def test_writing_would_be_noticed(ran: Shop) -> None:
    """The check above sees a run."""
    ran.project.close()
    before = bytes_of(ran.folder)
    with ran.open() as cdp:
        cdp.run("2024-03-01")
    assert bytes_of(ran.folder) != before
