"""The planted personas of the simulated shop are found again by the default study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict

from coterie.discover.choosing import recommend
from coterie.discover.clustering import Plan, search
from coterie.discover.crowd import Crowd
from coterie.discover.gathering import gather
from coterie.discover.preparing import prepare
from tests.discover import personas

pytestmark = pytest.mark.xdist_group("personas")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crowd, pd.Series]:
    """The known people of a shop with their traits, and what they were planted as."""
    folder: Path = tmp_path_factory.mktemp("personas") / "shop"
    project, truth = personas.shop(folder, people=3_000)
    crowd = gather(project, personas.TRAITS, segment=personas.SEGMENT)
    return crowd, truth.loc[crowd.frame.index]


def taught(crowd: Crowd, truth: pd.Series) -> np.ndarray:
    """What a classifier taught the truth says of people it was not shown, by the same traits."""
    classifier = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.05, l2_regularization=5, min_samples_leaf=50, random_state=0
    )
    return cross_val_predict(classifier, crowd.frame.astype(float), truth, cv=3)


FEWER = Plan(bootstraps=3, splits=2, references=3, resampled_people=1_000)
"""All algorithms and numbers of clusters, each repeated less often than by default."""


@pytest.mark.parametrize("plan", [FEWER, pytest.param(Plan(), marks=pytest.mark.soak)])
@pytest.mark.filterwarnings("ignore:The least populated class:UserWarning")  # 3 wholesalers
def test_the_default_study_recovers_nine_tenths_of_what_a_taught_classifier_does(
    found: tuple[Crowd, pd.Series], plan: Plan
) -> None:
    """Adjusted Rand indices with the planted personas, of the recommended clustering."""
    crowd, truth = found
    prepared = prepare(crowd)
    candidates = search(prepared.matrix, prepared.fitted_on, plan)
    recommendation = recommend(candidates)
    assert recommendation.chosen is not None, recommendation.reasons
    chosen = candidates[recommendation.chosen]
    ceiling = adjusted_rand_score(truth, taught(crowd, truth))
    assert ceiling > 0.5
    recovered = adjusted_rand_score(truth.iloc[prepared.rows], chosen.labels)
    assert recovered >= 0.9 * ceiling, (chosen.name, recovered, ceiling)
