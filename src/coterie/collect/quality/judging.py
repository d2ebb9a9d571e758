"""An event's values against its compiled rules: quickly whether all is well, else one by one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from coterie.collect.quality.compiling import Checks, Told
from coterie.collect.quality.kinds import LIMITS
from coterie.collect.quality.rules import RULES, Rule
from coterie.language.plan import Mode


class Violation(NamedTuple):
    """One rule that a value broke, and what was done about it: never the value.

    Parameters
    ----------
    path : str
        Below the message, by names of the plan: ``properties.email``,
        ``properties.products[].price``; a property that is not planned is ``properties.*``.
    rule : str
        ``type``, ``limit``, ``required``, ``range``, ``length``, ``enumeration``, ``pattern``,
        ``format``, ``unit`` or ``unknown``.
    action : str
        ``observed``, ``coerced``, ``dropped`` or ``refused``.
    """

    path: str
    rule: str
    action: str


def sound(checks: Checks, values: dict[str, Any]) -> bool:
    """Whether nothing at all has to be said of an event's values."""
    get = values.get
    for name, check, required in checks.quick:
        value = get(name)
        if value is None:
            if required:
                return False
        elif check(value):
            return False
    if checks.others != "allow" and not values.keys() <= checks.names:
        return False
    for one, told in checks.units:
        unit = get(told)
        if unit is not None and unit != one.declared.unit and get(one.name) is not None:
            return False
    return not checks.lines or all(
        _sound(inner, values[array]) for array, inner in checks.lines if array in values
    )


def _sound(checks: Checks, items: Any) -> bool:
    return isinstance(items, list) and all(
        isinstance(item, dict) and sound(checks, item) for item in items
    )


class Judging:
    """What is found about one event whose values are not all as planned."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.refused: tuple[str, str] | None = None

    def object(
        self, checks: Checks, values: dict[str, Any], path: str, place: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Look at every property.

        Parameters
        ----------
        path, place : str
            Where the values stand, without and with the numbers of items.

        Returns
        -------
        (dict, dict)
            The values as they may be stored, and the originals of those that were repaired.
        """
        now, were = dict(values), dict[str, Any]()
        for one in checks.rules:
            self._property(one, now, were, path, place)
        self._units(checks.units, now, were, path, place)
        self._others(checks, now, path)
        for array, inner in checks.lines:
            if array in now:
                self._array(checks, inner, array, now, were, path, place)
        return now, were

    def _property(
        self, one: Rule, now: dict[str, Any], were: dict[str, Any], path: str, place: str
    ) -> None:
        value, name = now.get(one.name), one.name
        if value is None:
            if one.required:
                self._broken(one.mode, "missing", f"{path}.{name}", f"{place}.{name}")
            return
        reason = one.check(value)
        if not reason:
            return
        made = one.mended(value) if one.mode == "coerce" else None
        if made is not None and not one.check(made):
            now[name], were[name] = made, value
            self.violations.append(Violation(f"{path}.{name}", _rule(reason), "coerced"))
        else:
            detail = one.detail(f"{place}.{name}", reason, value)
            self._broken(one.mode, reason, f"{path}.{name}", detail)

    def _units(
        self, units: Collection[Told], now: dict[str, Any], were: dict[str, Any], path: str,
        place: str,
    ) -> None:  # fmt: skip
        """Bring numbers into the plan's units; what told another unit tells the plan's then."""
        mended = dict[str, str]()
        for one, told in units:
            unit, value = now.get(told), now.get(one.name)
            if unit is None or value is None or unit == one.declared.unit:
                continue
            made = one.converted(value, unit) if one.mode == "coerce" else None
            if made is None or one.check(made):
                detail = one.detail(f"{place}.{one.name}", "bad_unit", value)
                self._broken(one.mode, "bad_unit", f"{path}.{one.name}", detail)
                continue
            were.setdefault(one.name, value)
            now[one.name] = made
            mended[told] = one.declared.unit
            self.violations.append(Violation(f"{path}.{one.name}", "unit", "coerced"))
        for told, unit in mended.items():
            were.setdefault(told, now[told])
            now[told] = unit

    def _others(self, checks: Checks, now: dict[str, Any], path: str) -> None:
        if checks.others == "allow":
            return
        for name in now.keys() - checks.names:
            if checks.others == "drop":
                del now[name]
                self.violations.append(Violation(f"{path}.*", "unknown", "dropped"))
            else:
                mode: Mode = "observe" if checks.others == "observe" else "enforce"
                detail = f"{path}: a property that the plan does not name"
                self._broken(mode, "unplanned", f"{path}.*", detail)

    def _array(
        self, checks: Checks, inner: Checks, array: str, now: dict[str, Any],
        were: dict[str, Any], path: str, place: str,
    ) -> None:  # fmt: skip
        items = now[array]
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            detail = f"{place}.{array}: a list of objects"
            self._broken(checks.mode, "wrong_type", f"{path}.{array}", detail)
            return
        found = [
            self.object(inner, item, f"{path}.{array}[]", f"{place}.{array}[{i}]")
            for i, item in enumerate(items)
        ]
        now[array] = [item for item, _ in found]
        if any(before for _, before in found):
            were[array] = [before for _, before in found]

    def _broken(self, mode: Mode, reason: str, path: str, detail: str) -> None:
        observed = mode == "observe" and reason not in LIMITS
        self.violations.append(
            Violation(path, _rule(reason), "observed" if observed else "refused")
        )
        if not observed and self.refused is None:
            self.refused = reason, detail


def _rule(reason: str) -> str:
    return RULES.get(reason, "type")
