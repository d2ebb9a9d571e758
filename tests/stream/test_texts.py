"""Texts as numbers: equal, ordered and matched as the texts themselves."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coterie.engines.reference.evaluation import _match
from coterie.engines.stream import ordering
from coterie.engines.stream.ordering import Ordering
from coterie.engines.stream.texts import Texts
from tests.strategies.grid import TEXTS

OPS = ("contains", "starts_with", "ends_with", "equals")

odd = st.text(st.sampled_from("".join(TEXTS) + "kKsS\u017f\0"), max_size=4)
texts = st.one_of(st.sampled_from(TEXTS), odd, st.text(max_size=3))
batches = st.lists(st.lists(st.one_of(st.none(), texts)), max_size=6)
patterns = st.lists(st.tuples(st.sampled_from(OPS), texts, st.booleans()), max_size=4)


def assert_ordered(made: Texts) -> None:
    """The labels are ordered as the texts, and none is another's."""
    known = [made.text(code) for code in range(len(made))]
    labels = made.labels[: len(made)]
    assert [known[i] for i in np.argsort(labels)] == sorted(known)
    assert len(np.unique(labels)) == len(known)
    assert len(made.labels) == made.capacity


@given(batches=batches)
def test_equal_texts_have_one_code_and_others_another(batches: list[list[str | None]]) -> None:
    """Codes are given out from 0, one for each distinct text, and are texts again; null is -1."""
    made = Texts()
    for batch in batches:
        codes = made.codes(pa.array(batch, pa.string()))
        assert codes.dtype == np.int64
        assert [None if code < 0 else made.text(code) for code in codes.tolist()] == batch
        assert made.take(codes).equals(pa.array(batch, pa.string()))
        assert [made.code(text) for text in batch if text is not None] == codes[codes >= 0].tolist()
    distinct = {text for batch in batches for text in batch if text is not None}
    assert len(made) == len(distinct)
    assert {made.text(code) for code in range(len(made))} == distinct


@given(batches=batches)
def test_labels_are_ordered_as_the_texts_are(batches: list[list[str | None]]) -> None:
    """By code point, after each batch of new texts."""
    made = Texts()
    for batch in batches:
        made.codes(pa.array(batch, pa.string()))
        assert_ordered(made)


@given(batches=batches, first=patterns, later=patterns)
def test_matches_are_those_of_the_reference(
    batches: list[list[str | None]], first: list[Any], later: list[Any]
) -> None:
    """Of every code and pattern, whether text or pattern came first."""
    made = Texts(first)
    for batch in batches:
        made.codes(pa.array(batch, pa.string()))
        assert made.matches.dtype == np.uint8
    asked = {made.add_pattern(*pattern): pattern for pattern in [*first, *later]}
    assert sorted(asked) == list(range(len({*first, *later})))
    matches = made.matches
    assert len(matches) == len(asked) * made.capacity
    for (index, (op, text, fold)), code in itertools.product(asked.items(), range(len(made))):
        wanted = _match(op, made.text(code), text, fold)
        assert matches[index * made.capacity + code] == wanted


@given(batches=batches, asked=patterns, more=st.lists(texts))
@example(batches=[], asked=[], more=["a"])
def test_what_was_saved_goes_on_as_if_it_had_not_been(
    batches: list[list[str | None]], asked: list[Any], more: list[str]
) -> None:
    """Loading keeps codes and patterns, and gives out the same ones from there on."""
    made = Texts(asked)
    for batch in batches:
        made.codes(pa.array(batch, pa.string()))
    loaded = Texts.load(made.save())
    assert loaded.save() == made.save()
    for each in (made, loaded):
        each.add_pattern("contains", "z", True)
    assert [loaded.code(text) for text in more] == [made.code(text) for text in more]
    assert loaded.save() == made.save()
    assert loaded.matches.tolist() == made.matches.tolist()
    assert_ordered(loaded)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks and gaps so small that a few texts fill them."""
    for name, value in {"FILLED": 2, "MOST": 4, "LOW_BITS": 3, "LOWS": 8, "HIGHS": 2**9}.items():
        monkeypatch.setattr(ordering, f"_{name}", value)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("shape", ["up", "down", "inwards", "outwards", "mixed"])
def test_order_holds_when_every_gap_is_used_up(shape: str) -> None:
    """Texts added one by one in any order, however often places run out."""
    count = 300
    places = {
        "up": range(count),
        "down": range(count, 0, -1),
        "inwards": [i if i % 2 else 2 * count - i for i in range(count)],
        "outwards": [count + i if i % 2 else count - i for i in range(count)],
        "mixed": [i * 89 % 307 for i in range(count)],
    }[shape]
    made = Texts()
    for place in places:
        made.code(f"{place:04}")
        assert_ordered(made)


def test_order_is_kept_across_the_growth_of_many_texts() -> None:
    """Sorted at once or added one after another, beyond several blocks and capacities."""
    made = Texts([("ends_with", "7", False)])
    made.codes(pa.array([f"p{i * 7919 % 5003}" for i in range(5003)]))
    assert_ordered(made)
    for i in range(600):
        made.code(f"p5003{i}")
        made.labels  # noqa: B018
    assert_ordered(made)
    known = [made.text(code) for code in range(len(made))]
    assert made.matches[: len(made)].tolist() == [text.endswith("7") for text in known]


def test_labels_are_made_only_when_they_are_read() -> None:
    """Texts that nobody compares are not sorted."""
    made = Texts()
    made.codes(pa.array(["b", "a"]))
    before = made.nbytes
    assert made.labels[1] < made.labels[0]
    assert made.nbytes >= before + made.labels.nbytes


def test_arrays_of_any_layout_have_the_same_codes() -> None:
    """Chunks, slices, dictionaries and arrays without any text."""
    made = Texts()
    texts = pa.array(["b", None, "a", "b"])
    assert made.codes(texts).tolist() == [0, -1, 1, 0]
    assert made.codes(texts.slice(1, 2)).tolist() == [-1, 1]
    assert made.codes(pa.chunked_array([texts, texts.slice(2)])).tolist() == [0, -1, 1, 0, 1, 0]
    assert made.codes(texts.dictionary_encode()).tolist() == [0, -1, 1, 0]
    assert made.codes(texts.cast(pa.large_string())).tolist() == [0, -1, 1, 0]
    assert made.codes(pa.nulls(2)).tolist() == [-1, -1]
    assert made.codes(pa.nulls(2, pa.string())).tolist() == [-1, -1]
    assert made.codes(pa.chunked_array([], pa.string())).tolist() == []
    assert len(made) == 2


def test_no_text_is_asked_for_by_a_number_that_is_none() -> None:
    """-1 is null, not the last text."""
    made = Texts()
    made.code("a")
    for code in (-1, 1):
        with pytest.raises(IndexError):
            made.text(code)


def test_ordering_can_be_read_before_there_is_any_text() -> None:
    """Nothing is ordered as nothing."""
    order = Ordering([])
    order.update(capacity=4)
    assert order.labels.tolist() == [0, 0, 0, 0]
    assert order.nbytes == 32
