from __future__ import annotations

from tests.project.conftest import made, made_and_ran, ran, shop

__all__ = ["made", "made_and_ran", "ran", "shop"]
