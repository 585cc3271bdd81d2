"""What holds wherever contracts have policies, as a table written by hand."""

from __future__ import annotations

import pytest

from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.envers import OpenQuestion
from odmd.control.scheduler.may import Action, Subject, may
from odmd.control.scheduler.questions import AboutInput
from odmd.control.scheduler.values import RunInput
from support.governed import governed
from support.worlds import address

GRAPH = governed("// the defaults alone")
DEV, PROD, THEIRS = address(0), address(1), address(2)

KINDS = {one.value: one for one in ActorKind}
TABLE = """
                 read  pause-dev  pause-prod  pause-theirs  answer-dev  answer-prod  own-prod  reload
person write     yes   yes        yes         no            yes         yes          no        no
role write       yes   yes        yes         no            yes         yes          no        no
job write        yes   yes        yes         no            yes         no           no        no
token write      yes   yes        no          no            yes         no           no        no
person read      yes   no         no          no            no          no           no        no
person admin     yes   yes        yes         yes           yes         yes          no        yes
token admin      yes   yes        yes         yes           yes         yes          no        yes
"""


def wish(name: str) -> tuple[Action, Subject]:
    offer = OpenQuestion(RunInput("in0", "p", 1, "t", "i"), None, 0, 0.0)
    ask = ("in0 #1", DEV if name.endswith("dev") else PROD, AboutInput("in0"), offer)
    match name.partition("-"):
        case ("read", _, _):
            return Action.READ, Subject(enver=PROD)
        case ("pause", _, where):
            return Action.PAUSE, Subject(enver={"dev": DEV, "prod": PROD, "theirs": THEIRS}[where])
        case ("answer", _, _):
            return Action.ANSWER, Subject(*ask, authors=("grace",))
        case ("own", _, _):
            return Action.ANSWER, Subject(*ask, authors=("ada", "grace"))
        case _:
            return Action.RELOAD, Subject()


def rows() -> list[tuple[str, str, str, str]]:
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [(kind, scope, name, said) for kind, scope, *cells in lines for name, said in zip(head, cells, strict=True)]


@pytest.mark.parametrize(("kind", "scope", "name", "said"), rows())
def test_the_defaults(kind: str, scope: str, name: str, said: str) -> None:
    actor = Actor("ada", KINDS[kind], "a test", Scope(scope), ("baristas",))
    assert (may(actor, *wish(name), GRAPH) is None) == (said == "yes")


def test_whose_change_it_is_not_known_to_be_may_be_his_own() -> None:
    actor = Actor("ada", ActorKind.PERSON, "a test", Scope.ADMIN)
    action, subject = wish("answer-prod")
    assert may(actor, action, subject, GRAPH) is None
    refusal = may(actor, action, Subject(subject.what, subject.enver, subject.question, subject.offer), GRAPH)
    assert refusal is not None
    assert "nobody answers his own change in production" in refusal.reason


def test_an_admin_breaks_the_glass_and_nobody_else_does() -> None:
    action, subject = wish("own-prod")
    broke = Actor("ada", ActorKind.PERSON, "a test", Scope.ADMIN, glass="the house burns")
    assert may(broke, action, subject, GRAPH) is None
    assert str(broke) == "ada (broke the glass: the house burns)"
    assert may(
        Actor("ada", ActorKind.PERSON, "a test", Scope.WRITE, ("baristas",), glass="me too"), action, subject, GRAPH
    )


def test_without_policies_scopes_and_teams_are_all() -> None:
    anybody = Actor("ada", ActorKind.TOKEN, "a test", Scope.WRITE)
    assert may(anybody, Action.PAUSE, Subject(enver=THEIRS), governed()) is None


def test_all_that_a_scope_holds_is_asked_about() -> None:
    ada = Actor("ada", ActorKind.PERSON, "a test", Scope.WRITE, ("baristas",))
    assert may(ada, Action.PAUSE, Subject("*", envers=(DEV, PROD)), GRAPH) is None
    refusal = may(ada, Action.PAUSE, Subject("*", envers=(DEV, PROD, THEIRS)), GRAPH)
    assert refusal is not None
    assert refusal.enver == THEIRS
