"""Kernels are ready before they are needed."""

from __future__ import annotations

import pytest

from coterie.engines.stream import kernels, preparing
from coterie.engines.stream.compiled import COMPILED
from tests.stream.test_budget import LIBRARY, history, replayed


@pytest.mark.skipif(not COMPILED, reason="kernels are plain Python")
def test_every_kernel_is_ready_when_it_is_needed() -> None:
    """Each has the one machine code that the engine calls, so that no event waits for any."""
    with preparing.preparing(LIBRARY):
        pass
    replayed(256, history(3), 8)
    every = [found for found in vars(kernels).values() if hasattr(found, "enable_caching")]
    outer = [found for found in every if found.__module__ == kernels.__name__]
    ready = {found.__name__: len(found.overloads) for found in outer if not _inner(found)}
    assert ready == dict.fromkeys(ready, 1)
    assert len(ready) == 13


def _inner(found: object) -> bool:
    """Whether only kernels call it."""
    return type(found._cache).__name__ == "NullCache"  # type: ignore[attr-defined]
