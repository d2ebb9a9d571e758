"""A project's definition files: naming, duplicates, and errors with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.errors import DefinitionError, DefinitionErrors, DuplicateName, WrongType
from coterie.language import nodes as n
from coterie.language.load import load

HEAD = "from coterie import *\norder = event('Order')\n"
SPACE = "from types import SimpleNamespace as N\n"
TRUE = "{node: trait, value: {node: truth, value: true}}"


def project(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml").replace("_py", ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def only_error(folder: Path) -> DefinitionError:
    with pytest.raises(DefinitionErrors) as caught:
        load(folder)
    (error,) = caught.value.errors
    return error


def test_variables_name_definitions(tmp_path: Path) -> None:
    """A definition is named by its variable, and refers to others by theirs."""
    source = HEAD + "n = trait(order.count())\nbig = segment(n > 3)\nhelper = order.any()\n"
    found = load(project(tmp_path, definitions_py=source))
    assert list(found.by_name) == ["n", "big"]
    assert n.Ref("n") in n.walk(found.by_name["big"])
    assert found.where == {"n": "definitions.py:3", "big": "definitions.py:4"}


@pytest.mark.parametrize(
    "make",
    [
        "from types import SimpleNamespace\nr = SimpleNamespace(a=A, b=B, other=5)\n",
        "from dataclasses import dataclass\n@dataclass\nclass R:\n    a: object\n    b: object\n"
        "r = R(A, B)\n",
    ],
)
def test_fields_of_an_object_name_definitions(tmp_path: Path, make: str) -> None:
    """What a recipe returns brings its fields, under their own names."""
    made = make.replace("A", "trait(order.count())").replace("B", "segment(order.any())")
    found = load(project(tmp_path, definitions_py=HEAD + made))
    assert list(found.by_name) == ["a", "b"]


def test_recipes_define_their_fields(tmp_path: Path) -> None:
    """A recipe's segments are the project's, at the line that asked for them."""
    pytest.importorskip("coterie.recipes")
    found = load(
        project(tmp_path, definitions_py="from coterie import recipes\n\nr = recipes.rfm()\n")
    )
    assert "champions" in found.by_name
    assert found.where["champions"] == "definitions.py:3"


def test_underscored_traits_are_written_out(tmp_path: Path) -> None:
    """A name that begins with an underscore is a helper of the file."""
    found = load(
        project(tmp_path, definitions_py=HEAD + "_n = trait(order.count())\na = segment(_n > 1)\n")
    )
    assert list(found.by_name) == ["a"]
    assert isinstance(found.by_name["a"].predicate.left, n.Count)


@pytest.mark.parametrize(
    ("body", "first", "second"),
    [
        ("a = trait(order.count())\n\na = segment(order.any())\n", 3, 5),
        ("a = trait(order.count())\na = 5\n", 3, 4),
        ("for i in (1, 2):\n    a = trait(order.count())\n", 4, 4),
        (f"{SPACE}a = trait(order.count())\nr = N(a=trait(order.any()))\n", 4, 5),
    ],
)
def test_second_definition_of_a_name_is_refused(
    tmp_path: Path, body: str, first: int, second: int
) -> None:
    """Nothing is silently replaced: both lines are named."""
    error = only_error(project(tmp_path, definitions_py=HEAD + body))
    assert isinstance(error, DuplicateName)
    assert error.where == f"definitions.py:{second}"
    assert f"definitions.py:{first}" in error.got


def test_other_variables_may_change(tmp_path: Path) -> None:
    """Helpers may be assigned again, and one definition may have two names."""
    body = "w = days(1)\nw = days(2)\na = trait(order.count(within=w))\nb = a\nb = a\n"
    found = load(project(tmp_path, definitions_py=HEAD + body))
    assert found.by_name["a"] == found.by_name["b"]


def test_files_are_read_together(tmp_path: Path) -> None:
    """Python, one YAML file and a folder of them make one set of definitions."""
    folder = project(
        tmp_path,
        definitions_py=HEAD + "a = trait(order.count())\n",
        definitions_yaml=f"b: {TRUE}",
        definitions__x_yaml="c: {node: segment, predicate: {node: ref, name: b}}",
    )
    assert list(load(folder).by_name) == ["a", "b", "c"]
    assert load(folder).where["c"] == "definitions/x.yaml:1"


def test_name_in_two_files_is_refused(tmp_path: Path) -> None:
    """A duplicate across files names both places."""
    source = HEAD + "a = trait(order.count())\n"
    folder = project(tmp_path, definitions_py=source, definitions__x_yaml=f"\na: {TRUE}")
    error = only_error(folder)
    assert isinstance(error, DuplicateName)
    assert error.where == "definitions/x.yaml:2"
    assert "definitions.py:3" in error.got


@pytest.mark.parametrize(
    ("body", "line", "got"),
    [
        ("a = trait(ordr.count())\n", 3, "NameError"),
        ("def f():\n    return 1 / 0\n\na = f()\n", 4, "ZeroDivisionError"),
        ("a = trait(order.count()\n", 3, "SyntaxError"),
        ("import nothing_of_the_kind\n", 3, "ModuleNotFoundError"),
        ("raise SystemExit(3)\n", 3, "SystemExit"),
        ("a = trait(order.count(within=days(1e30)))\n", 3, "OverflowError"),
        ("a = trait(order + order)\n", 3, "TypeError"),
        ("x = list(order)\n", 3, "TypeError"),
        ("x = 'a' in order\n", 3, "TypeError"),
    ],
)
def test_error_of_the_file_names_its_line(tmp_path: Path, body: str, line: int, got: str) -> None:
    """No traceback is needed: the error says the line and what Python said."""
    error = only_error(project(tmp_path, definitions_py=HEAD + body))
    assert error.where == f"definitions.py:{line}"
    assert error.got.startswith(got)


def test_misspelt_variable_has_the_nearest_name(tmp_path: Path) -> None:
    """A name error of the file is hinted at like any other name."""
    error = only_error(project(tmp_path, definitions_py=HEAD + "a = trait(ordr.count())\n"))
    assert error.hint == "did you mean 'order'?"


@pytest.mark.parametrize(
    "body",
    [
        "a = segment(order.any() and order.any())\n",
        "a = segment(1 < order.count() < 5)\n",
        "a = segment(not order.any())\n",
        "a = segment(order.count() in (1, 2))\n",
        "b = order or order\n",
        "a = trait(float('nan'))\n",
        "a = trait(order.count() + float('inf'))\n",
        "a = segment(order.count() == None)\n",
        "a = segment(order.last('x').is_in('abc'))\n",
        "a = trait(order)\n",
        "a = order[0]\n",
    ],
)
def test_python_that_would_mean_something_else_is_refused(tmp_path: Path, body: str) -> None:
    """`and`, `or`, `not`, chains, `in`, NaN: each raises, and the error says where."""
    error = only_error(project(tmp_path, definitions_py=HEAD + body))
    assert isinstance(error, WrongType)
    assert error.where == "definitions.py:3"


def test_nothing_is_returned_where_one_file_is_wrong(tmp_path: Path) -> None:
    """The errors of all files come together, and no half of the definitions."""
    folder = project(tmp_path, definitions_py=HEAD + "a = 1 / 0\n", definitions_yaml="b: 5\nc: 6")
    with pytest.raises(DefinitionErrors) as caught:
        load(folder)
    assert len(caught.value.errors) == 3


def test_project_without_definitions_has_none(tmp_path: Path) -> None:
    """No file, no definitions."""
    assert load(tmp_path).by_name == {}


def test_set_of_constants_has_one_order(tmp_path: Path) -> None:
    """A set has no order of its own, so its definition does not depend on the run."""
    body = "a = segment(order.last('x').is_in({'b', 'a', 'c'}))\n"
    options = load(project(tmp_path, definitions_py=HEAD + body)).by_name["a"].predicate.options
    assert [option.value for option in options] == ["a", "b", "c"]
