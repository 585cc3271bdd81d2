"""A graph with policies: two teams with an enver in each stage, and a clone; and plain Cedar to hold us against."""

from __future__ import annotations

import json
from dataclasses import replace

import cedarpy

from odmd.graph import Graph
from odmd.graph.governed import Governed, PolicyFile
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.principals import AnswerContext, Who
from odmd.policy.reading import defaults
from support.worlds import graph_of, node, wire

TEAMS = ("baristas", "roasters")
STAGES = ("dev", "prod")


def governed(*policies: str, production: tuple[str, ...] = ("prod",)) -> Graph:
    """e0 and e2 in dev, e1 and e3 in prod, two of each team; e4 is a clone of e0; wires 0 → 1 → 3."""
    nodes = [
        node(0, team="baristas", stage="dev"),
        node(1, [wire(0, 1)], team="baristas", stage="prod"),
        node(2, team="roasters", stage="dev"),
        node(3, [wire(1, 3)], team="roasters", stage="prod"),
        node(4, team="baristas", stage="dev", origin="e0/b..main", ephemeral=True),
    ]
    files = tuple(PolicyFile(f"p{number}.cedar", text) for number, text in enumerate(policies))
    return replace(graph_of(nodes), stages=STAGES, governed=Governed(files, production, TEAMS))


def by_plain_cedar(graph: Graph, who: Who, action: Action, enver: str | None, asked: AnswerContext) -> bool:
    """The whole of the policies, asked about the whole of the organisation: slow, and nothing left out."""
    uid = lambda type, id: {"type": type, "id": str(id)}  # noqa: E731
    ref = lambda type, id: {"__entity": uid(type, id)}  # noqa: E731
    entities = [
        {
            "uid": uid("Actor", who.name),
            "attrs": {"kind": ref("Kind", who.kind), "scope": ref("Scope", who.scope)},
            "parents": [uid("Team", team) for team in sorted(who.teams)],
        }
    ]
    for one, about in ABOUT.items():
        entities.append({"uid": uid("Action", one), "attrs": {}, "parents": [uid("Action", about.group)]})
    for one in graph.envers.values():
        attrs = {
            "team": ref("Team", one.team),
            "production": one.stage in graph.governed.production,
            "clone": one.origin is not None,
        }
        above = [uid("Team", one.team), uid("Stage", one.stage), uid("Build", one.build)]
        above += [uid("Enver", graph.envers[one.origin].label)] if one.origin else []
        entities.append({"uid": uid("Enver", one.label), "attrs": attrs, "parents": above})
        entities.append({"uid": uid("Build", one.build), "attrs": {}, "parents": [uid("Repo", one.repo)]})
    is_whole = ABOUT[action].resource is ActedOn.ORGANISATION
    context = {}
    if action is Action.ANSWER:
        context = {"own": asked.own, "about": ref("Question", asked.about), "gate": ref("Team", asked.gate)}
        context |= {"wire": ref("Wire", asked.wire)} if asked.wire else {}
    request = {
        "principal": uid("Actor", who.name),
        "action": uid("Action", action),
        "resource": uid("Organisation", "acme") if is_whole else uid("Enver", graph.envers[enver or ""].label),
        "context": context,
    }
    text = "\n".join((*(one.text for one in defaults()), *(file.text for file in graph.governed.policies)))
    return cedarpy.is_authorized(request, text, json.dumps(entities)).allowed
