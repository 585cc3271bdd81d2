"""What the procedure of CDK apps needs of AWS and of the apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from odmd.control.running.place import Workplace
from odmd.control.running.proposal import Look, Proposal
from odmd.control.running.saying import Progress
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import Assembly, Asset, DeployedStack, StackTemplate


class Synthesiser(Protocol):
    """Turns a checkout into a cloud assembly."""

    def synthesise(self, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        """Runs the app that `cdk.json` in `source` names, with the run document at `workplace.document`. Where its own
        context does not say it, the app is told what `workplace.answers` says.

        The assembly is then in `workplace.built`, what the app printed in `workplace.log`, without its secrets.

        Raises:
            AppFailed, ToolMissing
        """
        ...


class Cloud(Protocol):
    """CloudFormation and what it needs, in one account and region at a time.

    `CloudUnreachable` passes, `CloudRefused` does not: asking again is answered the same."""

    def preflight(self, target: Target) -> None:
        """Proves, before anything moves, that credentials fit the account.

        Raises:
            CloudUnreachable
        """
        ...

    def prove(self, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Proves, before anything moves, that the account has what an assembly names: buckets, a bootstrap version.

        Raises:
            CloudUnreachable, NotBootstrapped, BootstrapTooOld
        """
        ...

    def look_up(
        self, folder: Path, target: Target, answered: Mapping[str, str], progress: Progress
    ) -> Mapping[str, str]:
        """Makes the lookups that an assembly names as missing, but for those answered; where that is not allowed, none.

        Returns:
            Context key → answer as JSON.

        Raises:
            AppFailed: there is no assembly, or it cannot be read.
            LookupNotMade: nobody here can make it, or it is about another place.
            LookupFailed: it found nothing, or too much.
            CloudUnreachable, CloudRefused
        """
        ...

    def read_assembly(self, folder: Path, target: Target, published: Mapping[str, str]) -> Assembly:
        """Reads what a CDK app synthesised. Resources behind the outputs in `published` are marked to survive
        their replacement and removal. Where an app has the value under another name (`Output:ApiEndpoint`,
        `Export:…`, `SsmParameter:…`), the output is added.

        Raises:
            AppFailed: there is no assembly, or it cannot be read.
            LookupsUnresolved, AssemblyUnfit
        """
        ...

    def upload_assets(self, folder: Path, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Uploads what is not there yet; the same content has the same key.

        Raises:
            CloudUnreachable, NotBootstrapped
        """
        ...

    def missing_assets(self, assembly: Assembly, target: Target) -> Sequence[Asset]:
        """What an assembly refers to and is not there any more: its bucket is cleaned by whoever likes to.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ...

    def look(self, stack: str, target: Target) -> Look:
        """What is there under a name, once nothing moves; changes nothing, whosever it is.

        A stack that only change sets of `odmd` announced is not there yet.

        Raises:
            CloudUnreachable
        """
        ...

    def propose(
        self,
        stack: StackTemplate,
        parameters: Mapping[str, str],
        name: str,
        about: str,
        target: Target,
        progress: Progress = ...,
        *,
        reverts: bool = False,
    ) -> Proposal:
        """Creates the change set `name` (unique per run and attempt) and describes it.

        With `reverts`, it also brings back what others changed of single resources, as far as the cloud does that.

        First brings the stack into a state that takes one: waits for an update under way (of a process that died),
        deletes a creation that was rolled back, removes other change sets of the same enver that were never executed.

        Raises:
            AssemblyUnfit: the stack's tag says that it is another enver's.
            StackFailed, CloudUnreachable, CloudRefused
            NotBootstrapped: the template is too large to be sent along, and there is no bucket for it.
        """
        ...

    def execute(self, change_set: Proposal, target: Target, progress: Progress) -> None:
        """Executes it and waits, however long AWS is out of reach meanwhile; tells every resource's event. An empty one
        is nothing to do.

        Raises:
            StackFailed: rolled back; with the first failing resource, at whatever depth, and its reason.
            CredentialsRefused, CloudRefused
        """
        ...

    def stacks_of(self, enver: str, target: Target) -> Sequence[str]:
        """The names of all stacks that carry an enver's tag, in any status; those inside of them not counted.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ...

    def delete(self, stack: str, enver: str, target: Target, progress: Progress = ...) -> None:
        """Deletes a stack and waits, though it be protected against termination: ask before. One that is not there,
        or that is not this enver's by its tag, is left alone.

        Raises:
            StackFailed: with what could not be deleted, and why.
            CloudUnreachable, CloudRefused
        """
        ...

    def protect(self, stack: StackTemplate, target: Target) -> None:
        """Protects a stack against termination as its author says, or no longer.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ...

    def deployed(self, stack: StackTemplate, target: Target) -> DeployedStack:
        """The stack as it runs.

        Raises:
            StackFailed: there is no such stack.
            CloudUnreachable
        """
        ...
