"""A simulated shop with its truth: people, visits, orders, letters, consents, by one seed.

Buying follows published processes with planted parameters, so that whatever infers something
about customers can be checked against what was true.

Examples
--------
>>> from coterie.simulate import simulate
>>> shop = simulate(people=50, months=6, seed=1)
>>> shop.truth().num_rows
50
>>> shop.plan().kind("Order Completed", "revenue")
Decimal(scale=2)
"""

from coterie.simulate.parameters import ShopParameters
from coterie.simulate.shop import Shop, simulate

__all__ = ["Shop", "ShopParameters", "simulate"]
