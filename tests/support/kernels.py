"""The stream's kernels, compiled once in a test run: every process finds them on disk then."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie import event, trait
from coterie.engines.stream.compiled import COMPILED
from coterie.engines.stream.preparing import prepare
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import PlannedEvent, TrackingPlan
from tests.support.once import once

PLAN = TrackingPlan(events={"Looked": PlannedEvent(properties={})})
PURPOSE = "analytics"


def compiled(temporary: pytest.TempPathFactory) -> None:
    """Have every kernel compiled, unless another worker has seen to it; wait while one does."""
    if COMPILED:
        once(temporary, "kernels", _compile)


def loaded() -> None:
    """Have this process hold every kernel, compiled now or before."""
    if COMPILED:
        _compile()


def _compile(*_: Path) -> None:
    defined = named({"looks": trait(event("Looked").count())})
    prepare(Library(defined, PLAN, {PURPOSE: "legitimate_interest"}, PURPOSE))
