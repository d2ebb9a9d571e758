"""A model's clusters in the stream: people move at the exact instant, and verify agrees."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from coterie.profiles.activating import activate
from tests.live.shop import Live, bought, looked

DEFINITIONS = """\
from coterie import cluster, days, event, stages, trait

viewed, order = event("Page Viewed"), event("Order Completed")
warmth = viewed.decayed(half_life=days(1), step=days(1))
mood = trait(cluster("mood", [warmth]))
kind = trait(cluster("kind", [order.sum("amount"), order.last_at().age(step=days(1))]))
kinds = stages({"good": kind == 1, "lapsed": kind == 2}, otherwise="none")
"""
MOOD = {"mean": [0.0], "scale": [1.0], "centroids": [[0.0], [0.5]]}
KIND = {
    "mean": [0.0, 0.0], "scale": [100.0, 10.0], "fill": [0.0, 0.0], "high": [300.0, 100.0],
    "curve": ["log1p", ""], "centroids": [[0.0, 0.0], [0.05, 0.0], [0.05, 3.0]],
}  # fmt: skip


@pytest.fixture
def modelled(empty: Live) -> Live:
    """A shop whose clock stands at its second day, where two models become active."""
    empty.define(DEFINITIONS)
    empty.send([looked("v0", "bob", 1)]).replay(2)
    with empty.project.writing() as stores:
        activate(stores, "mood", MOOD)
        activate(stores, "kind", KIND)
    return empty


def test_person_moves_at_the_exact_instant(modelled: Live) -> None:
    """An order makes somebody good; fifteen days later the days alone make them lapsed."""
    modelled.replay(2.5)
    modelled.send([bought("o1", "ann", 3, "200.00")]).replay(30)
    assert modelled.causes("ann", "kinds") == [
        (3, "entered", "event"), (18, "exited", "time"), (18, "entered", "time"),
    ]  # fmt: skip
    modelled.verified()


def test_same_parameters_are_active_already(modelled: Live) -> None:
    """Activated twice, a model has one version; other parameters are another."""
    with modelled.project.writing() as stores:
        before = stores.log.end()
        activate(stores, "mood", MOOD)
        assert stores.log.end() == before
        other = activate(stores, "mood", MOOD | {"centroids": [[0.0], [0.25]]})
        assert other.offset == stores.log.end() > before
        assert len(stores.ledger.fits("mood")) == 2


@pytest.mark.parametrize(("until", "close"), [(3.0, 1), (4.0, 0)])
def test_cluster_between_two_centroids_may_be_either(
    modelled: Live, monkeypatch: pytest.MonkeyPatch, until: float, close: int
) -> None:
    """A view fades to halfway between both after two days: within 1e-9 of it either is right."""
    from coterie.engines.stream import StreamEngine

    modelled.replay(until)
    true = StreamEngine.read

    def lying(self: StreamEngine, names: list[str], profiles: object = None) -> pa.Table:
        found = true(self, names, profiles)  # type: ignore[arg-type]
        if "mood" not in names:
            return found
        place = found.schema.get_field_index("mood")
        return found.set_column(place, "mood", pc.subtract(1, found["mood"]))

    monkeypatch.setattr(StreamEngine, "read", lying)
    report = modelled.project.stream.verify()
    assert (report.close, report.differing) == (close, 1 - close)


def test_clock_has_to_have_begun(empty: Live) -> None:
    """A model is active from an instant on, and there is none yet."""
    from coterie.errors import ClockError

    with empty.project.writing() as stores, pytest.raises(ClockError, match="has not begun"):
        activate(stores, "mood", MOOD)
