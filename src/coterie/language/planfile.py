"""The tracking plan as files: every ``*.toml`` of a folder, merged into one plan."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from coterie.errors import PlanError
from coterie.language.plan import PlannedEvent, Property, TrackingPlan

POLICIES = ("mode", "unknown_events", "unknown_properties")
"""What a plan says of all its events."""

_ORDER = ("integer", "decimal")
_USUAL = TrackingPlan()


class PlanStore:
    """The folder ``tracking_plan`` of a project.

    Parameters
    ----------
    folder : Path
        One file a source, by custom; an event stands in one file only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> TrackingPlan:
        """The merged plan; an empty one where there is no file. The highest version counts.

        Raises
        ------
        PlanError
            A file that is no plan, an event in two files, or a plan that contradicts itself.
        """
        plans = {path: load(path) for path in self._files()}
        events: dict[str, PlannedEvent] = {}
        for path, plan in plans.items():
            for name, planned in plan.events.items():
                if name in events:
                    raise PlanError(
                        "an event is planned in two files", where=str(path), got=repr(name),
                        hint="leave it in one of them",
                    )  # fmt: skip
                events[name] = planned
        version = max((plan.version for plan in plans.values()), default=1)
        merged = TrackingPlan(version=version, events=events, **_said(plans))
        merged.validate()
        return merged

    def extend(self, draft: TrackingPlan, file: str) -> tuple[TrackingPlan, list[str]]:
        """Make the plan cover `draft`, and say what was added or widened.

        What is planned stays as it is written (types widen from integer to decimal and to a
        larger scale; descriptions, purposes and owners are kept). New events go to
        ``<file>.toml``; comments in a file that changes are lost.

        Raises
        ------
        PlanError
            A property has another type in the plan; nothing is written.
        """
        current = self.load()
        merged, changes = extended(current, draft)
        if changes:
            homes = {name: path for path in self._files() for name in load(path).events}
            changed = {n for n in merged.events if merged.events[n] != current.events.get(n)}
            home = self.folder / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', file) or 'plan'}.toml"
            targets = {homes.get(name, home) for name in changed}
            new = {name for name in changed if name not in homes}
            for path in targets:
                mine = [n for n in merged.events if homes.get(n) == path]
                mine += sorted(new) if path == home else []
                events = {name: merged.events[name] for name in mine}
                former = load(path) if path.exists() else TrackingPlan()
                save(msgspec.structs.replace(former, version=merged.version, events=events), path)
        return merged, changes

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.toml"))


def load(path: Path) -> TrackingPlan:
    """The plan in one TOML file.

    Raises
    ------
    PlanError
        The file cannot be read, is not TOML, or says something unknown.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), TrackingPlan)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PlanError(
            "the tracking plan cannot be read", where=str(path), got=str(error)
        ) from None


def save(plan: TrackingPlan, path: Path) -> None:
    """Write the plan as TOML, in one piece: the file is the old one or the new one."""
    said: dict[str, Any] = _plain(msgspec.to_builtins(plan, builtin_types=(Decimal,)))
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".toml.new")
    half.write_text(tomli_w.dumps({"version": plan.version} | said), "utf-8")
    half.replace(path)


def _plain(said: Any) -> Any:
    """The same with whole numbers written without a point."""
    if isinstance(said, dict):
        return {name: _plain(value) for name, value in said.items()}
    if isinstance(said, Decimal) and said == said.to_integral_value():
        return int(said)
    return said


def _said(plans: dict[Path, TrackingPlan]) -> dict[str, Any]:
    """What one of the files says of all events.

    Raises
    ------
    PlanError
        Two of them say different things.
    """
    found: dict[str, Any] = {}
    for path, plan in plans.items():
        for name in POLICIES:
            value = getattr(plan, name)
            if value != getattr(_USUAL, name) and found.setdefault(name, value) != value:
                raise PlanError(
                    "two files of the tracking plan say different things for all events",
                    where=f"{path.name}: {name}", got=value, expected=found[name],
                )  # fmt: skip
    return found


def extended(plan: TrackingPlan, draft: TrackingPlan) -> tuple[TrackingPlan, list[str]]:
    """`plan` with what `draft` adds, and a sentence for each addition or widening.

    Raises
    ------
    PlanError
        A property of the draft has a type that the planned one cannot hold.
    """
    changes: list[str] = []
    events = dict(plan.events)
    for name, drafted in draft.events.items():
        planned = events.get(name)
        if planned is None:
            events[name] = drafted
            changes.append(f"{name} is new")
        else:
            events[name] = _merged(name, planned, drafted, changes)
    version = plan.version + bool(plan.events and changes)
    merged = msgspec.structs.replace(plan, version=version, events=events)
    merged.validate()
    return merged, changes


def _merged(
    name: str, planned: PlannedEvent, drafted: PlannedEvent, changes: list[str]
) -> PlannedEvent:
    properties = dict(planned.properties)
    for prop, declared in drafted.properties.items():
        place = f"{name}.{prop}"
        if prop not in properties:
            properties[prop] = declared
            changes.append(f"{place} is new")
        elif (wider := _wider(place, properties[prop], declared)) != properties[prop]:
            properties[prop] = wider
            changes.append(f"{place} becomes {wider.kind}")
    explode = drafted.explode | planned.explode
    inherit = tuple(dict.fromkeys((*planned.inherit, *drafted.inherit)))
    if (explode, inherit) != (planned.explode, planned.inherit):
        changes.append(f"{name} has other lines")
    return msgspec.structs.replace(planned, properties=properties, explode=explode, inherit=inherit)


def _wider(place: str, planned: Property, drafted: Property) -> Property:
    if planned.pii != "none":
        return planned
    if planned.type == drafted.type and planned.scale >= drafted.scale:
        return planned
    if {planned.type, drafted.type} <= set(_ORDER):
        scale = max(planned.scale, drafted.scale)
        kind = "decimal" if "decimal" in (planned.type, drafted.type) else "integer"
        return msgspec.structs.replace(planned, type=kind, scale=scale)
    raise PlanError(
        "the data has another type than the tracking plan", where=place, got=str(drafted.kind),
        expected=str(planned.kind), hint="change the mapping, or the property's name",
    )  # fmt: skip
