"""Formats and units, held against the tables of the libraries that know them."""

from __future__ import annotations

import sys
from decimal import Decimal

import langcodes
import phonenumbers
import pycountry
import pytest

from coterie.collect.gate import Gate
from coterie.collect.quality.formats import form
from coterie.collect.quality.units import converter
from coterie.errors import PlanError
from coterie.language.plan import Property
from tests.collect.quality.plans import one


def _form(name: str, region: str = "") -> tuple:  # type: ignore[type-arg]
    return form(Property(type="text", format=name, region=region), "x")  # type: ignore[arg-type]


def test_every_region_s_example_is_a_phone_number() -> None:
    """As people of the region write it, and as E.164, which needs no region."""
    anywhere = _form("phone")
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number(region)
        if number is None:
            continue
        valid, canonical = _form("phone", region)
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert valid(written), region
        assert canonical(written) == e164
        assert anywhere.canonical(e164) == e164  # type: ignore[attr-defined]


def test_every_country_is_known_by_its_names() -> None:
    """Code, three letters, name, official and common name, in any case."""
    valid, canonical = _form("country")
    for one_ in pycountry.countries:
        assert valid(one_.alpha_2)
        assert not valid(one_.alpha_3)
        for name in (one_.alpha_2.lower(), one_.alpha_3, one_.name, one_.name.upper()):
            assert canonical(name) == one_.alpha_2
    assert len({one_.alpha_2 for one_ in pycountry.countries}) > 240


def test_every_currency_is_known_by_its_code() -> None:
    """In three capitals; small ones are repaired."""
    valid, canonical = _form("currency")
    for one_ in pycountry.currencies:
        assert valid(one_.alpha_3)
        assert canonical(one_.alpha_3.lower()) == one_.alpha_3
    assert not valid("GBX")


def test_every_language_is_a_tag() -> None:
    """Of ISO 639, alone and with a country; the canonical form is langcodes' own."""
    valid, canonical = _form("language")
    for one_ in pycountry.languages:
        code = getattr(one_, "alpha_2", None)
        if code is not None:
            assert valid(code)
            assert canonical(f"{code}_de") == langcodes.standardize_tag(f"{code}-DE")


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        ("1", "lb", "kg", "0.453592"),
        ("1", "inch", "cm", "2.54"),
        ("1", "mile", "km", "1.609344"),
        ("36", "km/h", "m/s", "10"),
        ("100", "degC", "degF", "212"),
        ("90", "minute", "hour", "1.5"),
        ("3", "pieces", "pieces", "3"),
    ],
)
def test_units_are_those_of_the_international_agreements(
    value: str, unit: str, to: str, expected: str
) -> None:
    """A pound is 0.45359237 kg and an inch 2.54 cm, exactly; rounded to the scale."""
    convert = converter(Property(type="decimal", scale=6, unit=to), "x")
    assert convert(Decimal(value), unit) == Decimal(expected)


@pytest.mark.parametrize(
    "unit", ["m**99999", "m^9", "kg; import os", "", "x" * 99, "dimensionless m"]
)
def test_a_unit_that_is_no_plain_name_is_none(unit: str) -> None:
    """It comes from outside: powers and programs are not even read."""
    assert converter(Property(type="decimal", scale=2, unit="kg"), "x")(Decimal(1), unit) is None


@pytest.mark.parametrize(
    ("declared", "module"),
    [
        (Property(type="text", format="email"), "email_validator"),
        (Property(type="text", format="phone"), "phonenumbers"),
        (Property(type="text", format="country"), "pycountry"),
        (Property(type="text", format="currency"), "pycountry"),
        (Property(type="text", format="language"), "langcodes"),
        (Property(type="decimal", unit="kg", mode="coerce"), "pint"),
    ],
)
def test_a_format_says_what_to_install(
    declared: Property, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any event comes; what needs no library works without one."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PlanError) as caught:
        Gate(one(declared, "x")[0])
    assert caught.value.hint == "type: pip install 'coterie[quality]'"
    assert caught.value.where == "Paid.x"
    assert Gate(one(Property(type="text", format="date"), "2026-01-31")[0])


def test_an_unknown_region_is_refused() -> None:
    """With the nearest one there is."""
    with pytest.raises(PlanError, match="from this region"):
        _form("phone", "UK")
