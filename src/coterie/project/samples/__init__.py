"""Sample profiles: people made up by the user, and what the definitions must say of them."""

from coterie.project.samples.report import Check, SampleReport
from coterie.project.samples.trying import tried

__all__ = ["Check", "SampleReport", "tried"]
