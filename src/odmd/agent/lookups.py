"""Synthesises until an app has the answers to all that it looks up: those kept, and those made now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from odmd.agent.tools import Tell, Tools
from odmd.control.deployment import Target, Workplace
from odmd.control.private import private_file
from odmd.plan.fingerprint import Fingerprint

_ROUNDS: Final = 8
"""How often an app may ask for more, as answers lead it to further questions."""


def synthesised(
    tools: Tools, source: Path, place: Workplace, target: Target, fingerprint: Fingerprint, tell: Tell
) -> tuple[tuple[str, str], ...]:
    """Runs the app, makes the lookups that its assembly names as missing, and runs it again with the answers.

    Returns:
        (context key, answer as JSON) of all that it was told, sorted by key. What is still missing then is nobody's
        to answer: reading the assembly refuses it.

    Raises:
        AppFailed, ToolMissing
        LookupNotMade, LookupFailed, CloudUnreachable, CloudRefused
    """
    answers = dict(fingerprint.lookups)
    for _ in range(_ROUNDS):
        if answers:
            said = ", ".join(f"{json.dumps(key)}: {answer}" for key, answer in answers.items())
            private_file(place.answers).write_text(f"{{{said}}}", encoding="utf-8")
        tell("synth")
        tools.synthesiser.synthesise(source, place, target, tell)
        if not (found := tools.cloud.look_up(place.assembly, target, answers, tell)):
            break
        answers |= found
    return tuple(sorted(answers.items()))
