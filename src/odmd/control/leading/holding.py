"""An answer that is held: asked again while others hold theirs, so that two are never each right and together wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from odmd.control.scheduler.events import AnswerHeld, Event
from odmd.control.scheduler.messages import HoldAnswer
from odmd.errors import ServerBusy
from odmd.plan.fitting import FitAnswer

_TRIES: Final = 5


def held(
    ask: Callable[[], tuple[FitAnswer, HoldAnswer | None]], tell: Callable[[HoldAnswer], Sequence[Event] | None]
) -> FitAnswer:
    """The answer; a yes is held, or it is no yes.

    Raises:
        ServerBusy: others held answers all the time.
    """
    for _ in range(_TRIES):
        answer, message = ask()
        if message is None:
            return answer
        for event in tell(message) or ():
            if isinstance(event, AnswerHeld):
                return replace(answer, held_until=event.hold.until)
    raise ServerBusy("others hold answers at the same time", next_step="ask again in a moment")
