"""A tracking plan, compiled: the rules of each event and of the items of its arrays."""

from __future__ import annotations

from typing import NamedTuple

from coterie.collect.quality.kinds import Check
from coterie.collect.quality.rules import Rule, rule
from coterie.language.plan import Mode, Others, PlannedEvent, TrackingPlan


class Told(NamedTuple):
    """A number and the property beside it that tells its unit."""

    rule: Rule
    told: str


class Checks(NamedTuple):
    """The rules of one event, or of the items of one of its arrays.

    `quick` is name, check and whether it is required; `names` are all that is planned; `lines` are
    the arrays, each with the rules of its items.
    """

    quick: tuple[tuple[str, Check, bool], ...]
    rules: tuple[Rule, ...]
    units: tuple[Told, ...]
    lines: list[tuple[str, Checks]]
    names: frozenset[str]
    others: Others
    mode: Mode


class Compiler:
    """Compiles the events of one plan, each once; a line may be made of lines like itself.

    Parameters
    ----------
    typed : bool
        Leave out of items what looks at their types alone: whoever made them has typed them.

    Raises
    ------
    PlanError
        A pattern that cannot be used, or a format or unit whose library is not installed.
    """

    def __init__(self, plan: TrackingPlan, *, typed: bool = False) -> None:
        self.plan = plan
        self.typed = typed
        self._rules = {name: self._compiled(name) for name in plan.events}
        self._known: dict[tuple[str, tuple[str, ...]], Checks] = {}

    def event(self, name: str) -> Checks:
        """The rules of an event."""
        return self._checks(name, self._rules[name])

    def _compiled(self, name: str) -> tuple[Rule, ...]:
        return tuple(
            rule(prop, declared, self.plan.mode_of(name, prop), f"{name}.{prop}")
            for prop, declared in self.plan.events[name].properties.items()
        )

    def _items(self, line: str, parent: PlannedEvent) -> Checks:
        """The rules of a line event without what it inherits: that stands in the parent."""
        key = line, parent.inherit
        if key not in self._known:
            rules = [one for one in self._rules[line] if one.name not in parent.inherit]
            if self.typed:
                rules = [one._replace(required=False) for one in rules if one.ruled]
            self._checks(line, tuple(rules), key)
        return self._known[key]

    def _checks(
        self, name: str, rules: tuple[Rule, ...], key: tuple[str, tuple[str, ...]] | None = None
    ) -> Checks:
        planned = self.plan.events[name]
        made = Checks(
            quick=tuple((r.name, r.check, r.required) for r in rules),
            rules=rules,
            units=tuple(Told(r, r.declared.unit_from) for r in rules if r.declared.unit_from),
            lines=[],
            names=frozenset({*planned.properties, *planned.explode}),
            others=self.plan.others_of(name),
            mode=planned.mode or self.plan.mode,
        )
        if key is not None:
            self._known[key] = made
        for array, line in planned.explode.items():
            made.lines.append((array, self._items(line, planned)))
        return made
