"""What a study found, adopted: definitions and a version that live, equal in every engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coterie.discover.adopting import adopt, compare
from coterie.discover.candidates import Candidate
from coterie.discover.preparing import Choice, Recipe
from coterie.discover.studying.choices import Choices
from coterie.errors import DefinitionError, DuplicateName, UnknownName
from tests.discover.adopting.shop import DEFINITIONS, TRAITS, Study, becomes_a_lover, studied
from tests.live.shop import Live, day

pytestmark = pytest.mark.xdist_group("adopting")
NAMES = ("Lookers", "Hat buyers", "Shoe lovers")
BENT = Recipe(
    components=0.95, skewed=0.5, correlated=None, columns={"spend": Choice(flag_unknown=True)}
)  # fmt: skip
"""Every trait and step: also what says the same as another, and whether a value is unknown."""


def placed(study: Study) -> dict[str, str]:
    """The name of each person's cluster in the study."""
    labels = study.candidate.labels
    return dict(zip(study.prepared.raw.index, [NAMES[j] for j in labels], strict=True))


def found(shop: Live, name: str) -> dict[str, object]:
    """What the project answers of everybody."""
    answer = shop.project.traits([name])
    return dict(zip(answer["profile"], answer[name], strict=True))


@pytest.mark.parametrize("mixture", [False, True], ids=["kmeans", "mixture"])
def test_run_puts_everybody_where_the_study_did(shop: Live, mixture: bool) -> None:
    """Over principal components of every kind of trait, with unknowns filled and curves."""
    study = studied(shop.project, BENT, mixture=mixture)
    assert study.prepared.components is not None
    assert study.prepared.imputed.any()
    assert {feature.column for feature in study.prepared.features} == {*TRAITS}
    assert {"log1p", "yeo-johnson"} & {feature.curve for feature in study.prepared.features}
    done = adopt(shop.project, study, "model", names=NAMES)
    shop.project.run(day(61))
    assert found(shop, "study_7_model") == placed(study)
    assert done.fidelity == 1.0
    assert {(row["change"], row["cause"]) for row in changes(shop)} == {("entered", "edit")}


@pytest.mark.parametrize("mixture", [False, True], ids=["kmeans", "mixture"])
def test_person_moves_between_clusters_live(shop: Live, mixture: bool) -> None:
    """Somebody who begins to buy leaves their cluster at an order, and SQL agrees all along."""
    study = studied(shop.project, BENT if mixture else None, mixture=mixture)
    adopt(shop.project, study, "model", names=NAMES)
    shop.replay(61, begin="start")
    looker = shop.person("person 0")
    was = placed(study)[looker]
    shop.send(becomes_a_lover("person 0", 62)).replay(70)
    shop.verified()
    shop.replay(80)
    moves = [
        (row["change"], row["stage"])
        for row in shop.log().to_pylist()
        if (row["profile"], row["segment"], row["cause"]) == (looker, "study_7_model", "event")
    ]
    assert moves[0] == ("exited", was)
    assert {name for _, name in moves} <= {*NAMES}
    assert shop.verified().live


def test_stream_takes_up_a_model_while_it_stands(shop: Live) -> None:
    """Adopted between two replays it is an edit, and its version a refit; so is another version."""
    shop.replay(61, begin="start")
    study = studied(shop.project)
    adopt(shop.project, study, "model", names=NAMES)
    shop.replay(62)
    assert {row["cause"] for row in changes(shop)} == {"edit"}
    before = found(shop, "study_7_model")
    shop.verified()
    other = replace(study, candidate=turned(study.candidate))
    adopt(shop.project, other, "model", names=NAMES)
    shop.replay(63)
    after = found(shop, "study_7_model")
    assert all(after[who] == NAMES[2 - NAMES.index(name)] for who, name in before.items())
    assert changes(shop)[-1]["cause"] == "refit"
    shop.verified()


def changes(shop: Live) -> list[dict[str, Any]]:
    """The change records of the adopted stages."""
    return [row for row in shop.log().to_pylist() if row["segment"] == "study_7_model"]


def turned(candidate: Candidate) -> Candidate:
    """The same clusters numbered the other way round."""
    assert candidate.shape is not None
    shape = replace(candidate.shape, centres=candidate.shape.centres[::-1].copy())
    return replace(candidate, labels=candidate.k - 1 - candidate.labels, shape=shape)


def test_same_model_again_is_no_new_version(shop: Live) -> None:
    """Who adopts twice changes nothing; the file says who did, and why."""
    study = studied(shop.project)
    first = adopt(shop.project, study, "model", names=NAMES, author="ann", note="by and large")
    again = adopt(shop.project, study, "model", names=NAMES, author="bob")
    assert again.version == first.version
    head = again.path.read_text().splitlines()[0]
    assert head == "# The model of study-7 (kmeans-3), adopted by bob at 2024-03-31T00:00:00Z."


def test_edited_rules_are_not_overwritten(shop: Live) -> None:
    """They were made to be edited; who wants the study's again moves the edits away."""
    study = studied(shop.project)
    done = adopt(shop.project, study, names=NAMES)
    adopt(shop.project, study, names=NAMES, note="once more")
    edited = done.path.read_text().replace("Hat buyers", "Buyers of hats")
    done.path.write_text(edited)
    shop.project.reload()
    with pytest.raises(DefinitionError, match="edited since"):
        adopt(shop.project, study, names=NAMES)
    assert done.path.read_text() == edited
    done.path.unlink()
    assert adopt(shop.project, study, names=NAMES).path.is_file()


def test_rules_and_model_live_side_by_side(shop: Live) -> None:
    """Both are stages with segments; compared, they agree where both say that they do."""
    study = studied(shop.project)
    rules = adopt(shop.project, study, names=NAMES)
    adopt(shop.project, study, "model", names=NAMES)
    shop.project.run(day(61))
    assert {"study_7", "study_7_model"} <= {*shop.project.library.stages}
    assert {"study_7_hat_buyers", "study_7_model_hat_buyers"} <= {*shop.project.library.segments}
    assert rules.fidelity > 0.9
    by_rules, by_model = found(shop, "study_7"), found(shop, "study_7_model")
    same = sum(by_rules[who] == by_model[who] for who in by_model) / len(by_model)
    told = compare(shop.project, study, [day(40), day(61)], NAMES)
    assert told.agreement["agreement"].iloc[-1] == pytest.approx(same)
    assert told.agreement["rules_shift"].iloc[0] == 0.0
    last = told.shares[told.shares["at"] == told.shares["at"].max()].set_index("cluster")
    for name in (*NAMES, "none"):
        assert last["model"][name] == pytest.approx(list(by_model.values()).count(name) / 90)
        assert last["rules"][name] == pytest.approx(list(by_rules.values()).count(name) / 90)


def test_clusters_of_a_segment_hold_of_its_people_alone(shop: Live) -> None:
    """Whoever was not studied is in no cluster."""
    study = replace(studied(shop.project), choices=Choices(segment="customers"))
    adopt(shop.project, study, "model", names=NAMES)
    shop.project.run(day(61))
    customers = found(shop, "customers")
    for who, stage in found(shop, "study_7_model").items():
        assert customers[who] or stage == "none"


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "a"), ("a", "b", "none")])
def test_clusters_need_different_names(shop: Live, names: tuple[str, ...]) -> None:
    """One each, and none of them that of nobody."""
    for how in ("rules", "model"):
        with pytest.raises(DefinitionError, match="name"):
            adopt(shop.project, studied(shop.project), how, names=names)
    assert not (shop.folder / "definitions").exists()


def test_nothing_is_written_where_a_trait_is_gone(shop: Live) -> None:
    """The study's traits have to be there still, and its names free."""
    study, end = studied(shop.project), shop.project.stores.log.end()
    shop.define(DEFINITIONS + "study_7_cluster = trait(order.count())\n")
    shop.project.reload()
    with pytest.raises(DuplicateName, match="study_7_cluster"):
        adopt(shop.project, study, "model", names=NAMES)
    shop.define(DEFINITIONS.replace("spend", "spent"))
    shop.project.reload()
    with pytest.raises(UnknownName, match="spend"):
        adopt(shop.project, study, "model", names=NAMES)
    assert shop.project.stores.log.end() == end
    assert not (shop.folder / "definitions").exists()
