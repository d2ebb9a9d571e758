"""The simulated shop as a project, with traits by which its planted personas can be told apart.

The traits are what a marketer of that shop would write: who is new, who buys and how often, who
uses coupons, who looks at presents, who fills a cart and never orders.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coterie.language.time import from_micros
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.project.folder import create
from coterie.project.project import Project
from coterie.simulate import simulate
from tests.support.keys import keep_the_same

DEFINITIONS = '''\
"""Who the people of the shop are, as far as what they do tells."""

from coterie import case, coalesce, days, event, segment, trait

order, cart, signed_up = event("Order Completed"), event("Product Added"), event("identify")
shown = event("Product Viewed") | event("Product Purchased")
with_coupon = order.where(order["coupon"].is_known())
presents = shown.where(shown["category"] == "Gifts")

known = segment(signed_up.any())

joined_lately = trait(signed_up.first_at().age() <= days(50))
orders = trait(order.count())
buys = trait(order.any())
uses_coupons = trait(coalesce(with_coupon.count() / order.count() >= 0.4, False))
gift_share = trait(coalesce(presents.count() / shown.count(), 0))
leaves_carts = trait(cart.any() & ~order.any())
'''
TRAITS = ("joined_lately", "orders", "buys", "uses_coupons", "gift_share", "leaves_carts")
SEGMENT = "known"
"""Those who said who they are: of the others' devices the truth knows no person yet."""
KEY = "data/keys/project.key"


def shop(folder: Path, *, people: int = 4_000, seed: int = 7) -> tuple[Project, pd.Series]:
    """A project with a year of the shop, run to its end, and each known person's persona.

    Returns
    -------
    Project
    pandas.Series
        The persona by pseudonym.
    """
    made = simulate(people=people, months=12, seed=seed)
    create(folder)
    keep_the_same(folder)
    (folder / "definitions.py").write_text(DEFINITIONS, "utf-8")
    end = made.parameters.until
    project = Project(folder, clock=lambda: from_micros(end))
    project.receive(made.plan(), made.events())
    project.run("now")
    truth = made.truth().select(["user_id", "persona"]).to_pandas().dropna()
    pseudonymiser = Pseudonymiser.load(folder / KEY)
    return project, truth.set_index(truth["user_id"].map(pseudonymiser.person))["persona"]
