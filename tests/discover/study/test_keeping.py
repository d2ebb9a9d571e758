"""A study that is kept reads back as it was, goes on where it was stopped, and forgets people."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.discover.candidates import Candidate, Shape
from coterie.discover.clustering.plan import Plan
from coterie.discover.keeping.erasing import forget
from coterie.discover.keeping.shelf import Shelf
from coterie.discover.studying import making
from coterie.discover.studying.choices import choices
from coterie.discover.studying.study import Study
from coterie.errors import CoterieError, StoreError
from coterie.privacy.scan import scan
from tests.discover.planted import study as planted

QUICK = Plan(ks=(3, 4), algorithms=("kmeans", "gmm-full"), bootstraps=2, splits=2, references=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, Study]:
    shelf = Shelf(tmp_path_factory.mktemp("kept") / "studies")
    return shelf, studied(shelf)


def studied(shelf: Shelf, **more: object) -> Study:
    crowd = planted(400, unknown=0.1).crowd
    asked = choices(["orders"], plan=QUICK, floor=20, seed=3)
    return making.made(crowd, asked, title="planted", shelf=shelf, made_at=7, **more)  # type: ignore[arg-type]


def test_kept_study_reads_back_as_it_was(made: tuple[Shelf, Study]) -> None:
    """People, matrix, candidates with measures and shapes, recommendation and choices."""
    shelf, study = made
    again = making.resumed(shelf.open(study.name), title="planted")
    pd.testing.assert_frame_equal(
        again.crowd.frame, study.crowd.frame, check_dtype=False, check_names=False
    )
    assert again.crowd.columns == study.crowd.columns
    np.testing.assert_array_equal(again.prepared.matrix, study.prepared.matrix)
    np.testing.assert_array_equal(again.prepared.imputed, study.prepared.imputed)
    assert again.prepared.features == study.prepared.features
    assert (again.recommendation, again.choices) == (study.recommendation, study.choices)
    for one, other in zip(again.candidates, study.candidates, strict=True):
        assert (one.name, one.parameters, one.measures) == (
            other.name, other.parameters, other.measures,
        )  # fmt: skip
        np.testing.assert_array_equal(one.labels, other.labels)
        assert one.shape is not None
        assert other.shape is not None
        np.testing.assert_array_equal(one.shape.centres, other.shape.centres)


def test_pipeline_of_a_kept_study_gives_its_matrix(made: tuple[Shelf, Study]) -> None:
    """It is fitted anew of the same people and choices, and not kept as code."""
    shelf, study = made
    again = making.resumed(shelf.open(study.name), title="planted")
    found = again.pipeline.transform(again.prepared.raw)
    np.testing.assert_array_equal(found, study.prepared.matrix)


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def test_stopped_study_goes_on_and_comes_to_the_same(
    made: tuple[Shelf, Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was finished is not computed again."""
    shelf = Shelf(tmp_path)
    steps: list[str] = []

    def stopping(what: str, done: int, total: int) -> None:
        steps.append(what)
        if what == "Clustering: gmm-full-3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        studied(shelf, progress=stopping)
    kept = shelf.open("study-1")
    assert kept.finished is None
    assert len(list((kept.folder / "candidates").glob("*.npz"))) == 2
    study = making.resumed(kept, title="planted")
    assert study.recommendation == made[1].recommendation
    for one, other in zip(study.candidates, made[1].candidates, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)
    assert kept.finished is not None
    assert not (kept.folder / "candidates").exists()


def test_erased_person_leaves_every_study(tmp_path: Path) -> None:
    """Row, values, coordinates and clusters go; the others keep theirs; a scan finds nothing."""
    shelf = Shelf(tmp_path)
    study = studied(shelf)
    gone = str(study.crowd.frame.index[5])
    assert scan(tmp_path, [gone.encode()])
    assert forget(tmp_path, {gone, "somebody else"}) == 1
    assert scan(tmp_path, [gone.encode()]) == []
    again = making.resumed(shelf.open(study.name), title="planted")
    stay = study.prepared.raw.index != gone
    pd.testing.assert_frame_equal(
        again.crowd.frame, study.crowd.frame.drop(index=gone), check_dtype=False, check_names=False
    )
    np.testing.assert_array_equal(again.prepared.matrix, study.prepared.matrix[stay])
    for one, other in zip(again.candidates, study.candidates, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels[stay])
    assert forget(tmp_path, {gone}) == 0


def test_unfinished_study_is_deleted_by_an_erasure(tmp_path: Path) -> None:
    """Its checkpoints go by position; whoever still computes it is told."""
    shelf = Shelf(tmp_path)
    crowd = planted(100).crowd
    kept = shelf.begin(crowd, choices(plan=QUICK).as_json(), 0)
    candidate = Candidate("kmeans", 2, {}, np.zeros(3, np.int32), Shape(np.zeros((2, 1))))
    kept.checkpoints.save("a", candidate)
    assert forget(tmp_path, {str(crowd.frame.index[0])}) == 1
    assert shelf.names == []
    with pytest.raises(StoreError, match="deleted while it ran"):
        kept.checkpoints.save("b", candidate)


def test_studies_are_numbered_and_the_next_takes_no_name_again(tmp_path: Path) -> None:
    """A folder that stands, whatever is in it, is nobody else's."""
    shelf = Shelf(tmp_path)
    (tmp_path / "study-9").mkdir(parents=True)
    kept = shelf.begin(planted(100).crowd, choices(plan=QUICK).as_json(), 0)
    assert (kept.name, shelf.names) == ("study-10", ["study-10"])
    with pytest.raises(CoterieError, match="no such study"):
        shelf.open("study-9")


def test_damaged_study_is_said(tmp_path: Path) -> None:
    """Whoever edits the record by hand is told which file it is."""
    kept = Shelf(tmp_path).begin(planted(100).crowd, choices(plan=QUICK).as_json(), 0)
    (kept.folder / "begun.json").write_text("{")
    with pytest.raises(StoreError, match=r"study-1/begun\.json"):
        _ = kept.begun


def test_other_candidate_can_be_picked(made: tuple[Shelf, Study]) -> None:
    """By its name; a wrong one is answered with the nearest."""
    study = made[1]
    assert study.pick("gmm-full-3").chosen is study.candidates[2]
    with pytest.raises(CoterieError, match="gmm-full-3"):
        study.pick("gmm-ful-3")


def test_split_study_has_the_groups_that_tests_allow(made: tuple[Shelf, Study]) -> None:
    """Two broad clusters of four kinds are split; everybody is in one leaf, each large enough."""
    study = made[1]
    broad = replace(
        study,
        candidates=(_merged(study.needed()),),
        recommendation=replace(study.recommendation, chosen=0, scores=(1.0,)),
    )
    found = broad.split(floor=20)
    assert found.tree is not None
    sizes = [len(leaf.rows) for leaf in found.tree.leaves()]
    assert sum(sizes) == len(study.prepared.rows)
    assert min(sizes) >= 20
    assert found.needed().k == len(sizes) > 2
    assert len(found.personas()) == len(sizes)
    assert found.recommendation.scores[-1] == 0
    assert len(found.table) == 2


def _merged(candidate: Candidate) -> Candidate:
    """The first cluster, and all others as one."""
    labels = np.minimum(candidate.labels, 1).astype(np.int32)
    return replace(candidate, algorithm="ward", k=2, labels=labels, shape=None)


def test_without_clusters_it_says_so(made: tuple[Shelf, Study]) -> None:
    """A study that found nothing has people and measures, and nothing to describe."""
    study = made[1]
    none = replace(study, recommendation=replace(study.recommendation, chosen=None))
    assert none.chosen is None
    assert "no stable clusters" in repr(none)
    with pytest.raises(CoterieError, match="no stable clusters"):
        _ = none.clusters


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    import coterie.discover

    monkeypatch.setitem(sys.modules, "openTSNE", None)
    with pytest.raises(CoterieError, match=r"pip install 'coterie\[discover\]'"):
        _ = coterie.discover.study
