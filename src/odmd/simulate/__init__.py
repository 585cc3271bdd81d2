"""The scheduler on virtual time: what a change would do, how long it would take, and what one would want to change."""

from odmd.simulate.advice import Advice, advice
from odmd.simulate.begin import Begin, from_deployed, from_nothing, from_recorded, rewired, undeclared, without
from odmd.simulate.clock import ImaginedFreeze, Limits, Push, limited
from odmd.simulate.critical_path import Bar, Link
from odmd.simulate.durations import Duration, Durations, DurationSource, Ran, durations, parse_duration, parse_seconds
from odmd.simulate.percentiles import Percentiles, Spread, spread
from odmd.simulate.report import Imagined, Report, simulated, span
from odmd.simulate.scenario import Scenario, without_wires
from odmd.simulate.simulation import Outcome, Simulation

__all__ = [
    "Advice",
    "Bar",
    "Begin",
    "Duration",
    "DurationSource",
    "Durations",
    "Imagined",
    "ImaginedFreeze",
    "Limits",
    "Link",
    "Outcome",
    "Percentiles",
    "Push",
    "Ran",
    "Report",
    "Scenario",
    "Simulation",
    "Spread",
    "advice",
    "durations",
    "from_deployed",
    "from_nothing",
    "from_recorded",
    "limited",
    "parse_duration",
    "parse_seconds",
    "rewired",
    "simulated",
    "span",
    "spread",
    "undeclared",
    "without",
    "without_wires",
]
