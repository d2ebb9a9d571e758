"""What is wrong with a file of sample profiles is said at its line, with the nearest right name."""

from __future__ import annotations

import pytest

from coterie.errors import CoterieError, DefinitionErrors
from tests.samples.conftest import Write

START = "people:\n  ann:\n    events:\n"
EVENT = "      - {name: Order Completed, at: 2024-01-10%s}\n"
EXPECT = "    expect: {at: 2024-02-01, %s}\n"

WRONG = {
    "event": (START + EVENT.replace("Completed", "Complete") % "", 4, "'Order Completed'"),
    "property": (START + EVENT % ", properties: {amont: 1}", 4, "'amount'"),
    "line property": (START + EVENT % ", properties: {lines: [{skuu: a}]}", 4, "'sku'"),
    "setting": (START + EVENT % ", propertys: {}", 4, "'properties'"),
    "section": ("poeple: {}", 1, "'people'"),
    "definition": (START + EVENT % "" + EXPECT % "ordrs: 1", 5, "'orders'"),
    "stage": (START + EVENT % "" + EXPECT % "mood: nwe", 5, "'new'"),
    "former id": (START + EVENT % ", id: abc" + EVENT % ", supersedes: abd", 5, "'abc'"),
    "fitted": ("fitted: {rnk: [1, 2]}\n" + START + EVENT % "", 1, "'rank'"),
    "several fits": ("fitted: {two: 1}\n" + START + EVENT % "", 1, "trait of its own"),
    "no fit": ("fitted: {orders: 1}\n" + START + EVENT % "", 1, "trait of its own"),
    "amount": (START + EVENT % ", properties: {amount: ten}", 4, "expected: decimal(2)"),
    "digits": (START + EVENT % ", properties: {amount: 1.005}", 4, "more digits"),
    "missing": (START + EVENT % ", properties: {lines: [{quantity: 1}]}", 4, "is missing"),
    "same id": (START + EVENT % ", id: a" + EVENT % ", id: a", 5, "two events"),
    "instant": (START + EVENT.replace("-10", "-32") % "", 4, "not a date or time"),
    "no instant": (START + "      - {name: Order Completed}\n", 4, "instant is missing"),
    "type": (START + EVENT % "" + EXPECT % "orders: many", 5, "expected: integer"),
    "truth": (START + EVENT % "" + EXPECT % "active: yes", 5, "true, false or null"),
    "expected digits": (START + EVENT % "" + EXPECT % "orders: 1.5", 5, "other digits"),
    "edges": ("fitted: {rank: [1]}\n" + START + EVENT % "", 1, "2 values, ascending"),
    "model": ("fitted: {kind: {mean: [1]}}\n" + START + EVENT % "", 1, "centroids"),
    "size": (
        "fitted: {kind: {mean: [1, 2], scale: [1], centroids: [[1]]}}\n" + START + EVENT % "",
        1, "a parameter for each input",
    ),
    "curve": (
        "fitted: {kind: {mean: [1], scale: [1], curve: [bent], centroids: [[1]]}}\n"
        + START + EVENT % "",
        1, "no such curve",
    ),
    "list": ("people: {ann: {events: {name: x}}}", 1, "a list stands here"),
    "nobody": ("people: {}", 1, "nobody to try"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), WRONG.values(), ids=WRONG)
def test_error_names_line_and_mend(samples: Write, text: str, line: int, said: str) -> None:
    """Nothing is tried of a file that cannot be meant."""
    with pytest.raises(DefinitionErrors) as refused:
        samples(text).test()
    [error] = refused.value.errors
    assert f"where:    tests/profiles.yaml:{line}" in str(error)
    assert said in str(error)


def test_every_error_is_said_at_once(samples: Write) -> None:
    """So that they can be mended in one go."""
    text = START + EVENT % ", propertys: {}" + EXPECT % "ordrs: 1, mood: nwe"
    with pytest.raises(DefinitionErrors, match=r"3 error\(s\) in tests/profiles.yaml") as refused:
        samples(text).test()
    assert len(refused.value.errors) == 3


@pytest.mark.parametrize("text", ["people: [", "a: &a 1\nb: *a", "\ufffe\0"])
def test_broken_yaml_is_refused(samples: Write, text: str) -> None:
    """With its place, and without a trace."""
    with pytest.raises(CoterieError):
        samples(text).test()


def test_missing_file_is_said(samples: Write) -> None:
    """By the name that was looked for."""
    project = samples("")
    (project.folder / "tests/profiles.yaml").unlink()
    with pytest.raises(CoterieError, match="cannot be read"):
        project.test()
