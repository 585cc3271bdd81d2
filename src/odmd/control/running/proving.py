"""Proves needs side by side: none waits for another, and one that hangs holds nobody up."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Final

from odmd.control.running.needs import Finding, KnownNeed, Missing, Proven, ProvenNeed, QuotaNeeded, RunNeed, Unknown
from odmd.errors import OdmdError

SECONDS: Final = 15.0
"""In which one need is proven, or nobody knows."""
AT_ONCE: Final = 16
Prove = Callable[[RunNeed], Finding]


def finding(prove: Prove, need: RunNeed) -> Finding:
    """What comes of one proof: an error that may pass says nothing of the need; any other one says that it is missing,
    if it is needed for certain."""
    try:
        found = prove(need)
    except OdmdError as wrong:
        found = Unknown(wrong.fact, wrong.next_step, wrong) if wrong.retryable else Missing(wrong)
    except Exception as broken:  # others are proven all the same
        found = Unknown(f"{type(broken).__name__}: {broken}", "this is a mistake of odmd: please report it")
    if isinstance(found, Missing) and not need.certain:
        return Unknown(found.fact, found.next_step)
    return found


def proven(
    needs: Iterable[RunNeed], prove: Prove, *, seconds: float = SECONDS, at_once: int = AT_ONCE
) -> Sequence[ProvenNeed]:
    """Each need once, in the order given. What rests on another one that is missing is unknown, and not asked for."""
    wanted = dict.fromkeys(needs)
    found: dict[RunNeed, Finding] = {one: one.found for one in wanted if isinstance(one, KnownNeed) and one.found}
    rests = {one: None for one in wanted if one.after in wanted}
    at_first = [one for one in wanted if one not in rests and one not in found]
    found |= _side_by_side(at_first, prove, seconds, at_once)
    asked: list[RunNeed] = []
    for one in rests:
        if one.after is None or isinstance(found[one.after], Proven):
            asked.append(one)
        else:
            found[one] = Unknown(f"{one.after} is not proven")
    found |= _side_by_side(asked, prove, seconds, at_once)
    return [ProvenNeed(one, found[one]) for one in wanted]


def together(needs: Iterable[RunNeed]) -> Sequence[RunNeed]:
    """Needs of several runs: each once, and of what is counted as many as all of them want."""
    kept, counted = dict[RunNeed, None](), dict[tuple[object, ...], QuotaNeeded]()
    for one in needs:
        if isinstance(one, QuotaNeeded):
            key = (one.target, one.quota)
            before = counted.get(key, QuotaNeeded(one.target, one.quota, 0))
            counted[key] = replace(
                before, more=before.more + one.more, instances=_summed((*before.instances, *one.instances))
            )
        else:
            kept[one] = None
    return [*kept, *counted.values()]


def _summed(instances: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    sums: dict[str, int] = {}
    for type_, count in instances:
        sums[type_] = sums.get(type_, 0) + count
    return tuple(sorted(sums.items()))


def _side_by_side(needs: Sequence[RunNeed], prove: Prove, seconds: float, at_once: int) -> dict[RunNeed, Finding]:
    """A thread each, as nobody can end a call that hangs: it is left to itself."""
    answers: SimpleQueue[tuple[RunNeed, Finding]] = SimpleQueue()
    waiting, until, found = deque(needs), dict[RunNeed, float](), dict[RunNeed, Finding]()
    while waiting or until:
        while waiting and len(until) < at_once:
            need = waiting.popleft()
            until[need] = time.monotonic() + seconds
            ask = _asking(answers, prove, need)
            threading.Thread(target=ask, name=f"prove {need.sort.value}", daemon=True).start()
        try:
            need, answer = answers.get(timeout=max(0.0, min(until.values()) - time.monotonic()))
        except Empty:
            now = time.monotonic()
            for need in [one for one, at in until.items() if at <= now]:
                del until[need]
                found[need] = Unknown(f"nobody answered within {seconds:g} s")
            continue
        if until.pop(need, None) is not None:
            found[need] = answer
    return found


def _asking(answers: SimpleQueue[tuple[RunNeed, Finding]], prove: Prove, need: RunNeed) -> Callable[[], None]:
    return lambda: answers.put((need, finding(prove, need)))
