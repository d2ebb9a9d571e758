"""A project's people studied from the command and the notebook: found, kept, adopted, erased."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import coterie
from coterie.errors import CoterieError
from coterie.privacy.scan import scan
from tests.cli.test_commands import coterie as typed
from tests.discover.study.conftest import STUDY
from tests.live.shop import Live, day

pytestmark = pytest.mark.xdist_group("studied")  # one study serves all of these tests


def kinds(cdp: coterie.project.Project) -> list[Counter[str]]:
    """For each of the shop's three kinds of people, the clusters that they are in."""
    clusters = cdp.discover.study().clusters
    people = [cdp.pseudonymiser.person(f"person {i}") for i in range(90)]
    return [Counter(clusters[people[kind::3]]) for kind in range(3)]


def test_command_tells_verdict_reasons_clusters_and_what_was_tried(
    studied: tuple[Live, str],
) -> None:
    """Everything that somebody needs who reads no report."""
    said = " ".join(studied[1].split())
    assert "study-1: 90 people" in said
    assert "kmeans-3 is recommended" in said
    assert said.count("of everybody") >= 3
    assert "coterie discover --adopt study-1" in said
    assert "study.html" in said


def test_kinds_of_people_are_found(shop: Live) -> None:
    """Each kind is a cluster of its own, for nine in ten of its people."""
    found = kinds(shop.project)
    assert len({each.most_common(1)[0][0] for each in found}) == 3
    assert all(each.most_common(1)[0][1] >= 27 for each in found)


def test_same_question_gives_the_same_study(shop: Live) -> None:
    """In a notebook as by the command; it is kept under the next name."""
    first = shop.project.discover.study("study-1")
    again = shop.project.discover(
        first.choices.traits, k=[2, 3], algorithms="kmeans", floor=10, purpose="analytics"
    )
    assert shop.project.discover.studies == ["study-1", "study-2"]
    assert again.recommendation == first.recommendation
    np.testing.assert_array_equal(again.prepared.matrix, first.prepared.matrix)
    for one, other in zip(again.candidates, first.candidates, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)


def test_estimator_is_scikit_learns_and_says_the_same(shop: Live) -> None:
    """Pipeline and estimator of scikit-learn put raw values where the study did."""
    study = shop.project.discover.study()
    matrix = study.pipeline.transform(study.prepared.raw)
    np.testing.assert_array_equal(study.estimator.predict(matrix), study.needed().labels)


def test_list_and_show_read_what_is_kept(shop: Live) -> None:
    """One line a study; the verdict again; JSON for other programs, with nobody in it."""
    shop.project.close()
    assert "3 clusters by kmeans-3" in typed("-p", shop.folder, "discover", "list").output
    shown = typed("-p", shop.folder, "discover", "show").output
    assert "kmeans-3 is recommended" in " ".join(shown.split())
    told = typed("-p", shop.folder, "discover", "show", "study-1", "--json").output
    found = json.loads(told)
    assert (found["recommended"], found["people"], len(found["personas"])) == ("kmeans-3", 90, 3)
    assert not re.search(r"\b[0-9a-f]{32}\b", told)


def test_split_is_shown_with_its_tests(shop: Live) -> None:
    """Each group with the test that divided it, or why it was not divided."""
    shop.project.close()
    done = typed("-p", shop.folder, "discover", "show", "--split")
    assert done.exit_code == 0, done.output
    assert "everybody: 90 people; 3 broad segments of kmeans-3" in done.output


def test_segments_can_be_reviewed(shop: Live) -> None:
    """A segment that is too small is proposed for merging."""
    found = shop.project.discover.review(["tier"], traits=["visits", "orders"], floor=40)
    assert any(proposal.do == "merge" for proposal in found.proposals)


def test_rules_and_model_are_compared_over_time(shop: Live) -> None:
    """A row an instant, with the share of people whom both put into the same cluster."""
    both = shop.project.discover.compare("study-1", at=[day(50), day(61)]).agreement
    assert len(both) == 2
    assert both["agreement"].between(0.5, 1).all()


def test_report_names_nobody(shop: Live, tmp_path: Path) -> None:
    """No pseudonym is in it, and nothing of it comes from a network."""
    study = shop.project.discover.study()
    page = study.report(tmp_path / "study.html").read_text("utf-8")
    words = set(re.findall(r"\b[0-9a-f]{32}\b", page))
    assert not words & set(study.crowd.frame.index)
    assert 'src="http' not in page


@pytest.mark.parametrize("how", ["rules", "model"])
def test_adopted_clusters_are_segments(shop: Live, how: str) -> None:
    """After the next run they hold for the people of the clusters."""
    shop.project.close()
    done = typed(
        "-p", shop.folder, "discover", "--adopt", "study-1", "--as", how,
        "--names", "lookers,hats,shoes",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    with coterie.open(shop.folder, clock=lambda: day(61)) as cdp:
        cdp.run(day(61))
        names = [name for name in cdp.library.segments if name.startswith("study_1")]
        sizes = sum(len(cdp.segments[name].holds()) for name in names)
        assert len(names) == 3
        assert sizes >= 85


def test_personas_can_be_edited(shop: Live) -> None:
    """Names and words in a file of the study take the place of the generated ones."""
    study = shop.project.discover.study()
    file = study.edit()
    text = file.read_text("utf-8")
    file.write_text(text.replace(study.personas()[0].name, "Sunday lookers"), "utf-8")
    again = shop.project.discover.study()
    assert again.personas()[0].name == "Sunday lookers"
    assert "Sunday lookers" in again.distill().names


def test_erased_person_is_in_no_study(shop: Live) -> None:
    """The erasure is proven by a scan of all of the project's data, studies included."""
    cdp = shop.project
    who = cdp.pseudonymiser.person("person 4")
    data = shop.folder / "data"
    assert any("studies" in found.file for found in scan(data, [who.encode()]))
    report = cdp.erase("person 4")
    assert report.proven
    study = cdp.discover.study()
    assert (len(study.crowd), who in study.crowd.frame.index) == (89, False)


def test_study_of_a_segment_of_everybody_is_that_of_everybody(shop: Live) -> None:
    """The same people and the same clusters; a smaller segment has its own people alone."""
    text = (shop.folder / "definitions.py").read_text("utf-8")
    shop.define(f"{text}\nanybody = segment(viewed.any() | order.any())\n")
    shop.project.run(day(61))
    choice = {"k": 2, "algorithms": "kmeans", "floor": 5}
    every = shop.project.discover(["spend", "visits"], **choice)
    same = shop.project.discover(["spend", "visits"], segment="anybody", **choice)
    some = shop.project.discover(["spend", "visits"], segment="customers", **choice)
    assert (len(every.crowd), len(same.crowd), len(some.crowd)) == (90, 90, 60)
    np.testing.assert_array_equal(every.candidates[0].labels, same.candidates[0].labels)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("discover", "--traits", "spendd"), "did you mean 'spend'?"),
        (("discover", "--segment", "customer"), "did you mean 'customers'?"),
        (("discover", "--purpose", "profit"), "no purpose 'profit'"),
        (("discover", "--k", "many"), "such as 4, 2-10 or 3,5,8"),
        (("discover", "--algorithms", "kmean"), "not known"),
        (("discover", "--recipe", "none.json"), "no such recipe"),
        (("discover", "--adopt", "study-1", "--as", "magic"), "rules or model"),
        (("discover", "--adopt", "study-9"), "no such study"),
        (("discover", "--resume", "study-9"), "no such study"),
        (("discover", "show", "--pick", "kmeans-9"), "did you mean 'kmeans-"),
    ],
)
def test_mistake_is_answered_in_five_parts(
    shop: Live, arguments: tuple[str, ...], said: str
) -> None:
    """An error with a hint, no traceback, and no study left behind."""
    shop.project.close()
    done = typed("-p", shop.folder, *arguments)
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output
    with coterie.open(shop.folder) as cdp:
        assert cdp.discover.studies == ["study-1"]


def test_ctrl_c_stops_cleanly_and_resume_comes_to_the_same(
    shop: Live, studied: tuple[Live, str]
) -> None:
    """What was finished is kept, the way to go on is said, and nothing is shown of the half."""
    shop.project.close()
    command = [Path(sys.executable).with_name("coterie"), "-p", shop.folder, *STUDY]
    checkpoints = shop.folder / "data" / "studies" / "study-2" / "candidates"
    running = subprocess.Popen(
        [*map(str, command), "--floor", "10", "--no-report"], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while running.poll() is None and not list(checkpoints.glob("*.npz")):
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate()
    if running.returncode == 0:
        pytest.skip("the study was quicker than the signal")
    assert running.returncode == 130
    assert "Traceback" not in said
    assert "coterie discover --resume study-2" in said
    done = typed("-p", shop.folder, "discover", "--resume", "study-2", "--no-report")
    assert "kmeans-3 is recommended" in " ".join(done.output.split())
    with coterie.open(shop.folder) as cdp:
        first, again = cdp.discover.study("study-1"), cdp.discover.study("study-2")
        assert again.recommendation == first.recommendation


def test_too_few_people_are_refused(shop: Live) -> None:
    """Five customers are nobody's segments."""
    shop.define(
        (shop.folder / "definitions.py").read_text("utf-8") + "\nhandful = segment(spend > 1700)\n"
    )
    with pytest.raises(CoterieError, match="people"):
        shop.project.discover(["spend", "visits"], segment="handful")
