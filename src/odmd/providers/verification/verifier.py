"""Each kind of check with what makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from odmd.control.running.procedures import Job
from odmd.control.running.verifying import CheckResult, CheckVerdict
from odmd.model import AlarmCheck, Check, CommandCheck, HttpCheck, SuiteCheck
from odmd.model.targets import Target
from odmd.providers.verification.answers import verify_answer
from odmd.providers.verification.programs import Programs

_PLACE: Final = re.compile(r"\$\{([^}]+)\}")
Alarms = Callable[[Sequence[str], Target], Mapping[str, str]]
"""The states of alarms by their names; those that are not there are left out."""


@dataclass(frozen=True, slots=True)
class WorldVerifier:
    """Needs what foreign programs are run with, and who knows alarms."""

    programs: Programs
    alarms: Alarms
    is_reachable_here: Callable[[Target], bool] = lambda _: False
    """Whether addresses on this machine are ones of envers in a target, as with an emulator."""

    def verify(self, check: Check, job: Job, products: Mapping[str, str]) -> CheckResult:
        match check:
            case SuiteCheck():
                return self.programs.suite(check, job, products)
            case CommandCheck():
                return self.programs.command(check, job, products)
            case HttpCheck():
                here = self.is_reachable_here(job.target)
                return verify_answer(check, {**job.texts, **products}, job.alive, here=here)
            case AlarmCheck():
                return self._quiet(check, job, {**job.texts, **products})
            case _:
                assert_never(check)

    def _quiet(self, check: AlarmCheck, job: Job, values: Mapping[str, str]) -> CheckResult:
        names = [_filled(name, values) for name in check.alarms]
        states = self.alarms(names, job.target)
        if missing := [name for name in names if name not in states]:
            return CheckResult(CheckVerdict.RED, f"there is no alarm {', '.join(missing)} in {job.target}")
        if loud := [name for name in names if states[name] == "ALARM"]:
            return CheckResult(CheckVerdict.RED, f"{', '.join(loud)} in state ALARM")
        said = ", ".join(f"{name} is {states[name]}" for name in names)
        return CheckResult(CheckVerdict.GREEN, said)


def _filled(name: str, values: Mapping[str, str]) -> str:
    """Once: what a value says is no place for another one."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), name)
