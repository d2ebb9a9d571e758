"""The projects of `examples/` over the real data, followed as their READMEs say."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from coterie.collect.summary import Summary
from coterie.language.time import micros
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.project import Project, open  # noqa: A004 - as in coterie.open
from tests.support.keys import keep_the_same

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY = Path("data/keys/project.key")


class Example:
    """A copy of one example's folder, with its data imported and its clock moved once."""

    def __init__(self, name: str, folder: Path) -> None:
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("data"))
        keep_the_same(folder)
        self._open(folder)

    @classmethod
    def copied(cls, made: Path, folder: Path) -> Example:
        """One that was made before, in another folder."""
        shutil.copytree(made, folder)
        example = cls.__new__(cls)
        example._open(folder)
        return example

    def _open(self, folder: Path) -> None:
        self.pseudonymiser = Pseudonymiser.load(folder / KEY)
        self.project: Project = open(folder, clock=lambda: datetime(2024, 1, 1, tzinfo=UTC))

    def imported(self, mapping: str, *files: Path) -> Summary:
        """Import files through one of the example's own mappings."""
        return self.project.import_(files, self.project.folder / mapping)

    def run(self, until: str) -> Example:
        """Answer everything at one instant, and keep what was answered."""
        self.project.run(until)
        return self.answered()

    def answered(self) -> Example:
        """Keep what a run before has answered."""
        self.names = self.project.library.names
        self.table = self.project.traits(self.names)
        self._row = {profile: i for i, profile in enumerate(self.table["profile"])}
        return self

    def values(self, name: str) -> list[Any]:
        """Everybody's values of one definition: amounts in units, instants in microseconds."""
        return [_units(value) for value in self.table[name]]

    def of(self, people: Sequence[str], name: str) -> list[Any]:
        """The values of these people, by the identifiers of their source."""
        values = self.values(name)
        return [values[self._row[self.pseudonymiser.person(person)]] for person in people]

    def counts(self, name: str) -> Counter[Any]:
        """How many people have each value."""
        return Counter(self.values(name))

    def edges(self, name: str) -> list[int]:
        """The edges that the rank of this name was fitted."""
        (key,) = self.project.library.fitted([name])
        (found,) = [fit for fit in self.project.stores.ledger.fits() if fit.node == key]
        return list(found.parameters["edges"])


def _units(value: Any) -> Any:
    match value:
        case Decimal():
            exponent = value.as_tuple().exponent
            assert isinstance(exponent, int)
            return int(value.scaleb(-exponent))
        case datetime():
            return micros(value)
    return value
