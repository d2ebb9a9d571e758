"""Formats of texts: whether a text is in one, and the one form in which repairs keep it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from coterie.collect.quality.installed import library
from coterie.errors import PlanError, nearest
from coterie.language.plan import Property

MEMO = 1 << 16
"""Texts remembered of each format; the one that was not asked for longest is forgotten."""

LONGEST = 320
"""Characters of a text that could be in any format: an e-mail address has 254 at most."""


class Form(NamedTuple):
    """One format.

    Parameters
    ----------
    valid : callable
        Whether a text is in the format.
    canonical : callable
        The form in which equal values are equal texts, or None where it cannot be told.
    """

    valid: Callable[[str], bool]
    canonical: Callable[[str], str | None]


def form(declared: Property, where: str) -> Form:
    """The format that a property declares, remembering what it said of each text.

    Raises
    ------
    PlanError
        What the format needs is not installed, or no phone number has the region.

    Examples
    --------
    >>> made = form(Property(type="text", format="date"), "Signed Up.birthday")
    >>> made.valid("2026-02-28"), made.valid("2026-02-30"), made.canonical(" 2026-02-28")
    (True, False, '2026-02-28')
    """
    valid, canonical = _MAKERS[str(declared.format)](declared, where)

    @lru_cache(maxsize=MEMO)
    def known(text: str) -> bool:
        return len(text) <= LONGEST and valid(text)

    @lru_cache(maxsize=MEMO)
    def made(text: str) -> str | None:
        return canonical(text.strip()) if len(text) <= LONGEST else None

    return Form(known, made)


def _email(declared: Property, where: str) -> Form:
    found = library("email_validator", where, "format = 'email'")

    def canonical(text: str) -> str | None:
        try:
            said = found.validate_email(text, check_deliverability=False)
        except ValueError:
            return None
        return str(said.normalized)

    return Form(lambda text: canonical(text) is not None, canonical)


def _phone(declared: Property, where: str) -> Form:
    found, region = library("phonenumbers", where, "format = 'phone'"), declared.region or None
    if region is not None and region not in found.SUPPORTED_REGIONS:
        raise PlanError(
            "no phone number is from this region", where=where, got=repr(region),
            expected="two letters of ISO 3166",
            hint=nearest(region.upper(), found.SUPPORTED_REGIONS),
        )  # fmt: skip

    def canonical(text: str) -> str | None:
        try:
            number = found.parse(text, region)
        except found.NumberParseException:
            return None
        if not found.is_valid_number(number):
            return None
        return str(found.format_number(number, found.PhoneNumberFormat.E164))

    return Form(lambda text: canonical(text) is not None, canonical)


def _country(declared: Property, where: str) -> Form:
    countries = library("pycountry", where, "format = 'country'").countries
    codes = frozenset(one.alpha_2 for one in countries)
    names: dict[str, str] = {}
    for one in countries:
        said = (one.alpha_2, one.alpha_3, one.name, *(
            getattr(one, name, None) for name in ("official_name", "common_name")))  # fmt: skip
        names |= {name.casefold(): one.alpha_2 for name in said if name}
    return Form(codes.__contains__, lambda text: names.get(text.casefold()))


def _currency(declared: Property, where: str) -> Form:
    codes = currencies(where)
    return Form(codes.__contains__, lambda text: text.upper() if text.upper() in codes else None)


def currencies(where: str) -> frozenset[str]:
    """The codes of ISO 4217."""
    found: Any = library("pycountry", where, "a currency").currencies
    return frozenset(str(one.alpha_3) for one in found)


def _language(declared: Property, where: str) -> Form:
    found = library("langcodes", where, "format = 'language'")

    def valid(text: str) -> bool:
        try:
            return text.isascii() and "_" not in text and bool(found.tag_is_valid(text))
        except ValueError:
            return False

    def canonical(text: str) -> str | None:
        tag = text.replace("_", "-")
        return str(found.standardize_tag(tag)) if valid(tag) else None

    return Form(valid, canonical)


def _date(declared: Property, where: str) -> Form:
    def valid(text: str) -> bool:
        if len(text) != len("2026-01-31") or not text.isascii() or "W" in text:
            return False
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
        return True

    return Form(valid, lambda text: text if valid(text) else None)


_MAKERS: dict[str, Callable[[Property, str], Form]] = {
    "email": _email, "phone": _phone, "country": _country, "currency": _currency,
    "language": _language, "date": _date,
}  # fmt: skip
