"""What is planted in segments is proposed, with its test; what is right is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.discover.splitting import Limits, Review, review
from coterie.errors import CoterieError
from tests.discover.planted import KINDS, Study, study


@pytest.fixture(scope="module")
def planted() -> Study:
    return study(4_000)


def kinds(planted: Study) -> dict[str, np.ndarray]:
    return {f"kind {i}": planted.candidate.labels == i for i in range(len(KINDS))}


def said(found: Review) -> set[tuple[str, ...]]:
    return {(each.because, *each.groups) for each in found.proposals}


def test_segments_that_are_right_are_left_alone(planted: Study) -> None:
    """Four kinds of people are neither alike nor more than one."""
    found = review(planted.prepared, kinds(planted))
    assert said(found) == set()
    assert sum(group.people for group in found.groups) == 4_000


def test_segments_that_behave_alike_are_proposed_for_merging(planted: Study) -> None:
    """One kind that was divided by lot is found out, and no other pair."""
    groups = kinds(planted)
    lot = np.random.default_rng(0).random(4_000) < 0.5
    whole = groups.pop("kind 0")
    found = review(planted.prepared, groups | {"a": whole & lot, "b": whole & ~lot})
    assert said(found) == {("alike", "a", "b")}
    (proposal,) = found.proposals
    assert proposal.test is not None
    assert proposal.test.p <= proposal.test.adjusted <= 0.05
    assert "behave alike" in proposal.said


def test_alike_in_traits_but_not_in_the_outcome_is_not_alike(planted: Study) -> None:
    """With an outcome stated, segments that differ in it are kept apart."""
    groups = kinds(planted)
    lot = np.random.default_rng(0).random(4_000) < 0.5
    halves = {"a": groups["kind 0"] & lot, "b": groups["kind 0"] & ~lot}
    outcome = np.where(lot, 1.0, 0.0)
    found = review(planted.prepared, halves, ("bought", outcome))
    assert ("alike", "a", "b") not in said(found)
    assert ("weak", "b", "a") in said(found)


def test_a_segment_of_two_kinds_is_proposed_for_dividing(planted: Study) -> None:
    """Bargain hunters and big spenders under one name are seen to be two."""
    groups = kinds(planted)
    mixed = groups.pop("kind 1") | groups.pop("kind 2")
    found = review(planted.prepared, groups | {"mixed": mixed})
    assert said(found) == {("two", "mixed")}
    assert "more than one group" in found.proposals[0].said


def test_small_and_equal_segments_are_proposed_for_merging(planted: Study) -> None:
    """One under the floor goes to the one most like it; the same people twice are one."""
    groups = kinds(planted)
    few = groups["kind 3"] & (np.cumsum(groups["kind 3"]) <= 40)
    found = review(planted.prepared, groups | {"few": few, "again": groups["kind 1"]})
    assert {("small", "few", "kind 3"), ("same", "kind 1", "again")} <= said(found)


def test_a_segment_below_the_rest_is_named_with_its_numbers(planted: Study) -> None:
    """Whoever does worse on the outcome is proposed for merging with the nearest."""
    groups = kinds(planted)
    rng = np.random.default_rng(1)
    outcome = np.where(groups["kind 0"], rng.poisson(1.0, 4_000), rng.poisson(3.0, 4_000)) * 1.0
    outcome[::50] = np.nan
    found = review(planted.prepared, groups, ("orders after", outcome))
    weak = [each for each in found.proposals if each.because == "weak"]
    assert [each.groups[0] for each in weak] == ["kind 0"]
    assert "orders after is" in weak[0].said
    assert found.outcome == "orders after"


def test_an_outcome_that_is_the_same_for_all_blames_nobody(planted: Study) -> None:
    """Over 20 outcomes drawn by lot, nobody is called weak more than once."""
    groups, n = kinds(planted), 0
    for seed in range(20):
        outcome = np.random.default_rng(seed).exponential(size=4_000)
        found = review(planted.prepared, groups, ("luck", outcome), limits=Limits(floor=5_000))
        n += sum(each.because == "weak" for each in found.proposals)
    assert n <= 1


def test_nothing_to_compare_is_said(planted: Study) -> None:
    """One segment, or segments without people, are an error that says so."""
    with pytest.raises(CoterieError, match="nothing to compare"):
        review(planted.prepared, {"all": np.ones(4_000, bool), "none": np.zeros(4_000, bool)})
