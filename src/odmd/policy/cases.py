"""Tests of policies, as they stand beside them in `tests.yaml`: who may do what, and who may not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from odmd.errors import PolicyUnreadable
from odmd.graph import Graph
from odmd.model import naming
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.judge import Ruling, judge_of
from odmd.policy.people import SCOPES, SOMEBODY
from odmd.policy.principals import NOBODY, AnswerContext, Who

FILE: Final = "tests.yaml"
_STRICT: Final = ConfigDict(extra="forbid", populate_by_name=True)


@checked(frozen=True, config=_STRICT)
class CaseWho:
    """Somebody."""

    name: str = SOMEBODY
    kind: Literal["person", "role", "job", "token"] = "person"
    scope: Literal["read", "write", "admin"] = "write"
    teams: tuple[str, ...] = ()

    def who(self) -> Who:
        """As policies see him."""
        return Who(self.name, self.kind, self.scope, frozenset(self.teams))


@checked(frozen=True, config=_STRICT)
class PolicyCase:
    """What somebody may, and may not, at an enver or in the organisation."""

    who: CaseWho
    at: str = ""
    may: tuple[Action, ...] = ()
    may_not: Annotated[tuple[Action, ...], Field(alias="may-not")] = ()
    own: bool = False
    about: Literal["input", "commit", "data", "lost"] = "input"
    gate: str = NOBODY


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """How one action of a case was decided."""

    number: int
    action: Action
    at: str
    expected: bool
    ruling: Ruling = field(repr=False)

    @property
    def passed(self) -> bool:
        return self.ruling.allowed == self.expected


def read_cases(data: Any) -> Sequence[PolicyCase]:
    """What stands in the file.

    Raises:
        PolicyUnreadable: with what is wrong first.
    """
    try:
        return TypeAdapter(tuple[PolicyCase, ...]).validate_python(data or ())
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise PolicyUnreadable(f"{FILE}: {where}: {first['msg']}", next_step="see docs/guides/policies.md") from wrong


def decide(graph: Graph, case: CaseWho, action: Action, at: str, asked: AnswerContext) -> Ruling:
    """By scope, then by policy.

    Raises:
        PolicyUnreadable: there is no such enver, or the action is about one and none is said.
    """
    about = ABOUT[action]
    enver = naming.enver_address(at, graph.envers) if at else None
    if enver is not None and enver not in graph.envers:
        raise PolicyUnreadable(f"the contracts have no enver {at}", next_step="`odmd graph` shows what there is")
    if enver is None and about.resource is ActedOn.ENVER:
        raise PolicyUnreadable(f"{action} is about an enver", next_step="say which one: orders@main")
    if SCOPES.index(case.scope) < SCOPES.index(about.scope):
        return Ruling(False, (), (f"{action} needs scope {about.scope}",))
    return judge_of(graph).decide(case.who(), action, enver, asked)


def outcomes(graph: Graph, cases: Sequence[PolicyCase]) -> Iterator[CaseOutcome]:
    """Of every action of every case."""
    for number, case in enumerate(cases, 1):
        for expected, actions in ((True, case.may), (False, case.may_not)):
            for action in actions:
                asked = AnswerContext(case.own, case.about, case.gate)
                yield CaseOutcome(number, action, case.at, expected, decide(graph, case.who, action, case.at, asked))
