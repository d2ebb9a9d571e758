"""Edits of the tiny shop's definitions."""

from __future__ import annotations

from tests.project.shop import DEFINITIONS, Shop

WIDER = DEFINITIONS.replace("within=days(30)", "within=days(60)")
FEWER = DEFINITIONS.replace("best = segment(rank == 3)\n", "")


def edited(shop: Shop, definitions: str) -> Shop:
    """The same shop with other definitions, opened once more."""
    shop.define(definitions)
    shop.project.close()
    shop.project = shop.open()
    return shop
