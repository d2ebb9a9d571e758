"""The folder of a project: found, made, and refused where it would overwrite something."""

from __future__ import annotations

from pathlib import Path

from coterie.errors import ProjectError, nearest
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.project.settings import FILE, check_zone
from coterie.recipes import templates

DEFINITIONS = "definitions.py"
PLANS = "tracking_plan"
DATA = "data"
KEY = "data/keys/project.key"
KEY_CHECK = "data/key.check"
"""Holds a fingerprint of the key, so that another project's key is noticed."""
INBOX = "inbox"
"""Below the data: requests that were acknowledged and wait to be drained."""
SNAPSHOTS = "snapshots"
"""Below the data: what the stream keeps of its state."""
STUDIES = "studies"
"""Below the data: studies of clusters."""
SAMPLES = "tests/profiles.yaml"

EMPTY = '''\
"""What this project says about its people. Write definitions, then `coterie run`."""

from coterie import days, event, segment, trait  # noqa: F401

# order = event("Order Completed")
# orders = trait(order.count())
# active = segment(order.any(within=days(30)))
'''
RECIPES = {
    "": (EMPTY, "", ""),
    "retail": (templates.RETAIL, templates.RETAIL_PLAN, templates.RETAIL_SAMPLES),
}
"""Recipe -> the text of definitions.py, of a first tracking plan, and of sample profiles."""

SETTINGS = """\
# The settings of a Coterie project. `coterie run` reads them each time.

name = "{name}"

# Dates such as `--until 2011-12-10` mean 00:00 here, and instants are shown in this zone.
zone = "{zone}"

# What a segment is for when it names no purpose.
default_purpose = "analytics"

# Each purpose has a legal basis (GDPR, Article 6). Under "legitimate_interest" everyone may be
# used who has not objected; under "consent" only who agreed, as imported with [[consents]].
[purposes.analytics]
basis = "legitimate_interest"

[purposes.marketing]
basis = "consent"
"""
IGNORED = "# Personal data and the key to it stay on this machine.\ndata/\n"


def find(folder: Path) -> Path:
    """The project that a folder is, or stands in.

    Raises
    ------
    ProjectError
        Neither the folder nor one above it is a project.
    """
    here = folder.resolve()
    for candidate in (here, *here.parents):
        if (candidate / FILE).is_file():
            return candidate
    raise ProjectError(
        "no project here", where=str(folder), expected=f"a folder with {FILE}",
        hint="make one with `coterie init FOLDER`, or name one with -p FOLDER",
    )  # fmt: skip


def create(folder: Path, recipe: str = "", zone: str = "UTC") -> list[str]:
    """Make a project and return what was written, as paths below the folder.

    Parameters
    ----------
    recipe : str
        ``retail``, or empty for definitions to be written.
    zone : str
        IANA name of the project's time zone.

    Raises
    ------
    ProjectError
        The folder holds one of these files already, or there is no such recipe.
    """
    if recipe not in RECIPES:
        raise ProjectError(
            "there is no such recipe", got=repr(recipe), hint=nearest(recipe, filter(None, RECIPES))
        )
    check_zone(zone, "--zone")
    definitions, plan, samples = RECIPES[recipe]
    texts = {
        FILE: SETTINGS.format(name=_name(folder), zone=zone),
        DEFINITIONS: definitions,
        ".gitignore": IGNORED,
    }
    if plan:
        texts[f"{PLANS}/{recipe}.toml"] = plan
    if samples:
        texts[SAMPLES] = samples
    _refuse_existing(folder, [*texts, KEY])
    (folder / PLANS).mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    Pseudonymiser.load(folder / KEY, create=True)
    return [*texts, KEY]


def _name(folder: Path) -> str:
    """The folder's own name, as a TOML string may hold it."""
    return "".join(c for c in folder.resolve().name if c.isprintable() and c not in '"\\')


def _refuse_existing(folder: Path, paths: list[str]) -> None:
    taken = [path for path in paths if (folder / path).exists()]
    if taken:
        raise ProjectError(
            "the folder holds a project already; nothing was written", where=str(folder),
            got=", ".join(taken), hint="name another folder",
        )  # fmt: skip
