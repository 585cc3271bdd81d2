"""How far a run is, by the list that was made before it was carried out."""

from __future__ import annotations

import json
from dataclasses import replace

from odmd.control.ports.journal import Step
from odmd.control.reading.steps import steps_of
from odmd.control.running import steps
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.plan.fingerprint import Fingerprint

RUN = Run(1, "e/b..main", Fingerprint("c", "s", ()), (), RunMode.FULL, (), (), 0.0, attempt=2)
LIST = Step(steps.LISTED, json.dumps(steps.as_json(run_steps(build_types.CDK, RunMode.FULL, ("one", "two")))), 0.0, 1.0)
OLDER_LIST = Step(steps.LISTED, '{"steps": [["propose", "one"], ["carry out", "one"], ["observe", "one"]]}', 0.0, 1.0)
"""As releases journalled it that did not list what comes before the units."""


def done(name: str) -> Step:
    return Step(name, "{}", 2.0, 1.0)


def told(run: Run, *journal: Step) -> list[tuple[str, bool]]:
    return [(one.step, one.done) for one in steps_of(run, journal)]


def test_before_there_is_a_recipe_nobody_knows_the_units() -> None:
    assert told(RUN) == [("prepare", False), ("deliver", False)]
    assert told(replace(RUN, mode=RunMode.VALUES)) == []
    fell_back = told(replace(RUN, mode=RunMode.VALUES), done("full run"))
    assert fell_back == [("prepare", False), ("deliver", False)]


def test_what_is_journalled_is_done_and_the_rest_is_to_come() -> None:
    journal = [
        done("prepare"),
        done("deliver"),
        LIST,
        done("propose one 1"),
        done("carry out one"),
        done("propose two 2"),
    ]
    assert told(RUN, *journal) == [
        ("prepare", True),
        ("deliver", True),
        ("propose one", True),
        ("carry out one", True),
        ("observe one", False),
        ("propose two", True),
        ("carry out two", False),
        ("observe two", False),
    ]
    over = replace(RUN, status=RunStatus.SUCCEEDED)
    assert all(is_done for _, is_done in told(over, *journal))


def test_a_list_that_an_agent_garbled_is_none() -> None:
    for garbled in ("{}", '{"steps": 3}', '{"steps": [["fly", "one"]]}', '{"steps": [["propose"]]}'):
        assert told(RUN, Step(steps.LISTED, garbled, 0.0, 1.0)) == [("prepare", False), ("deliver", False)]
