"""Which clones a pull request is to have, when they go, and that what is told of it fits and is no markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.leading.pulls.comment import Merging, PullStory, shown
from odmd.control.leading.pulls.wanted import GRACE_SECONDS, LABEL, ends, may_have, wanted
from odmd.control.ports.pulls import KeptPull, Pull, PullState
from odmd.control.reading.clones import CloneSetView, CloneView
from odmd.graph import Graph, compile_contracts
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Promoted, PullRequests, Repo, Stage, Team

TEAM = Team("baristas")
DEV = Stage("dev", Account("dev", "111122223333"), "us-west-1")
PROD = Stage("prod", Account("prod", "444455556666"), "us-west-1", production=True)
PULL = Pull("acme/shop", 12, PullState.OPEN, "fix", "main", "a" * 40, "ada", labels=(LABEL,))
KEPT = KeptPull("acme/shop", 12)


def contracts(said: PullRequests | None = None) -> Graph:
    repo = Repo("acme/Shop", TEAM)

    class Shop(CdkEnver, build=Build("shop", repo, clones=said)):
        pass

    class Tables(CdkEnver, build=Build("tables", repo, folder="t", clones=said)):
        pass

    class Quiet(CdkEnver, build=Build("quiet", repo, folder="q")):
        pass

    main = Branch("main")
    shop, tables = Shop(on=main, at=DEV), Tables(on=main, at=DEV)
    envers = [shop, tables, Quiet(on=main, at=DEV), Shop(on=Promoted(shop, by=TEAM), at=PROD)]
    return compile_contracts(Organisation("acme", central=DEV.account, envers=envers)).graph


GRAPH = contracts(PullRequests())


def test_a_set_has_what_the_contracts_give_of_the_repository() -> None:
    found = wanted(PULL, KEPT, GRAPH)
    assert found
    assert (found.wish.origin, found.wish.also, found.wish.branch) == ("shop@main", ("tables@main",), "fix")
    assert found.why == "acme/shop#12: label odmd:clone"


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ()},
        {"labels": ("odmd:cloned", "ODMD:CLONE")},
        {"is_from_a_fork": True},
        {"is_default_branch": True},
        {"branch": "main"},
        {"branch": "gh-readonly-queue/main/pr-1-abc"},
        {"branch_is_gone": True},
        {"state": PullState.CLOSED},
        {"base": "elsewhere"},
        {"repository": "acme/web"},
        {"messages": ("x\n\nodmd: create@shop@prod",)},
    ],
)
def test_others_have_none(change: dict[str, object]) -> None:
    assert wanted(replace(PULL, **change), KEPT, GRAPH) is None  # type: ignore[arg-type]


def test_who_said_no_and_a_head_at_which_they_ended_stand_above_it() -> None:
    assert wanted(PULL, replace(KEPT, declined=True), GRAPH) is None
    assert wanted(PULL, replace(KEPT, ended=PULL.head), GRAPH) is None
    assert wanted(PULL, replace(KEPT, ended="b" * 40), GRAPH)


def test_that_contracts_give_clones_is_in_their_digest_and_who_gains_is_told() -> None:
    from odmd.policy.gains import told

    nothing, all_of_them = contracts(), contracts(PullRequests(every=True))
    assert len({one.digest() for one in (nothing, GRAPH, all_of_them)}) == 3
    assert told(nothing, GRAPH)[0] == "a pull request that asks gets clones of shop by itself"
    assert told(all_of_them, nothing)[0] == "no pull request gets clones of shop by itself"
    assert wanted(replace(PULL, labels=()), KEPT, all_of_them)


OVER = st.builds(
    Pull,
    st.just("acme/shop"),
    st.just(1),
    st.sampled_from(PullState),
    branch_is_gone=st.booleans(),
    closed_at=st.sampled_from([0.0, 1000.0]),
    messages=st.sampled_from([(), ("x\n\nodmd: delete",), ("x\n\nodmd: create@main",)]),
)


@given(OVER, st.floats(0, 10_000))
def test_clones_go_for_what_was_positively_said_and_for_nothing_else(pull: Pull, now: float) -> None:
    said = (
        pull.state in (PullState.MERGED, PullState.GONE)
        or pull.branch_is_gone
        or (pull.state is PullState.CLOSED and 0 < pull.closed_at <= now - GRACE_SECONDS)
        or pull.messages == ("x\n\nodmd: delete",)
    )
    assert bool(ends(pull, now)) is said
    assert not (said and pull.branch_is_gone and may_have(pull, GRAPH))


HOSTILE = "</details><b>@everyone [x](https://evil.example) `|\n#1 ![i](x)"


@given(st.integers(1, 400), st.integers(1, 60))
def test_what_is_told_fits_and_is_no_markup(count: int, length: int) -> None:
    name = (HOSTILE * length)[:2000]
    clones = tuple(CloneView(name, name, name, name, (), name) for _ in range(count))
    view = CloneSetView(name, name, 0.0, 1.0, 1.0, name, "", clones)
    merging = Merging(why_not=name)
    made = shown(PullStory(PULL, merging, view, (name,) * count, ((name, f"https://{name}"),) * count, trouble=name))
    assert len(made.text) < 65_000
    for one in ("<b>", "@everyone", "[x](", "![i]"):
        assert one not in made.text
