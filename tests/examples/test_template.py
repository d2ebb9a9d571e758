"""What `init --recipe retail` writes, over real orders: a project that knows orders only."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from coterie.language.library import Library
from coterie.language.load import load
from coterie.language.planfile import extended
from coterie.language.time import micros, parse_instant
from coterie.profiles.answers import Answers
from coterie.profiles.questions import Questions
from coterie.recipes import templates
from tests.examples.projects import Example
from tests.recipes.people import PLAN

pytestmark = pytest.mark.xdist_group("online_retail")  # one worker imports it
UNTOLD = (
    "interested_but_hesitant", "high_intent", "visit_spike", "category_affinity",
)  # fmt: skip
UNKNOWN = (
    "cart_abandonment_rate", "email_open_rate", "email_click_rate", "favourite_category",
)  # fmt: skip


@pytest.fixture(scope="module")
def answered(
    online_retail: Example, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    """Every definition of the template over the wholesaler's orders, a list of everybody's."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "definitions.py").write_text(templates.RETAIL, "utf-8")
    project = online_retail.project
    plan, _ = extended(PLAN, project.plan)
    bases, purpose = project.settings.bases, project.settings.default_purpose
    library = Library(load(folder), plan, bases, purpose)
    answers = Answers(project.stores, Questions(library))
    spine = answers.spine([answers.position(micros(parse_instant("2011-12-10")))], None)
    found: dict[str, list[Any]] = answers.values(library.names, spine).to_pydict()
    return found


def test_the_retail_template_answers_orders_as_the_example_does(
    online_retail: Example, answered: dict[str, list[Any]]
) -> None:
    """The same definitions mean the same in a plan that knows more events."""
    shared = set(online_retail.names) & set(answered)
    assert len(shared) == len(online_retail.names) - 2  # the two of the wholesaler's own
    of_example = dict(
        zip(online_retail.table["profile"], zip(*map(online_retail.table.__getitem__, shared),
            strict=True), strict=True))  # fmt: skip
    rows = zip(*(answered[name] for name in shared), strict=True)
    assert dict(zip(answered["profile"], rows, strict=True)) == of_example


def test_recipes_without_their_events_say_nothing_of_anybody(
    answered: dict[str, list[Any]],
) -> None:
    """No cart, page or letter has come: nobody is in their segments, and rates are unknown."""
    assert {name: Counter(answered[name]) for name in UNTOLD} == {
        name: Counter({False: 4_372}) for name in UNTOLD
    }
    assert all(set(answered[name]) == {None} for name in UNKNOWN)
    assert set(answered["visits_28d"]) == {0}
