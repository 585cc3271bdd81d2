"""Reads what a CDK app synthesised: the manifest, the templates, the lists of assets.

The format is that of aws-cdk-lib's cloud-assembly-schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import AppFailed, AssemblyUnfit, LookupsUnresolved
from odmd.foreign import read_json
from odmd.model.targets import Target
from odmd.providers.aws.adoption import with_adopted
from odmd.providers.aws.annotations import refuse_errors, warnings
from odmd.providers.aws.asset_lists import read_assets, resolve
from odmd.providers.aws.cloud_assembly import Assembly, Asset, Bootstrap, StackTemplate
from odmd.providers.aws.inside import inside
from odmd.providers.aws.quotas import refuse_too_much
from odmd.providers.aws.retention import retain
from odmd.providers.aws.roles import refuse_own_role
from odmd.providers.aws.templates import Template, needs_synth, section, strip, to_text

MANIFEST: Final = "manifest.json"
_STACK: Final = "aws:cloudformation:stack"
_ASSETS: Final = "cdk:asset-manifest"
_NESTED: Final = "cdk:cloud-assembly"


@dataclass(frozen=True, slots=True)
class _Artifact:
    """A part of an assembly; `folder` is where its files are."""

    name: str
    type: str
    environment: str
    properties: dict[str, Any]
    dependencies: tuple[str, ...]
    folder: Path
    metadata: dict[str, Any]


def read_assembly(folder: Path, target: Target, published: Mapping[str, str]) -> Assembly:
    """Reads an assembly, keeping what stands behind `published` outputs; those of another name are added.

    Raises:
        AppFailed: there is no assembly, or it cannot be read.
        LookupsUnresolved, AssemblyUnfit, AssetUnfit
        FileUnfit: it holds what nobody reads.
        AppObjects: a construct says that it is wrong.
    """
    try:
        artifacts = _by_name(_artifacts(folder, folder))
        said = [one.metadata for one in artifacts.values()]
        refuse_errors(said)
        stacks = [one for one in _in_order(artifacts) if one.type == _STACK]
        _refuse_twice(stacks)
        templates = with_adopted({_name(one): _template(one, folder) for one in stacks}, published)
        read = tuple(_stack(one, target, templates[_name(one)], published) for one in stacks)
        own = {one.folder / one.properties["templateFile"] for one in stacks}
        assets, needed = tuple(_assets(folder, artifacts, own, target)), _bootstraps(artifacts.values(), target)
        return Assembly(read, assets, tuple(warnings(said)), needed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise AppFailed(
            f"{folder} is no cloud assembly: {type(wrong).__name__}: {wrong}",
            next_step="the app must end with app.synth() and write where CDK_OUTDIR says",
        ) from wrong


def _by_name(artifacts: Iterable[_Artifact]) -> dict[str, _Artifact]:
    found: dict[str, _Artifact] = {}
    for one in artifacts:
        if one.type in (_STACK, _ASSETS) and one.name in found:
            raise AssemblyUnfit(
                f"two {'stacks' if one.type == _STACK else 'lists of assets'} have the id {one.name}",
                next_step="give each stack an id of its own",
            )
        found[one.name] = one
    return found


def _refuse_twice(stacks: Iterable[_Artifact]) -> None:
    """CloudFormation has one stack of a name: the second would replace the first."""
    named: dict[str, str] = {}
    for one in stacks:
        name = one.properties.get("stackName", one.name)
        if name in named:
            raise AssemblyUnfit(
                f"{named[name]} and {one.name} are both to be stack {name}",
                next_step="give each a stack_name of its own: enver.stack_name(PART)",
            )
        named[name] = one.name


def _artifacts(folder: Path, root: Path) -> Iterator[_Artifact]:
    """All artifacts, also those of assemblies inside (CDK's `Stage`)."""
    manifest = _read(folder / MANIFEST, root)
    if missing := manifest.get("missing"):
        asked = ", ".join(sorted(f"{one['provider']} {one['key']}" for one in missing))
        raise LookupsUnresolved(
            f"the app looks up what nobody answered: {asked}",
            next_step="consume it as a product, commit cdk.context.json with the answer, or let odmd look it up: "
            'lookups = "made" in [tool.odmd]',
        )
    for name, one in manifest.get("artifacts", {}).items():
        properties = cast("dict[str, Any]", one.get("properties", {}))
        if one["type"] == _NESTED:
            yield from _artifacts(folder / properties["directoryName"], root)
        yield _Artifact(
            name=name,
            type=one["type"],
            environment=one.get("environment", ""),
            properties=properties,
            dependencies=tuple(one.get("dependencies", ())),
            folder=folder,
            metadata=_metadata(one, folder, root),
        )


def _metadata(artifact: dict[str, Any], folder: Path, root: Path) -> dict[str, Any]:
    """What constructs say, in the manifest and in the file beside it."""
    beside = artifact.get("additionalMetadataFile")
    found: dict[str, list[Any]] = {}
    for said in (artifact.get("metadata"), _read(folder / beside, root) if beside else None):
        for construct, entries in cast("dict[str, list[Any]]", said or {}).items():
            found[construct] = [*found.get(construct, ()), *entries]
    return found


def _read(path: Path, root: Path) -> dict[str, Any]:
    """An object of the assembly; a file that is not there is told by its path."""
    loaded = read_json(inside(root, path, "the assembly") if path.exists() else path)
    if not isinstance(loaded, dict):
        raise TypeError(f"{path.name} holds no object")
    return cast("dict[str, Any]", loaded)


def _in_order(artifacts: dict[str, _Artifact]) -> list[_Artifact]:
    """Each after what it depends on, else as the manifest lists them."""
    ordered: dict[str, _Artifact] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"{' → '.join((*path, name))} depend on each other")
        if name in ordered or name not in artifacts:
            return
        for needed in artifacts[name].dependencies:
            visit(needed, (*path, name))
        ordered[name] = artifacts[name]

    for name in artifacts:
        visit(name, ())
    return list(ordered.values())


def _name(artifact: _Artifact) -> str:
    return artifact.properties.get("stackName", artifact.name)


def _template(artifact: _Artifact, root: Path) -> Template:
    return strip(_read(artifact.folder / artifact.properties["templateFile"], root))


def _stack(artifact: _Artifact, target: Target, read: Template, published: Iterable[str]) -> StackTemplate:
    name = _name(artifact)
    _refuse_elsewhere(name, artifact.environment, target)
    for role in ("assumeRoleArn", "cloudFormationExecutionRoleArn"):
        refuse_own_role(f"stack {name}", artifact.properties.get(role, ""))
    if given := artifact.properties.get("parameters"):
        raise AssemblyUnfit(
            f"the manifest gives stack {name} values for {', '.join(sorted(given))}, which odmd does not pass on",
            next_step="use CDK's DefaultStackSynthesizer, and consume values through the contract",
        )
    template = retain(read, published)
    refuse_too_much(name, template)
    return StackTemplate(
        name=name,
        template=to_text(template),
        parameters=tuple(section(template, "Parameters")),
        outputs=tuple(section(template, "Outputs")),
        tags=tuple(sorted(artifact.properties.get("tags", {}).items())),
        needs_synth=needs_synth(template),
        termination_protection=bool(artifact.properties.get("terminationProtection", False)),
        notification_arns=tuple(artifact.properties.get("notificationArns", ())),
        bucket=_bucket(artifact.properties.get("stackTemplateAssetObjectUrl", ""), target),
    )


def _bucket(url: str, target: Target) -> str:
    """The bucket of `s3://BUCKET/KEY`."""
    return resolve(url, target).removeprefix("s3://").partition("/")[0] if url.startswith("s3://") else ""


def _bootstraps(artifacts: Iterable[_Artifact], target: Target) -> tuple[Bootstrap, ...]:
    """The highest version that is asked for by each parameter."""
    needed: dict[str, int] = {}
    for one in artifacts:
        if version := one.properties.get("requiresBootstrapStackVersion"):
            parameter = resolve(one.properties.get("bootstrapStackVersionSsmParameter") or "", target)
            needed[parameter] = max(int(version), needed.get(parameter, 0))
    return tuple(Bootstrap(parameter, version) for parameter, version in sorted(needed.items()))


def _refuse_elsewhere(stack: str, environment: str, target: Target) -> None:
    account, _, region = environment.removeprefix("aws://").partition("/")
    for what, says, is_ in (("account", account, target.account), ("region", region, target.region)):
        if says and says not in (f"unknown-{what}", is_):
            raise AssemblyUnfit(
                f"stack {stack} is meant for {what} {says}, its enver is in {is_}",
                next_step="leave `env` of the stack out, or take it from CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION",
            )


def _assets(folder: Path, artifacts: dict[str, _Artifact], own: set[Path], target: Target) -> Iterator[Asset]:
    """What is to be uploaded, once each; a stack's own template is not, since it is sent with its change set."""
    found: dict[tuple[str, str], Asset] = {}
    for artifact in artifacts.values():
        if artifact.type == _ASSETS:
            listed = _read(artifact.folder / artifact.properties["file"], folder)
            for path, asset in read_assets(listed, artifact.folder, folder, target):
                if path not in own:
                    found.setdefault((asset.bucket, asset.key), asset)
    yield from found.values()
