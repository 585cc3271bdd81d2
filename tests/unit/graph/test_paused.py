"""Scopes of pauses: who is in one, how people read it, and how they type it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from odmd.cli.pause import All, Stage, Team, Which
from odmd.control.reading.explain import as_typed, scope_label
from odmd.graph.paused import EVERYTHING, PausedGroup, group_of, scopes_of, within

NAMES = st.sampled_from(["dev", "prod", "payments", "two words", "it's", "a:b"])


@dataclass(frozen=True)
class One:
    """An enver, as far as pauses ask."""

    address: str
    team: str
    stage: str


ENVERS = st.lists(st.builds(One, st.sampled_from(["e0/b..main", "e1/s..prod"]), NAMES, NAMES), max_size=5)


class TestScopes:
    @given(ENVERS)
    def test_an_enver_is_within_exactly_the_scopes_that_it_is_in(self, envers: list[One]) -> None:
        every = {scope for one in envers for scope in scopes_of(one)} | {"team:nobody", "stage:none", EVERYTHING}
        for scope in every:
            found = set(within(scope, envers))
            assert found == {one.address for one in envers if scope in scopes_of(one)}

    def test_an_enver_that_is_not_declared_is_one_still(self) -> None:
        assert within("gone/b..main", []) == ("gone/b..main",)

    @given(st.builds(PausedGroup, st.sampled_from(["team", "stage"]), NAMES))
    def test_a_group_is_read_as_it_is_written(self, group: PausedGroup) -> None:
        assert group_of(str(group)) == group

    def test_one_enver_and_everything_are_no_groups(self) -> None:
        assert (group_of("e0/b..main"), group_of(EVERYTHING)) == (None, None)


class TestWhatPeopleReadAndType:
    def test_a_group_is_called_by_its_sort(self) -> None:
        assert [scope_label(one) for one in ("team:payments", "stage:prod", EVERYTHING, "e0/b..main")] == [
            "team payments",
            "stage prod",
            "everything",
            "e0@main",
        ]

    @given(st.builds(PausedGroup, st.sampled_from(["team", "stage"]), NAMES))
    def test_what_a_command_names_is_what_it_gets(self, group: PausedGroup) -> None:
        app, got = typer.Typer(), list[tuple[str | None, str | None, str | None, bool]]()

        @app.command()
        def resume(enver: Which = None, team: Team = None, stage: Stage = None, everything: All = False) -> None:
            got.append((enver, team, stage, everything))

        done = CliRunner().invoke(app, shlex.split(as_typed(str(group))))
        assert done.exit_code == 0, done.output
        named = (group.name, None) if group.sort == "team" else (None, group.name)
        assert got == [(None, *named, False)]
