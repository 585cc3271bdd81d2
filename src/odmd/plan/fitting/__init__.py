"""Whether what is to be deployed fits what runs beside it: schemas of messages, items and APIs, in use."""

from odmd.plan.fitting.answer import FitAnswer, LinkView, answer, misfits
from odmd.plan.fitting.links import Situation
from odmd.plan.fitting.staging import Phase, ProposedStep, Staged, staged
from odmd.plan.fitting.version import End, KnownVersions, Move, Version

__all__ = [
    "End",
    "FitAnswer",
    "KnownVersions",
    "LinkView",
    "Move",
    "Phase",
    "ProposedStep",
    "Situation",
    "Staged",
    "Version",
    "answer",
    "misfits",
    "staged",
]
