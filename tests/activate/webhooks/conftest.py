from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.activate.webhooks.outside import SECRET, Outside
from tests.activate.webhooks.receiver import Receiver, Verifying, verifying

__all__ = ["verifying"]


@pytest.fixture
def outside(tmp_path: Path, verifying: type[Verifying]) -> Iterator[Outside]:
    """A ledger with nothing in it."""
    made = Outside(tmp_path)
    yield made
    made.ledger.close()
    assert not made.refused


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything in."""
    with Receiver() as made:
        made.secret = SECRET
        yield made
