"""Clusters become rules that are true of people held out, and that a project reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from coterie.discover.candidates import NOISE, Candidate
from coterie.discover.crowd import Column, Kind
from coterie.discover.distilling import NOBODY, Rules, distill
from coterie.discover.distilling.learning import share
from coterie.errors import DefinitionError
from coterie.language import nodes as n
from coterie.language.codec import from_yaml
from coterie.language.load import load_python
from tests.discover.planted import AT, Study, study


@pytest.fixture(scope="module")
def rules() -> Rules:
    return distill(*study(), seed=3, name="study_7")


def test_rules_agree_with_clusters_of_people_held_out(rules: Rules) -> None:
    """Planted kinds are told for 9 of 10 people, and the interval holds what new people show."""
    crowd, _, candidate = study(6_000, seed=9)
    fresh = float((rules.assign(crowd.frame, AT) == candidate.labels).mean())
    assert rules.fidelity.value >= 0.9
    assert rules.fidelity.low - 0.01 <= fresh <= rules.fidelity.high + 0.01
    assert rules.coverage.value >= 0.99
    assert rules.stability.value >= 0.85
    assert rules.n_learned + rules.n_held_out == 2_000


def test_rules_are_about_as_good_as_scikit_learns_tree(rules: Rules) -> None:
    """Readable thresholds and shorter rules cost a hundredth at most against the tree itself."""
    _, prepared, candidate = study()
    fresh, other, truth = study(6_000, seed=9)
    tree = DecisionTreeClassifier(max_depth=rules.depth, random_state=0)
    tree.fit(prepared.standardised, candidate.labels)
    means, scales = (
        np.array([getattr(f, x) for f in prepared.features]) for x in ("mean", "scale")
    )
    theirs = np.array([[f.mean, f.scale] for f in other.features])
    matrix = (other.standardised * theirs[:, 1] + theirs[:, 0] - means) / scales
    ours = (rules.assign(fresh.frame, AT) == truth.labels).mean()
    assert ours >= tree.score(matrix, truth.labels) - 0.01


def test_each_cluster_is_measured(rules: Rules) -> None:
    """Recall and precision of each cluster add up to the fidelity of all."""
    right = sum(told.recall * told.people for told in rules.each)
    assert right == pytest.approx(rules.fidelity.value * rules.n_held_out)
    assert [told.cluster for told in rules.each] == [0, 1, 2, 3]
    assert not rules.unruled


def test_yaml_and_python_read_back_to_the_same_definitions(rules: Rules, tmp_path: Path) -> None:
    """Both files define what `definitions` does, and refer to the traits by name."""
    wanted = rules.definitions(purpose="marketing").by_name
    assert from_yaml(rules.yaml(purpose="marketing")).by_name == wanted
    assert {ref.name for each in wanted.values() for ref in n.walk(each) if isinstance(ref, n.Ref)}
    names = {ref.name for ref in n.walk(rules.stages()) if isinstance(ref, n.Ref)}
    traits = "".join(f"{name} = trait(declared({name!r}))\n" for name in sorted(names))
    written = tmp_path / "definitions.py"
    written.write_text(
        f"from coterie import declared, trait\n{traits}{rules.python(purpose='marketing')}\n"
    )
    read = load_python(written).by_name
    assert {name: read[name] for name in wanted} == wanted


def test_rules_are_short(rules: Rules) -> None:
    """A rule asks of each trait once, and the whole of them fits on a page."""
    for rule in rules.rules:
        asked = [condition.column for condition in rule.conditions]
        assert len(asked) == len(set(asked)) <= rules.depth
    assert len(rules.rules) <= 8
    assert [name for name, _ in rules.sentences] == [s.name for s in rules.stages().stages]


def test_another_question_must_pay() -> None:
    """Nobody is asked more than the user allows, and a few questions are kept where they do."""
    three = distill(*study(), depth=2, deepest=3)
    assert three.depth <= 3
    assert max(len(rule.conditions) for rule in three.rules) <= 3
    crowd, prepared, _ = study()
    labels = (crowd.frame["orders"] >= 5).to_numpy(dtype=np.int32)
    one = distill(crowd, prepared, Candidate("kmeans", 2, {}, labels, None))
    assert (one.depth, one.fidelity.value) == (1, 1.0)
    assert [source for _, source in one.sentences] == [
        "people whose orders is below 5", "people whose orders is at least 5",
    ]  # fmt: skip


def test_names_are_the_users(rules: Rules) -> None:
    """Clusters take other names, which their segments carry; a doubled name is refused."""
    named = rules.renamed(["Loyal", "Bargain hunters", "Gifts", "Others"])
    assert "study_7_bargain_hunters" in named.definitions().by_name
    assert named.stages().otherwise == NOBODY
    alike = rules.renamed(["A, b", "a b", "Ü", "é"]).definitions("s").by_name
    assert sorted(alike) == ["s", "s_2", "s_3", "s_a_b", "s_a_b_2"]
    for wrong in (["a", "b"], ["a", "a", "b", "c"], ["a", "b", "c", NOBODY]):
        with pytest.raises(DefinitionError, match="a name each"):
            rules.renamed(wrong)


def test_the_same_seed_gives_the_same_rules() -> None:
    """Everything random comes from the seed."""
    assert distill(*study(400), seed=1) == distill(*study(400), seed=1)


def test_unknown_values_go_where_the_preparation_put_them() -> None:
    """Somebody without a value is told as somebody with the value that was filled in."""
    crowd, prepared, _ = study(3_000, unknown=0.2)
    fill = next(f.fill for f in prepared.features if f.name == "coupons")
    filled = crowd.frame.assign(coupons=crowd.frame["coupons"].fillna(fill))
    labels = (filled["coupons"] < 0.4).to_numpy(dtype=np.int32)
    rules = distill(crowd, prepared, Candidate("kmeans", 2, {}, labels, None))
    assert rules.fidelity.value >= 0.99
    assert (rules.assign(filled, AT) == rules.assign(crowd.frame, AT)).all()
    assert any(condition.unknown for rule in rules.rules for condition in rule.conditions)


def test_the_side_of_unknown_values_is_learned_where_no_constant_fills_them() -> None:
    """Where neighbours filled them, they go where their people are; left out, nowhere."""
    crowd, prepared, _ = study(3_000, unknown=0.2)
    unfilled = tuple(replace(f, fill=None) for f in prepared.features)
    known = crowd.frame["coupons"].notna().to_numpy()
    labels = ((crowd.frame["coupons"] < 0.4) & known).to_numpy(dtype=np.int32)
    candidate = Candidate("kmeans", 2, {}, labels, None)
    learned = distill(crowd, replace(prepared, features=unfilled, rowwise=False), candidate)
    assert learned.fidelity.value >= 0.99
    some = Study(crowd, replace(prepared, features=unfilled), candidate).only(known)
    told = distill(*some).assign(crowd.frame, AT)
    assert set(told[known]) == {0, 1}
    assert set(told[~known]) == {NOISE}


def test_noise_has_no_rule() -> None:
    """People without a cluster are told by no rule's holding; the rest keep theirs."""
    crowd, prepared, candidate = study(2_000)
    labels = candidate.labels.copy()
    labels[labels == 2] = NOISE
    labels[labels == 3] = 2
    rules = distill(crowd, prepared, Candidate("hdbscan", 3, {}, labels, None))
    assert rules.fidelity.value >= 0.9
    assert rules.coverage.value == pytest.approx((labels != NOISE).mean(), abs=0.05)
    assert set(rules.assign(crowd.frame, AT)) == {NOISE, 0, 1, 2}


def test_texts_are_asked_for_by_their_words() -> None:
    """Where a category makes the clusters, the rules name its values."""
    crowd, prepared, _ = study(1_000)
    labels = (crowd.frame["favourite"] == "Gifts").to_numpy(dtype=np.int32)
    rules = distill(crowd, prepared, Candidate("kmeans", 2, {}, labels, None))
    (condition,) = {c for rule in rules.rules for c in rule.conditions if c.among}
    assert (condition.kind, condition.among) == (Kind.CATEGORY, ("Gifts",))
    assert rules.fidelity.value == 1.0


def test_of_two_texts_each_is_named() -> None:
    """Where a text has two values, no rule says `not the other one`."""
    crowd, prepared, _ = study(1_000)
    crowd.frame["favourite"] = np.where(crowd.frame["favourite"] == "Gifts", "Gifts", "Home")
    crowd.frame["favourite"] = crowd.frame["favourite"].astype("string")
    labels = (crowd.frame["favourite"] == "Gifts").to_numpy(dtype=np.int32)
    rules = distill(crowd, replace(prepared, raw=crowd.frame), Candidate("x", 2, {}, labels, None))
    found = {rule.cluster: rule.conditions[0].among for rule in rules.rules}
    assert found == {0: ("Home",), 1: ("Gifts",)}


def test_levels_are_asked_for_in_their_order() -> None:
    """Where levels have an order, a rule names those of one side of it."""
    crowd, prepared, _ = study(1_000)
    levels = ("Garden", "Gifts", "Home", "Outlet")
    columns = tuple(
        Column("favourite", Kind.ORDINAL, levels) if c.name == "favourite" else c
        for c in crowd.columns
    )
    labels = crowd.frame["favourite"].isin(levels[2:]).to_numpy(dtype=np.int32)
    candidate = Candidate("kmeans", 2, {}, labels, None)
    rules = distill(replace(crowd, columns=columns), prepared, candidate)
    found = {rule.cluster: rule.conditions[0].among for rule in rules.rules}
    assert found == {0: levels[:2], 1: levels[2:]}
    assert rules.fidelity.value == 1.0


@pytest.mark.parametrize(
    ("n", "k", "said"), [(40, 4, "too few people"), (100, 1, "nothing to tell")]
)
def test_what_cannot_be_distilled_is_said(n: int, k: int, said: str) -> None:
    """One cluster, or too few people to hold some out, is an error that says so."""
    crowd, prepared, candidate = study(n)
    labels = np.minimum(candidate.labels, k - 1).astype(np.int32)
    with pytest.raises(DefinitionError, match=said):
        distill(crowd, prepared, Candidate("kmeans", k, {}, labels, None))


def test_an_interval_of_a_share_is_wilsons() -> None:
    """The published interval of 15 of 20 (Newcombe 1998, table I): 0.5313 to 0.8881."""
    found = share(np.array([True] * 15 + [False] * 5))
    assert (round(found.low, 4), round(found.high, 4)) == (0.5313, 0.8881)
