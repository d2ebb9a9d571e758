"""A card's every number is the answer of its query, and its words are the user's to change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Column, Kind
from coterie.discover.explaining import Persona, Words, edited, people, personas
from coterie.discover.explaining.differences import Difference
from coterie.discover.explaining.editing import read, write
from coterie.discover.explaining.facts import habit, number, percent
from coterie.discover.explaining.table import asking
from coterie.discover.explaining.vocabulary import AGES, COUNTS, advice, named
from coterie.errors import DefinitionError, ProjectError
from tests.discover.planted import Study, study


@pytest.fixture(scope="module")
def planted() -> Study:
    return study(1_500, unknown=0.1, noise=0.05)


@pytest.fixture(scope="module")
def cards(planted: Study) -> Sequence[Persona]:
    return personas(*planted)


def test_every_number_on_a_card_is_the_answer_of_its_query(
    planted: Study, cards: Sequence[Persona]
) -> None:
    """Each query runs on DuckDB as it is printed; a line has its numbers, and no other."""
    table = people(*planted)
    with duckdb.connect() as connection:
        connection.register("people", table)
        for fact in (fact for card in cards for fact in card.facts):
            answer = connection.execute(fact.query).fetchone()
            assert answer == pytest.approx(fact.values)
            shown = {form(x) for x in fact.values for form in (number, percent)}
            for digits in re.findall(r"\d[\d,.]*(?: %)?", fact.said):
                assert digits.rstrip(".,") in shown


def test_the_numbers_are_those_of_pandas(planted: Study, cards: Sequence[Persona]) -> None:
    """Sizes, shares of revenue and medians, computed in another way."""
    frame, labels = planted.prepared.raw, planted.candidate.labels
    for card in cards:
        inside = frame[labels == card.cluster]
        size, revenue, *habits = card.facts
        assert size.values == (len(inside), pytest.approx(len(inside) / len(frame)))
        assert revenue.values[0] == pytest.approx(inside["spend"].sum() / frame["spend"].sum())
        for fact in habits:
            if "typically" in fact.said and fact.column in ("spend", "orders", "coupons"):
                medians = (inside[fact.column].median(), frame[fact.column].median())
                assert fact.values == pytest.approx(medians)


def test_cards_name_nobody(planted: Study) -> None:
    """The table that queries ask has no pseudonym in it."""
    assert people(*planted).column_names == ["cluster", *planted.crowd.frame.columns]


def test_planted_kinds_are_recognised(cards: Sequence[Persona]) -> None:
    """Names and sentences speak of what was planted, and no two names are equal."""
    assert len({card.name for card in cards}) == 4
    lapsed, outlet, big, gifts = cards
    assert "coupon" in f"{outlet.name} {outlet.say}".lower() or "Outlet" in outlet.name
    assert "spenders" in big.name.lower()
    assert "presents" in gifts.say
    assert "Win them back" in lapsed.say


def test_clusters_without_a_difference_say_so() -> None:
    """Clusters drawn by lot are average, with nothing to say; their names still differ."""
    crowd, prepared, _ = study(4_000)
    labels = (np.arange(4_000) % 2).astype(np.int32)
    names = [card.name for card in personas(crowd, prepared, Candidate("x", 2, {}, labels, None))]
    assert names == ["Average", "Average 2"]


@pytest.mark.parametrize(
    ("column", "of", "said"),
    [
        (Column("tier", Kind.ORDINAL, ("low", "high")), "value", "tier is high: 100 %"),
        (Column("tier", Kind.ORDINAL, ("low", "high")), "unknown", "tier unknown: 0 %"),
        (Column('it\'s "x"', Kind.NUMBER), "value", 'it\'s "x": typically 3'),
        (Column("open_rate", Kind.NUMBER), "value", "open rate: typically 50 %"),
        (
            Column("total", Kind.NUMBER, nothing=0.0),
            "value",
            "total: typically 1 (everybody: 0)",
        ),
    ],
)
def test_every_kind_of_trait_has_its_line(column: Column, of: str, said: str) -> None:
    """Levels, unknowns, shares, sums over nothing, and names that need quoting."""
    values = {"tier": ["high", "high", "low", None], "open_rate": [0.5, 0.5, 0.1, 0.2]}
    given = values.get(column.name, [3.0, 3.0, 1.0, 2.0])
    given = [2.0, 0.0, None, None] if column.nothing is not None else given
    frame = pd.DataFrame({column.name: given})
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    crowd, prepared, _ = study(100)
    crowd = replace(crowd, frame=frame, columns=(column,))
    prepared = replace(prepared, raw=frame)
    with asking(people(crowd, prepared, Candidate("x", 2, {}, labels, None))) as ask:
        found = habit(ask, crowd, 0, Difference(column.name, column.name, None, of, 1.0))
    assert found is not None
    assert found.said.startswith(said)


def test_a_line_that_says_nothing_is_not_said() -> None:
    """Where the cluster reads as everybody does, there is no line."""
    crowd, prepared, _ = study(100)
    frame = pd.DataFrame({"x": [1.0, 1.0, 1.0, 1.0]})
    crowd = replace(crowd, frame=frame, columns=(Column("x", Kind.NUMBER),))
    candidate = Candidate("x", 2, {}, np.array([0, 0, 1, 1], dtype=np.int32), None)
    with asking(people(crowd, replace(prepared, raw=frame), candidate)) as ask:
        assert habit(ask, crowd, 0, Difference("x", "x", None, "value", 1.0)) is None


def test_numbers_read_well() -> None:
    """Few digits, thousands apart, and no traceback over what is no number."""
    assert [number(x) for x in (0.0, 1.0, 56.04, 1_234.5, float("inf"), None)] == [
        "0", "1", "56", "1,234", "unknown", "unknown",
    ]  # fmt: skip
    assert [percent(x) for x in (0.0, 1.0, 0.004, float("nan"))] == [
        "0 %",
        "100 %",
        "0.4 %",
        "unknown",
    ]


def test_words_are_the_users(cards: Sequence[Persona], tmp_path: Path) -> None:
    """A name or sentence of one's own takes the place of the generated one, and only that."""
    own = edited(cards, {1: Words(name="Bargains"), 2: Words(say="Hello.")})
    assert [card.name for card in own] == [cards[0].name, "Bargains", cards[2].name, cards[3].name]
    assert [card.say for card in own] == [cards[0].say, cards[1].say, "Hello.", cards[3].say]
    assert [card.facts for card in own] == [card.facts for card in cards]
    clash = edited(cards, {1: Words(name=cards[0].name)})
    assert clash[0].name == f"{cards[0].name} 2"


def test_cards_are_kept_in_a_file_that_people_edit(
    cards: Sequence[Persona], tmp_path: Path
) -> None:
    """What is written reads back; a changed name is read; no file means nothing was changed."""
    file = tmp_path / "personas.toml"
    assert read(file) == {}
    write(file, cards)
    assert edited(cards, read(file)) == tuple(cards)
    file.write_text(file.read_text().replace(cards[0].name, "Sleepers"))
    assert edited(cards, read(file))[0].name == "Sleepers"


@pytest.mark.parametrize("wrong", ["[0", "[zero]\nname = 'x'", "[0]\nname = 3", "[0]\nmane = 'x'"])
def test_a_file_that_is_wrong_is_refused(wrong: str, tmp_path: Path) -> None:
    """The error says what is expected, and how to begin again."""
    file = tmp_path / "personas.toml"
    file.write_text(wrong)
    with pytest.raises(ProjectError) as refused:
        read(file)
    assert refused.value.hint


def test_words_for_no_cluster_are_refused(cards: Sequence[Persona]) -> None:
    """A number that no cluster has, and one name for two, are errors."""
    with pytest.raises(DefinitionError, match="no such cluster"):
        edited(cards, {7: Words("x")})
    with pytest.raises(DefinitionError, match="one name"):
        edited(cards, {0: Words("x"), 1: Words("x")})


def test_every_word_can_be_reached() -> None:
    """No entry of the vocabulary is hidden behind another."""
    more = lambda column: named(column, Difference(column.name, column.name, None, "value", 1.0))  # noqa: E731
    for words, kind in ((AGES, Kind.INSTANT), (COUNTS, Kind.NUMBER)):
        for word in words:
            names = word.pattern.split("|")
            assert word.more in {more(Column(name, kind)) for name in names}
    plain = Column("zeal", Kind.NUMBER)
    assert more(plain) == "high zeal"
    assert advice(plain, Difference("zeal", "zeal", None, "value", 1.0)) == ""
