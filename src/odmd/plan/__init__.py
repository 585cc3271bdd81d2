"""From what is recorded to what should be: typed stages, as data."""

from odmd.plan.build import build_plan
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.recorded import Recorded, RecordedEnver, RecordedValue
from odmd.plan.stages import Action, FromStep, Known, Plan, PlanStage, Step, StepInput

__all__ = [
    "Action",
    "Fingerprint",
    "FromStep",
    "Known",
    "Plan",
    "PlanStage",
    "Recorded",
    "RecordedEnver",
    "RecordedValue",
    "Step",
    "StepInput",
    "build_plan",
]
