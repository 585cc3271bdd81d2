"""How far a run is, by the list that was made before it was carried out."""

from __future__ import annotations

import json
from dataclasses import replace

from odmd.control.ports.journal import DoneStep
from odmd.control.reading.steps import progress, steps_of
from odmd.control.running import steps
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.model.build_types import CDK, COMMAND
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.run_steps import run_steps

RUN = Run(
    1,
    "e/b..main",
    Fingerprint("c", "s", ()),
    (),
    RunMode.FULL,
    (),
    (),
    0.0,
    attempt=2,
    steps=run_steps(COMMAND, RunMode.FULL),
)
LIST = DoneStep(steps.LISTED, json.dumps(steps.as_json(run_steps(CDK, RunMode.FULL, ("one", "two")))), 0.0, 1.0)
OLDER_LIST = DoneStep(
    steps.LISTED, '{"steps": [["propose", "one"], ["carry out", "one"], ["observe", "one"]]}', 0.0, 1.0
)
"""As releases journalled it that did not list what comes before the units."""


def done(name: str) -> DoneStep:
    return DoneStep(name, "{}", 2.0, 1.0)


def told(run: Run, *journal: DoneStep) -> list[tuple[str, bool]]:
    return [(one.step, one.done) for one in steps_of(run, journal)]


def test_before_there_is_a_recipe_a_run_does_what_it_began_with() -> None:
    assert told(RUN) == [("prepare", False), ("bring about its commands", False)]
    assert told(RUN, done("prepare")) == [("prepare", True), ("bring about its commands", False)]


def test_a_run_that_goes_on_from_source_after_all_is_told_so() -> None:
    instead = steps.as_json(run_steps(CDK, RunMode.FULL))
    fell_back = DoneStep(steps.FULL, json.dumps({"reason": "it is gone", **instead}), 0.0, 1.0)
    only_values = replace(RUN, mode=RunMode.VALUES, steps=run_steps(CDK, RunMode.VALUES))
    assert told(only_values) == [("bring about its stacks", False)]
    assert told(only_values, fell_back) == [("prepare", False), ("deliver", False), ("bring about its stacks", False)]


def test_what_older_releases_journalled_is_told_in_full() -> None:
    older = replace(RUN, steps=())
    assert told(older) == [("prepare", False), ("deliver", False), ("bring about its units", False)]
    assert told(replace(older, mode=RunMode.VALUES)) == [("bring about its units", False)]
    units = [("propose one", False), ("carry out one", False), ("observe one", False)]
    assert told(older, OLDER_LIST) == [("prepare", False), ("deliver", False), *units]
    assert told(replace(older, mode=RunMode.VALUES), OLDER_LIST) == units
    fell_back = told(replace(older, mode=RunMode.VALUES), done(steps.FULL), OLDER_LIST)
    assert fell_back == [("prepare", False), ("deliver", False), *units]


def test_how_far_it_is_is_said_in_a_line() -> None:
    assert progress(tuple(steps_of(RUN, [done("prepare")]))) == (
        "1 of 2 steps are done, the next is bring about its commands"
    )
    over = replace(RUN, status=RunStatus.SUCCEEDED)
    assert progress(tuple(steps_of(over, []))) == ""


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
    for garbled in ("{}", '{"steps": 3}', '{"steps": [["fly", "one"]]}', '{"steps": [["propose", 3]]}'):
        assert told(RUN, DoneStep(steps.LISTED, garbled, 0.0, 1.0)) == told(RUN)
