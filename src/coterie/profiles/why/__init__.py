"""Why a person is in a segment, since when, until when, and what would have to differ."""

from coterie.profiles.why.explain import Explanation, explain
from coterie.profiles.why.text import as_text

__all__ = ["Explanation", "as_text", "explain"]
