"""Distilled rules are ordinary definitions: SQL answers them, and the stream moves people."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from sklearn.cluster import KMeans

from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Crowd
from coterie.discover.distilling import Rules, distill
from coterie.discover.gathering import gather
from coterie.discover.preparing import prepare
from coterie.language.events import Event
from tests.live.shop import Live, bought, day, looked

DEFINITIONS = """\
from coterie import event, trait

order, viewed = event("Order Completed"), event("Page Viewed")
orders = trait(order.count())
spend = trait(order.sum("amount"))
usual = trait(order.mean("amount"))
views = trait(viewed.count())
favourite = trait(viewed.top("page"))
last_order_at = trait(order.last_at())
"""
TRAITS = ("orders", "spend", "usual", "views", "favourite", "last_order_at")
KINDS = ("buyer", "looker", "guest")


def history() -> list[Event]:
    """Ninety people of three kinds: who buy often, who look often, and who came once."""
    random, found = Random(5), []
    for i in range(90):
        who, kind = f"person {i}", KINDS[i % 3]
        counts = {"buyer": (8, 3), "looker": (0, 12), "guest": (1, 1)}[kind]
        for j in range(counts[0]):
            when = random.uniform(40, 60) if kind == "buyer" else random.uniform(0, 20)
            found.append(bought(f"o{i}-{j}", who, when, f"{random.randint(30, 90)}.50"))
        for j in range(counts[1]):
            page = random.choice(("hats", "hats", "shoes"))
            found.append(looked(f"v{i}-{j}", who, random.uniform(0, 60), page))
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    made = Live(tmp_path_factory.mktemp("distilled"), DEFINITIONS).send(history())
    made.project.run(day(60))
    yield made
    made.project.close()


@pytest.fixture(scope="module")
def crowd(shop: Live) -> Crowd:
    return gather(shop.project, TRAITS)


@pytest.fixture(scope="module")
def rules(shop: Live, crowd: Crowd) -> Rules:
    """The rules of three clusters, written where the project reads definitions."""
    prepared = prepare(crowd)
    labels = KMeans(3, n_init=5, random_state=0).fit_predict(prepared.matrix).astype(np.int32)
    found = distill(crowd, prepared, Candidate("kmeans", 3, {}, labels, None), name="study_1")
    folder = shop.folder / "definitions"
    folder.mkdir()
    (folder / "study_1.yaml").write_text(found.yaml())
    shop.project.reload()
    return found


def test_sql_answers_what_the_rules_say(shop: Live, crowd: Crowd, rules: Rules) -> None:
    """The stages and segments of a project tell everybody as the rules did, unknowns included."""
    names = list(rules.definitions().by_name)
    told = rules.assign(crowd.frame, crowd.at)
    answer = (
        shop.project.traits(names).arrow.to_pandas().set_index("profile").loc[crowd.frame.index]
    )
    wanted = [rules.names[i] if i >= 0 else "none" for i in told]
    assert answer["study_1"].tolist() == wanted
    for name, stage in zip(names[1:], [name for name, _ in rules.sentences], strict=True):
        assert answer[name].tolist() == [each == stage for each in wanted]
    assert crowd.frame["usual"].isna().any()
    assert rules.fidelity.value >= 0.9


def test_the_stream_moves_people_between_clusters(shop: Live, rules: Rules) -> None:
    """A guest becomes a buyer with the order that makes them one; verify agrees."""
    shop.project.run(day(60.5))
    before = stage(shop, "person 2")
    shop.replay("last")
    shop.send([looked(f"again {i}", "person 2", 61 + i, "hats") for i in range(2)])
    shop.send([bought(f"late {i}", "person 2", 61 + i / 10, "70.50") for i in range(9)])
    shop.replay("last", batch=1)
    assert shop.verified().live
    after = stage(shop, "person 2")
    assert before == stage(shop, "person 5") != after == stage(shop, "person 0")
    moves = [
        row for row in shop.log().to_pylist()
        if row["profile"] == shop.person("person 2") and row["segment"] == "study_1"
        and row["at"] >= day(61)
    ]  # fmt: skip
    assert next(row["stage"] for row in moves if row["change"] == "exited") == before
    assert [row["stage"] for row in moves if row["change"] == "entered"][-1] == after
    assert "event" in {row["cause"] for row in moves}


def stage(shop: Live, who: str) -> str:
    """Where somebody stands by the last answer."""
    return str(shop.project.traits(["study_1"], profiles=[shop.person(who)])["study_1"][0])
