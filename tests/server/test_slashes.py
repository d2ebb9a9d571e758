"""Names in an address may have slashes."""

from __future__ import annotations

import pytest

from coterie.server.api.slashes import STAND_IN as S
from coterie.server.api.slashes import stood_in


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/segments/sizes.S/M", f"/segments/sizes.S{S}M"),
        ("/segments/sizes.S/M/L/overlap", f"/segments/sizes.S{S}M{S}L/overlap"),
        ("/v1/segments/sizes.S/M/members", f"/v1/segments/sizes.S{S}M/members"),
        ("/people/auth0/7", f"/people/auth0{S}7"),
        ("/v1/people/auth0/7/why/vip", f"/v1/people/auth0{S}7/why/vip"),
        ("/v1/people/a\n/7/timeline", f"/v1/people/a\n{S}7/timeline"),
        ("/segments/vip/overlap", "/segments/vip/overlap"),
        ("/segments/vip/nothing", "/segments/vip/nothing"),
        ("/segments/life.new", "/segments/life.new"),
        ("/people", "/people"),
        ("/static/ab.cd/ef/gh.js", "/static/ab.cd/ef/gh.js"),
    ],
)
def test_slashes_of_a_name_stay_in_its_part(path: str, found: str) -> None:
    """Those before a known part of the page do not."""
    assert stood_in(path) == found
