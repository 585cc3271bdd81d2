"""The schema of policies, derived from the graph: what there is to speak of, and what each action is about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from odmd.graph import Graph
from odmd.model import naming
from odmd.policy.actions import ABOUT, Action, ActionGroup

KINDS: Final = ("person", "role", "token", "job", "schedule", "odmd")
SCOPES: Final = ("run", "read", "write", "admin")
QUESTIONS: Final = ("input", "commit", "data", "lost")

_ENTITIES: Final = """\
entity Team;
entity Stage;
entity Repo;
entity Wire;
entity Organisation;
entity Build in [Repo];
entity Enver in [Build, Stage, Team, Enver] = { team: Team, production: Bool, clone: Bool };
entity Actor in [Team] = { kind: Kind, scope: Scope };
"""
_ANSWER: Final = "{ own: Bool, about: Question, gate: Team, wire?: Wire }"


@cache
def schema_text() -> str:
    """In Cedar's own words; the names in it are the graph's: see `names_in`."""
    enums = (("Kind", KINDS), ("Scope", SCOPES), ("Question", QUESTIONS))
    lines = [f"entity {name} enum {json.dumps(of_it)};\n" for name, of_it in enums]
    lines += [_ENTITIES, *(f'action "{group}";\n' for group in ActionGroup)]
    for action, about in ABOUT.items():
        context = _ANSWER if action is Action.ANSWER else "{}"
        applies = f"{{ principal: [Actor], resource: [{about.resource}], context: {context} }}"
        lines.append(f'action "{action}" in ["{about.group}"] appliesTo {applies};\n')
    return "".join(lines)


def names_in(graph: Graph) -> Mapping[str, frozenset[str]]:
    """Type → the names that policies may speak of. Who acts is known only when he comes."""
    envers = graph.envers.values()
    builds = [(one.name, one.repo, one.team) for one in graph.builds.values()]
    builds += [(one.build, one.repo, one.team) for one in envers]
    return {
        "Team": frozenset((*(team for _, _, team in builds), *graph.governed.teams, *_gates(graph))),
        "Stage": frozenset((*graph.stages, *(one.stage for one in envers))),
        "Repo": frozenset(repo for _, repo, _ in builds),
        "Build": frozenset(build for build, _, _ in builds),
        "Enver": frozenset(one.label for one in envers),
        "Wire": frozenset(f"{naming.enver_label(wire.consumer)}.{wire.name}" for wire in graph.wires()),
        "Organisation": frozenset((graph.organisation,)),
        "Kind": frozenset(KINDS),
        "Scope": frozenset(SCOPES),
        "Question": frozenset(QUESTIONS),
        "Action": frozenset((*map(str, ABOUT), *map(str, ActionGroup))),
    }


def _gates(graph: Graph) -> Iterator[str]:
    for one in graph.envers.values():
        if one.approver:
            yield one.approver
    for wire in graph.wires():
        if wire.gate:
            yield wire.gate
