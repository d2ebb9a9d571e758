"""The settings of a project: the file `coterie.toml`, read, checked and explained."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from coterie.activate.webhooks.addresses import Addresses
from coterie.errors import ProjectError, nearest
from coterie.language.definitions import NAME
from coterie.privacy.consent import BASES
from coterie.project.schedules.cron import check_cron
from coterie.storage.spilling import HALF

FILE = "coterie.toml"
_MEMORY = re.compile(r"[1-9][0-9]*(?:MB|GB)|[1-9][0-9]?%")


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What data may be used for, and on which legal basis.

    Parameters
    ----------
    basis : str
        One of :data:`coterie.privacy.consent.BASES`: under ``consent`` only people who agreed may
        be used, under ``legitimate_interest`` everyone who did not object.
    """

    basis: str
    description: str = ""


class Scheduled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When something is to happen, by the clock that `coterie run` moves.

    Parameters
    ----------
    schedule : str
        A cron line: minute, hour, day of the month, month, day of the week, as in ``0 6 * * *``.
    zone : str
        The time zone of the line; by default the project's.
    """

    schedule: str
    zone: str = ""


class ScheduledImport(Scheduled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Files that are imported when it is time; rows that are stored already are not stored again.

    Parameters
    ----------
    files : str
        A pattern below the project's folder: ``inbox/orders-*.csv``.
    mapping : str
        The mapping file, below the project's folder.
    schedule : str
        A cron line.
    zone : str
        The time zone of the line; by default the project's.
    """

    files: str
    mapping: str


class ScheduledReport(Scheduled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A report that is written when it is time.

    Parameters
    ----------
    out : str
        The HTML file, below the project's folder; ``{date}`` in it becomes the day.
    schedule : str
        A cron line.
    zone : str
        The time zone of the line and of the day; by default the project's.
    """

    out: str


class Collecting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the collector takes in.

    Parameters
    ----------
    event_bytes : int
        Of one event: 32 KB by default, as in the Segment specification.
    batch_bytes : int
        Of one batch, unpacked: 500 KB by default.
    batch_events : int
        Messages of one batch: 2,500 by default, as Segment has it.
    waiting_bytes : int
        Of all requests that wait for the disk; more of them are asked to come again.
    inbox_bytes : int
        On disk, of all requests that wait to be stored; with more, all are asked to come again.
    patience : float
        Seconds that a request may take to arrive, and then to be on disk.
    horizon_days : int
        How long an event is known for at least: until then the same message is a duplicate, and
        another content of its id a conflict. What came in files is known for ever.
    workers : int
        Processes beside the engine's that make events ready for the log when many wait: by
        default none. Each holds its own memory and the project's key.
    """

    event_bytes: int = 32 * 1024
    batch_bytes: int = 500 * 1024
    batch_events: int = 2_500
    waiting_bytes: int = 64 * 1024 * 1024
    inbox_bytes: int = 4 * 1024**3
    patience: float = 10.0
    horizon_days: int = 30
    workers: int = 0


class Logging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the log keeps.

    Parameters
    ----------
    keep_days : int, optional
        How long events that were collected over HTTP stay in the log once the lake holds them; by
        default for ever.
    """

    keep_days: int | None = None


class Webhooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How changes of audiences are sent to destinations.

    Parameters
    ----------
    allow : tuple of str
        Internal networks to which messages may be sent, without encryption too: by default none.
    seconds : float
        For one attempt, answer included.
    at_once : int
        Messages that are on their way to one destination at the same time.
    keep_days : int
        How long a delivery is kept that was delivered, has failed or was dropped. Those that are
        forgotten are still counted.
    """

    allow: tuple[str, ...] = ()
    seconds: float = 15.0
    at_once: int = 8
    keep_days: int = 90


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a project says about itself.

    Parameters
    ----------
    name : str
    default_purpose : str
        What a segment that names no purpose is for.
    purposes : dict of str to Purpose
    zone : str
        The time zone in which dates are meant and instants are shown (IANA name).
    segments : dict of str to Scheduled
        When everybody is asked anew: for ``default``, or so that this segment or these stages are
        fresh. A run always answers all of them.
    fits : dict of str to Scheduled
        When ranks, means and the like are learned anew: for ``default``, or those of one
        definition. What has no schedule is learned in every run.
    imports : dict of str to ScheduledImport
        By a name of your own.
    reports : dict of str to ScheduledReport
        By a name of your own.
    memory : str
        What one question may hold in memory before it spills into the data folder, as ``4GB`` or
        as a share of the machine's memory; half of it by default.
    collect : Collecting
        Limits of `coterie serve`.
    log : Logging
        What the log keeps.
    webhooks : Webhooks
        How messages go out.
    """

    name: str
    default_purpose: str
    purposes: dict[str, Purpose]
    zone: str = "UTC"
    segments: dict[str, Scheduled] = {}
    fits: dict[str, Scheduled] = {}
    imports: dict[str, ScheduledImport] = {}
    reports: dict[str, ScheduledReport] = {}
    memory: str = HALF
    collect: Collecting = Collecting()
    log: Logging = Logging()
    webhooks: Webhooks = Webhooks()

    @property
    def bases(self) -> dict[str, str]:
        """Purpose -> legal basis."""
        return {name: purpose.basis for name, purpose in self.purposes.items()}

    @property
    def tz(self) -> ZoneInfo:
        """The project's time zone."""
        return ZoneInfo(self.zone)


def load_settings(path: Path) -> Settings:
    """The settings in a file.

    Raises
    ------
    ProjectError
        The file is missing, no TOML, or says something that cannot be meant.
    """
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(
            "the project's settings cannot be read", where=path.name, got=str(error)
        ) from None
    except msgspec.ValidationError as error:
        raise ProjectError(
            "the project's settings say something unknown", where=path.name, got=str(error)
        ) from None
    _check(settings, path.name)
    return settings


def check_zone(zone: str, where: str) -> None:
    """Refuse a time zone that does not exist.

    Raises
    ------
    ProjectError
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ProjectError(
            "no such time zone", where=where, got=repr(zone),
            expected="an IANA name, as in Europe/London",
        ) from None  # fmt: skip


def _check(settings: Settings, where: str) -> None:
    check_zone(settings.zone, f"{where}: zone")
    _check_schedules(settings, where)
    if not _MEMORY.fullmatch(settings.memory):
        raise ProjectError(
            "no amount of memory", where=f"{where}: memory", got=repr(settings.memory),
            expected="as in 4GB, 512MB or 50%",
        )  # fmt: skip
    _check_collecting(settings.collect, f"{where}: collect")
    if settings.log.keep_days is not None and settings.log.keep_days <= 0:
        raise ProjectError(
            "no number of days", where=f"{where}: log.keep_days",
            got=repr(settings.log.keep_days), expected="above 0",
        )  # fmt: skip
    _check_webhooks(settings.webhooks, f"{where}: webhooks")
    if settings.default_purpose not in settings.purposes:
        raise ProjectError(
            "the default purpose is not declared", where=f"{where}: default_purpose",
            got=repr(settings.default_purpose),
            hint=nearest(settings.default_purpose, settings.purposes),
        )  # fmt: skip
    for name, purpose in settings.purposes.items():
        if purpose.basis not in BASES:
            raise ProjectError(
                "no such legal basis", where=f"{where}: purposes.{name}.basis",
                got=repr(purpose.basis), expected=", ".join(BASES),
                hint=nearest(purpose.basis, BASES),
            )  # fmt: skip
        if not NAME.match(name):
            raise ProjectError(
                "a purpose has a name that definitions cannot use",
                where=f"{where}: purposes.{name}",
                expected="lower-case letters, digits and underscores, a letter first",
            )


def _check_schedules(settings: Settings, where: str) -> None:
    for kind in ("segments", "fits", "imports", "reports"):
        for name, said in getattr(settings, kind).items():
            here = f"{where}: {kind}.{name}"
            check_cron(said.schedule, f"{here}.schedule")
            check_zone(said.zone or settings.zone, f"{here}.zone")
    for name, said in settings.imports.items():
        _check_below(said.files, f"{where}: imports.{name}.files")
    for name, report in settings.reports.items():
        _check_below(report.out, f"{where}: reports.{name}.out")


def _check_collecting(said: Collecting, where: str) -> None:
    if said.workers < 0:
        raise ProjectError(
            "no number of processes", where=f"{where}.workers", got=repr(said.workers),
            expected="0 or more",
        )  # fmt: skip
    for name in said.__struct_fields__:
        if name != "workers" and not getattr(said, name) > 0:
            raise ProjectError(
                "no limit", where=f"{where}.{name}", got=repr(getattr(said, name)),
                expected="above 0",
            )  # fmt: skip
    if said.event_bytes > said.batch_bytes:
        raise ProjectError(
            "an event may be larger than a batch", where=f"{where}.event_bytes",
            expected=f"at most batch_bytes, {said.batch_bytes:,}",
        )  # fmt: skip


def _check_webhooks(said: Webhooks, where: str) -> None:
    for name in ("seconds", "at_once", "keep_days"):
        if not getattr(said, name) > 0:
            raise ProjectError(
                "no limit", where=f"{where}.{name}", got=repr(getattr(said, name)),
                expected="above 0",
            )  # fmt: skip
    Addresses(said.allow)


def _check_below(path: str, where: str) -> None:
    if not path or Path(path).is_absolute() or ".." in Path(path).parts:
        raise ProjectError(
            "not a path below the project's folder", where=where, got=repr(path),
            expected="as in inbox/*.csv",
        )  # fmt: skip
