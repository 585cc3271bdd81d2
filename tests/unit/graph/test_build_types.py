"""What the rules ask of a build type: each enver is held to the limits of its own type, and to no other's."""

import pytest

from odmd.errors import ContractsUnsound
from odmd.graph import compile_contracts
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    CommandEnver,
    ContractsEnver,
    Enver,
    ImageEnver,
    KubernetesEnver,
    NpmEnver,
    Organisation,
    PythonPackageEnver,
    Repo,
    Stage,
    Team,
)
from odmd.model.build_types import build_type

BARISTAS = Team("baristas")
ACCOUNT = Account("dev", "111111111111")
DEV = Stage("dev", ACCOUNT, "eu-west-1")
MAIN = Branch("main")
TYPES = (CdkEnver, CommandEnver, ContractsEnver, ImageEnver, KubernetesEnver, NpmEnver, PythonPackageEnver)


def organisation(kind: type[Enver], *builds: str) -> Organisation:
    def enver(name: str) -> Enver:
        more: dict[str, object] = {"commands": ("true",)} if kind is CommandEnver else {}
        cls = type("Made", (kind,), {"__module__": __name__}, build=Build(name, Repo(f"acme/{name}", BARISTAS)))
        return cls(on=MAIN, at=DEV, **more)

    envers = [enver(name) for name in builds]
    return Organisation("acme", central=ACCOUNT, envers=envers)


def codes(kind: type[Enver], *builds: str) -> set[str]:
    made = organisation(kind, *builds)
    try:
        compile_contracts(made, made.envers)
    except ContractsUnsound as unsound:
        return {one.code for one in unsound.diagnostics()}
    return set()


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_that_can_be_declared_is_known(kind: type[Enver]) -> None:
    assert build_type(kind.build_type).name == kind.build_type


@pytest.mark.parametrize("kind", TYPES)
def test_a_name_that_no_stack_may_have_is_wrong_where_there_are_stacks_only(kind: type[Enver]) -> None:
    assert ("ODMD014" in codes(kind, "2048-game")) == build_type(kind.build_type).has_stacks


def test_all_envers_of_an_image_build_push_into_one_repository_and_other_builds_into_others() -> None:
    assert codes(ImageEnver, "till", "shop") == set()
    assert "ODMD020" in codes(ImageEnver, "till", "Till")


def test_what_no_type_is_known_for_has_next_to_nothing() -> None:
    assert (build_type("carpentry").is_carried_out, build_type("carpentry").names) == (False, ())


@pytest.mark.parametrize(
    "said",
    [{"commands": ()}, {"commands": ("",)}, {"commands": ("true", " ")}, {"commands": ("a\0b",)}]
    + [{"commands": ("true",), "minutes": minutes} for minutes in (0, -1, 1441, float("nan"))],
)
def test_commands_that_cannot_be_run_are_wrong(said: dict[str, object]) -> None:
    class Script(CommandEnver, build=Build("script", Repo("acme/script", BARISTAS))):
        pass

    made = Organisation("acme", central=ACCOUNT, envers=[Script(on=MAIN, at=DEV, **said)])  # type: ignore[arg-type]
    with pytest.raises(ContractsUnsound) as unsound:
        compile_contracts(made, made.envers)
    assert [one.code for one in unsound.value.diagnostics()] == ["ODMD048"]


def test_only_what_changes_what_runs_changes_a_command_envers_slice() -> None:
    class Script(CommandEnver, build=Build("script", Repo("acme/script", BARISTAS))):
        pass

    def slice_of(**said: object) -> str:
        made = Organisation("acme", central=ACCOUNT, envers=[Script(on=MAIN, at=DEV, commands=("true",), **said)])  # type: ignore[arg-type]
        return compile_contracts(made, made.envers).graph.slice("script/b..main")

    assert slice_of() == slice_of(minutes=3)
    assert len({slice_of(), slice_of(remove="false"), slice_of(network=True)}) == 3
