"""The page of a study fetches nothing, names nobody, and says first what it comes to."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from coterie.discover.candidates import Measure
from coterie.discover.drawing import wording
from coterie.discover.prepared import Note
from coterie.discover.reporting import parts, preparing, report
from tests.discover.drawing.example import NAMES, Study, study, without_clusters
from tests.pictures.test_report import Read


@pytest.fixture(scope="module")
def made() -> Study:
    return study(160)


@pytest.fixture(scope="module")
def written(made: Study) -> str:
    return report(made)


@pytest.fixture(scope="module")
def read(written: str) -> Read:
    return Read(written)


def test_page_fetches_nothing(read: Read) -> None:
    """No element names an address but places on the page itself."""
    addresses = [
        value
        for _, attributes in read.tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "data")
    ]
    assert addresses
    assert all(one and (one.startswith("#") or one == "data:,") for one in addresses)


def test_page_names_nobody(made: Study, written: str) -> None:
    """No pseudonym is on it: not in a chart, not in a table, not in a query."""
    assert not any(name in written for name in made.crowd.frame.index)


def test_verdict_comes_first(read: Read) -> None:
    """Before any picture: how many clusters, how sound, and why."""
    first = read.text.index("The clusters 0" if "The clusters 0" in read.text else "quiet savers")
    for said in ("shop: 3 clusters", "found by k-means", "Three clusters come again", "160 people"):
        assert read.text.index(said) < first


def test_cards_have_their_numbers_and_the_queries_behind(made: Study, read: Read) -> None:
    """Each fact of each card, and its query in a fold."""
    for card in made.personas():
        assert card.name in read.text
        for fact in card.facts:
            assert fact.said in read.text
            assert fact.query in read.text
    assert read.text.count("queries behind the numbers") == len(NAMES)


def test_rules_are_told_with_their_fidelity(made: Study, read: Read) -> None:
    """In English, measured on people held out, and their source."""
    rules = made.distill()
    assert "96 % (94 to 98 %)" in read.text
    assert rules.source in read.text
    assert all(said in read.text for _, said in rules.sentences)


def test_every_candidate_is_in_the_comparison(made: Study, read: Read) -> None:
    """With the recommended one marked."""
    for one in made.candidates:
        assert one.name in read.text
    assert "kmeans-3 (recommended)" in read.text
    assert len([row for row in read.all("tr") if row.get("class") == "chosen"]) == 1


def test_preparation_says_what_was_filled_in(made: Study, read: Read) -> None:
    """The share of each trait, and every note, people left out among them."""
    share = 100 * made.prepared.imputed[:, 1].mean()
    assert f"{share:.1f} %" in read.text
    assert all(note.said in read.text for note in made.prepared.notes)


def test_people_left_out_are_told_at_the_top(made: Study) -> None:
    """How many, and what part of those who might have been studied."""
    rows, kept = np.flatnonzero(np.arange(160) % 4), made.prepared
    fewer = replace(
        kept, matrix=kept.matrix[rows], standardised=kept.standardised[rows], rows=rows,
        fitted_on=kept.fitted_on[rows], imputed=kept.imputed[rows], raw=kept.raw.iloc[rows],
    )  # fmt: skip
    labels = [replace(one, labels=one.labels[rows]) for one in made.candidates]
    text = Read(report(replace(made, prepared=fewer, candidates=labels, chosen=labels[2]))).text
    assert text.index("people left out 40 (25.0 %)") < text.index("queries behind")


def test_page_can_be_read_without_its_charts(read: Read) -> None:
    """Each chart has a name, a line under it and a table; headings go down step by step."""
    charts = [one for one in read.all("div") if one.get("role") == "img"]
    assert len(charts) == len(read.all("figure")) == len(read.all("figcaption")) > 10
    assert all(one["aria-label"] for one in charts)
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(row.get("scope") for row in read.all("th"))


def test_points_of_maps_are_not_listed(read: Read) -> None:
    """The numbers under a map are of clusters, a row each, not of people."""
    assert len(read.all("tr")) < 700


def test_no_clusters_are_said_plainly() -> None:
    """The page has the verdict, the map and what was tried: no cards and no rules."""
    text = Read(report(without_clusters(160))).text
    assert "shop: no stable clusters" in text
    assert "There are no stable clusters here" in text
    assert "No clustering is stable." in text
    assert "Map by principal components" in text
    assert "kmeans-3" in text
    assert "queries behind" not in text
    assert "As rules" not in text


def test_somebodys_own_choice_is_told_from_the_recommendation(made: Study) -> None:
    """Who picked another candidate reads which one was recommended."""
    picked = replace(made, chosen=made.candidates[0], names=("few", "many"))
    text = Read(report(picked)).text
    assert "k-means, 2 clusters were picked; recommended were k-means, 3 clusters." in text
    none = replace(picked, recommendation=without_clusters(160).recommendation)
    assert "although there are no stable clusters" in Read(report(none)).text


def test_noise_is_shown_as_such(made: Study) -> None:
    """A clustering by density says how many are in no cluster."""
    dense = made.candidates[-1]
    names = tuple(f"group {number}" for number in range(dense.k))
    text = Read(report(replace(made, chosen=dense, names=names))).text
    assert "in no cluster" in text


@pytest.mark.parametrize("people", [14, 20])
def test_few_people_have_a_page(people: int) -> None:
    """Clusters of fewer than five are not described, and nothing fails."""
    few = study(people)
    text = Read(report(few)).text
    assert f"{people} people" in text
    assert "clusters of fewer than 5 people are not told" in text


def test_markup_in_names_is_text(made: Study) -> None:
    """What a trait, a cluster or a project is called is shown, not obeyed."""
    evil = "</script><img src=x onerror=alert(1)>"
    dressed = replace(
        made, title=evil, name=evil, names=(evil, "b", "c"), sentences=((evil, evil),)
    )
    found = Read(report(dressed))
    assert not found.all("img")
    assert len(found.scripts) == 2
    assert evil in found.text


def test_traits_of_which_the_same_is_said_share_a_row() -> None:
    """The steps stay short; each trait keeps its place."""
    said = [Note("skew", "bent", "a"), Note("people", "left out"), Note("skew", "bent", "b")]
    text = Read(preparing.notes(said)).text
    assert text.index("left out") < text.index("a, b") < text.index("bent")


def test_few_filled_cells_are_not_none() -> None:
    """Two of ten thousand are not rounded to nothing."""
    made = study(60)
    imputed = made.prepared.imputed.copy()
    imputed[:] = False
    few = replace(made.prepared, imputed=imputed.repeat(50, axis=0))
    few.imputed[0, 0] = True
    assert "below 0.1 %" in Read(preparing.columns(made.crowd, few)).text


def test_measures_are_told_with_their_interval() -> None:
    """Exact ones without; an absent one as nothing."""
    assert wording.valued("stability", Measure(0.9, 0.8, 0.95)) == "0.90 (0.80 to 0.95)"
    assert wording.valued("bic", Measure.exact(-12345.6)) == "\N{MINUS SIGN}12,346"
    assert wording.valued("bic", None) == ""
    assert parts.bullets([]) == ""
