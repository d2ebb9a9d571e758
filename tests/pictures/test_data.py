"""The numbers of each picture are those that the project answers, counted another way."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coterie.errors import NoPurpose, UnknownName, WrongType
from coterie.language.time import DAY, iso
from coterie.pictures import (
    changes,
    comparison,
    distribution,
    flow,
    funnel,
    overlap,
    retention,
    rfm,
    shares,
    sizes,
    trend,
)
from coterie.project import Project

pytestmark = pytest.mark.xdist_group("pictures")


def everyone(shop: Project, *names: str) -> pd.DataFrame:
    """What the project answers, with amounts as floats."""
    return shop.traits(names).arrow.to_pandas()


def test_sizes_are_those_of_the_command(shop: Project) -> None:
    """Who holds, who may be used, who came and went: as `coterie segments` says."""
    report = shop.segments.report()
    said = {
        size.name: (size.holds, size.audience, size.entered, size.exited)
        for group in report.groups
        if group.kind == "segment"
        for size in group.sizes
    }
    found = sizes.data(shop).to_pylist()
    columns = ("holds", "audience", "entered", "exited")
    assert {row["name"]: tuple(row[c] for c in columns) for row in found} == said
    assert [row["holds"] for row in found] == sorted((n[0] for n in said.values()), reverse=True)
    assert any(row["audience"] < row["holds"] for row in found)


def test_trend_ends_with_todays_sizes(shop: Project) -> None:
    """The last point is the run's own answer; a stage is followed by its full name."""
    names = ["champions", "active_30d", "lifecycle_stage.loyal"]
    found = trend.data(shop, names, months=3).to_pandas()
    last = found[found["at"] == found["at"].max()].set_index("name")["holds"].to_dict()
    assert last == {name: len(shop.segments[name].holds()) for name in names}


def test_trend_at_the_beginning_of_a_month_is_the_answer_as_of_then(shop: Project) -> None:
    """Each point equals the segment asked with `at`."""
    found = trend.data(shop, ["active_30d"], months=2).to_pylist()
    assert len(found) > 1
    for row in found:
        assert row["holds"] == len(shop.segments["active_30d"].holds(at=row["at"]))


def test_changes_add_up_to_the_size(shop: Project) -> None:
    """What runs recorded is what there is."""
    (only,) = changes.data(shop, "active_30d").to_pylist()
    assert only["size"] == only["entered"] == len(shop.segments["active_30d"].holds())
    assert (only["left"], only["causes"]) == (0, "run")


def test_grid_counts_each_ranked_buyer_once(shop: Project) -> None:
    """Each cell equals a group-by of pandas, and bears its segment's name."""
    ranks = ["recency_rank", "frequency_rank"]
    people = everyone(shop, *ranks, "rfm_segment").dropna(subset=ranks)
    expected = people.groupby(ranks).size().to_dict()
    found = rfm.data(shop).to_pylist()
    assert {(row["recency"], row["frequency"]): row["people"] for row in found} == expected
    assert sum(row["share"] for row in found) == pytest.approx(1)
    names = {(row["recency"], row["frequency"]): row["name"] for row in found}
    assert names.get((5, 5), "champions") == "champions"
    assert names.get((1, 1), "lost") == "lost"


def test_shares_of_the_stages_sum_to_one(shop: Project) -> None:
    """At each instant; the last are today's stages."""
    found = shares.data(shop, months=4).to_pandas()
    assert found.groupby("at")["share"].sum().to_numpy() == pytest.approx(1)
    last = found[found["at"] == found["at"].max()].set_index("stage")["people"]
    stages = Counter(everyone(shop, "lifecycle_stage")["lifecycle_stage"])
    assert last[last > 0].to_dict() == dict(stages)


def test_flow_leaves_one_side_and_arrives_at_the_other(shop: Project) -> None:
    """Each person is in one ribbon; who came in between comes from nowhere."""
    t = shop.answers.last_run().clock
    since = t - timedelta(days=60) // timedelta(microseconds=1)
    found = flow.data(shop, "lifecycle_stage", since).to_pandas()
    now = Counter(everyone(shop, "lifecycle_stage")["lifecycle_stage"])
    then = Counter(shop.traits(["lifecycle_stage"], at=since)["lifecycle_stage"])
    assert found.groupby("after")["people"].sum().to_dict() == dict(now)
    before = found.groupby("before")["people"].sum().to_dict()
    assert before.pop(flow.ABSENT, 0) == now.total() - then.total()
    assert before == dict(then)


def test_histogram_counts_every_known_value(shop: Project) -> None:
    """Bars hold who is known, and the line under the title says who is not."""
    spend = everyone(shop, "monetary")["monetary"].dropna().astype(float)
    for log in (False, True):
        bars = distribution.data(shop, "monetary", log=log).to_pandas()
        assert bars["people"].sum() == len(spend)
        edges = [*bars["from"], bars["to"].iloc[-1]]
        assert list(np.histogram(spend, edges)[0]) == list(bars["people"])


def test_few_whole_numbers_have_a_bar_each(shop: Project) -> None:
    """Ranks are not put together."""
    bars = distribution.data(shop, "frequency_rank").to_pandas()
    expected = everyone(shop, "frequency_rank")["frequency_rank"].value_counts().to_dict()
    assert dict(zip(bars["from"], bars["people"], strict=True)) == expected


def test_months_of_an_instant_are_those_of_the_calendar(shop: Project) -> None:
    """Each month between the first and the last has a bar."""
    bars = distribution.data(shop, "last_order_at").to_pandas()
    last = everyone(shop, "last_order_at")["last_order_at"].dropna()
    expected = last.dt.strftime("%Y-%m").value_counts().to_dict()
    found = {f"{month:%Y-%m}": n for month, n in zip(bars["month"], bars["people"], strict=True)}
    assert {month: n for month, n in found.items() if n} == expected


def test_texts_that_few_share_are_not_shown(shop: Project, monkeypatch: Any) -> None:
    """A value that would point at somebody is counted with the others."""
    counts = Counter(everyone(shop, "favourite_category")["favourite_category"].dropna())
    rarest = min(counts.values())
    monkeypatch.setattr(distribution, "AT_LEAST", rarest + 1)
    bars = distribution.data(shop, "favourite_category").to_pylist()
    shown = {bar["value"]: bar["people"] for bar in bars}
    assert shown.pop(None) == sum(n for n in counts.values() if n == rarest)
    assert all(counts[value] == n > rarest for value, n in shown.items())


def test_comparison_is_the_difference_in_standard_deviations(shop: Project) -> None:
    """Means and differences equal those of pandas, the largest first."""
    names = ["frequency", "gross_spend", "recency_days"]
    found = comparison.data(shop, "champions", "lost", names).to_pylist()
    people = everyone(shop, "champions", "lost", *names)
    one, other = people[people["champions"]], people[people["lost"]]
    assert len(one) > 5 < len(other)
    for row in found:
        a, b = (part[row["trait"]].dropna().astype(float) for part in (one, other))
        assert (row["known_a"], row["known_b"]) == (len(a), len(b))
        assert (row["mean_a"], row["mean_b"]) == pytest.approx((a.mean(), b.mean()))
        if a.var() + b.var() > 0:
            apart = (a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
            assert row["difference"] == pytest.approx(apart)
    sizes = [abs(row["difference"]) for row in found if row["difference"] is not None]
    assert sizes == sorted(sizes, reverse=True)


def test_comparison_is_the_same_where_each_segment_is_known_already(shop: Project) -> None:
    """Of a segment and a stage, whichever stands first; and its line names as many people."""
    known = {name: comparison.inside(shop, name) for name in ("champions", "lifecycle_stage.new")}
    for a, b in (known, reversed(known)):
        found = comparison.data(shop, a, b, known=known.__getitem__)
        assert found.equals(comparison.data(shop, a, b), check_metadata=True)


def test_overlap_counts_who_is_in_both_and_in_either(shop: Project) -> None:
    """Each pair equals two columns of pandas."""
    names = ["champions", "active_30d", "bought_this_week"]
    people = everyone(shop, *names)
    for row in overlap.data(shop, names).to_pylist():
        a, b = people[row["a"]], people[row["b"]]
        assert (row["both"], row["either"]) == ((a & b).sum(), (a | b).sum())
        assert row["jaccard"] == (row["both"] / row["either"] if row["either"] else None)


def test_retention_shows_no_month_that_only_begins(shop: Project) -> None:
    """At the first instant of a month the last column is the month before, and it is over."""
    clock = shop.answers.last_run().clock
    assert iso(clock).endswith("-01T00:00:00Z")
    found = retention.data(shop).to_pylist()
    assert all(row["complete"] for row in found)
    a_day_later = retention.data(shop, at=clock + DAY).to_pylist()
    assert [row for row in a_day_later if row["complete"] and row["month"]] == [
        row for row in found if row["month"]
    ]


def test_funnel_never_widens(shop: Project) -> None:
    """Each step has at most the people of the one before, and their share says so."""
    found = funnel.data(shop).to_pylist()
    people = [row["people"] for row in found]
    assert people == sorted(people, reverse=True)
    assert people[-1] > 0
    assert [row["share"] for row in found] == [n / people[0] for n in people]
    assert [row["event"] for row in found] == list(funnel.STEPS)


def test_funnel_refuses_what_is_none(shop: Project) -> None:
    """An event that the plan lacks, one step, and no time."""
    with pytest.raises(UnknownName, match="Order Completed"):
        funnel.data(shop, ["page", "Order Complete"])
    with pytest.raises(WrongType, match="2 to 8"):
        funnel.data(shop, ["page"])
    with pytest.raises(WrongType, match="time"):
        funnel.data(shop, within=timedelta(0))


def test_picture_for_another_purpose_counts_who_may_be_used_for_it(shop: Project) -> None:
    """Who has not agreed to marketing is in no picture for it."""
    people = shop.traits(["lifecycle_stage"], purpose="marketing")
    found = distribution.data(shop, "lifecycle_stage", purpose="marketing")
    assert sum(found["people"].to_pylist()) == len(people)
    assert len(people) < len(shop.traits(["lifecycle_stage"]))


def test_picture_refuses_what_it_cannot_draw(shop: Project) -> None:
    """Wrong names are refused with the nearest right one."""
    with pytest.raises(UnknownName, match="lifecycle_stage"):
        shares.data(shop, "lifecycle_stag")
    with pytest.raises(UnknownName, match="no stages"):
        flow.data(shop, "champions")
    with pytest.raises(UnknownName, match="no segment or stage"):
        trend.data(shop, ["lifecycle_stage.loya"])
    with pytest.raises(NoPurpose):
        rfm.data(shop, purpose="marketting")


def test_personal_text_has_no_distribution(shop: Project, monkeypatch: Any) -> None:
    """What the tracking plan calls an identifier or a contact is not drawn, not even stored."""
    monkeypatch.setattr(distribution, "PERSONAL", frozenset({"none"}))
    assert not distribution.drawable(shop, "favourite_category")
    with pytest.raises(WrongType):
        distribution.data(shop, "favourite_category")
