"""What a condition may speak of: traits, segments, events, their types and known values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from coterie.engines.sql.sources import column
from coterie.errors import UnknownName, nearest
from coterie.language.definitions import Segment
from coterie.language.plan import PlannedEvent
from coterie.language.properties import Property
from coterie.language.types import Decimal, Enumerated, ListOf, Real, Text, Type
from coterie.profiles.estimating.counting import FEW, FIRST
from coterie.profiles.estimating.published import PublishedSource
from coterie.profiles.state import files_of
from coterie.profiles.stores import answered
from coterie.storage.columns import quoted
from coterie.storage.reading import read

if TYPE_CHECKING:
    from coterie.language.library import Library
    from coterie.project.project import Project

MOST = 50
"""Known values of one property or trait."""


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trait, segment or stages, or a property of an event.

    Parameters
    ----------
    type : str
        ``integer``, ``decimal``, ``real``, ``text``, ``boolean``, ``instant``, ``duration``,
        ``list``, ``stages`` or ``tiers``; a segment is a ``segment``, and a sum that fades from
        instant to instant is ``fading``.
    options : list of str
        Of stages and of texts that the plan lists; tiers from the lowest.
    personal : bool
        Kept as a pseudonym: values are not told.
    of : str
        Of a list, the type of what it holds.
    """

    name: str
    type: str
    scale: int = 0
    unit: str = ""
    description: str = ""
    options: list[str] = []
    personal: bool = False
    of: str = ""


class KnownEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event of the tracking plan."""

    name: str
    description: str = ""
    properties: list[Known] = []


class Vocabulary(msgspec.Struct, frozen=True):
    """All that a condition may speak of.

    Parameters
    ----------
    purposes : dict of str to str
        Purpose -> legal basis.
    zone : str
        The project's time zone, whose days are meant by dates.
    """

    traits: list[Known]
    events: list[KnownEvent]
    purposes: dict[str, str]
    default_purpose: str
    zone: str = "UTC"


class KnownValue(msgspec.Struct, frozen=True):
    """A text that people or events have, and how many of those looked at."""

    value: str
    n: int


def vocabulary(library: Library, zone: str = "UTC") -> Vocabulary:
    """What definitions and their tracking plan know."""
    return Vocabulary(
        traits=[_defined(library, name) for name in library],
        events=[_event(name, planned) for name, planned in sorted(library.plan.events.items())],
        purposes=dict(library.purposes),
        default_purpose=library.default_purpose,
        zone=zone,
    )


def _defined(library: Library, name: str) -> Known:
    definition, kind = library.definition(name), library.type(name)
    said = definition.description
    if isinstance(definition, Segment):
        return Known(name, "segment", description=said)
    return Known(
        name, word(kind), scale=_scale(kind), options=_options(kind), description=said,
        of=word(kind.of) if isinstance(kind, ListOf) else "",
    )  # fmt: skip


def _event(name: str, planned: PlannedEvent) -> KnownEvent:
    properties = [_planned(prop, said) for prop, said in planned.properties.items()]
    return KnownEvent(name, planned.description, properties)


def _planned(name: str, said: Property) -> Known:
    return Known(
        name=name, type=said.type, scale=said.scale, unit=said.unit, options=[*said.one_of],
        description=said.description, personal=said.pii != "none",
    )  # fmt: skip


def word(kind: Type) -> str:
    """What a type is called.

    Examples
    --------
    >>> word(Decimal(2)), word(ListOf(Text())), word(Real(decaying=True))
    ('decimal', 'list', 'fading')
    """
    if kind == Real(decaying=True):
        return "fading"
    if isinstance(kind, ListOf):
        return "list"
    if isinstance(kind, Enumerated):
        return "tiers" if kind.ordered else "stages"
    return type(kind).__name__.lower()


def _scale(kind: Type) -> int:
    return kind.scale if isinstance(kind, Decimal) else 0


def _options(kind: Type) -> list[str]:
    return [*kind.options] if isinstance(kind, Enumerated) else []


# --- values -----------------------------------------------------------------------------------


def of_trait(project: Project, name: str) -> list[KnownValue]:
    """The texts that people have as a trait, the most frequent first, as published last."""
    library = project.library
    if not isinstance(library.type(name), Text | Enumerated):
        return []
    run = project.answers.last_run()
    files = files_of(project.stores.lake, run)
    source = PublishedSource(project.stores.lake, answered(run).offset, files)
    con = source.backend.con
    if name not in con.sql(f"FROM {read(files)} LIMIT 0").columns:
        return []
    return _counted(con, f"SELECT {quoted(name)} AS v FROM {read(files)}")  # noqa: S608 - quoted


def of_property(project: Project, event: str, name: str) -> list[KnownValue]:
    """The texts that events have as a property, the most frequent first.

    Raises
    ------
    UnknownName
        The plan knows no such event or property.

    Notes
    -----
    Of many people a random sample is looked at. Of personal properties nothing is told.
    """
    declared = _declared(project, event, name)
    if declared.type != "text" or declared.pii != "none":
        return []
    run = project.answers.last_run()
    part = FIRST / max(int(run.counts["people"]), 1)
    below = f"{int(part * 2**32):08x}" if run.counts["people"] > FEW else ""
    source = PublishedSource(project.stores.lake, answered(run).offset, [], below)
    events = source.events(event, {name: declared.kind})
    sql = source.backend.compile(events.select(v=column(name)))
    return _counted(source.backend.con, sql)


def _declared(project: Project, event: str, name: str) -> Property:
    planned = project.plan.events.get(event)
    if planned is None:
        raise UnknownName("no such event", hint=nearest(event, project.plan.events))
    if name not in planned.properties:
        raise UnknownName("no such property", hint=nearest(name, planned.properties))
    return planned.properties[name]


def _counted(con: Any, sql: str) -> list[KnownValue]:
    asked = (
        f"SELECT v, count(*) AS n FROM ({sql}) WHERE v IS NOT NULL "  # noqa: S608 - our own
        f"GROUP BY v ORDER BY n DESC, v LIMIT {MOST}"
    )
    return [KnownValue(value, n) for value, n in con.sql(asked).fetchall()]
