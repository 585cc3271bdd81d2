"""What pytest-bdd says of scenarios, as Cucumber's JSON: from a program of a service's author, so read with care."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final, cast

from odmd.control.running.verifying import PlayedScenario, PlayedStep, TestResult
from odmd.errors import FileUnfit
from odmd.foreign import read_json
from odmd.texts import harmless

_LARGEST: Final = 16_000_000
_MOST_STEPS: Final = 30
"""That are kept of one scenario."""
_MOST_OF_ALL: Final = 2000
"""Steps that are kept of a suite."""
_LONGEST: Final = 200


def with_scenarios(tests: Sequence[TestResult], file: Path) -> tuple[TestResult, ...]:
    """Tests with what each is in its feature file; those of which it does not say that stay as they are."""
    of_test = defaultdict[str, deque[PlayedScenario]](deque)
    for name, scenario in _read(file):
        of_test[name].append(scenario)
    left, found = _MOST_OF_ALL, list[TestResult]()
    for test in tests:
        name = test.name.rpartition("::")[2]
        if of_test[name]:
            scenario = of_test[name].popleft()
            steps = scenario.steps[:left]
            left -= len(steps)
            test = replace(test, scenario=replace(scenario, steps=steps))  # noqa: PLW2901
        found.append(test)
    return tuple(found)


def _read(file: Path) -> Iterator[tuple[str, PlayedScenario]]:
    """(the test that made it, what it is), in the order in which they were made; nothing of what nobody can read."""
    try:
        said = read_json(file, within=file.parent, most=_LARGEST)
    except (OSError, ValueError, FileUnfit):
        return
    for feature in _objects(said):
        for one in _objects(feature.get("elements")):
            steps = tuple(_step(step) for step in islice(_objects(one.get("steps")), _MOST_STEPS))
            yield _text(one, "id"), PlayedScenario(_text(feature, "name"), _text(one, "name"), steps)


def _step(said: Mapping[str, object]) -> PlayedStep:
    went = [_text(result, "status") for result in _objects([said.get("result")])]
    return PlayedStep(f"{_text(said, 'keyword')} {_text(said, 'name')}".strip(), "".join(went))


def _objects(said: object) -> Iterator[Mapping[str, object]]:
    if isinstance(said, list):
        yield from (cast("Mapping[str, object]", one) for one in cast("list[object]", said) if isinstance(one, dict))


def _text(said: Mapping[str, object], name: str) -> str:
    found = said.get(name)
    return " ".join(harmless(found[:_LONGEST]).split()) if isinstance(found, str) else ""
