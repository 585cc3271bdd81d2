"""Runs a CDK app: what it sees is its run, and nothing of this process's secrets."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from odmd.control.running.place import Workplace
from odmd.control.running.saying import Discreet, Progress
from odmd.errors import AppFailed, CdkJsonWrong
from odmd.model.run_document import VARIABLE, DocumentInput, RunDocument, Seen
from odmd.model.targets import Target
from odmd.private import open_private, private_file
from odmd.providers.app_process import AppProcess, Heard
from odmd.providers.aws.annotations import refuse_violations
from odmd.providers.aws.app_command import app_command, shell
from odmd.providers.aws.app_context import context_variables
from odmd.providers.aws.assembly import MANIFEST
from odmd.providers.aws.cdk_json import CdkApp, read_cdk_json
from odmd.providers.aws.ready_assembly import is_assembly, take_assembly
from odmd.providers.cage import UNCAGED, Cage
from odmd.providers.environments import AppEnvironment, Environments, jsii
from odmd.providers.leash import USUAL, ProgramLimits
from odmd.providers.node import find_node
from odmd.providers.printed import Printed
from odmd.trees import remove_tree

_HANDED_ON: Final = re.compile(
    r"HOME|LANG|LC_ALL|TMPDIR|JSII_.*|JAVA_HOME|MAVEN_(OPTS|ARGS)|GRADLE_(OPTS|USER_HOME)|GO(PATH|MODCACHE|FLAGS)"
)
_QUALIFIER: Final = "@aws-cdk/core:bootstrapQualifier"
"""The context key by which an app knows how its account was bootstrapped."""


class CdkSynthesiser:
    """Runs the app that `cdk.json` names, as the CDK command line would, in an environment of its own.

    Args:
        discreet: what an app's lines go through before anybody reads or keeps them.
        environments: without them every app runs in ours.
        qualifiers: by which accounts were bootstrapped, for apps that do not say it themselves.
        cage: what keeps an app to what is its own; without it, nothing does.
        limits: what an app may take, and its build command.
    """

    def __init__(
        self,
        discreet: Callable[[], Discreet],
        environments: Environments | None = None,
        qualifiers: Mapping[str, str] | None = None,
        cage: Callable[[], Cage] | None = None,
        limits: ProgramLimits = USUAL,
    ) -> None:
        self._discreet, self._environments, self._qualifiers = discreet, environments, qualifiers or {}
        self._cage, self._limits = cage, limits

    def synthesise(self, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        app = read_cdk_json(source, workplace.source)
        remove_tree(workplace.built)
        if app.build or not is_assembly(app.app, source):
            self._run(app, source, workplace, target, progress)
        else:
            _refuse_inputs(app.app, workplace.document)
        if is_assembly(app.app, source):
            take_assembly(app.app, source, workplace)
        elif not (workplace.built / MANIFEST).is_file():
            raise AppFailed(
                "the app ended well and wrote no cloud assembly",
                next_step="end it with app.synth(), and let CDK_OUTDIR say where: no `outdir` of its own",
            )

    def _run(self, app: CdkApp, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        """What is to be built, then the app, unless that is a folder by now."""
        node = find_node()
        with self._of_app(source, workplace, progress) as own, open_private(workplace.log, "a") as log:
            workplace.built.mkdir()
            variables = {**_environment(workplace, target, node, own), **app.variables}
            cage = UNCAGED
            if self._cage is not None:
                progress(str(cage := self._cage()))
            variables |= {jsii.ROOT: str(own.unpacked)} if own.unpacked else {}
            writes = [workplace.source, workplace.built]
            caged = _caged(cage, source, workplace, (*own.reads, node.resolve().parent.parent), writes, own.unpacked)
            printed = Printed(log, progress)
            process = AppProcess(
                source, workplace.log, lambda: Heard(self._discreet(), printed), caged, self._limits, writes
            )
            if app.build:
                process.run("build command", shell(app.build), variables)
            if not is_assembly(app.app, source):
                variables |= {"CDK_OUTDIR": str(workplace.built.absolute())}
                qualifier = {_QUALIFIER: one} if (one := self._qualifiers.get(target.account)) else {}
                context = {
                    **qualifier,
                    **_answers(workplace),
                    **app.context,
                    **_led_to("ContextKey", _inputs(workplace.document)),
                }
                variables |= context_variables(context, variables, workplace.context)
                try:
                    process.run("app", app_command(app.app, source), variables)
                except AppFailed:
                    refuse_violations(workplace.built)
                    raise

    def _of_app(self, source: Path, workplace: Workplace, progress: Progress) -> AbstractContextManager[AppEnvironment]:
        if self._environments is None:
            return nullcontext(AppEnvironment())
        return self._environments.of(source, workplace.source, workplace.log, progress)


def _caged(
    cage: Cage,
    source: Path,
    workplace: Workplace,
    reads: Sequence[Path],
    writes: Sequence[Path],
    unpacked: Path | None,
) -> Callable[[Sequence[str]], Sequence[str]]:
    """How its programs run: they read its environment and run, and write its folders, and what they know of it."""
    own = (*reads, workplace.document, workplace.context)
    seen = [private_file(Seen.beside(workplace.document))] if workplace.document.is_file() else []
    touched = workplace.root / "jsii-touched"
    placed = tuple(jsii.shown(unpacked, private_file(touched))) if unpacked else ()
    return lambda command: cage.around(command, source, own, [*writes, *seen], placed=placed)


def _environment(workplace: Workplace, target: Target, node: Path, of_app: AppEnvironment) -> Mapping[str, str]:
    """No credentials, and of this process's variables only what programs need to run at all."""
    own = {name: text for name, text in os.environ.items() if _HANDED_ON.fullmatch(name)}
    first = map(str, of_app.path)
    # A packaged Node comes last: the npx beside it is of no use, and would hide one that is.
    path = [*first, str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), str(node.parent)]
    return {
        **own,
        **_led_to("Variable", _inputs(workplace.document)),
        **of_app.variables,
        "PATH": os.pathsep.join(path),
        "JSII_NODE": str(node),
        "PYTHONUNBUFFERED": "1",
        VARIABLE: str(workplace.document.absolute()),
        "CDK_DEFAULT_ACCOUNT": target.account,
        "CDK_DEFAULT_REGION": target.region,
    }


def _inputs(document: Path) -> Sequence[DocumentInput]:
    """What the run has for the app; nothing where the app is synthesised without a run."""
    return tuple(RunDocument.read(document).inputs.values()) if document.is_file() else ()


def _answers(workplace: Workplace) -> Mapping[str, object]:
    """To what the app looks up; what is committed in cdk.context.json outranks them."""
    return json.loads(workplace.answers.read_text("utf-8")) if workplace.answers.is_file() else {}


def _refuse_inputs(app: str, document: Path) -> None:
    """Of what is synthesised already, nothing can be told any more but parameters.

    Raises:
        CdkJsonWrong
    """
    if led := [name for how in ("ContextKey", "Variable") for name in _led_to(how, _inputs(document))]:
        raise CdkJsonWrong(
            f"`app` in cdk.json is the folder {app}, synthesised already: it cannot take {', '.join(led)}",
            next_step="lead these inputs to parameters in the contract: to=Parameter(…)",
        )


def _led_to(what: str, inputs: Sequence[DocumentInput]) -> Mapping[str, str]:
    """The values of inputs that the contract leads to a name of the app's own."""
    return {name: one.text for one in inputs for how, _, name in [one.to.partition(":")] if how == what}
