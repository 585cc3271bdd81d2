"""Whether a graph's policies are sound: Cedar, about what there is, and not the end of all rights."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import cedarpy

from odmd.errors import (
    Diagnostic,
    Place,
    PoliciesLockOut,
    PolicyNamesUnknown,
    PolicyUnfit,
    PolicyUnreadable,
)
from odmd.graph import Graph
from odmd.graph.governed import FOLDER
from odmd.policy.actions import ABOUT, Action
from odmd.policy.judge import Judge
from odmd.policy.people import everybody
from odmd.policy.reading import BUILT_IN, CedarPolicy, PoliciesUnread, defaults, read_file
from odmd.policy.schema import names_in, schema_text

_NEEDED: Final = (Action.CHANGE_POLICIES, Action.RELOAD)
_QUOTED: Final = re.compile(r"^for policy `[^`]*`[,:]? ?")
_ENUMERATED: Final = "enumerated entity type"
"""Said by `_unknown` with what was meant."""
_CAN_BE_ANYBODY: Final = "Actor"
_MEND: Final = "correct the policy; `odmd policy schema` says what there is to speak of"


def findings(graph: Graph) -> Sequence[Diagnostic]:
    """Every mistake; none where there are no policies. What is not sound is not put in force."""
    if not graph.governed.policies:
        return ()
    policies = list[CedarPolicy](defaults())
    found = list[Diagnostic]()
    for file in graph.governed.policies:
        try:
            policies += read_file(file)
        except PoliciesUnread as wrong:
            hint = "correct it; https://docs.cedarpolicy.com has the language"
            found.append(Diagnostic(PolicyUnreadable.code, str(wrong), _place(file.name, wrong.line), hint))
    own = [one for one in policies if one.file != BUILT_IN]
    found += [*_same_names(own), *_unfit(own), *_unknown(own, names_in(graph)), *_contradicting(own)]
    return found or list(_locks_out(Judge(graph, policies)))


def _place(file: str, line: int) -> Place:
    return Place(f"{FOLDER}/{file}", line)


def _same_names(policies: Sequence[CedarPolicy]) -> Iterator[Diagnostic]:
    seen: dict[str, CedarPolicy] = {one.name: one for one in defaults()}
    for one in policies:
        if (other := seen.setdefault(one.name, one)) is not one:
            fact = f"{one.name!r} is the @id of another policy, too ({other.key})"
            yield Diagnostic(PolicyUnfit.code, fact, _place(one.file, one.line), "give each an @id of its own")


def _unfit(policies: Sequence[CedarPolicy]) -> Iterator[Diagnostic]:
    """Those that speak of what there is not: attributes, types, actions."""
    schema = cedarpy.Schema.from_str(schema_text())
    for one in policies:
        wrongs = cedarpy.validate_policies(one.text, schema).errors  # pyright: ignore[reportUnknownMemberType]  # a bare `dict`
        said = dict.fromkeys(_plainly(wrong.error) for wrong in wrongs if _ENUMERATED not in wrong.error)
        for fact in said:
            yield Diagnostic(PolicyUnfit.code, f"{_called(one)}{fact}", _place(one.file, one.line), _MEND)


def _contradicting(policies: Sequence[CedarPolicy]) -> Iterator[Diagnostic]:
    """Those that permit what another one forbids to all whom they permit it, whatever else is so."""
    forbidding = [one for one in policies if not one.permits and not one.tree["conditions"]]
    for one in policies:
        over = next((other for other in forbidding if one.permits and _covers(other, one)), None)
        if over is not None:
            fact = f"{_called(one)}it permits nothing, as {over} forbids all of it"
            hint = "take one of them away, or say `unless` in the one that forbids"
            yield Diagnostic(PolicyUnfit.code, fact, _place(one.file, one.line), hint)


def _covers(wide: CedarPolicy, narrow: CedarPolicy) -> bool:
    """Whether all that one applies to is what the other one does, as far as their heads say it."""
    heads = (wide.who, narrow.who), (wide.what, narrow.what)
    if not all(wider in (None, narrower) for wider, narrower in heads):
        return False
    return wide.actions is None or (narrow.actions is not None and _each(narrow.actions) <= _each(wide.actions))


def _each(said: Iterable[str]) -> frozenset[str]:
    """Actions, for groups those that are in them."""
    names = frozenset(said)
    return frozenset(str(one) for one, about in ABOUT.items() if str(one) in names or str(about.group) in names)


def _called(policy: CedarPolicy) -> str:
    return f"{policy.name}: " if policy.name != policy.key else ""


def _plainly(said: str) -> str:
    return " ".join(_QUOTED.sub("", said).split())


def _unknown(policies: Sequence[CedarPolicy], known: Mapping[str, frozenset[str]]) -> Iterator[Diagnostic]:
    for one in policies:
        for type, name in sorted(one.speaks_of):
            if type == _CAN_BE_ANYBODY or type not in known or name in known[type] or type == "Action":
                continue  # Cedar itself says of types and actions that there are none
            near = difflib.get_close_matches(name, known[type], 1)
            hint = f"did you mean {near[0]}?" if near else _WHERE.get(type, "name one that the contracts have")
            fact = f'{_called(one)}the contracts have no {type}::"{name}"'
            yield Diagnostic(PolicyNamesUnknown.code, fact, _place(one.file, one.line), hint)


_WHERE: Final = {"Team": "name a team that owns a repo, or add it to Organisation(teams=…)"}


def _locks_out(judge: Judge) -> Iterator[Diagnostic]:
    """What nobody could do any more, whoever he is."""
    people = list(everybody(judge.policies, names_in(judge.graph)["Team"], ("admin",)))
    for action in _NEEDED:
        if not any(judge.decide(one, action).allowed for one in people):
            last = [one for one in judge.policies if not one.permits][-1]
            fact = f"with these policies nobody may {action}, and so nobody could mend them"
            hint = "say `unless` whom it is left to: a team, or somebody by name"
            yield Diagnostic(PoliciesLockOut.code, fact, _place(last.file, last.line), hint)
