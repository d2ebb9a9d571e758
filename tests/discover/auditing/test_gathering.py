"""The people of a study are those that every other question is answered for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coterie.discover.crowd import Kind
from coterie.discover.gathering import Limits, gather
from coterie.discover.preparing import prepare
from coterie.errors import NoPurpose, UnknownName
from coterie.project import Project

pytestmark = pytest.mark.xdist_group("audit")


def test_a_crowd_is_what_traits_answers(shop: Project) -> None:
    """The same people, values and position as `Project.traits`; only the types are a study's."""
    names = ["frequency", "net_spend", "last_order_at", "favourite_category"]
    crowd = gather(shop, names)
    rows = shop.traits(names)
    expected = rows.arrow.to_pandas().set_index("profile").loc[crowd.frame.index]
    assert len(crowd) == len(rows)
    for name in ("frequency", "net_spend"):
        assert crowd.frame[name].dtype == "float64"
        np.testing.assert_allclose(crowd.frame[name], expected[name].astype(float), rtol=1e-12)
    assert str(crowd.frame["last_order_at"].dtype) == "datetime64[us, UTC]"
    assert (crowd.frame["last_order_at"].isna() == expected["last_order_at"].isna()).all()
    assert isinstance(crowd.frame["favourite_category"].dtype, pd.StringDtype)
    last = shop.answers.last_run()
    assert (crowd.at, crowd.purpose) == (last.clock, "analytics")


def test_without_names_every_useful_trait_is_there_and_the_others_are_said(shop: Project) -> None:
    """Fitted traits repeat what they rank; each trait is a column or has a note."""
    crowd = gather(shop)
    columns = {column.name for column in crowd.columns}
    notes = {note.column: note.said for note in crowd.notes}
    assert columns | notes.keys() == set(shop.library.traits)
    assert not columns & notes.keys()
    assert "fitted on other traits" in notes["recency_rank"]


def test_a_text_that_tells_people_apart_is_left_out(shop: Project) -> None:
    """With more values than the limit."""
    crowd = gather(shop, limits=Limits(most_values=3))
    assert "favourite_category" in {note.column for note in crowd.notes}


def test_segments_and_tiers_may_be_columns(shop: Project) -> None:
    """A segment is a truth, tiers have their order, stages are a category."""
    crowd = gather(shop, ["champions", "loyalty_tier", "lifecycle_stage"])
    kinds = [column.kind for column in crowd.columns]
    assert kinds == [Kind.BOOLEAN, Kind.ORDINAL, Kind.CATEGORY]
    assert crowd.column("loyalty_tier").levels[-1] == "gold"
    assert set(crowd.frame["loyalty_tier"].dropna()) <= set(crowd.column("loyalty_tier").levels)


def test_a_segment_narrows_the_crowd_to_its_people(shop: Project) -> None:
    """And a stage to its own; the purpose is the segment's."""
    for name in ("lifecycle_stage.active", "champions"):
        group, _, stage = name.partition(".")
        everyone = gather(shop, [group], purpose=shop.library.purpose(group)).frame[group]
        inside = everyone == (stage or True)
        crowd = gather(shop, ["frequency"], segment=name)
        assert crowd.purpose == shop.library.purpose(group)
        assert set(crowd.frame.index) == set(everyone[inside.fillna(False)].index)


def test_nobody_is_in_who_may_not_be_used(shop: Project) -> None:
    """Under another purpose there are the people of that purpose alone."""
    crowd = gather(shop, ["frequency"], purpose="marketing")
    may = shop.traits(["may_marketing"])
    allowed = {p for p, yes in zip(may["profile"], may["may_marketing"], strict=True) if yes}
    assert set(crowd.frame.index) <= allowed
    assert 0 < len(crowd) < len(gather(shop, ["frequency"]))


def test_an_unknown_sum_means_nothing_occurred(shop: Project) -> None:
    """Said of sums, decayed or not, and of nothing else."""
    crowd = gather(shop)
    nothing = {column.name for column in crowd.columns if column.nothing == 0.0}
    assert "monetary" in nothing
    assert "average_order_value" not in nothing
    assert prepare(crowd).rowwise


def test_the_past_is_asked_as_it_was(shop: Project) -> None:
    """Fewer people were known, and no instant lies after the clock."""
    at = shop.answers.last_run().clock - 90 * 86_400_000_000
    crowd = gather(shop, ["last_order_at"], at=at)
    assert crowd.at == at
    assert len(crowd) < len(gather(shop, ["last_order_at"]))
    assert crowd.frame["last_order_at"].max() <= pd.Timestamp(at, unit="us", tz="UTC")


def test_wrong_names_are_refused_with_the_nearest(shop: Project) -> None:
    """A trait, a segment, a purpose."""
    with pytest.raises(UnknownName, match="frequenzy") as caught:
        gather(shop, ["frequenzy"])
    assert "frequency" in caught.value.hint
    with pytest.raises(UnknownName):
        gather(shop, ["frequency"], segment="champion")
    with pytest.raises(NoPurpose):
        gather(shop, ["frequency"], purpose="fun")
