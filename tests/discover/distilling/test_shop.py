"""The clusters of the simulated shop's people, as rules that the shop runs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.cluster import KMeans

from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Crowd
from coterie.discover.distilling import Rules, distill
from coterie.discover.gathering import gather
from coterie.discover.prepared import Prepared
from coterie.discover.preparing import prepare
from coterie.project.project import Project
from tests.discover import personas

pytestmark = pytest.mark.xdist_group("the shop's rules")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _ = personas.shop(tmp_path_factory.mktemp("shop"), people=1_000)
    yield made
    made.close()


@pytest.fixture(scope="module")
def crowd(project: Project) -> Crowd:
    return gather(project, personas.TRAITS, segment=personas.SEGMENT)


@pytest.fixture(scope="module")
def prepared(crowd: Crowd) -> Prepared:
    return prepare(crowd)


def rules(crowd: Crowd, prepared: Prepared, k: int) -> Rules:
    labels = KMeans(k, n_init=4, random_state=0).fit_predict(prepared.matrix)
    return distill(crowd, prepared, Candidate("kmeans", k, {}, labels.astype(np.int32), None))


@pytest.mark.parametrize("k", range(4, 9))
def test_rules_tell_9_of_10_people_held_out(crowd: Crowd, prepared: Prepared, k: int) -> None:
    """However many clusters, the rules agree with them, hold for everybody, and stay short."""
    found = rules(crowd, prepared, k)
    assert found.fidelity.value >= 0.9
    assert found.coverage.value >= 0.99
    assert len(found.rules) <= 2 * k
    assert not found.unruled


def test_the_project_runs_what_was_measured(
    project: Project, crowd: Crowd, prepared: Prepared
) -> None:
    """Run as ordinary segments, the rules agree with the clusters for as many people as stated."""
    found = rules(crowd, prepared, 6)
    (project.folder / "definitions").mkdir()
    (project.folder / "definitions" / "study.yaml").write_text(found.yaml())
    project.reload()
    answer = project.traits(["study"]).arrow.to_pandas().set_index("profile")["study"]
    told = answer.loc[prepared.raw.index]
    labels = KMeans(6, n_init=4, random_state=0).fit_predict(prepared.matrix)
    agreed = (told == np.array(found.names)[labels]).mean()
    assert found.fidelity.low <= agreed
    assert agreed >= 0.9
