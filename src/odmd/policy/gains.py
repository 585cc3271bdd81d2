"""Who may do more, and who less, under other policies: found by asking both about everybody, and said in words.

Everybody is a few who stand for all: each kind with each scope; of no team, of the team that an enver belongs to, and
of each team that a policy speaks of; and whom policies name. Envers that no policy tells apart are asked about once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby, product
from typing import Final

from odmd.graph import Graph
from odmd.graph.difference import ContractChange, Difference, Verdict, What
from odmd.graph.difference.say import changed
from odmd.graph.governed import Governed, PolicyFile, PullRequestsNode
from odmd.model import naming
from odmd.plan.words import clock
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.judge import Judge, judge_of
from odmd.policy.people import KINDS, SCOPES, SOMEBODY
from odmd.policy.principals import NOBODY, AnswerContext, Who
from odmd.policy.reading import CedarPolicy, defaults, read_file

_SHOWN: Final = 4
_MOST_ASKED: Final = 20_000
_MOST_LOOKED_AT: Final = 200_000
_Places = tuple[str | None, frozenset[str]]
"""An enver, with all that no policy tells apart from it; None: the organisation."""
_OPEN: Final = "permit (principal, action, resource);"
"""What holds without policies: what somebody's scope includes, and his teams answer."""
_EVERY: Final = len(KINDS)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """How somebody stands to what he asks for."""

    teams: frozenset[str] = frozenset()
    """Named ones that he is in."""
    own: bool = False
    """He is in the team whose enver it is."""
    name: str = SOMEBODY
    own_change: bool = False
    """He answers a change that he began."""
    his_gate: bool = False
    """He answers what waits for a team of his."""
    about: str = "input"
    wire: str = ""


@dataclass(frozen=True, slots=True)
class Gain:
    """Something that somebody may under one set of policies only."""

    gained: bool
    """Or lost."""
    action: Action
    kind: str
    scope: str
    standpoint: Standpoint
    envers: frozenset[str]
    """By address; none where it is about the organisation."""


class TooManyToAsk(Exception):
    """Policies tell more people and envers apart than can be asked about in a moment."""


def told(before: Graph, after: Graph) -> Sequence[str]:
    """What another graph governs otherwise, a line each: what is deployed by itself, and who may do more, and who less.
    Nothing: no change, and nobody."""
    old, new = before.governed, after.governed
    return (
        *_by_themselves(old, new),
        *_by_others(before, after),
        *_by_pull_requests(old, new),
        *_approved_otherwise(old, new),
        *_frozen_otherwise(old, new),
        *_who_gains(before, after),
    )


def _by_themselves(before: Governed, after: Governed) -> Iterator[str]:
    for what, old, new in (
        ("what branches get is deployed", before.continuous, after.continuous),
        ("what others changed is brought back", before.reverting, after.reverting),
    ):
        if begin := sorted({*new} - {*old}):
            yield f"{what} by itself in {', '.join(begin)}"
        if end := sorted({*old} - {*new}):
            yield f"{what} by itself no more in {', '.join(end)}"


def _by_others(before: Graph, after: Graph) -> Iterator[str]:
    """Who carries out runs has the rights of their build."""
    was, now = (_by_jobs(each) for each in (before, after))
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield f"runs of {name} are carried out by {now.get(name, 'workers')}"


def _by_jobs(graph: Graph) -> Mapping[str, str]:
    """Build → the jobs that carry out its runs."""
    on_jobs = ((one, one.runs_on) for one in graph.builds.values() if one.runs_on)
    return {one.name: f"jobs of {one.repo}, branch {jobs.branch}, on {jobs.runner}" for one, jobs in on_jobs}


def _by_pull_requests(before: Governed, after: Governed) -> Iterator[str]:
    """Whose pull requests get clones that nobody has to say yes to."""
    was, now = ({one.build: _which(one) for one in each.pull_requests} for each in (before, after))
    for build in sorted({*was, *now}):
        if was.get(build) != now.get(build):
            yield f"{now.get(build, 'no pull request gets clones')} of {build} by itself"


def _which(said: PullRequestsNode) -> str:
    which = "every pull request gets" if said.every else "a pull request that asks gets"
    return f"{which} clones{' of all that consume, and' if said.consumers else ''}"


def _approved_otherwise(before: Governed, after: Governed) -> Iterator[str]:
    was, now = ({one.subject: one for one in each.approvals} for each in (before, after))
    for subject in sorted({*was, *now}):
        old, new = was.get(subject), now.get(subject)
        if old is None or new is None:
            yield (
                f"{_of_subject(subject)} is approved by {new}"
                if new
                else f"{_of_subject(subject)} needs no {old} any more"
            )
        elif old != new:
            how = f"by {new}, was {old}" if str(old) != str(new) else "at other times, or with its changes or its cost"
            yield f"{_of_subject(subject)} is approved {how}"


def _of_subject(subject: str) -> str:
    enver, colon, name = subject.partition(":")
    if not colon:
        return f"what is asked in {subject}"
    return f"{naming.enver_label(enver)}.{name}" if name else f"what {naming.enver_label(enver)} takes over"


def _frozen_otherwise(before: Governed, after: Governed) -> Iterator[str]:
    for one in after.freezes:
        if one not in before.freezes:
            yield f"nothing begins in {one.scope} from {clock(one.begins)} to {clock(one.ends)}: {one.why}"
    for one in before.freezes:
        if one not in after.freezes:
            yield f"{one.scope} is not frozen from {clock(one.begins)} to {clock(one.ends)} any more"


def _who_gains(before: Graph, after: Graph) -> Sequence[str]:
    """Where too many would have to be asked about, which policies are new and which are gone."""
    try:
        return in_words(gains(before, after), after)
    except TooManyToAsk:
        was, now = (
            {" ".join(one.text.split()): one for one in _judge(after, of.governed).policies} for of in (before, after)
        )
        new = [f"new: {one}" for text, one in now.items() if text not in was]
        gone = [f"gone: {one}" for text, one in was.items() if text not in now]
        return ["too many may gain or lose something to name them; policies are", *new, *gone]


def gains(before: Graph, after: Graph) -> Sequence[Gain]:
    """What differs between the policies of two graphs, for the envers of the later one.

    Raises:
        TooManyToAsk
    """
    if before.governed.rules() == after.governed.rules():
        return ()
    old, new = _judge(after, before.governed), _judge(after, after.governed)
    return [*_compared(old, new)]


def who_can(graph: Graph, action: Action, enver: str | None) -> Sequence[str]:
    """Who may do something, to an enver or the organisation: a line for each that is told apart."""
    judge, found = judge_of(graph), list[Gain]()
    for at, kind, scope in product(_standpoints(judge.policies, action), KINDS, SCOPES):
        who, asked = _who(at, kind, scope, enver, graph)
        is_enough = SCOPES.index(scope) >= SCOPES.index(ABOUT[action].scope)
        if is_enough and judge.decide(who, action, enver, asked).allowed:
            found.append(Gain(True, action, kind, scope, at, frozenset((enver or "",))))
    return [
        f"{_kinds({(one.kind, one.scope) for one in of_it})}{_standing(at)}" for _, at, _, of_it in _together(found)
    ]


def with_policies(made: Difference, before: Graph, after: Graph) -> Difference:
    """What changed between two editions, with what they govern otherwise, and who may do more or less."""
    return replace(made, changes=(*made.changes, *_governed_otherwise(before, after)))


def _governed_otherwise(before: Graph, after: Graph) -> Iterator[ContractChange]:
    old, new, whole = before.governed, after.governed, (Verdict.VALUE_ONLY, What.ORGANISATION, after.organisation)
    if old.continuous != new.continuous:
        yield changed(*whole, "deployed by itself", ", ".join(old.continuous), ", ".join(new.continuous))
    if old.reverting != new.reverting:
        yield changed(*whole, "brought back by itself", ", ".join(old.reverting), ", ".join(new.reverting))
    if others := tuple(_by_others(before, after)):
        was, now = (f"{len(_by_jobs(each))} builds" for each in (before, after))
        yield changed(*whole, "runs on Actions", was, now, others)
    if cloned := tuple(_by_pull_requests(old, new)):
        was, now = (f"{len(one.pull_requests)} builds" for one in (old, new))
        yield changed(*whole, "clones of pull requests", was, now, cloned)
    if approved := tuple(_approved_otherwise(old, new)):
        yield changed(*whole, "approvals", f"{len(old.approvals)}", f"{len(new.approvals)}", approved)
    if frozen := tuple(_frozen_otherwise(old, new)):
        yield changed(*whole, "freezes", f"{len(old.freezes)}", f"{len(new.freezes)}", frozen)
    if old.rules() != new.rules():
        was, now = (", ".join(file.name for file in one.policies) for one in (old, new))
        yield changed(*whole, "policies", was, now, tuple(_who_gains(before, after)))


def in_words(found: Sequence[Gain], graph: Graph) -> Sequence[str]:
    """`people, roles with scope write of the enver's own team gain: pause, on 3 envers in prod`, a line each."""
    policies = judge_of(graph).policies if graph.governed.policies else ()
    teams = sorted({name for one in policies for type, name in one.speaks_of if type == "Team"})
    return [_line(*one, graph, _but_for(one[1], one[3], found, teams)) for one in _together(found)]


def _but_for(at: Standpoint, of_line: Sequence[Gain], found: Sequence[Gain], teams: Sequence[str]) -> str:
    """Whom a line about somebody does not speak of, although he is that, too: of these teams, or the enver's own."""
    if at.teams or at.own or at.name != SOMEBODY:
        return ""
    are = {(one.gained, one.action, one.kind, one.scope, one.standpoint) for one in found}
    others = [replace(at, own=True), *(replace(at, teams=frozenset((team,))) for team in teams)]
    if ABOUT[of_line[0].action].resource is ActedOn.ORGANISATION:
        others = others[1:]
    spared = [
        other
        for other in others
        if not any((one.gained, one.action, one.kind, one.scope, other) in are for one in of_line)
    ]
    return f" (but for those{' and'.join(map(_standing, spared))})" if spared else ""


def _judge(graph: Graph, governed: Governed) -> Judge:
    """Of a graph under other policies; without any, whoever has the scope may."""
    if governed.policies:
        own = [policy for file in governed.policies for policy in read_file(file)]
        return Judge(replace(graph, governed=governed), (*defaults(), *own))
    return Judge(graph, read_file(PolicyFile("without policies", _OPEN)))


def _compared(old: Judge, new: Judge) -> Iterator[Gain]:
    for action, at, near in list(_to_ask(old, new)):
        for kind, scope in product(KINDS, SCOPES):
            if SCOPES.index(scope) >= SCOPES.index(ABOUT[action].scope):
                yield from _gain((old, new), action, at, (kind, scope), near)


def _to_ask(old: Judge, new: Judge) -> Iterator[tuple[Action, Standpoint, Sequence[_Places]]]:
    """What a change of policies can matter to.

    Raises:
        TooManyToAsk
    """
    changed, every = _changed(old, new), (*old.policies, *new.policies)
    classes = _classes(old, new, every)
    moved = old.graph.governed.production != new.graph.governed.production
    looked, asked = 0, 0
    for action, about in ABOUT.items():
        said = {str(action), str(about.group)}
        applying = [one for one in changed if one.actions is None or one.actions & said]
        if not moved and not applying:
            continue
        places = classes if about.resource is ActedOn.ENVER else ((None, frozenset[str]()),)
        for at in _standpoints(every, action):
            looked += len(places)
            if looked > _MOST_LOOKED_AT:
                raise TooManyToAsk
            near = [one for one in places if moved or _matters(applying, at, one[0], new)]
            asked += len(near) * len(KINDS) * len(SCOPES)
            if asked > _MOST_ASKED:
                raise TooManyToAsk
            if near:
                yield action, at, near


def _gain(
    judges: tuple[Judge, Judge],
    action: Action,
    at: Standpoint,
    who: tuple[str, str],
    places: Iterable[_Places],
) -> Iterator[Gain]:
    got, lost = set[str](), set[str]()
    for enver, same in places:
        one, asked = _who(at, *who, enver, judges[1].graph)
        was, is_ = (judge.decide(one, action, enver, asked).allowed for judge in judges)
        if was != is_:
            (got if is_ else lost).update(same or {""})
    for envers, gained in ((got, True), (lost, False)):
        if envers:
            yield Gain(gained, action, *who, at, frozenset(envers) - {""})


def _matters(changed: Iterable[CedarPolicy], at: Standpoint, enver: str | None, judge: Judge) -> bool:
    """Whether one of these policies can apply to somebody there at all."""
    who, _ = _who(at, KINDS[0], SCOPES[0], enver, judge.graph)
    above = judge.above(enver) if enver else None
    return any(
        one.can_be_of(who.teams, who.name) and (above is None or one.what is None or one.what in above)
        for one in changed
    )


def _changed(old: Judge, new: Judge) -> Sequence[CedarPolicy]:
    was, now = ({" ".join(one.text.split()): one for one in judge.policies} for judge in (old, new))
    return [one for text, one in (*was.items(), *now.items()) if (text in was) != (text in now)]


def _classes(old: Judge, new: Judge, policies: Iterable[CedarPolicy]) -> Sequence[_Places]:
    """One enver for all that no policy tells apart, with these."""
    spoken = frozenset(named for one in policies for named in one.speaks_of)
    found: dict[object, list[str]] = {}
    for enver in new.graph.envers:
        found.setdefault((old.seen_as(enver, spoken), new.seen_as(enver, spoken)), []).append(enver)
    return [(same[0], frozenset(same)) for same in found.values()]


def _standpoints(policies: Sequence[CedarPolicy], action: Action) -> Iterator[Standpoint]:
    spoken = {named for one in policies for named in one.speaks_of}
    teams = [frozenset[str](), *(frozenset((name,)) for type, name in sorted(spoken) if type == "Team")]
    for one in policies:
        named = sorted(name for type, name in one.speaks_of if type == "Team")
        teams += [frozenset(pair) for pair in combinations(named, 2)]
    names = (SOMEBODY, *sorted(name for type, name in spoken if type == "Actor"))
    is_of_envers = ABOUT[action].resource is ActedOn.ENVER
    for its, own, name in product(dict.fromkeys(teams), (False, True) if is_of_envers else (False,), names):
        bare = Standpoint(its, own, name)
        if action is not Action.ANSWER:
            yield bare
            continue
        abouts = ("input", "commit", "data", "lost") if any(type == "Question" for type, _ in spoken) else ("input",)
        wires = ("", *sorted(name for type, name in spoken if type == "Wire"))
        for change, gate, about, wire in product((False, True), (False, True), abouts, wires):
            yield replace(bare, own_change=change, his_gate=gate, about=about, wire=wire)


def _who(at: Standpoint, kind: str, scope: str, enver: str | None, graph: Graph) -> tuple[Who, AnswerContext]:
    own = {graph.envers[enver].team} if at.own and enver else set[str]()
    teams = frozenset((*at.teams, *own))
    gate = min(teams, default=_NO_GATE) if at.his_gate else NOBODY
    teams |= {gate} if at.his_gate else set[str]()
    return Who(at.name, kind, scope, teams), AnswerContext(at.own_change, at.about, gate, at.wire)


_NO_GATE: Final = "a gate's team"


def _together(found: Iterable[Gain]) -> Iterator[tuple[bool, Standpoint, frozenset[str], Sequence[Gain]]]:
    """Those that differ in nothing but who in kind and scope, and in what he may do."""
    for _, of_it in groupby(sorted(_without_what_others_say(list(found)), key=_alike), key=_alike):
        same = list(of_it)
        by_who: dict[frozenset[tuple[str, str]], list[Gain]] = {}
        for action in dict.fromkeys(one.action for one in same):
            of_action = [one for one in same if one.action is action]
            by_who.setdefault(frozenset((one.kind, one.scope) for one in of_action), []).extend(of_action)
        for gained in by_who.values():
            yield gained[0].gained, gained[0].standpoint, gained[0].envers, gained


def _alike(gain: Gain) -> tuple[bool, str, Sequence[str]]:
    return not gain.gained, _standing(gain.standpoint), sorted(gain.envers)


def _without_what_others_say(found: Sequence[Gain]) -> Iterator[Gain]:
    """Less what somebody gains or loses as well who stands for more people."""
    by_what: dict[object, list[Gain]] = {}
    for one in found:
        by_what.setdefault((one.gained, one.action, one.kind, one.scope), []).append(one)
    for same in by_what.values():
        for one in same:
            wider = [other for other in same if _stands_for_more(other.standpoint, one.standpoint)]
            left = one.envers.difference(*(other.envers for other in wider))
            if left or not wider:
                yield replace(one, envers=left)


def _stands_for_more(one: Standpoint, other: Standpoint) -> bool:
    return (
        one != other
        and one.teams <= other.teams
        and one.own <= other.own
        and one.name in (SOMEBODY, other.name)
        and one.own_change <= other.own_change
        and one.his_gate <= other.his_gate
        and one.about in ("input", other.about)
        and one.wire in ("", other.wire)
    )


def _line(
    gained: bool, at: Standpoint, envers: frozenset[str], found: Sequence[Gain], graph: Graph, spared: str
) -> str:
    actions = ", ".join(dict.fromkeys(str(one.action) for one in found))
    who = f"{_kinds({(one.kind, one.scope) for one in found})}{_standing(at)}{spared}"
    where = f", on {_where(envers, graph)}" if envers else ""
    return f"{who} {'gain' if gained else 'lose'}: {actions}{where}"


def _kinds(found: set[tuple[str, str]]) -> str:
    """`people and roles that may write`, as few words as it takes."""
    by_scopes: dict[tuple[str, ...], list[str]] = {}
    for kind in KINDS:
        if scopes := tuple(scope for scope in SCOPES if (kind, scope) in found):
            by_scopes.setdefault(scopes, []).append(kind)
    said = list[str]()
    for scopes, kinds in by_scopes.items():
        who = "everybody" if len(kinds) == _EVERY else ", ".join(_PLURAL[kind] for kind in kinds)
        said.append(who if scopes == SCOPES else f"{who} with scope {' or '.join(scopes)}")
    return "; ".join(said)


_PLURAL: Final[Mapping[str, str]] = {"person": "people", "role": "roles", "job": "jobs", "token": "tokens"}


def _standing(at: Standpoint) -> str:
    teams = [*(("the enver's own team",) if at.own else ()), *(f"team {one}" for one in sorted(at.teams))]
    said = f" of {' and '.join(teams)}" if teams else ""
    said += f" called {at.name}" if at.name != SOMEBODY else ""
    asks = [
        *(("a change of their own",) if at.own_change else ()),
        *(("what waits for their team",) if at.his_gate else ()),
        *((f"about {at.about}",) if at.about != "input" else ()),
        *((at.wire,) if at.wire else ()),
    ]
    return f"{said} ({', '.join(asks)})" if asks else said


def _where(envers: frozenset[str], graph: Graph) -> str:
    if envers == frozenset(graph.envers):
        return "every enver"
    if len(envers) <= _SHOWN:
        return ", ".join(map(naming.enver_label, sorted(envers)))
    stages = sorted({graph.envers[one].stage for one in envers})
    whole = frozenset(one.address for one in graph.envers.values() if one.stage in stages)
    return f"{'all' if whole == envers else len(envers)} envers in {', '.join(stages)}"
