"""Mutants of the scheduler's core: each breaks one line of it, and the properties must notice. `make mutants`.

Every mutant is a copy of `src` with one replacement in `control/scheduler`, tested in a process of its own. One that
survives is a promise that nothing holds; one whose line is not found any more has to follow the code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_SECONDS: Final = 90
"""Of processor time, thrice what all of the tests take: whatever else the machine does, the same are caught."""
CORE: Final = Path("src/odmd/control/scheduler")
MUTANTS: Final = (
    ("ready.py", "            waves = NO_WAVES if theirs is waves else waves - theirs", "            pass"),
    (
        "ready.py",
        "return wanted is not None and wanted not in (enver.sure, enver.failed)",
        "return wanted is not None",
    ),
    ("ready.py", "wanted not in (enver.sure, enver.failed)", "wanted != enver.sure"),
    ("ready.py", "if enver.run is not None or paused(wiring, state, enver.address):", "if enver.run is not None:"),
    ("ready.py", "return waves if runs_what_it_should(wiring, state, enver) else NO_WAVES", "return waves"),
    (
        "inputs.py",
        "(enver.slice, enver.lookups, enver.settings) != (runs.slice, runs.lookups, runs.settings)",
        "False",
    ),
    ("inputs.py", "return source and _desired_values", "return _desired_values"),
    ("follow.py", "[follower for follower in behind if follower in state.owing]", "()"),
    ("ready.py", "other in moving and not enver.owes.isdisjoint(state.envers[other].owes)", "other in moving"),
    ("ready.py", "    if enver.run is not None:\n        return True\n", ""),
    ("ready.py", "None if cycle == mine else cycle", "None"),
    (
        "evolving/changes.py",
        "        enver.slice, enver.settings = head.slice, head.settings\n",
        "        enver.settings = head.settings\n",
    ),
    ("evolving/waves.py", "        enver.owes |= mark\n", "        enver.owes = mark\n"),
    (
        "evolving/runs.py",
        "enver.deployed, enver.unknown = None, True\n    if not enver.unknown:",
        "pass\n    if not enver.unknown:",
    ),
    ("evolving/runs.py", "enver.runs_with = refs_of(enver.consumed)", "enver.runs_with = frozenset()"),
    ("evolving/runs.py", "enver.owes.intersection(run.waves)", "enver.owes"),
    ("evolving/runs.py", "enver.runs_with |= refs_of(event.inputs)", "pass"),
    ("evolving/touching.py", "(*enver.picked.values(), *asked)", "(*enver.picked.values(),)"),
    ("evolving/waves.py", "if settling is None or root > settling.root:", "if True:"),
    ("evolving/touching.py", "            touch_value(state, ref).retire_at = None\n", "            pass\n"),
    ("evolving/waves.py", "    return _look_behind(wiring, state, enver.address)\n", "    return ()\n"),
    ("evolving/holds.py", "state.agenda.envers.update(state.owing)", "pass"),
    ("evolving/runs.py", "    state.agenda.latches.update(dict.fromkeys(wiring.offered.get(event.enver, ())))\n", ""),
    ("inputs.py", "name in before and before[name].product == product", "name in before"),
    ("follow.py", "value.retire_at is not None or value.ref in state.leased", "value.retire_at is not None"),
    ("follow.py", "enver.rejected.get(question) == value.identity", "False"),
    ("follow.py", " and not _used_before(state, address)", ""),
    ("follow.py", "enver.run is not None or asks:", "asks:"),
    ("evolving/runs.py", "enver.units = enver.units.deployed(_placed(wiring, enver, event))", "pass"),
    ("follow.py", "settling.passes < len(cycle.wires)", "settling.passes <= len(cycle.wires)"),
    ("follow.py", "state.agenda.moving_in[key] == 0 and ", ""),
    ("follow.py", "        agenda.startable.drop(address)\n        agenda.waiting.put", "        agenda.waiting.put"),
    ("follow.py", " and at - enver.since < setup.patience", ""),
    ("follow.py", "(_has_source(enver, runs) and enver.slice == slice)", "False"),
    ("follow.py", "_SHARE * agenda.running[lane.team_key]", "0"),
    ("decide.py", "case m.FinishRun() if message.attempt == run.attempt:", "case m.FinishRun():"),
    ("decide.py", "current is None or current.identity != published.identity", "True"),
    ("decide.py", "offer is None or offer.content.identity != message.identity", "offer is None"),
    ("decide.py", " and not gone(state, pin.inputs)", ""),
    ("decide.py", "if at < value.retire_at:", "if False:"),
    ("decide.py", "value.retire_at is not None and value.ref not in state.leased", "value.retire_at is not None"),
    ("decide.py", "    if message.began != enver.departure.began:\n        return\n", ""),
    (
        "decide.py",
        "case m.ClaimRun() if run.status in (RunStatus.STARTED, RunStatus.DISPATCHED):",
        "case m.ClaimRun():",
    ),
    (
        "decide.py",
        "m.HandOnRun() if message.attempt == run.attempt and run.status is RunStatus.CLAIMED",
        "m.HandOnRun()",
    ),
    ("decide.py", "m.LoseRun() if message.attempt == run.attempt and run.status is RunStatus.CLAIMED", "m.LoseRun()"),
    ("follow.py", "if run is not None and run.claim_by is not None and run.claim_by <= at:", "if run is not None:"),
    ("decide.py", "case m.NoteJob() if message.attempt == run.given_under and not run.job:", "case m.NoteJob():"),
    ("follow.py", "clean=not run.begun", "clean=True"),
    ("accept.py", "        if address not in wiring.inputs and _can_leave(", "        if _can_leave("),
    (
        "decide.py",
        "        if asked is not None:\n            yield _ask_about(setup, state, enver.address",
        "        if False:\n            yield _ask_about(setup, state, enver.address",
    ),
    ("follow.py", "all(other in users and address in _all_behind(users, other) for other in before)", "True"),
    (
        "follow.py",
        "leaves is None or leaves.under_way or leaves.failure or enver.run is not None",
        "leaves is None or leaves.under_way or leaves.failure",
    ),
    (
        "evolving/changes.py",
        "    comes_back = leaves is not None and not leaves.under_way\n",
        "    comes_back = leaves is not None\n",
    ),
    (
        "../../plan/wiring.py",
        "(wire.placeholder is not None and self._closes_cycle(wire))",
        "wire.placeholder is not None",
    ),
    ("../../plan/wiring.py", "        before.update(dict.fromkeys(graph.moves_after.get(address, ())))\n", ""),
    (
        "evolving/holds.py",
        "            enver.deployed, enver.unknown = None, True\n        if",
        "            pass\n        if",
    ),
    ("evolving/holds.py", "        settle(wiring, state, enver, enver.owes, event.at)\n    for value", "    for value"),
    ("follow.py", "    if EVERYTHING in state.standing.pauses:\n        return None\n", ""),
    ("decide.py", "max(state.versions.get(published.product, 0) + 1, state.standing.first)", "1"),
    ("decide.py", "    if not checks_of(run.steps):\n        yield", "    if True:\n        yield"),
    ("verifying.py", "if one not in passed]", "if False]"),
    ("follow.py", "    if origin.baking:\n        return\n", ""),
    ("inputs.py", "enver.sure is None:\n        return RunMode.FULL", "False:\n        return RunMode.FULL"),
    ("envers.py", "return None if self.drift and self.drifted else self.deployed", "return self.deployed"),
    (
        "drift.py",
        "if one.accepted and one.is_open(at) and one.deviation not in ended",
        "if False",
    ),
    ("drift.py", "(one.sort in sorts or one.unit in gone)", "one.sort in sorts"),
    ("drift.py", "(one.sort in sorts or one.unit in gone)", "True"),
    (
        "decide.py",
        "if not is_moving and enver.deployed is not None and enver.deployed_by == message.run:",
        "if enver.deployed is not None:",
    ),
    (
        "decide.py",
        " or (enver.departure is not None and enver.departure.under_way)\n    if not is_moving",
        "\n    if not is_moving",
    ),
    ("decide.py", " if enver.looked.get(one, 0.0) <= looked", ""),
    ("evolving/runs.py", "enver.drift = left_by_run(enver.drift, run.reasons)", "pass"),
)


def main() -> None:
    """Exit code 1 if one survives, or is none any more."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = 0
        for line in pool.map(_try, range(len(MUTANTS)), MUTANTS):
            print(line, flush=True)  # noqa: T201
            bad += not line.startswith("caught")
    print(f"{len(MUTANTS) - bad} of {len(MUTANTS)} caught")  # noqa: T201
    sys.exit(bool(bad))


def _try(number: int, mutant: tuple[str, str, str]) -> str:
    file, before, after = mutant
    told = f"{number:3d} {file}: {before.strip().splitlines()[0]} → {after.strip().splitlines()[:1] or ['nothing']}"
    with tempfile.TemporaryDirectory(prefix="odmd-mutant-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        broken = source / CORE.relative_to("src") / file
        text = broken.read_text()
        if text.count(before) != 1:
            return f"lost     {told}: its line is there {text.count(before)} times"
        broken.write_text(text.replace(before, after))
        words = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-profile=mutants", "tests/unit/control")
        environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        bounded = ("/bin/sh", "-c", f'ulimit -t {_SECONDS}; exec "$@"', "sh")
        command = (*bounded, sys.executable, "-m", "pytest", *words)
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        if ran.returncode < 0:
            return f"caught   {told} (it never ends)"
    return f"{'SURVIVED' if ran.returncode == 0 else 'caught  '} {told}"


if __name__ == "__main__":
    main()
