"""A stream that nobody waits for any more, before it had begun."""

from __future__ import annotations

import shutil

import pytest

from coterie.profiles.live.start import Stopped
from coterie.project.streaming.live import Live as Stream
from tests.live.shop import Live


def test_stream_that_ends_while_it_reads_history_records_nothing(shop: Live) -> None:
    """It ends between two pieces of the history, and the next start reads all of it again."""
    shop.replay(30.0)
    before = shop.records(), shop.members()
    shutil.rmtree(shop.folder / "data/snapshots")
    with pytest.raises(Stopped):
        Stream(shop.project).run(lambda: False, gone=lambda: True)
    assert (shop.records(), shop.members()) == before
    shop.replay(30.0)
    assert (shop.records(), shop.members()) == before
    shop.replay(60.0)
    shop.verified()
