"""Recipes as a whole: written in the language, of one naming, and usable by a new project."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

import coterie
from coterie import recipes
from coterie.errors import DefinitionError
from coterie.language.authoring import Defined
from coterie.language.codec import from_json, from_yaml, to_json, to_yaml
from coterie.language.library import Library
from coterie.language.load import load
from coterie.language.naming import named
from coterie.recipes import templates
from tests.recipes.people import PLAN, PURPOSES, flat, library, now

ALL = (
    recipes.rfm(), recipes.engagement(), recipes.lifecycle(), recipes.loyalty(), recipes.basket(),
    recipes.value(), recipes.carts(), recipes.emails(), recipes.visits(),
    recipes.affinity(["Garden"]),
)  # fmt: skip
MARKETING = {
    "active_above_500", "active_above_1000", "interested_but_hesitant", "high_intent",
}  # fmt: skip


def test_no_two_recipes_define_the_same_name() -> None:
    """All recipes can stand in one project."""
    assert len(flat(*ALL)) == sum(len(fields(recipe)) for recipe in ALL)


def test_every_field_of_a_recipe_is_a_definition() -> None:
    """A loader may name every field, and finds nothing else in a recipe."""
    assert all(isinstance(value, Defined) for value in flat(*ALL).values())


def test_every_public_function_of_the_room_is_tried_here() -> None:
    """A new recipe joins the list above."""
    tried = {type(recipe).__name__ for recipe in ALL}
    assert tried == {name for name in recipes.__all__ if name[0].isupper()}


def test_the_plan_of_a_new_shop_knows_every_event_that_recipes_read() -> None:
    """Recipes about carts and letters check before any such event has come."""
    PLAN.validate()
    assert set(library(*ALL).names) == set(flat(*ALL))


def test_somebody_without_events_is_in_no_segment() -> None:
    """Before data arrives every recipe answers 0, false, unknown or its lowest stage."""
    checked = library(*ALL)
    values = now(checked)
    assert not any(values[name] for name in checked.segments)
    stages = {name: values[name] for name in checked.stages}
    assert stages == {
        "rfm_segment": "unranked", "lifecycle_stage": "prospect", "loyalty_tier": "none",
        "net_loyalty_tier": "none",
    }  # fmt: skip
    assert {values[name] for name in checked.traits} <= {0, None}


def test_only_what_sends_a_message_is_for_marketing() -> None:
    """Descriptions have the default purpose; the four audiences of a message are for marketing."""
    checked = library(*ALL)
    named_so = {
        name
        for name in (*checked.segments, *checked.stages)
        if checked.purpose(name) == "marketing"
    }
    assert named_so == MARKETING


def test_the_purpose_of_every_recipe_with_segments_can_be_changed() -> None:
    """A project decides what its own segments are for."""
    changed = (
        recipes.rfm(purpose="marketing"), recipes.lifecycle(purpose="marketing"),
        recipes.loyalty(purpose="marketing"), recipes.basket(purpose="marketing"),
        recipes.value(purpose="marketing"), recipes.carts(purpose="marketing"),
        recipes.visits(purpose="marketing"), recipes.affinity(["Garden"], purpose="marketing"),
    )  # fmt: skip
    checked = library(*changed)
    assert {checked.purpose(name) for name in (*checked.segments, *checked.stages)} == {"marketing"}


def test_every_definition_says_what_it_means() -> None:
    """A list of segments can be read without reading their definitions."""
    checked = library(*ALL)
    assert all(checked.definition(name).description for name in checked)


def test_the_template_of_a_shop_is_used_as_it_stands(tmp_path: Path) -> None:
    """`init --recipe retail` writes definitions that load, and check against its plan."""
    (tmp_path / "definitions.py").write_text(templates.RETAIL, "utf-8")
    checked = Library(load(tmp_path), PLAN, PURPOSES, "analytics")
    assert set(flat(*ALL)) < set(checked.names)


def test_every_recipe_is_read_back_from_json_and_yaml_as_it_was() -> None:
    """A page may edit a recipe's definitions, and a registry keep their versions."""
    made = named(flat(*ALL))
    assert from_json(to_json(made)).by_name == made.by_name
    assert from_yaml(to_yaml(made)).by_name == made.by_name


def test_recipes_are_written_in_the_language_and_nothing_else() -> None:
    """No recipe builds nodes by hand or reaches for an engine or a store."""
    folder = Path(coterie.__file__).parent / "recipes"
    allowed = {
        "coterie.errors", "coterie.language.authoring", "coterie.language.time",
    }  # fmt: skip
    for file in folder.glob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        imported = {
            node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }
        ours = {name for name in imported if name.startswith("coterie")}
        assert {n for n in ours if not n.startswith("coterie.recipes")} <= allowed, file.name


def test_an_affinity_for_nothing_is_refused() -> None:
    """An empty list of categories is a mistake, said before anything runs."""
    with pytest.raises(DefinitionError, match="needs a category"):
        recipes.affinity([])
