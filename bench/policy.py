"""What policies cost: 10,000 envers, 500 policies of their own: `python bench/policy.py`. CPU time, in milliseconds."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.graph import Graph
from odmd.graph.governed import Governed, PolicyFile
from odmd.policy.actions import Action
from odmd.policy.check import findings
from odmd.policy.gains import told
from odmd.policy.judge import Judge, judge_of
from odmd.policy.principals import Who
from support.worlds import graph_of, node

T = TypeVar("T")
ENVERS, POLICIES, TEAMS, WISHES = 10_000, 500, 50, 20_000
STAGES = ("dev", "test", "prod")
ACTIONS = (Action.READ, Action.PAUSE, Action.ROLL_BACK, Action.CHANGE)


def organisation() -> Graph:
    """Each build in three stages; each policy about one team and one build, half of them hide, or forbid."""

    def one(n: int) -> dict[str, object]:
        build, stage = f"b{n // 3}", STAGES[n % 3]
        own = {"address": f"{build}/b..{stage}", "slot": f"b..{stage}", "build": build, "repo": f"acme/{build}"}
        return {**own, "team": f"t{n // 3 % TEAMS}", "stage": stage, "products": ()}

    said = [
        f'permit (principal in Team::"t{n % TEAMS}", action == Action::"{ACTIONS[n % 2]}", resource in Build::"b{n}");'
        if n % 4 < 2
        else f'forbid (principal, action == Action::"{ACTIONS[n % 2]}", resource in Build::"b{n}")'
        f' unless {{ principal in Team::"t{n % TEAMS}" }};'
        for n in range(POLICIES)
    ]
    governed = Governed((PolicyFile("all.cedar", "\n".join(said)),), ("prod",))
    return replace(graph_of([node(n, **one(n)) for n in range(ENVERS)]), stages=STAGES, governed=governed)


def main() -> None:
    """Prints a line each."""
    graph = organisation()
    measure("policies are checked", lambda: findings(graph))
    judge = measure("policies are read", lambda: judge_of(graph))
    for who in (Who("ada", "person", "write", frozenset({"t3"})), Who("eve", "token", "read", frozenset({"t4"}))):
        measure(f"a list of 10,000 is filtered, the first time for {who.name}", lambda who=who: judge.readable(who))
        measure("a list of 10,000 is filtered, again", lambda who=who: judge.readable(who))
    decisions(judge)
    wider = replace(graph, governed=Governed((PolicyFile("all.cedar", _wider(graph)),), ("prod",)))
    measure("all policies are new", lambda: told(replace(graph, governed=Governed()), graph))
    measure("a change of one policy is said in words", lambda: told(graph, wider))


def _wider(graph: Graph) -> str:
    return graph.governed.policies[0].text + 'permit (principal in Team::"t1", action == Action::"pause", resource);'


def decisions(judge: Judge) -> None:
    """Of many people on many envers; a third of them is asked for the first time."""
    chance, taken, envers = random.Random(1), list[float](), list(judge.graph.envers)
    for _ in range(WISHES):
        kind, team = chance.choice(["person", "token", "job"]), f"t{chance.randrange(TEAMS)}"
        who = Who(f"u{chance.randrange(1000)}", kind, "write", frozenset({team}))
        action, enver = chance.choice(ACTIONS), chance.choice(envers)
        began = time.thread_time()
        judge.decide(who, action, enver)
        taken.append((time.thread_time() - began) * 1000)
    taken.sort()
    print(f"{'a decision':60} {taken[WISHES // 2]:8.3f}, p99 {taken[int(WISHES * 0.99)]:.3f}, at most {taken[-1]:.1f}")


def measure(what: str, does: Callable[[], T]) -> T:
    """In milliseconds."""
    began = time.thread_time()
    found = does()
    print(f"{what:60} {(time.thread_time() - began) * 1000:8.1f}")
    return found


if __name__ == "__main__":
    main()
