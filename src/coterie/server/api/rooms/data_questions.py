"""What is asked of sources, plan and attributes, answered by a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from coterie.collect.gate import REASONS
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.language.plan import Property as Declared
from coterie.language.time import from_micros
from coterie.pictures import violations as picture
from coterie.project import Project
from coterie.project.freshness import Freshness, Sources
from coterie.server.api.rooms import data_views as v
from coterie.storage import refusals
from coterie.storage.refusals import Refusal

if TYPE_CHECKING:
    from coterie.discover.auditing import Attribute, Audit

WEEK = 7
_NONE = Refusal("", 0)

_Kind = tuple[str, str, str, str, str]
"""Source, event, path, rule and action."""


def sources(clock: int, project: Project) -> v.Sources:
    """Every source with when it was heard of, and what went wrong with it last.

    Parameters
    ----------
    clock : int
        Now by the clock of whatever answers, microseconds UTC.
    """
    ledger = project.stores.ledger
    heard = {each.source: each for each in _heard(project, clock)}
    keys = Counter(key.source for key in project.sources.list() if key.revoked_at is None)
    imported = {each.source: each.at for each in ledger.imports()}
    waiting, wrong = Counter[str](), refusals.newest(ledger)
    for (source, _), n in ledger.refusals().items():
        waiting[source] += n
    broken = Counter[str]()
    for each in project.planning.violations(days=WEEK).violations:
        broken[each.source] += each.n
    return v.Sources(from_micros(clock), [
        v.Source(
            name=name, keys=keys[name], last=_instant(heard[name].last if name in heard else None),
            silent=name in heard and heard[name].silent(clock),
            imported_at=_instant(imported.get(name)), quarantined=waiting[name],
            refused_at=_instant(wrong[name].at if name in wrong else None),
            reason=wrong.get(name, _NONE).reason,
            meaning=REASONS.get(wrong.get(name, _NONE).reason, ""), violations=broken[name],
        )
        for name in sorted({*heard, *keys, *imported, *waiting, *broken})
    ])  # fmt: skip


def _heard(project: Project, clock: int) -> list[Freshness]:
    """When each source was heard of: lately, or where none was, before the newest event."""
    stores = project.stores
    found = project.heard.look(stores, clock)
    if found or not stores.lake.offset():
        return found
    newest: int | None = pc.max(stores.lake.presence(stores.lake.offset())["last"]).as_py()
    return Sources().look(stores, newest or clock)


def _instant(at: int | None) -> datetime | None:
    return None if at is None else from_micros(at)


def dictionary(search: str, project: Project) -> v.Dictionary:
    """The plan's files as they are now.

    Parameters
    ----------
    search : str
        Only events and properties in which this stands; nothing for all.
    """
    plan = project.plans.load()
    events = [_event(name, plan) for name in sorted(plan.events)]
    return v.Dictionary(
        version=plan.version, mode=plan.mode, unknown_events=plan.unknown_events,
        unknown_properties=plan.unknown_properties,
        events=[*_found(events, search.lower())] if search else events,
        versions=[
            v.Version(
                each.version, from_micros(each.at), each.events, each.properties,
                len(each.changes), sum(change.breaking for change in each.changes),
            )
            for each in reversed(project.planning.versions().versions)
        ],
    )  # fmt: skip


def _found(events: Iterable[v.Event], wanted: str) -> Iterator[v.Event]:
    for event in events:
        about = f"{event.name} {event.description} {event.purpose} {event.owner}".lower()
        own = [each for each in event.properties if wanted in _told(each)]
        if wanted in about:
            yield event
        elif own:
            yield v.Event(
                event.name, event.description, event.purpose, event.owner, event.lines, own
            )


def _told(one: v.Property) -> str:
    return " ".join(
        (one.name, one.type, one.unit, one.pii, one.purpose, one.owner, one.description)
    ).lower()


def _event(name: str, plan: TrackingPlan) -> v.Event:
    planned: PlannedEvent = plan.events[name]
    return v.Event(
        name, planned.description, planned.purpose, planned.owner, sorted(planned.explode.values()),
        [_property(prop, planned.properties[prop]) for prop in sorted(planned.properties)],
    )  # fmt: skip


def _property(name: str, declared: Declared) -> v.Property:
    return v.Property(
        name, str(declared.kind), declared.unit, declared.pii, declared.purpose, declared.owner,
        declared.required, declared.description, [*_rules(declared)],
    )  # fmt: skip


def _rules(declared: Declared) -> Iterator[str]:
    """What else its values keep to."""
    if declared.min is not None:
        yield f"at least {declared.min}"
    if declared.max is not None:
        yield f"at most {declared.max}"
    if declared.min_length is not None:
        yield f"{declared.min_length} characters or more"
    if declared.max_length is not None:
        yield f"{declared.max_length} characters or fewer"
    if declared.pattern:
        yield f"fits {declared.pattern}"
    if declared.one_of:
        yield f"one of {', '.join(declared.one_of)}"
    if declared.format:
        yield f"a {declared.format} by its standard"
    if declared.unit_from:
        yield f"in the unit that {declared.unit_from} says"


def violations(days: int, source: str, project: Project) -> v.Violations:
    """What was not as planned in the last days."""
    every = project.planning.violations(days=days).violations
    wanted = [each for each in every if source in ("", each.source)]
    summed, last = Counter[_Kind](), dict[_Kind, str]()
    for each in wanted:  # the newest day first
        kind = each.source, each.event, each.path, each.rule, each.action
        summed[kind] += each.n
        last.setdefault(kind, each.day)
    by_day = Counter[tuple[str, str]]()
    for each in wanted:
        by_day[each.day, each.action] += each.n
    return v.Violations(
        days=days, n=summed.total(), sources=sorted({each.source for each in every}),
        violations=[_violation(kind, n, last[kind]) for kind, n in summed.most_common()],
        by_day=[v.Day(*key, n) for key, n in sorted(by_day.items())],
    )  # fmt: skip


def _violation(kind: _Kind, n: int, last: str) -> v.Violation:
    source, event, path, rule, action = kind
    return v.Violation(source, event, path, rule, action, n, last)


def drawn(found: v.Violations, now: int) -> pa.Table:
    """The same as a picture's table."""
    counts = [(each.day, each.action, each.n) for each in found.by_day]
    return picture.data(counts, from_micros(now).date(), found.days)


def audit(target: str, project: Project) -> v.Audit:
    """What is held of people by today's definitions; takes as long as it needs.

    Parameters
    ----------
    target : str
        A segment: how much each attribute tells of it; nothing for none.
    """
    project.reload()
    found = project.audit(target=target)
    return v.Audit(
        at=from_micros(found.at), purpose=found.purpose, people=found.people, target=found.target,
        attributes=[_attribute(each, found) for each in found.attributes],
        left_out=dict(found.left_out), idle=[*found.idle_traits],
        unused=[f"{each.event}.{each.name}".rstrip(".") for each in found.unused],
        targets=[*project.library.segments],
    )  # fmt: skip


def _attribute(one: Attribute, found: Audit) -> v.Attribute:
    from coterie.discover.auditing.page import worries

    told = one.importance
    return v.Attribute(
        one.name, one.kind, one.unit, one.unknown / max(1, found.people), one.distinct, one.least,
        one.middle, one.most, one.stale_days, None if told is None else told.information,
        [*one.used_by], worries(one),
    )  # fmt: skip
