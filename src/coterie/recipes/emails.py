"""E-mail: who opens letters, and who follows their links."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.language.authoring import Defined, Selected, trait
from coterie.recipes.events import CLICKED, DELIVERED, OPENED


@dataclass(frozen=True, eq=False)
class Emails:
    """What :func:`emails` defines.

    Parameters
    ----------
    email_open_rate, email_click_rate : Defined
        The share of letters delivered that were opened, and whose links were followed; null
        where none was delivered.
    """

    email_open_rate: Defined
    email_click_rate: Defined


def emails(
    delivered: Selected = DELIVERED,
    opened: Selected = OPENED,
    clicked: Selected = CLICKED,
    letter: str = "campaign_id",
) -> Emails:
    """E-mail open and click rates, both of the letters delivered.

    Parameters
    ----------
    delivered, opened, clicked : Selected
        What the mail service reports.
    letter : str
        The property of all three that names the letter: one opened twice is opened once.
    """
    sent = delivered.distinct(letter)
    return Emails(
        email_open_rate=trait(
            opened.distinct(letter) / sent, description="The share of letters that were opened"
        ),
        email_click_rate=trait(
            clicked.distinct(letter) / sent,
            description="The share of letters whose links were followed",
        ),
    )
