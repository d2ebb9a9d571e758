"""JSON and YAML of definitions: they read back, and say what is wrong where."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import DefinitionError, DefinitionErrors, DuplicateName, UnknownName, WrongType
from coterie.language import nodes as n
from coterie.language.codec import from_json, from_yaml, to_json, to_yaml
from coterie.language.data import from_data, to_data
from coterie.language.definitions import Definitions, Segment, Stage, Stages, Trait
from coterie.language.library import Library
from coterie.language.time import from_micros, iso_duration, parse_duration
from tests.strategies import libraries

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
TRAPS = ("no", "yes", "on", "null", "~", "12:30:00", "1_000", "0o17", "0x1F", "1e3", "2011-12-10")


def definitions_of(library: Library) -> Definitions:
    return Definitions({name: library.definition(name) for name in library})


def only_error(run: object, *arguments: object) -> DefinitionError:
    with pytest.raises(DefinitionErrors) as caught:
        run(*arguments)  # type: ignore[operator]
    (error,) = caught.value.errors
    return error


@given(libraries())
def test_definitions_read_back_from_json_and_yaml(library: Library) -> None:
    """Reading what was written gives an equal tree, and writing that the same text."""
    written = definitions_of(library)
    for write, read in ((to_json, from_json), (to_yaml, from_yaml)):
        again = read(write(written))
        assert again.by_name == written.by_name
        assert write(again) == write(written)


@given(st.one_of(TEXT, st.sampled_from(TRAPS)))
def test_texts_read_back_whatever_yaml_would_make_of_them(text: str) -> None:
    """A text that looks like a truth, a number, a date or syntax stays that text."""
    stages = Stages((Stage(text, n.Match("equals", n.Ref("a"), text)),), text, purpose=text)
    written = Definitions({"a": Trait(n.Words(text), text), "b": stages})
    assert from_yaml(to_yaml(written)).by_name == written.by_name
    assert from_json(to_json(written)).by_name == written.by_name


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**19), max_value=10**19))
def test_numbers_read_back_to_every_digit(value: Decimal) -> None:
    """No digit is lost, also where a float would lose it."""
    node = n.Number(value)
    for write, read in ((to_json, from_json), (to_yaml, from_yaml)):
        again = read(write(Definitions({"a": Trait(node)}))).by_name["a"]
        assert again == Trait(node)
        assert str(again.value.value) == str(node.value)


@given(st.integers(-(2**55), 2**55))
def test_durations_and_instants_read_back_to_the_microsecond(value: int) -> None:
    """ISO 8601 keeps all of a duration and of an instant."""
    length = n.Length(from_micros(value) - from_micros(0))
    assert parse_duration(iso_duration(length.value)) == length.value
    for node in (length, n.Moment(from_micros(value))):
        assert from_data(to_data(node), n.Expr) == node


def test_other_readers_see_the_same() -> None:
    """A plain YAML 1.1 or JSON reader sees the same names, texts and numbers."""
    written = Definitions({"yes": Trait(n.Words("no")), "n": Trait(n.Number(Decimal("0.10")))})
    for seen in (yaml.safe_load(to_yaml(written)), json.loads(to_json(written))):
        assert list(seen) == ["yes", "n"]
        assert seen["yes"]["value"]["value"] == "no"
        assert seen["n"]["value"]["value"] == 0.1


def test_equal_numbers_are_one_constant() -> None:
    """1.50, 1.5 and 15e-1 are one tree, and so is every zero."""
    assert {repr(n.Number(Decimal(t))) for t in ("1.50", "1.5", "15e-1")} == {
        repr(n.Number(Decimal("1.5")))
    }
    assert repr(n.Number(Decimal("-0.00"))) == repr(n.Number(Decimal(0)))


def test_yaml_remembers_lines() -> None:
    """Each definition knows the line it begins on."""
    text = f"# shop\na:\n  node: trait\n  value: {{node: ref, name: b}}\n\nb: {TRUE}\n"
    assert from_yaml(text, "shop.yaml").where == {"a": "shop.yaml:2", "b": "shop.yaml:6"}


TRUE = "{node: trait, value: {node: truth, value: true}}"
NODE = "a:\n  node: trait\n  value:\n    "


@pytest.mark.parametrize(
    ("text", "kind", "where", "hint"),
    [
        (NODE + "node: cuont", UnknownName, "f.yaml:3: a.value", "did you mean 'count'?"),
        (NODE + "node: ref\n    nmae: b", UnknownName, "f.yaml:3: a.value", "did you mean 'name'?"),
        (NODE + "node: event\n    event: x", WrongType, "f.yaml:3: a.value", ""),
        (NODE + "node: ref", DefinitionError, "f.yaml:3: a.value", ""),
        (NODE + "name: b", DefinitionError, "f.yaml:3: a.value", ""),
        (NODE + "node: ref\n    name: 5", WrongType, "f.yaml:5: a.value.name", ""),
        (NODE + "node: truth\n    value: yes", WrongType, "f.yaml:5: a.value.value", ""),
        (NODE + "node: number\n    value: .nan", WrongType, "f.yaml:5: a.value.value", ""),
        (NODE + "node: number\n    value: NaN", WrongType, "f.yaml:3: a.value", ""),
        (NODE + "node: duration\n    value: P1M", WrongType, "f.yaml:5: a.value.value", ""),
        (NODE + "node: instant\n    value: 10/12/2011", WrongType, "f.yaml:5: a.value.value", ""),
        (NODE + "node: and\n    parts: 5", WrongType, "f.yaml:5: a.value.parts", ""),
        (NODE + "[1]", WrongType, "f.yaml:3: a.value", ""),
        ("a: 5", WrongType, "f.yaml:1: a", ""),
        ("- a", DefinitionError, "f.yaml", ""),
        ("a: {node: trait", DefinitionError, "f.yaml:1", ""),
        ("a: {}\n\na: {}", DuplicateName, "f.yaml:3", "rename one of them"),
        ("a: &x {}\nb: *x", DefinitionError, "f.yaml:2", ""),
        ("a: !!python/name:os.system {}", DefinitionError, "f.yaml:1", ""),
        ("a: !x b", DefinitionError, "f.yaml:1", ""),
        (f"Big: {TRUE}", DefinitionError, "f.yaml:1: Big", ""),
        ("a: " + "[" * 3000, DefinitionError, "f.yaml", ""),
    ],
)  # fmt: skip
def test_yaml_error_names_file_line_place_and_nearest_name(
    text: str, kind: type[DefinitionError], where: str, hint: str
) -> None:
    """Whatever is wrong, the error says where, and what was probably meant."""
    error = only_error(from_yaml, text, "f.yaml")
    assert type(error) is kind
    assert error.where == where
    assert not hint or error.hint == hint


NOT_A_NUMBER = '{"a":{"node":"trait","value":{"node":"number","value":NaN}}}'


@pytest.mark.parametrize("text", ["{", '{"a":1,"a":2}', "[]", NOT_A_NUMBER, "[" * 100_000])
def test_json_error_names_the_file(text: str) -> None:
    """A document that is no JSON, or holds what has no meaning, is refused."""
    assert only_error(from_json, text, "f.json").where.startswith("f.json")


def test_every_error_of_a_document_is_told() -> None:
    """Two wrong definitions are two errors, and the right one is not read alone."""
    with pytest.raises(DefinitionErrors) as caught:
        from_yaml("a: 1\nb: {node: trait, value: {node: truth, value: true}}\nc: 2")
    assert [error.where for error in caught.value.errors] == ["line 1: a", "line 3: c"]


def test_empty_document_defines_nothing() -> None:
    """No text, no definitions."""
    assert from_yaml("").by_name == from_yaml("# later\n").by_name == from_json("{}").by_name == {}


def test_segment_keeps_its_purpose_and_description() -> None:
    """What a segment is for survives the round trip."""
    written = Definitions({"a": Segment(n.Truth(True), "marketing", "everybody")})
    assert from_yaml(to_yaml(written)).by_name == written.by_name
