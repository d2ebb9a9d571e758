"""What a position's definitions and fits are, as the log and the ledger have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from coterie.engines.fits import Fit
from coterie.errors import StoreError
from coterie.language.codec import from_json
from coterie.language.library import Library, digest
from coterie.language.plan import TrackingPlan
from coterie.profiles.questions import Questions
from coterie.storage import ledger
from coterie.storage.log import Entry


class Terms(msgspec.Struct, frozen=True):
    """What definitions rest on beside themselves.

    Parameters
    ----------
    plan : TrackingPlan
    bases : mapping of str to str
        Purpose -> legal basis.
    default_purpose : str
    """

    plan: TrackingPlan
    bases: Mapping[str, str]
    default_purpose: str

    @classmethod
    def of(cls, library: Library) -> Terms:
        """The terms of a library."""
        return cls(library.plan, library.purposes, library.default_purpose)

    def questions(self, body: str | bytes) -> Questions:
        """Recorded definitions under these terms."""
        library = Library(from_json(body), self.plan, self.bases, self.default_purpose)
        return Questions(library)

    def recorded(self, kept: ledger.Ledger, hashed: str) -> Questions:
        """The definitions of a hash, as the ledger keeps them.

        Raises
        ------
        StoreError
            It does not have them.
        """
        found = kept.definitions(hashed)
        if found is None:
            raise StoreError(
                "the ledger does not know the definitions that the stream stands at",
                where="data/ledger.db", hint="restore the whole data folder from one backup",
            )  # fmt: skip
        return self.questions(found.json)


def meaning(questions: Questions) -> str:
    """A hash of all that an engine is asked, down to the types of the properties it reads."""
    asked = questions.asked
    said = [[name, asked.lowered[name], str(asked.type(name))] for name in asked.order]
    kinds = [[event, prop, str(p.kind)] for event, prop, p in asked.plan.properties()]
    return digest([said, kinds])


def fits_of(entries: Iterable[Entry], kept: ledger.Ledger) -> list[Fit]:
    """The versions of parameters that entries of the log activate, kept in the ledger as well.

    A run's entry is of one node; the stream's has all ``fits`` that become active together.
    """
    found = []
    for entry in entries:
        said = msgspec.json.decode(entry.payload)
        for each in said.get("fits", [said]):
            fit = ledger.Fit(
                offset=entry.offset, at=entry.at, node=each["node"], parameters=each["parameters"]
            )
            kept.add_fit(fit)
            found.append(Fit(fit.node, fit.offset, fit.at, fit.parameters))
    return found
