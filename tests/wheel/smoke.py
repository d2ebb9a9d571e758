"""Import every module of the installed wheel; `make smoke` runs this with the core alone."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import version
from importlib.resources import files

import coterie

ROOMS_OF_EXTRAS = ("coterie.discover.", "coterie.server.", "coterie.activate.webhooks.")
"""What is in them imports what `coterie[discover]` and `coterie[serve]` bring."""


def main() -> None:
    """Fail on the first module that does not import, or if the types are not marked."""
    every = [module.name for module in pkgutil.walk_packages(coterie.__path__, "coterie.")]
    names = [name for name in every if not name.startswith(ROOMS_OF_EXTRAS)]
    for name in names:
        importlib.import_module(name)
    assert files("coterie").joinpath("py.typed").is_file(), "the wheel has no py.typed"
    print(f"coterie {version('coterie')}: {len(names)} modules import from {coterie.__path__[0]}")


if __name__ == "__main__":
    main()
