"""From a study to definitions that live: its rules, or the model itself.

``adopt`` writes a file of definitions into the project, and for a model makes its parameters a
version in the log. ``compare`` holds rules and model against each other over time.
"""

from coterie.discover.adopting.adopting import Adopted, How, adopt
from coterie.discover.adopting.comparing import compare
from coterie.discover.adopting.defining import definitions
from coterie.discover.adopting.modelling import assign, fidelity, parameters

__all__ = [
    "Adopted",
    "How",
    "adopt",
    "assign",
    "compare",
    "definitions",
    "fidelity",
    "parameters",
]
