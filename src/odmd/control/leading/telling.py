"""Wishes that are told: by the process that leads, or to it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.leading.ask import answer_to
from odmd.control.leading.bell import Bell
from odmd.control.leading.control_plane import ControlPlane
from odmd.control.leading.plane import ToldOnly
from odmd.control.leading.wishes import (
    AcceptingDrift,
    Answering,
    Cancelling,
    Delegating,
    EndingDelegation,
    KeepingClones,
    Pausing,
    Wish,
)
from odmd.control.ports.store import Store
from odmd.control.scheduler.border import raise_refusal
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.messages import Message
from odmd.errors import NotAnswered

_PATIENCE_SECONDS: Final = 10.0


def lets_begin(wishes: Sequence[Wish]) -> bool:
    """Whether somebody who says this wants something to be deployed; what keeps things up deploys nothing."""
    return not all(map(_keeps_up, wishes))


def lets_move(wishes: Sequence[Wish]) -> bool:
    """Whether runs go on after this: to what it lets begin, or to the end that it asks them for."""
    return lets_begin(wishes) or any(isinstance(wish, Cancelling) for wish in wishes)


def _keeps_up(wish: Wish) -> bool:
    keeps_up = Pausing | Cancelling | Delegating | EndingDelegation | KeepingClones | AcceptingDrift
    return isinstance(wish, keeps_up) or (isinstance(wish, Answering) and not wish.approved)


@dataclass(frozen=True, slots=True)
class Led:
    """A `Telling` in the process that leads, held until then."""

    control: ControlPlane[Store]
    wishes: Sequence[Wish]
    events: Sequence[Event]
    watched: bool = True

    def follow(self) -> None:
        """Until nothing is under way that the wishes let begin, or end."""
        if lets_begin(self.wishes):
            self.control.leader.go_on()
        if lets_move(self.wishes):
            self.control.wait()
            self.control.wait_for_mirror()


def lead(control: ControlPlane[Store], wishes: Sequence[Wish], messages: Iterable[Message]) -> Led:
    """Carries out wishes, which became messages.

    Raises:
        NotTheApprover, NotAllowed
    """
    events = list[Event]()
    for message in messages:
        answer = control.leader.ask(message)
        raise_refusal(answer)
        events += answer
    return Led(control, wishes, events)


def tell_the_leader(store: Store, messages: Iterable[Message], bell: Bell) -> ToldOnly:
    """Tells the process that leads, by the inbox of its database; after some patience, without an answer."""
    try:
        return ToldOnly(list(_answers(store, messages, bell)))
    except NotAnswered:
        return ToldOnly(None)


def _answers(store: Store, messages: Iterable[Message], bell: Bell) -> Iterator[Event]:
    for message in messages:
        id = uuid.uuid4().hex
        store.receive(id, message, time.time())
        answer = [logged.event for logged in answer_to(id, store, bell, _PATIENCE_SECONDS)]
        raise_refusal(answer)
        yield from answer
