"""What the shop sells and says: categories, products, names, countries, coupons, letters."""

from __future__ import annotations

import msgspec
import numpy as np

from coterie.simulate.arrays import Ints

CATEGORIES = (
    "Garden", "Kitchen", "Books", "Toys", "Sport", "Home", "Fashion", "Beauty", "Electronics",
    "Pets", "Gifts", "Outlet",
)  # fmt: skip
GIFTS, OUTLET = CATEGORIES.index("Gifts"), CATEGORIES.index("Outlet")

BANDS = 24
"""Price bands a category has; each holds one product, 30 % dearer than the one before."""

_STEP = np.log(1.3)
_ADJECTIVES = (
    "Plain", "Small", "Light", "Simple", "Soft", "Bright", "Handy", "Classic", "Fine", "Sturdy",
    "Travel", "Family", "Twin", "Large", "Deluxe", "Crafted", "Premium", "Artisan", "Signature",
    "Heritage", "Limited", "Studio", "Grand", "Royal",
)  # fmt: skip
_NOUNS = (
    "Planter", "Pan", "Novel", "Puzzle", "Ball", "Lamp", "Scarf", "Balm", "Speaker", "Basket",
    "Hamper", "Remainder",
)  # fmt: skip

CURRENCY = "EUR"
COUPONS = ("WELCOME10", "SAVE15", "OUTLET20")
COUNTRIES = ("DE", "FR", "GB", "ES", "IT", "NL", "PL", "SE", "AT", "PT")
COUNTRY_WEIGHTS = (24, 18, 16, 11, 10, 7, 6, 4, 3, 1)
PLANS = ("free", "plus")
DEVICES = ("mobile", "desktop", "tablet", "app")
NOTICE = "marketing-notice-3"
WEB, MAIL = "shop", "mail"
"""The two sources: the shop itself, and the service that sends its letters."""

FIRST_NAMES = (
    "Ada", "Amir", "Anna", "Ben", "Bruno", "Carla", "Chloe", "Dario", "Elena", "Emil", "Eva",
    "Felix", "Greta", "Hanna", "Hugo", "Ida", "Ines", "Ivan", "Jana", "Jonas", "Julia", "Karim",
    "Lara", "Leon", "Lucia", "Luis", "Maja", "Marco", "Mila", "Nadia", "Noah", "Nora", "Olga",
    "Oscar", "Paul", "Petra", "Rosa", "Samir", "Sofia", "Tom",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Bakker", "Bauer", "Becker", "Berg", "Bianchi", "Costa", "Dubois", "Duran",
    "Ferrari", "Fischer", "Garcia", "Gruber", "Hansen", "Hoffmann", "Jansen", "Keller", "Klein",
    "Kowalski", "Lange", "Larsson", "Lopez", "Marino", "Martin", "Meyer", "Moreau", "Moretti",
    "Nowak", "Petit", "Ricci", "Romano", "Santos", "Schulz", "Silva", "Smit", "Torres", "Visser",
    "Wagner", "Weber", "Wood",
)  # fmt: skip


class Product(msgspec.Struct, frozen=True):
    """One thing for sale; what it costs moves a little with the day's offers."""

    product_id: str
    name: str
    category: str


PRODUCTS = tuple(
    Product(f"{category[:3].upper()}-{band:02d}", f"{_ADJECTIVES[band]} {noun}", category)
    for category, noun in zip(CATEGORIES, _NOUNS, strict=True)
    for band in range(BANDS)
)


def product_of(category: Ints, cents: Ints) -> Ints:
    """The index in `PRODUCTS` of the category's product that costs about so many cents."""
    band = (np.log(np.maximum(cents, 100) / 100) / _STEP).astype(np.int64)
    product: Ints = category * BANDS + np.minimum(band, BANDS - 1)
    return product
