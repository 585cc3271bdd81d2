"""What whoever carries out a run of a build, or takes away what it brought about, may do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from odmd.graph.built import ImagesNode, KubernetesNode
from odmd.graph.rights.needs import Needs, arns, in_region
from odmd.graph.rights.proving import proofs
from odmd.graph.rights.services import arn, iam_arn, partition
from odmd.graph.rights.statements import EVERYTHING, Condition, Statement
from odmd.model import naming
from odmd.model.build_types import IMAGE, KUBERNETES
from odmd.model.kinds import EksCluster
from odmd.model.targets import Target

CDKS_QUALIFIER: Final = "hnb659fds"
_OF_STACKS: Final = tuple(
    f"cloudformation:{one}"
    for one in (
        *("ContinueUpdateRollback", "CreateChangeSet", "DeleteChangeSet", "DeleteStack", "DescribeChangeSet"),
        *("DescribeEvents", "DescribeStackEvents", "DescribeStackResources", "DescribeStacks", "ExecuteChangeSet"),
        *("GetTemplate", "ListChangeSets", "ListStackResources", "TagResource", "UpdateTerminationProtection"),
    )
)
_OF_STACKS_INSIDE: Final = tuple(
    f"cloudformation:{one}"
    for one in ("DescribeChangeSet", "DescribeStackEvents", "DescribeStacks", "GetTemplate", "ListStackResources")
)
_OF_REPLACED_BUSES: Final = ("events:DeleteEventBus", "events:ListRules", "events:ListTagsForResource")
_OF_BUCKET: Final = ("s3:GetBucketLocation", "s3:ListBucket")
_IS_NEW: Final = Condition("Null", "s3:if-none-match", ("false",))
_HASH: Final = "?" * 64
_OF_CONFIG: Final = tuple(
    f"ssm:{one}" for one in ("DeleteParameters", "GetParameter", "GetParametersByPath", "PutParameter")
)
_OF_ALARMS: Final = ("cloudwatch:DescribeAlarms",)
_OF_IMAGES: Final = tuple(
    f"ecr:{one}"
    for one in (
        *("BatchCheckLayerAvailability", "BatchDeleteImage", "BatchGetImage", "CompleteLayerUpload"),
        *("CreateRepository", "DeleteRepository", "DescribeImageScanFindings"),
        *("DescribeImages", "DescribeRepositories"),
        *("GetDownloadUrlForLayer", "GetLifecyclePolicy", "GetRepositoryPolicy", "InitiateLayerUpload"),
        *("ListImages", "ListTagsForResource", "PutImage", "PutImageScanningConfiguration"),
        *("PutImageTagMutability", "PutLifecyclePolicy", "SetRepositoryPolicy", "StartImageScan", "TagResource"),
        "UploadLayerPart",
    )
)


def asset_bucket(target: Target, qualifier: str) -> str:
    """The bucket that an account has for assets."""
    return f"cdk-{qualifier or CDKS_QUALIFIER}-assets-{target.account}-{target.region}"


def asset_objects(needs: Needs, bucket: str) -> tuple[str, ...]:
    """What is the class's own in the bucket, as ARNs: assets, which CDK calls after a hash and are anybody's, and its
    templates. No template has a dot where a hash ends."""
    folder = naming.template_folder(needs.build.name, needs.revision_class)
    names = (_HASH, f"{_HASH}.*", f"{folder}/*")
    return tuple(f"arn:{partition(needs.target.region)}:s3:::{bucket}/{one}" for one in names)


def statements(needs: Needs, exec_role: str, bucket: str) -> Iterator[Statement]:
    """Of the role that is taken for a run; what the run changes is done by the other one, if it has stacks."""
    if exec_role:
        yield from _stacks(needs, exec_role)
        yield from _assets(needs, bucket)
        yield from _bridges(needs)
    if any(enver.configs for enver in needs.envers):
        yield from _config(needs)
    if watched := next((enver for enver in needs.envers if enver.verification.alarms), None):
        why = f"{watched.label} is verified by alarms"
        yield Statement(_OF_ALARMS, EVERYTHING, why, watched.place, (in_region(needs.target.region),))
    if any(enver.build_type == IMAGE.name for enver in needs.envers):
        yield from _images(needs)
    if any(enver.build_type == KUBERNETES.name for enver in needs.envers):
        yield from _clusters(needs)
    yield from proofs(needs)


def _stacks(needs: Needs, exec_role: str) -> Iterator[Statement]:
    target, why = needs.target, needs.itself
    stacks = _arns_of_stacks(needs.names.stacks, target)
    yield Statement(_OF_STACKS, stacks, f"{why.said}: its stacks", why.place)
    found = "its stacks are found by their names when they go"
    in_place = (in_region(target.region),)
    yield Statement(("cloudformation:ListStacks",), EVERYTHING, f"{why.said}: {found}", why.place, in_place)
    inside = tuple(
        arn("cloudformation", f"stack/{one}", target.region, target.account) for one in needs.names.resources
    )
    yield Statement(_OF_STACKS_INSIDE, inside, f"{why.said}: stacks inside its stacks", why.place)
    if others := needs.names.others:
        said = f"{why.said}: stacks of builds whose names go on from its own"
        yield Statement(("cloudformation:*",), _arns_of_stacks(others, target), said, why.place, denies=True)
    role = iam_arn(f"role/{exec_role}", target)
    to = Condition("StringEquals", "iam:PassedToService", ("cloudformation.amazonaws.com",))
    yield Statement(("iam:PassRole",), (role,), f"{why.said}: CloudFormation acts with it", why.place, (to,))


def _assets(needs: Needs, bucket: str) -> Iterator[Statement]:
    why, whole = needs.itself, f"arn:{partition(needs.target.region)}:s3:::{bucket}"
    yield Statement(_OF_BUCKET, (whole,), f"{why.said}: its assets", why.place)
    objects = asset_objects(needs, bucket)
    yield Statement(("s3:GetObject",), objects, f"{why.said}: its assets", why.place)
    said = f"{why.said}: its assets, and what is there stays"
    yield Statement(("s3:PutObject",), objects, said, why.place, (_IS_NEW,))
    version = (arn("ssm", "parameter/cdk-bootstrap/*/version", needs.target.region, needs.target.account),)
    yield Statement(("ssm:GetParameter",), version, f"{why.said}: what its app needs of the account", why.place)


def _bridges(needs: Needs) -> Iterator[Statement]:
    """From a bus that is replaced to its successor, until its writers have moved."""
    bridged = [enver for enver in needs.envers if any(needs.is_bridged(one) for one in enver.products)]
    if not bridged:
        return
    target, enver = needs.target, bridged[0]
    buses = arns("events", ("event-bus/{n}",), needs.names, target)
    why = f"{enver.label} has buses that can be replaced"
    yield Statement(_OF_REPLACED_BUSES, buses, why, enver.place)
    stacks = _arns_of_stacks(needs.bridges, target)
    yield Statement(_OF_STACKS, stacks, f"{why}, with a bridge to their successors", enver.place)


def _config(needs: Needs) -> Iterator[Statement]:
    """Config that services read live is written by the run."""
    enver = next(one for one in needs.envers if one.configs)
    folders = (f"parameter/odmd-{one}/config/*" for one in needs.names.addresses)
    own = tuple(arn("ssm", one, needs.target.region, needs.target.account) for one in folders)
    yield Statement(_OF_CONFIG, own, f"{enver.label} has config", enver.place)


def _images(needs: Needs) -> Iterator[Statement]:
    target, why = needs.target, needs.itself
    repository = arn("ecr", f"repository/{naming.repository_name(needs.build.name)}", target.region, target.account)
    yield Statement(_OF_IMAGES, (repository,), f"{why.said}: its images", why.place)
    signs_in = ("ecr:GetAuthorizationToken",)
    yield Statement(signs_in, EVERYTHING, f"{why.said}: its images", why.place, (in_region(target.region),))
    for enver in needs.envers:
        for name, image in enver.built.images if isinstance(enver.built, ImagesNode) else ():
            own = tuple(
                arn("secretsmanager", f"secret:{one}-??????", target.region, target.account) for _, one in image.secrets
            )
            if own:
                said = f"{enver.label} builds {name} with them"
                yield Statement(("secretsmanager:GetSecretValue",), own, said, enver.place)


def _clusters(needs: Needs) -> Iterator[Statement]:
    """Clusters are looked up; who may do what in one, its access entries say. One whose name is a value is its
    producer's."""
    for enver in needs.envers:
        said = enver.built
        named = said.cluster if isinstance(said, KubernetesNode) else ""
        names = (named,) if named else needs.names_of_producers(enver, EksCluster)
        clusters = tuple(arn("eks", f"cluster/{one}", needs.target.region, needs.target.account) for one in names)
        if clusters:
            yield Statement(("eks:DescribeCluster",), clusters, f"{enver.label} is in a cluster", enver.place)


def _arns_of_stacks(names: Sequence[str], target: Target) -> tuple[str, ...]:
    return tuple(arn("cloudformation", f"stack/{one}/*", target.region, target.account) for one in names)
