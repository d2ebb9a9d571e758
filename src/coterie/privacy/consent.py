"""What may be used for what: purposes, legal bases, and consents as ordinary events.

A consent is an event like any other, so what a person allowed is asked of the same engines, at the
same positions, as everything else that is known of them (law 13).
"""

from __future__ import annotations

from collections.abc import Mapping

from coterie.errors import ProjectError, nearest
from coterie.language import nodes as n
from coterie.language.authoring import event, node_of
from coterie.language.definitions import Definitions, Trait
from coterie.language.plan import PlannedEvent, Property, TrackingPlan

CONSENT = "Consent Updated"
"""The event that records a consent given (`granted` true), withdrawn or objected (false)."""

BASES = {
    "consent": False,
    "legitimate_interest": True,
    "contract": True,
    "legal_obligation": True,
    "vital_interests": True,
    "public_task": True,
}
"""The legal bases of Article 6(1) GDPR, and whether a use is allowed before the person says so."""

REFUSABLE = ("consent", "legitimate_interest")
"""The bases under which the person's no counts (Articles 7(3) and 21 GDPR)."""

PLANNED = PlannedEvent(
    description="What a person allowed or refused, by which notice",
    properties={
        "purpose": Property(type="text", description="The purpose that the answer is about"),
        "granted": Property(type="boolean", description="True: allowed; false: refused"),
        "notice": Property(type="text", description="The text that the person was shown"),
    },
)  # fmt: skip


def may(purpose: str, basis: str, plan: TrackingPlan) -> n.Expr:
    """Whether a person's data may be used for a purpose: an expression of the language.

    Parameters
    ----------
    purpose, basis : str
        A declared purpose and its legal basis, one of :data:`BASES`.
    plan : TrackingPlan
        Without a ``Consent Updated`` event in it nobody has said anything.

    Notes
    -----
    Under consent the answer is no until the person's last word is yes; under a legitimate interest
    it is yes until they object; under the other bases it does not depend on their word.

    Raises
    ------
    ProjectError
        When the basis is none of the law's.
    """
    if basis not in BASES:
        raise ProjectError(
            f"{basis!r} is no legal basis", where=f"purposes.{purpose}",
            expected=", ".join(BASES), hint=nearest(basis, BASES),
        )  # fmt: skip
    if basis not in REFUSABLE or CONSENT not in plan.events:
        return n.Truth(BASES[basis])
    said = event(CONSENT)
    last_word = said.where(said["purpose"] == purpose).last("granted")
    return n.Coalesce((node_of(last_word), n.Truth(BASES[basis])))


def may_name(purpose: str) -> str:
    """The name of the trait that says whether a purpose is allowed: ``may_marketing``."""
    return "may_" + "".join(c if c.isalnum() and c.isascii() else "_" for c in purpose.lower())


def purposes(bases: Mapping[str, str], plan: TrackingPlan) -> Definitions:
    """One boolean trait ``may_<purpose>`` for every declared purpose.

    Raises
    ------
    DuplicateName
        When two purposes differ only in punctuation or case.
    """
    definitions = Definitions()
    for purpose, basis in bases.items():
        description = f"may be used for {purpose} ({basis.replace('_', ' ')})"
        trait = Trait(may(purpose, basis, plan), description)
        definitions.add(may_name(purpose), trait, f"purposes.{purpose}")
    return definitions
