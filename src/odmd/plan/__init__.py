"""From what is recorded to what should be: typed stages, as data."""

from odmd.plan.build import Limited, build_plan
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.recorded import Recorded, RecordedEnver, RecordedValue
from odmd.plan.stages import (
    Base,
    FromStep,
    Gate,
    Held,
    Known,
    Plan,
    PlanStage,
    Reach,
    Removal,
    Retirement,
    SchemaMisfit,
    Step,
    StepAction,
    StepInput,
    Unreadable,
    User,
    WireVerdict,
)

__all__ = [
    "Base",
    "Fingerprint",
    "FromStep",
    "Gate",
    "Held",
    "Known",
    "Limited",
    "Plan",
    "PlanStage",
    "Reach",
    "Recorded",
    "RecordedEnver",
    "RecordedValue",
    "Removal",
    "Retirement",
    "SchemaMisfit",
    "Step",
    "StepAction",
    "StepInput",
    "Unreadable",
    "User",
    "WireVerdict",
    "build_plan",
]
