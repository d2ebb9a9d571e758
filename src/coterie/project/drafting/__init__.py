"""Definitions that are being written: checked, counted, previewed and saved as files."""

from coterie.project.drafting.drafting import Drafting

__all__ = ["Drafting"]
