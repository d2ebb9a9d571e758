"""From clusters to rules that a marketer can read and edit, and the stream can run.

``distill`` learns a shallow tree over the raw traits, makes its thresholds readable, and says on
people held out how often its rules agree with the clusters.
"""

from coterie.discover.distilling.conditions import Condition
from coterie.discover.distilling.growing import Rule
from coterie.discover.distilling.learning import distill
from coterie.discover.distilling.rules import NOBODY, Rules, Told

__all__ = ["NOBODY", "Condition", "Rule", "Rules", "Told", "distill"]
