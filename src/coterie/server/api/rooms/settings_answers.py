"""What is asked of a project's settings, and what is changed of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeVar

from coterie.errors import CoterieError, DefinitionError, NoPurpose, ProjectError
from coterie.language import differences as language
from coterie.language.codec import from_json
from coterie.language.definitions import Definition, Segment, Stages, Trait
from coterie.language.english import sentence, stage_lines
from coterie.language.library import Library
from coterie.language.time import from_micros
from coterie.project import Project
from coterie.project.destinations import DestinationReport
from coterie.project.schedules.kept import Outcome
from coterie.project.schedules.listing import Planned
from coterie.server.api.problems import Refused
from coterie.server.api.rooms import settings_views as v
from coterie.storage.outbox import Outbox
from coterie.storage.sources import WriteKey
from coterie.storage.tokens import Token

NO_PURPOSE = Refused(404, "no_purpose", "the project declares no such purpose")
NO_KEY = Refused(404, "no_key", "nothing of this name and id works")
NO_VERSION = Refused(404, "no_version", "there is no such version of the definitions")
NO_DESTINATION = Refused(404, "no_destination", "there is no such destination")

Kind = Literal["trait", "segment", "stages", "tiers"]
Answer = TypeVar("Answer")

# --- definitions --------------------------------------------------------------------------------


def definitions(project: Project) -> v.Definitions:
    """The definitions in force, and what the files say otherwise."""
    files, mistakes = _files(project)
    known = {} if files is None else {name: files.where(name) for name in files.names}
    mark, run = Outbox(project.stores.ledger).mark(), project.stores.ledger.last_run()
    by = mark or run
    kept = None if by is None else project.stores.ledger.definitions(by.definitions_hash)
    if kept is None:
        return v.Definitions(None, None, [], [], mistakes)
    force = from_json(kept.json)
    found = [
        _written(name, each, project, known.get(name, "")) for name, each in force.by_name.items()
    ]
    now = force if files is None else project.questions.definitions
    unused = language.differences(force, now)
    return v.Definitions(kept.version, from_micros(kept.at), found, unused, mistakes)


def _files(project: Project) -> tuple[Library | None, str]:
    """What the files define now; or why they cannot be used."""
    project.reload()
    try:
        return project.library, ""
    except CoterieError as error:
        return None, str(error)


def _written(name: str, each: Definition, project: Project, where: str) -> v.Written:
    default = project.settings.default_purpose
    purpose = "" if isinstance(each, Trait) else each.purpose or default
    return v.Written(name, _kind(each), purpose, sentence(name, each), where, stage_lines(each))


def _kind(each: Definition) -> Kind:
    match each:
        case Trait():
            return "trait"
        case Segment():
            return "segment"
        case Stages():
            return "tiers" if each.ordered else "stages"


def versions(project: Project) -> v.Versions:
    """Every version, newest first."""
    found = [
        v.Version(
            each.version, from_micros(each.at), from_micros(each.committed_at), each.author,
            each.note, each.differences,
        )
        for each in reversed(project.versions().versions)
    ]  # fmt: skip
    return v.Versions(found)


def compared(old: int | None, new: int | None, project: Project) -> v.Compared:
    """What two versions do not share.

    Raises
    ------
    Refused
        There is no such version, or the files define nothing that can be used.
    """
    if new is None:
        project.reload()
    try:
        found = project.differences(old, new)
    except (ProjectError, DefinitionError):
        raise NO_VERSION from None
    return v.Compared(found.old, found.new, found.differences)


# --- access -------------------------------------------------------------------------------------


def access(project: Project) -> v.Access:
    """Every write key and token there ever was, those that work first."""
    keys = [_key(each) for each in project.sources.list()]
    tokens = [_token(each) for each in project.tokens.list()]
    return v.Access(
        sorted(keys, key=_ended), sorted(tokens, key=_ended), [*project.settings.purposes]
    )


def _ended(each: v.Credential) -> bool:
    return each.revoked_at is not None


def add_key(new: v.NewKey, project: Project) -> v.Made:
    """Make a write key."""
    made, secret = project.sources.add(new.name)
    return v.Made(_key(made), secret)


def add_token(new: v.NewToken, project: Project) -> v.Made:
    """Make a token.

    Raises
    ------
    Refused
        The project declares no such purpose.
    """
    try:
        made, secret = project.tokens.add(new.name, new.purpose)
    except NoPurpose:
        raise NO_PURPOSE from None
    return v.Made(_token(made), secret)


def revoke_key(old: v.Old, project: Project) -> v.Revoked:
    """Let write keys work no more.

    Raises
    ------
    Refused
        None of these works.
    """
    return v.Revoked(_or(NO_KEY, lambda: project.sources.revoke(old.name, old.id)))


def revoke_token(old: v.Old, project: Project) -> v.Revoked:
    """Let tokens work no more.

    Raises
    ------
    Refused
        None of these works.
    """
    return v.Revoked(_or(NO_KEY, lambda: project.tokens.revoke(old.name, old.id)))


def _or(refused: Refused, act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    except ProjectError:
        raise refused from None


def _key(each: WriteKey) -> v.Credential:
    added, revoked = from_micros(each.added_at), _instant(each.revoked_at)
    return v.Credential(each.id, each.source, "", added, revoked)


def _token(each: Token) -> v.Credential:
    added, revoked = from_micros(each.added_at), _instant(each.revoked_at)
    return v.Credential(each.id, each.name, each.purpose, added, revoked)


def _instant(at: int | None) -> datetime | None:
    return None if at is None else from_micros(at)


# --- jobs and destinations ----------------------------------------------------------------------


def jobs(project: Project) -> v.Jobs:
    """Every schedule."""
    report = project.schedule()
    return v.Jobs(_instant(report.clock), [_job(each) for each in report.schedules])


def _job(each: Planned) -> v.Job:
    last = None if each.last is None else _outcome(each.last)
    return v.Job(
        each.name, each.schedule, each.zone, each.english, _instant(each.next), each.missed, last
    )


def _outcome(each: Outcome) -> v.Outcome:
    failed = each.said.startswith("failed")
    return v.Outcome(from_micros(each.at), from_micros(each.done_at), each.said, failed)


def destinations(project: Project) -> v.Destinations:
    """Every destination."""
    return v.Destinations([_destination(each) for each in project.destinations.list()])


def _destination(each: DestinationReport) -> v.Destination:
    counts = each.counts
    dropped = sum(n for name, n in counts.items() if name.startswith("dropped."))
    return v.Destination(
        name=each.name, url=each.url, segments=[*each.segments], traits=[*each.traits],
        added_at=from_micros(each.added_at), paused_at=_instant(each.paused_at), why=each.why,
        waiting=counts.get("waiting", 0), delivered=counts.get("delivered", 0),
        failed=counts.get("failed", 0), dropped=dropped,
    )  # fmt: skip


def paused(name: str, project: Project) -> v.Destinations:
    """Send nothing to a destination.

    Raises
    ------
    Refused
        There is none of this name.
    """
    _or(NO_DESTINATION, lambda: project.destinations.pause(name))
    return destinations(project)


def resumed(name: str, project: Project) -> v.Destinations:
    """Send to a destination again.

    Raises
    ------
    Refused
        There is none of this name.
    """
    _or(NO_DESTINATION, lambda: project.destinations.resume(name))
    return destinations(project)
