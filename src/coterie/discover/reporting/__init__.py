"""A study as one page that an analyst can hand over."""

from coterie.discover.reporting.report import report

__all__ = ["report"]
