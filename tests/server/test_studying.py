"""A study is made beside the server: one at a time, and whoever waits is told how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.project.folder import create
from coterie.server.studying import Job, Running, Studying
from tests.server.served import until

pytestmark = pytest.mark.xdist_group("studying")


@pytest.fixture
def studying(tmp_path: Path) -> Iterator[Studying]:
    """Studies of a project in which nothing was computed yet."""
    create(tmp_path / "shop", "retail")
    with Project(tmp_path / "shop") as project:
        found = Studying(project)
        yield found
        found.close()


def ended(studying: Studying) -> Job:
    """The job, once it works no more."""
    until(lambda: studying.job.state != "working")
    return studying.job


def test_nothing_was_asked_for_at_first(studying: Studying) -> None:
    """No job, no seconds, and nothing to end."""
    assert (studying.job.state, studying.lasted(studying.job)) == ("none", 0.0)


def test_study_that_fails_says_why_and_another_may_begin(studying: Studying) -> None:
    """While it works a second one is refused; the reason comes over in its parts."""
    assert studying.begin({"traits": ["frequency"]}).state == "working"
    with pytest.raises(Running):
        studying.begin({})
    job = ended(studying)
    assert job.state == "failed"
    assert job.problem is not None
    assert job.problem.what
    assert job.problem.hint
    assert job.ended_at >= job.begun_at
    assert studying.begin({}).state == "working"


def test_study_that_is_gone_on_with_has_its_name_from_the_first(studying: Studying) -> None:
    """One that is not there fails with its reason; none begins beside it."""
    job = studying.resume("study-7")
    assert (job.state, job.study, job.resumed) == ("working", "study-7", True)
    with pytest.raises(Running):
        studying.resume("study-7")
    found = ended(studying)
    assert found.problem is not None
    assert (found.state, found.problem.what) == ("failed", "there is no such study")


def test_study_that_is_ended_says_so(studying: Studying) -> None:
    """As where the server stops, or somebody kills its process."""
    studying.begin({})
    studying.close()
    job = ended(studying)
    assert job.problem is not None
    assert job.problem.what == "the study was ended before it was finished"
