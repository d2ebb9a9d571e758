"""YAML text and plain data, by few rules and with the line of every place."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import yaml

from coterie.errors import DefinitionError, DuplicateName

__all__ = ["Places", "dumped", "parsed"]

Places = dict[str, int]
"""Place such as ``vip.predicate.parts[0]`` -> its line, from 1."""

_TAG = "tag:yaml.org,2002:"
_RULES = {
    "null": (re.compile(r"(?:null|~|)\Z"), ["n", "~", ""]),
    "bool": (re.compile(r"(?:true|false)\Z"), ["t", "f"]),
    "int": (re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789")),
    "float": (
        re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z"),
        list("-+.0123456789"),
    ),
}


class _Loader(yaml.SafeLoader):
    """Composes nodes; knows the four rules above, and neither aliases nor tags."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 (as PyYAML declares it)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise DefinitionError(
                "aliases (*name) are not used in definitions",
                where=str(line),
                hint="refer to a definition: {node: ref, name: …}",
            )
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    """Writes plain only what both YAML 1.1 and the four rules read as it was."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _name, (_rule, _first) in _RULES.items():
    _Loader.add_implicit_resolver(_TAG + _name, _rule, _first)
    _Dumper.add_implicit_resolver(_TAG + _name, _rule, _first)
_Dumper.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar(f"{_TAG}float", f"{value:f}")
)


def dumped(data: Any) -> str:
    """Plain data as YAML in block style, keys in their order.

    Examples
    --------
    >>> print(dumped({"price": Decimal("0.10"), "answer": "no"}))
    price: 0.10
    answer: 'no'
    """
    return yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=100,
    )


def parsed(text: str | bytes, where: str = "") -> tuple[Any, Places]:
    r"""The plain data of a YAML document, and the line of every place in it.

    Raises
    ------
    yaml.YAMLError
        Where it is no YAML.
    DefinitionError
        For an alias, a tag, a key that is no text, or one that stands twice.

    Examples
    --------
    >>> parsed("a: no\nb: [0.10, 12:30]")
    ({'a': 'no', 'b': [Decimal('0.10'), '12:30']}, {'': 1, 'a': 1, 'b': 2, 'b[0]': 2, 'b[1]': 2})
    """
    places: Places = {}
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        return (None if root is None else _plain(root, "", places)), places
    except DefinitionError as error:
        error.where = ":".join(filter(None, (where, error.where)))
        raise
    finally:
        loader.dispose()


def _plain(node: yaml.Node, path: str, places: Places) -> Any:
    line = node.start_mark.line + 1
    places.setdefault(path, line)
    match node:
        case yaml.MappingNode() if node.tag == f"{_TAG}map":
            return _mapping(node, path, places)
        case yaml.SequenceNode() if node.tag == f"{_TAG}seq":
            return [_plain(each, f"{path}[{i}]", places) for i, each in enumerate(node.value)]
    read = _SCALARS.get(node.tag.removeprefix(_TAG))
    if read is None or not isinstance(node, yaml.ScalarNode):
        raise DefinitionError(
            "tags (!name) are not used in definitions", where=str(line), got=node.tag
        )
    return read(node.value)


def _mapping(node: yaml.MappingNode, path: str, places: Places) -> dict[str, Any]:
    found: dict[str, Any] = {}
    lines: Places = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise DefinitionError("a key must be a text", where=str(line))
        name = str(key.value)
        if name in found:
            raise DuplicateName(
                f"{name!r} stands twice in one mapping",
                where=str(line),
                got=f"the other is on line {lines[name]}",
                hint="rename one of them",
            )
        lines[name] = line
        below = f"{path}.{name}" if path else name
        places[below] = line
        found[name] = _plain(value, below, places)
    return found


_SCALARS: dict[str, Any] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda text: text == "true",
    "int": int,
    "float": Decimal,
}
