"""What two versions of definitions do not share: added, removed, changed, in both words."""

from __future__ import annotations

from typing import Literal

import msgspec

from coterie.language.codec import to_yaml
from coterie.language.definitions import Definition, Definitions
from coterie.language.english import sentence

Change = Literal["added", "removed", "changed"]


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """One definition that two versions do not share.

    Parameters
    ----------
    name : str
    change : {"added", "removed", "changed"}
    old, new : str
        The definition in English; empty where a version has none.
    old_yaml, new_yaml : str
        The same as canonical YAML.
    """

    name: str
    change: Change
    old: str = ""
    new: str = ""
    old_yaml: str = ""
    new_yaml: str = ""


def differences(old: Definitions, new: Definitions) -> list[Difference]:
    """The definitions that two versions do not share, in the order of the new one.

    Notes
    -----
    Definitions are compared by what they say: a segment whose trait was edited is not among
    them, though other people may be in it; an order of writing is nothing that anybody says.

    Examples
    --------
    >>> from coterie import event, trait
    >>> from coterie.language.naming import named
    >>> order = event("Order Completed")
    >>> old = named({"orders": trait(order.count())})
    >>> new = named({"orders": trait(order.distinct("id")), "bought": trait(order.any())})
    >>> [(found.name, found.change) for found in differences(old, new)]
    [('orders', 'changed'), ('bought', 'added')]
    >>> differences(old, new)[0].old
    "orders is the number of 'Order Completed'"
    """
    names = dict.fromkeys((*new.by_name, *old.by_name))
    found = (_difference(name, old.by_name.get(name), new.by_name.get(name)) for name in names)
    return [difference for difference in found if difference is not None]


def _difference(name: str, old: Definition | None, new: Definition | None) -> Difference | None:
    if old == new:
        return None
    change: Change = "added" if old is None else "removed" if new is None else "changed"
    said, yaml = ([form(name, one) for one in (old, new)] for form in (_english, _yaml))
    return Difference(name, change, *said, *yaml)


def _english(name: str, definition: Definition | None) -> str:
    return "" if definition is None else sentence(name, definition)


def _yaml(name: str, definition: Definition | None) -> str:
    return "" if definition is None else to_yaml(Definitions({name: definition}))
