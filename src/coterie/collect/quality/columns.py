"""Values of many events of one shape, column by column: which of them must be looked at alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from coterie.collect.personal import harmless
from coterie.collect.quality.compiling import Checks
from coterie.collect.quality.kinds import Check, text

_FLAT = frozenset({str, int, bool, Decimal, type(None)})
_MOST = 1 << 14
"""Numbers of a property that are remembered."""


class Look(NamedTuple):
    """What is looked at in the values of one property; `check` is None where nothing is planned.

    `known` are numbers by their type that were found right.
    """

    check: Check | None
    required: bool
    known: dict[type, set[Any]] | None = None

    def right(self, value: Any) -> bool:
        """Whether nothing at all has to be said of a value, and it may be stored just as it is."""
        if value is None:
            return not self.required
        return harmless(value) and (self.check is None or not self.check(value))

    def wrong(self, kind: type, values: set[Any]) -> set[Any]:
        """Those of values of one type that are not right."""
        if self.known is None or kind not in (int, Decimal):
            return {value for value in values if not self.right(value)}
        known = self.known.setdefault(kind, set())
        fresh = values - known
        wrong = {value for value in fresh if not self.right(value)}
        if len(known) + len(fresh) > _MOST:
            known.clear()
        known |= fresh - wrong
        return wrong


ANY = Look(None, False)
"""A property that is not planned: whatever is harmless."""


def looks(checks: Checks | None, names: Sequence[str]) -> tuple[Look, ...] | None:
    """How to look at columns of these names; None where events must be looked at one by one.

    Parameters
    ----------
    checks : Checks or None
        The plan's rules of the event; None where it has none.
    """
    if checks is None:
        return (ANY,) * len(names)
    if checks.others != "allow" and not checks.names.issuperset(names):
        return None
    if not {told for _, told in checks.units}.isdisjoint(names):
        return None
    if not {array for array, _ in checks.lines}.isdisjoint(names):
        return None
    found = {name: Look(check, required, {}) for name, check, required in checks.quick}
    if any(look.required and name not in names for name, look in found.items()):
        return None
    return tuple(found.get(name, ANY) for name in names)


def doubtful(look: Look, values: Sequence[Any]) -> Collection[int]:
    """The places of values that are not right; each value that comes often is looked at once.

    Examples
    --------
    >>> sorted(doubtful(ANY, ["a", "b", "a", "ann@shop.example", None, ["c"]]))
    [3, 5]
    """
    if look.check in (None, text) and _are_text(values):
        return ()
    kinds = set(map(type, values))
    if not kinds <= _FLAT:  # a list has no hash
        return [i for i, value in enumerate(values) if not look.right(value)]
    if len(kinds) > 1:  # 1 and true are equal
        return [i for kind in kinds for i in _doubtful_of(kind, look, values)]
    wrong = look.wrong(type(values[0]), set(values)) if values else ()
    return [i for i, value in enumerate(values) if value in wrong] if wrong else ()


def _are_text(values: Sequence[Any]) -> bool:
    """Whether all are harmless text."""
    try:
        return harmless("\n".join(values))
    except TypeError:
        return False


def _doubtful_of(kind: type, look: Look, values: Sequence[Any]) -> Sequence[int]:
    """The same among the values of one type."""
    places = [i for i, value in enumerate(values) if type(value) is kind]
    return [places[i] for i in doubtful(look, [values[i] for i in places])]
