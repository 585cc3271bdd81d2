"""Whether what is to be deployed fits what runs beside it: schemas of messages, items and APIs, in use."""

from odmd.plan.fitting.answer import FitAnswer, KnownVersions, LinkView, answer, misfits
from odmd.plan.fitting.links import Situation
from odmd.plan.fitting.version import End, Move, Version

__all__ = ["End", "FitAnswer", "KnownVersions", "LinkView", "Move", "Situation", "Version", "answer", "misfits"]
