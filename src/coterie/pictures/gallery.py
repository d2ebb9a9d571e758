"""Every picture of a project by name, as a chart for a notebook; and the report of them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from coterie.language.authoring import Selected
from coterie.pictures import (
    changes,
    comparison,
    distribution,
    flow,
    funnel,
    overlap,
    report,
    retention,
    rfm,
    shares,
    sizes,
    trend,
)
from coterie.pictures.crowd import Asked, At
from coterie.pictures.theme import Drawing


class Pictures:
    """The pictures of a project: ``cdp.pictures.rfm()`` is a chart.

    Parameters
    ----------
    cdp : Asked

    Notes
    -----
    Each picture is a module of its own in :mod:`coterie.pictures`, whose ``data`` gives the table
    behind the chart. Pictures count the people who may be used for a purpose, the project's
    default one unless told otherwise; whatever takes `at` is as of then, by what is known now.
    """

    def __init__(self, cdp: Asked) -> None:
        self._cdp = cdp

    def sizes(self, stages: str = "", *, at: At = None) -> Drawing:
        """How many are in each segment, or in each stage, and what the last run changed."""
        return sizes.chart(sizes.data(self._cdp, stages, at=at))

    def trend(self, *names: str, at: At = None, months: int = 12) -> Drawing:
        """How large segments were at the beginning of each month."""
        return trend.chart(trend.data(self._cdp, names, at=at, months=months))

    def changes(self, name: str) -> Drawing:
        """Who entered and left a segment at each run, as believed then."""
        return changes.chart(changes.data(self._cdp, name))

    def rfm(
        self,
        recency: str = rfm.RECENCY,
        frequency: str = rfm.FREQUENCY,
        stages: str = rfm.STAGES,
        *,
        at: At = None,
        purpose: str = "",
    ) -> Drawing:
        """The grid of recency and frequency, with the number of buyers in each cell."""
        found = rfm.data(self._cdp, recency, frequency, stages, at=at, purpose=purpose)
        return rfm.chart(found)

    def shares(
        self,
        stages: str = "lifecycle_stage",
        *,
        at: At = None,
        months: int = 12,
        purpose: str = "",
    ) -> Drawing:
        """How people are shared out among stages, month by month."""
        found = shares.data(self._cdp, stages, at=at, months=months, purpose=purpose)
        return shares.chart(found)

    def flow(
        self,
        stages: str = "lifecycle_stage",
        since: At = None,
        until: At = None,
        *,
        purpose: str = "",
    ) -> Drawing:
        """How people moved between stages from one date to another."""
        return flow.chart(flow.data(self._cdp, stages, since, until, purpose=purpose))

    def retention(
        self,
        order: Selected = retention.ORDER,
        *,
        at: At = None,
        months: int = 12,
        purpose: str = "",
    ) -> Drawing:
        """Of who first ordered in a month, how many order again in each month after."""
        found = retention.data(self._cdp, order, at=at, months=months, purpose=purpose)
        return retention.chart(found)

    def funnel(
        self,
        *steps: funnel.Step,
        within: timedelta = funnel.WEEK,
        since: At = None,
        until: At = None,
        purpose: str = "",
    ) -> Drawing:
        """Of who began, how many passed each event after the one before."""
        found = funnel.data(
            self._cdp, steps or funnel.STEPS, within=within, since=since, until=until,
            purpose=purpose,
        )  # fmt: skip
        return funnel.chart(found)

    def distribution(
        self, trait: str, *, at: At = None, log: bool | None = None, purpose: str = ""
    ) -> Drawing:
        """How the values of one trait are spread over people."""
        found = distribution.data(self._cdp, trait, at=at, log=log, purpose=purpose)
        return distribution.chart(found)

    def comparison(
        self, a: str, b: str, traits: Sequence[str] = (), *, at: At = None, purpose: str = ""
    ) -> Drawing:
        """By which traits the people of two segments differ."""
        found = comparison.data(self._cdp, a, b, traits, at=at, purpose=purpose)
        return comparison.chart(found)

    def overlap(self, *names: str, at: At = None, purpose: str = "") -> Drawing:
        """Which segments share people."""
        return overlap.chart(overlap.data(self._cdp, names, at=at, purpose=purpose))

    def report(self, out: Path, *, at: At = None, compare: tuple[str, str] | None = None) -> None:
        """Write every picture into one HTML file that needs no network.

        Parameters
        ----------
        out : Path
        at : instant, optional
            As of then, by what is known now; by default what the last run answered.
        compare : (str, str), optional
            Two segments to set side by side.
        """
        out.write_text(report.report(self._cdp, at=at, compare=compare), "utf-8")
