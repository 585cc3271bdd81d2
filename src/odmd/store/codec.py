"""Text for what the store keeps, and back."""

from __future__ import annotations

from odmd.control.scheduler import effects, messages
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.codec import EVENTS, Body, Tagged
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.effects import Effect
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import Message
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import Standing, Wave
from odmd.control.scheduler.values import Value

__all__ = [
    "CLONES",
    "EFFECTS",
    "ENVERS",
    "EVENTS",
    "LOOKS",
    "MESSAGES",
    "RUNS",
    "STANDING",
    "VALUES",
    "WAVES",
    "Body",
    "Tagged",
]

MESSAGES: Tagged[Message] = Tagged(messages.Message)
EFFECTS: Tagged[Effect] = Tagged(effects.Effect)
ENVERS = Body(Enver)
RUNS = Body(Run)
VALUES = Body(Value)
WAVES = Body(Wave)
STANDING = Body(Standing)
CLONES = Body(KeptClones)
LOOKS = Body(LastLook)
