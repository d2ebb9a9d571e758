"""Personal values that an unplanned message carries: found by the names that they stand under."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from coterie.collect.words import CONTACT_WORDS, CONTACTS, IDENTIFIERS, bare, snake
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser

_DEVICE = frozenset({"id", "advertisingId", "token"})
_NOBODY = PlannedEvent()
_PLAIN = frozenset({Decimal, bool, type(None)})
_WHOLE = 10**18


def shielded(event: Event, plan: TrackingPlan, pseudonymiser: Pseudonymiser) -> Event:
    """The event with a pseudonym wherever a name says that something personal stands there.

    Notes
    -----
    Names, addresses, phone numbers and birthdays are looked for in traits, in unplanned
    properties and in the context, as an import looks for them in headers; what the tracking plan
    declares is left to it. Of a device, its ids are replaced; of a request, its IP address.
    """
    hide = Hiding(pseudonymiser)
    context = hide.context(event.context)
    if isinstance(were := event.context.get("coerced"), dict):  # values of properties
        context["coerced"] = hide.properties(event, were, plan)
    properties = hide.properties(event, event.properties, plan)
    return msgspec.structs.replace(event, properties=properties, context=context)


class Hiding:
    """Puts pseudonyms into values, as :func:`shielded` does.

    Parameters
    ----------
    pseudonymiser : Pseudonymiser
    """

    def __init__(self, pseudonymiser: Pseudonymiser) -> None:
        self._pseudonymiser = pseudonymiser

    def properties(
        self, event: Event, values: dict[str, Any], plan: TrackingPlan
    ) -> dict[str, Any]:
        """Values that stand under names of properties of this event."""
        planned = plan.events.get(event.name, _NOBODY)
        left = {*planned.properties, *planned.explode}
        return self._object(values, event.type == "identify", left)

    def context(self, context: dict[str, Any]) -> dict[str, Any]:
        """A context, or some fields of it."""
        said = self._object(context, False)
        device, traits = context.get("device"), context.get("traits")
        if isinstance(device, dict):
            said["device"] = {
                name: self._hidden(value, "identifier") if name in _DEVICE else value
                for name, value in device.items()
            }
        if isinstance(traits, dict):
            said["traits"] = self._object(traits, True)
        if "ip" in context:
            said["ip"] = self._hidden(context["ip"], "identifier")
        return said

    def _object(
        self, values: dict[str, Any], strict: bool, left: Container[str] = ()
    ) -> dict[str, Any]:
        return {
            name: value if name in left else self._value(name, value, strict)
            for name, value in values.items()
        }

    def _value(self, name: str, value: Any, strict: bool) -> Any:
        if isinstance(value, dict):
            return self._object(value, strict)
        if isinstance(value, list):
            return [self._value(name, item, strict) for item in value]
        found = kind(name, strict)
        return self._hidden(value, found) if found else value

    def _hidden(self, value: Any, pii: str) -> Any:
        if value is None or isinstance(value, bool | dict | list):
            return value
        return self._pseudonymiser.property(pii, str(value))


@lru_cache(maxsize=1 << 14)
def kind(name: str, strict: bool) -> str:
    """What a name says of its value: ``identifier``, ``contact`` or nothing personal.

    Parameters
    ----------
    strict : bool
        Of a person's own traits, whose ``name`` is a person's.

    Examples
    --------
    >>> kind("firstName", False), kind("name", True), kind("name", False)
    ('contact', 'contact', '')
    """
    word = bare(name)
    if any(one in word for one in IDENTIFIERS):
        return "identifier"
    if word.startswith("product"):
        return ""
    if any(one in word for one in CONTACTS):
        return "contact"
    return "contact" if strict and set(snake(name).split("_")) & CONTACT_WORDS else ""


def harmless(value: Any) -> bool:
    """Whether a value is stored just as it is, under a name that says nothing personal.

    Examples
    --------
    >>> harmless("red"), harmless("ann@shop.example"), harmless(["red"])
    (True, False, False)
    """
    is_a = type(value)
    if is_a is str:
        return not ("@" in value or "%40" in value or "\uff20" in value)
    if is_a is int:
        return bool(-_WHOLE < value < _WHOLE)
    return is_a in _PLAIN
