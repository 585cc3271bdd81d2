"""What an enver's next run needs, as far as the contracts and its inputs say it: read by who looks, and by who runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from odmd.control.running.needs import (
    AccountNeeded,
    ArtifactNeeded,
    BootstrapNeeded,
    CertificateNeeded,
    ClusterNeeded,
    Quota,
    QuotaNeeded,
    RegistryNeeded,
    RepositoryNameNeeded,
    RightNeeded,
    RunNeed,
    SecretThereNeeded,
    SourceNeeded,
    StackNameNeeded,
    ToolNeeded,
)
from odmd.graph import EnverNode, WireEdge
from odmd.graph.built import CdkNode, KubernetesNode, PackageNode
from odmd.model import naming
from odmd.model.build_types import CDK, IMAGE, NPM, Need
from odmd.model.kinds import Certificate, Image, Kind, NpmPackage, OfferedSecret, PythonPackage, Secret
from odmd.model.secret_references import ManagedSecret, parse_reference
from odmd.model.targets import Target

_ARTIFACTS: Final = (Image, NpmPackage, PythonPackage)
_TOOLS: Final = (Need.NODE, Need.BUILDER)
_DEPLOYING: Final = (
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:DescribeStacks",
)
_WRITING: Final = ("ssm:GetParameter", "ssm:GetParametersByPath", "ssm:PutParameter", "ssm:DeleteParameters")


class RecipeNeeds(Protocol):
    """What a recipe of one build type needs to be there."""

    def __call__(
        self, recipe: bytes, enver: EnverNode, texts: Mapping[str, str], before: bytes | None
    ) -> Sequence[RunNeed]:
        """Asks nobody.

        Args:
            texts: what is handed over for each input that has a value.
            before: the recipe of what runs, where one is known.

        Raises:
            RecipeUnfit: it cannot be read.
        """
        ...


def of_contracts(enver: EnverNode, *, is_new: bool = False) -> Iterator[RunNeed]:
    """What the contracts say that an enver needs, whatever it is made of.

    Args:
        is_new: nothing of it was deployed before.
    """
    needs, target = enver.type.needs, enver.target
    for tool in _TOOLS:
        if tool in needs:
            yield ToolNeeded(tool, certain_=tool is Need.BUILDER or enver.type is not CDK)
    live = [one for one in enver.configs if one.read == "live"]
    if live or Need.ACCOUNT in needs:
        yield AccountNeeded(target)
    for config in live:
        path = naming.config_path(enver.build, enver.slot, config.name)
        arn = f"arn:{_partition(target.region)}:ssm:{target.region}:{target.account}:parameter{path}"
        yield RightNeeded(target, f"write config to {path}", _WRITING, arn)
    if isinstance(built := enver.built, PackageNode):
        yield RegistryNeeded(built, enver.type is NPM, is_published=not is_new)
    if isinstance(built, KubernetesNode) and built.cluster:
        yield ClusterNeeded(built.cluster, target)
    if enver.type is IMAGE:
        yield RepositoryNameNeeded(target, naming.repository_name(enver.build), enver.build)
    if enver.type.has_stacks:
        yield from _of_stacks(enver, target, is_new=is_new)


def _of_stacks(enver: EnverNode, target: Target, *, is_new: bool) -> Iterator[RunNeed]:
    yield BootstrapNeeded(target, certain_=False)
    declared = enver.built.stacks if isinstance(enver.built, CdkNode) else ()
    for stack in declared or (enver.stack_name,):
        yield StackNameNeeded(target, stack, enver.address, certain_=bool(declared))
        arn = f"arn:{_partition(target.region)}:cloudformation:{target.region}:{target.account}:stack/{stack}/*"
        yield RightNeeded(target, f"deploy stack {stack}", _DEPLOYING, arn)
    if is_new:
        yield QuotaNeeded(target, Quota.STACKS, len(declared) or 1)


def of_source(enver: EnverNode) -> Iterator[RunNeed]:
    """The repository that it is made of; of a promoted one its origin's, which runs already."""
    if not enver.promoted_from:
        yield SourceNeeded(None, enver.repo, enver.revision)


def of_value(enver: EnverNode, wire: WireEdge, kind: type[Kind], text: str) -> Iterator[RunNeed]:
    """What a published value names has to be there, and be readable from where the enver is."""
    target = enver.target
    if issubclass(kind, _ARTIFACTS):
        yield ArtifactNeeded(kind, text, wire, target)
    if issubclass(kind, Certificate):
        yield CertificateNeeded(target, text)
    if issubclass(kind, Secret):
        yield SecretThereNeeded(target, text)
    if issubclass(kind, OfferedSecret) and isinstance(offered := parse_reference(text), ManagedSecret):
        yield SecretThereNeeded(target, offered.id)
    said = enver.built
    if isinstance(said, KubernetesNode) and not said.cluster and said.cluster_input == wire.name:
        yield ClusterNeeded(kind.parse(text).consumed(), target)


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
