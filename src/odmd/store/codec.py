"""Text for what the store keeps, and back."""

from __future__ import annotations

from odmd.control import effects, messages
from odmd.control.codec import EVENTS, Body, Tagged
from odmd.control.effects import Effect
from odmd.control.messages import Message
from odmd.control.state import Enver, Run, Standing, Value, Wave

__all__ = ["EFFECTS", "ENVERS", "EVENTS", "MESSAGES", "RUNS", "STANDING", "VALUES", "WAVES", "Body", "Tagged"]

MESSAGES: Tagged[Message] = Tagged(messages.Message)
EFFECTS: Tagged[Effect] = Tagged(effects.Effect)
ENVERS = Body(Enver)
RUNS = Body(Run)
VALUES = Body(Value)
WAVES = Body(Wave)
STANDING = Body(Standing)
