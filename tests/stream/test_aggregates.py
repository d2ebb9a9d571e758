"""What aggregates declare of themselves, and how little a window keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coterie import hours, trait
from coterie.engines.stream import StreamEngine
from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import FILES
from coterie.engines.stream.aggregates.forms import gathered
from coterie.engines.stream.memory import LENGTH
from coterie.language import nodes as n
from coterie.language.authoring import Defined
from tests.conformance.case import HOUR, at, case, fact, library_of, order
from tests.stream.host import needed, tables

FORMS = [form for file in FILES for form in file.FORMS]
W = hours(2)


def test_every_aggregate_of_the_language_has_a_form() -> None:
    """Each is kept by the form that names it."""
    forms = gathered(FORMS)
    assert {node for node, _ in forms} == set(n.AGGREGATES)
    assert all(form.node is node and mode in form.modes for (node, mode), form in forms.items())


@pytest.mark.parametrize(
    ("forms", "message"),
    [
        ([replace(FORMS[0], node=n.Any_, modes=()), *FORMS[1:]], "Count in 0 places"),
        ([replace(FORMS[0], kind=99), *FORMS[1:]], "Count 99"),
        ([*FORMS, replace(FORMS[0], kind=len(FORMS))], "two forms"),
    ],
)
def test_forms_that_do_not_fit_together_are_refused(forms: list[Any], message: str) -> None:
    """A missing aggregate, a gap in the numbers and a second form for the same values."""
    with pytest.raises(TypeError, match=message):
        gathered(forms)


def ordered(amounts: list[int], **found: Defined) -> StreamEngine:
    """An engine that saw one person order so much each minute."""
    facts = [fact(i, "Order", at(i / 60), i, revenue=amount) for i, amount in enumerate(amounts, 1)]
    library = library_of(case("", found, facts, []))
    engine = StreamEngine(library, at(0))
    for name, rows in tables(library.plan, needed(engine), [("who", x) for x in facts]).items():
        engine.feed(name, rows)
    engine.advance(at(len(amounts) / 60), offset=len(amounts))
    return engine


def kept(amounts: list[int], **found: Defined) -> dict[str, int]:
    """How many occurrences the window of each trait holds after such orders."""
    engine = ordered(amounts, **found)
    memory, row = engine.parts[0].memory, engine.parts[0].rows[0]
    rings = {
        block.leaf: int(memory[row + block.chunks[-1] + LENGTH])
        for block in engine.program.blocks
        if block.chunks
    }
    leaves, lowered = engine.program.leaves, engine.library.lowered
    return {name: rings[leaves[lowered[name]]] for name in found}  # type: ignore[index]


def test_windows_keep_what_may_matter_yet() -> None:
    """The last outlives all before it, an extreme those that do not go further."""
    found = {
        "n": trait(order.count(within=W)), "any": trait(order.any(within=W)),
        "since": trait(order.any(since=order.first_at())),
        "last": trait(order.last("revenue", within=W)), "last_at": trait(order.last_at(within=W)),
        "least": trait(order.min("revenue", within=W)),
        "most": trait(order.max("revenue", within=W)),
    }  # fmt: skip
    always = {"n": 40, "any": 1, "since": 1, "last": 1, "last_at": 1}
    assert kept(list(range(40)), **found) == {**always, "least": 40, "most": 1}
    assert kept([7] * 40, **found) == {**always, "least": 1, "most": 1}
    assert kept([1, 5, 3, 4] * 10, **found) == {**always, "least": 3, "most": 2}


def test_nobody_waits_for_an_occurrence_that_does_not_matter() -> None:
    """Of fifty orders in a window only the last decides when there is none any more."""
    engine = ordered([1] * 50, active=trait(order.any(within=W)))
    [part] = engine.parts
    assert part.memory[part.rows[0] + y.DUE] == at(50 / 60) + 2 * HOUR
