"""The settings of a project: the file `coterie.toml`, read, checked and explained."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from coterie.errors import ProjectError, nearest
from coterie.language.definitions import NAME

FILE = "coterie.toml"

Basis = Literal[
    "consent", "contract", "legal_obligation", "legitimate_interest", "public_task",
    "vital_interest",
]  # fmt: skip
"""The legal bases of Article 6(1) of the GDPR."""


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What data may be used for, and on which legal basis.

    Parameters
    ----------
    basis : str
        With ``consent`` only people who agreed may be used, with any other everyone who did not
        object.
    """

    basis: Basis
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
    for name in settings.purposes:
        if not NAME.match(name):
            raise ProjectError(
                "a purpose has a name that definitions cannot use",
                where=f"{where}: purposes.{name}",
                expected="lower-case letters, digits and underscores, a letter first",
            )
