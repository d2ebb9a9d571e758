"""The settings of a project: the file `coterie.toml`, read, checked and explained."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from coterie.errors import ProjectError, nearest
from coterie.language.definitions import NAME
from coterie.privacy.consent import BASES

FILE = "coterie.toml"


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
    """

    name: str
    default_purpose: str
    purposes: dict[str, Purpose]
    zone: str = "UTC"

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
