"""Import every module of the installed wheel; `make smoke` runs this with the core alone."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import version
from importlib.resources import files

import coterie


def main() -> None:
    """Fail on the first module that does not import, or if the types are not marked."""
    names = [module.name for module in pkgutil.walk_packages(coterie.__path__, "coterie.")]
    for name in names:
        importlib.import_module(name)
    assert files("coterie").joinpath("py.typed").is_file(), "the wheel has no py.typed"
    print(f"coterie {version('coterie')}: {len(names)} modules import from {coterie.__path__[0]}")


if __name__ == "__main__":
    main()
