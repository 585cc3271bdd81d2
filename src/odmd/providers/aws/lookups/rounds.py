"""Synthesises until an app has the answers to all that it looks up: those kept, and those made now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.private import private_file
from odmd.providers.aws.ports import Cloud, Synthesiser

_ROUNDS: Final = 8
"""How often an app may ask for more, as answers lead it to further questions."""


def synthesised(synthesiser: Synthesiser, cloud: Cloud, source: Path, job: Job) -> tuple[tuple[str, str], ...]:
    """Runs the app, makes the lookups that its assembly names as missing, and runs it again with the answers.

    Returns:
        (context key, answer as JSON) of all that it was told, sorted by key. What is still missing then is nobody's
        to answer: reading the assembly refuses it.

    Raises:
        AppFailed, ToolMissing
        LookupNotMade, LookupFailed, CloudUnreachable, CloudRefused
    """
    answers = dict(job.lookups)
    for _ in range(_ROUNDS):
        if answers:
            said = ", ".join(f"{json.dumps(key)}: {answer}" for key, answer in answers.items())
            private_file(job.place.answers).write_text(f"{{{said}}}", encoding="utf-8")
        job.tell("synth")
        synthesiser.synthesise(source, job.place, job.target, job.tell)
        if not (found := cloud.look_up(job.place.built, job.enver.target, answers, job.tell)):
            break
        answers |= found
    return tuple(sorted(answers.items()))
