"""Whatever an architect writes: never a traceback, never silence, the same answer in any order of declaration."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import ContractsUnsound, Diagnostic, OdmdError
from odmd.graph import Compiled, compile_contracts
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Enver,
    Hub,
    ImageEnver,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Tag,
    Team,
    late,
)
from odmd.model.kinds import EventBus, HostName, NameServers, Table

TEAM = Team("t")
KINDS = [HostName, EventBus[str], Table[str], NameServers]
names = st.one_of(
    st.sampled_from(["main", "fix-1", "v1.0.0", "config", "a..b", "a-_b", "", "Ä", "x" * 300, "111122223333"]),
    st.text(max_size=6),
)
regions = st.sampled_from(["us-west-1", "eu-west-1", "nowhere", ""])


@st.composite
def organisations(draw: st.DrawFn) -> tuple[str, Account, list[Enver]]:
    account = Account("a", draw(st.sampled_from(["111122223333", "444455556666", "1", ""])))
    stages = [Stage(draw(names), account, draw(regions)) for _ in range(draw(st.integers(1, 3)))]
    envers: list[Enver] = []
    for number in range(draw(st.integers(0, 6))):
        cls = _class(draw, number)
        envers.append(cls(on=draw(_revisions(envers)), at=draw(st.sampled_from(stages))))
    for enver in envers:
        _wire(draw, enver, envers)
    origins = draw(st.lists(st.sampled_from(envers), max_size=2)) if envers else []
    return draw(names), account, [*envers, *(origin.clone(Branch(draw(names))) for origin in origins)]


def _class(draw: st.DrawFn, number: int) -> type[Enver]:
    kind = draw(st.sampled_from(KINDS))
    annotations = {"out": Produces[kind], "into": Consumes[draw(st.sampled_from(KINDS))], "zones": Hub[NameServers]}
    build = Build(draw(names), Repo("acme/x", TEAM), draw(names))
    base = draw(st.sampled_from([CdkEnver, ImageEnver]))
    body = {"__annotations__": annotations, "__module__": __name__, "into": late("any")}
    made: type[Enver] = type(f"E{number}", (base,), body, build=build)
    return made


def _revisions(envers: Sequence[Enver]) -> st.SearchStrategy[Branch | Tag | Promoted]:
    plain = st.one_of(st.builds(Branch, names), st.builds(Tag, names))
    return st.one_of(plain, st.builds(Promoted, st.sampled_from(envers))) if envers else plain


def _wire(draw: st.DrawFn, enver: Enver, envers: Sequence[Enver]) -> None:
    for _ in range(draw(st.integers(0, 2))):
        other = draw(st.sampled_from(envers))
        placeholder = HostName("x.example") if draw(st.booleans()) else None
        source = other.out.until(placeholder) if placeholder else other.out  # type: ignore[attr-defined]  # pyright: ignore
        if draw(st.booleans()):
            enver.into = source  # type: ignore[attr-defined]  # pyright: ignore
        else:
            enver.zones[draw(names)] = source  # type: ignore[attr-defined]  # pyright: ignore


def answer(name: str, central: Account, envers: Sequence[Enver]) -> str | list[tuple[str, str]]:
    try:
        compiled = compile_contracts(Organisation(name, central=central, envers=envers))
    except ContractsUnsound as unsound:
        return _told(unsound.diagnostics())
    return _digest(compiled)


def _told(found: Sequence[Diagnostic]) -> list[tuple[str, str]]:
    assert found
    for one in found:
        assert one.place
        assert one.next_step
    return sorted((one.code, one.fact) for one in found if one.code not in ORDERED)


ORDERED = {"ODMD011", "ODMD012", "ODMD019", "ODMD020", "ODMD027", "ODMD033", "ODMD037", "ODMD040"}
"""Name two envers, or one for several: which of them depends on which came first."""


def _digest(compiled: Compiled) -> str:
    position = {address: number for number, address in enumerate(compiled.graph.envers)}
    for wire in compiled.graph.wires():
        assert wire.placeholder is not None or position[wire.producer] < position[wire.consumer]
    return compiled.graph.digest()


@given(organisations(), st.randoms(use_true_random=False))
def test_every_organisation_has_one_answer(made: tuple[str, Account, list[Enver]], chance: random.Random) -> None:
    name, central, envers = made
    shuffled = chance.sample(envers, len(envers))
    try:
        assert answer(name, central, envers) == answer(name, central, shuffled)
    except OdmdError as refused:
        assert refused.fact  # noqa: PT017  # a refusal is an answer, too; anything else is a traceback
