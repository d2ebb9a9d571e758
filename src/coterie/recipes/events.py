"""The events that recipes read unless told otherwise, named as the Segment specification does."""

from __future__ import annotations

from coterie.language.authoring import event

ORDER = event("Order Completed")
LINE = event("Product Purchased")
"""One line of an order; the tracking plan explodes an order's products into these."""
REFUND = event("Order Refunded")
CART = event("Product Added")
VISIT = event("page")
DELIVERED = event("Email Delivered")
OPENED = event("Email Opened")
CLICKED = event("Email Link Clicked")
