"""What a project holds of its people, how good it is, and what of it is used."""

from coterie.discover.auditing.audit import Attribute, Audit, Bar, Importance, Recorded
from coterie.discover.auditing.auditing import audit

__all__ = ["Attribute", "Audit", "Bar", "Importance", "Recorded", "audit"]
