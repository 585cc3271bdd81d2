"""`odmd policy`: who may do what by the policies beside the contracts, why, and what changing them gives and takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json
from odmd.cli.policy_role import role

if TYPE_CHECKING:
    from odmd.graph import Compiled, Graph
    from odmd.policy.actions import Action
    from odmd.policy.judge import Ruling

policy = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Say who may do what by the policies beside the contracts, why, and what a change of them gives and takes.",
)
_REFUSED: Final = 1
What = Annotated[str, typer.Argument(metavar="ACTION", help="As policies call it: pause, 'roll back', answer.")]
At = Annotated[str, typer.Argument(metavar="[ENVER]", help="Where; nothing: the organisation.")]


@policy.command("check")
def check_(contracts: Contracts = None, isolation: Caged = None, json: Json = False) -> None:
    """Prove the policies: every mistake at once, with file and line. `odmd check` does so, too."""
    from odmd.cli.output import console, errors_as, plural, print_json

    with errors_as(json=json):
        graph = _governed(contracts, isolation).graph
    governed = graph.governed
    from odmd.policy.judge import judge_of
    from odmd.policy.reading import defaults

    own = len(judge_of(graph).policies) - len(defaults())
    if json:
        facts = {"files": [one.name for one in governed.policies], "own": own, "built_in": len(defaults())}
        print_json({"sound": True, **facts, "production": governed.production})
        return
    where = f"production is {', '.join(governed.production)}" if governed.production else "no stage is production"
    files = plural(len(governed.policies), "file")
    said = f"{len(defaults())} built-in policies and {own} of your own in {files}; {where}"
    console().print(f"[green]✓[/] {said}", soft_wrap=True)


@policy.command("schema")
def schema(json: Json = False) -> None:
    """Print what policies can speak of: types, attributes and actions, as Cedar's own tools and editors read them."""
    from odmd.cli.output import print_json, write
    from odmd.policy.schema import schema_text

    if json:
        print_json({"schema": schema_text()})
    else:
        write(schema_text())


@policy.command("explain")
def explain(
    action: What,
    at: At = "",
    name: Annotated[str, typer.Option(help="What whoever asks is called.")] = "somebody",
    kind: Annotated[str, typer.Option(help="person, role, job or token.")] = "person",
    scope: Annotated[str, typer.Option(help="read, write or admin.")] = "write",
    team: Annotated[list[str] | None, typer.Option(help="A team of his; may be given again.")] = None,
    own: Annotated[bool, typer.Option("--own", help="He answers a change that he began.")] = False,
    gate: Annotated[str, typer.Option(help="The team that what he answers waits for.")] = "",
    contracts: Contracts = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Say whether somebody may do something, and which policies decide that; exit code 1 where he may not."""
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json):
        graph = _governed(contracts, isolation).graph
        from odmd.policy.cases import decide, read_cases
        from odmd.policy.principals import AnswerContext

        who = {"name": name, "kind": kind, "scope": scope, "teams": team or []}
        (case,) = read_cases([{"who": who, "at": at}])
        ruling = decide(graph, case.who, _action(action), at, AnswerContext(own, gate=gate))
    if json:
        by = [{"policy": one.name, "file": one.file, "line": one.line, "text": one.text} for one in ruling.by]
        print_json({"allowed": ruling.allowed, "by": by, "why": ruling.failed})
    else:
        _show(ruling, f"{name} may {'' if ruling.allowed else 'not '}{action}{' ' * bool(at)}{at}")
    if not ruling.allowed:
        raise typer.Exit(_REFUSED)


def _show(ruling: Ruling, says: str) -> None:
    from rich.text import Text

    from odmd.cli.output import console

    out = console()
    out.print(Text("✓ " if ruling.allowed else "✗ ", "green" if ruling.allowed else "red").append(says, "default"))
    for one in ruling.by:
        out.print(Text(f"  {'permits' if one.permits else 'forbids'}: {one}", "bold"), soft_wrap=True)
        for line in one.text.splitlines():
            out.print(Text(f"    {line}", "dim"), soft_wrap=True)
    for why in ruling.failed or (() if ruling.by else ("no policy permits it",)):
        out.print(f"  {why}", soft_wrap=True, markup=False)


policy.command("role")(role)


@policy.command("who-can")
def who_can_(
    action: What, at: At = "", contracts: Contracts = None, isolation: Caged = None, json: Json = False
) -> None:
    """Say who may do something, at an enver or in the organisation."""
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json):
        graph = _governed(contracts, isolation).graph
        from odmd.policy.gains import who_can

        found = who_can(graph, wanted := _action(action), _enver(graph, wanted, at))
    if json:
        print_json({"action": action, "at": at, "who": list(found)})
        return
    for line in found or ("nobody",):
        console().print(line, soft_wrap=True, markup=False)


@policy.command("diff")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier contracts, as `odmd diff` takes them.")],
    after: Annotated[str | None, typer.Argument(metavar="B", help="The later ones; else the working tree.")] = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Say who may do more, and who less, under the policies of other contracts. `odmd plan` says it, too."""
    from odmd.bootstrap.revisions import edition_of
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json
    from odmd.errors import ContractsUnsound

    with errors_as(json=json):
        settings = read_settings(isolation=isolation)
        told = [edition_of(one, settings) for one in (before, after)]
        if wrong := next((one.mistakes for one in told if one.mistakes), ()):
            raise ContractsUnsound(wrong)

        from odmd.policy import gains

        lines = list(gains.told(*(one.compiled.graph for one in told)))
    if json:
        print_json({"before": before, "after": after or "working tree", "changes": lines})
        return
    for line in lines or ("nobody gains or loses anything",):
        console().print(line, soft_wrap=True, markup=False)


@policy.command("test")
def run_cases(contracts: Contracts = None, isolation: Caged = None, json: Json = False) -> None:
    """Decide the cases in `policies/tests.yaml`; exit code 1 where one is decided otherwise."""
    from odmd.cli.output import console, errors_as, plural, print_json
    from odmd.errors import PolicyTestsFailed

    with errors_as(json=json):
        compiled = _governed(contracts, isolation)
        import yaml

        from odmd.errors import PolicyUnreadable
        from odmd.policy.cases import FILE, outcomes, read_cases

        file = _folder(compiled) / FILE
        try:
            data = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
            raise PolicyUnreadable(f"{FILE} cannot be read: {wrong}", next_step=f"write {file}") from wrong
        found = list(outcomes(compiled.graph, read_cases(data)))
        failed = [one for one in found if not one.passed]
        if not json and failed:
            said = [f"case {one.number}: {one.action} {one.at}".rstrip() for one in failed]
            expected = [
                f"{where} is {'refused' if one.expected else 'allowed'}"
                for where, one in zip(said, failed, strict=True)
            ]
            raise PolicyTestsFailed("; ".join(expected), next_step="`odmd policy explain` says by which policy")
    if json:
        cases = [{"case": one.number, "action": one.action, "at": one.at, "passed": one.passed} for one in found]
        print_json({"passed": not failed, "cases": cases})
        if failed:
            raise typer.Exit(_REFUSED)
        return
    console().print(f"[green]✓[/] {plural(len(found), 'decision')} as the tests say")


def _governed(contracts: str | None, isolation: Caged) -> Compiled:
    """The contracts, which have policies.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound, PoliciesAbsent
    """
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.errors import PoliciesAbsent

    compiled = load_contracts(read_settings(contracts, isolation=isolation))
    if not compiled.graph.governed.policies:
        raise PoliciesAbsent(
            "these contracts have no policies: the scopes and teams of tokens and sessions are all",
            next_step="write policies/main.cedar beside the contracts; docs/guides/policies.md says what holds then",
        )
    return compiled


def _action(typed: str) -> Action:
    import difflib

    from odmd.errors import PolicyUnfit
    from odmd.policy.actions import ABOUT

    found = next((one for one in ABOUT if one == typed), None)
    if found is None:
        near = difflib.get_close_matches(typed, map(str, ABOUT), 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(sorted(map(str, ABOUT)))}"
        raise PolicyUnfit(f"there is no action {typed!r} that policies decide on", next_step=hint)
    return found


def _enver(graph: Graph, action: Action, at: str) -> str | None:
    from odmd.errors import EnverUnknown, PolicyUnfit
    from odmd.model import naming
    from odmd.policy.actions import ABOUT, ActedOn

    if not at and ABOUT[action].resource is ActedOn.ENVER:
        raise PolicyUnfit(f"{action} is about an enver", next_step="say which one: orders@main")
    address = naming.enver_address(at, graph.envers) if at else None
    if address is not None and address not in graph.envers:
        raise EnverUnknown(f"{at} is not in the contracts", next_step="`odmd graph` shows what there is")
    return address


def _folder(compiled: Compiled) -> Path:
    name = compiled.graph.governed.policies[0].name
    return next(one.parent for one in compiled.files if one.name == name and one.suffix == ".cedar")
