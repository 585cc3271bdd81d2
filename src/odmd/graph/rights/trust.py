"""Who may take a role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from odmd.graph.nodes import BuildNode, EnverNode
from odmd.graph.rights.roles import GITHUB, Trust, Trusts
from odmd.graph.rights.services import iam_arn
from odmd.graph.rights.statements import Condition
from odmd.graph.rights.used import GitHubProvider
from odmd.model import naming
from odmd.model.targets import Target

_TAKES: Final = ("sts:AssumeRole", "sts:TagSession")


def of_deploy_role(
    revision_class: str, envers: Sequence[EnverNode], build: BuildNode, target: Target, trusts: Trusts
) -> tuple[Trust, ...]:
    """Who carries out runs: who the settings say, and jobs of the repository for exactly these revisions."""
    found = [_of_those((*_working(target, trusts), *trusts.server), trusts, "carries out runs")]
    if trusts.github is not GitHubProvider.NONE and not naming.is_package(build.repo):
        of_each = (_subjects(revision_class, enver, build, only_ids=trusts.only_ids) for enver in envers)
        subjects = dict.fromkeys(subject for of_enver in of_each for subject in of_enver)
        of_job = (
            Condition("StringEquals", f"{GITHUB}:aud", ("sts.amazonaws.com",)),
            Condition("StringLike", f"{GITHUB}:sub", tuple(subjects)),
        )
        provider = iam_arn(f"oidc-provider/{GITHUB}", target)
        says = f"jobs of {build.repo}"
        found.append(Trust("Federated", (provider,), ("sts:AssumeRoleWithWebIdentity",), says, build.place, of_job))
    return tuple(found)


def of_verify_role(target: Target, trusts: Trusts) -> Trust:
    """Who carries out runs, and nobody else."""
    return _of_those(_working(target, trusts), trusts, "runs checks")


def of_mirror_role(target: Target, trusts: Trusts) -> Trust:
    """The server, where the settings tell it from who carries out runs."""
    return _of_those(trusts.server or _working(target, trusts), trusts, "writes values for other systems")


def _working(target: Target, trusts: Trusts) -> tuple[str, ...]:
    return trusts.principals or (iam_arn("root", target),)


def _of_those(principals: tuple[str, ...], trusts: Trusts, does: str) -> Trust:
    """Who the settings say; else whom the account itself lets."""
    is_said = trusts.principals or trusts.server
    why = f"{does} ([tool.odmd.roles] trusts)" if is_said else "whom the account itself lets"
    return Trust("AWS", tuple(dict.fromkeys(principals)), _TAKES, why)


def of_cloudformation(target: Target) -> Trust:
    """CloudFormation, for stacks of the account itself."""
    service = "cloudformation.amazonaws.com"
    of_account = Condition("StringEquals", "aws:SourceAccount", (target.account,))
    return Trust("Service", (service,), ("sts:AssumeRole",), "carries out change sets", None, (of_account,))


def _subjects(revision_class: str, enver: EnverNode, build: BuildNode, *, only_ids: bool) -> Iterator[str]:
    """What GitHub's tokens call a job of an enver's revision, for a repository that is younger than July 2026, too. A
    workflow of ours stands on the default branch, whichever revision it deploys."""
    name = enver.revision.partition(":")[2]
    match revision_class:
        case _ if build.runs_on:
            job = f"ref:refs/heads/{build.runs_on.branch}"
        case "branch":
            job = f"ref:refs/heads/{name}"
        case "tag":
            job = "ref:refs/tags/*"
        case "clone":
            job = "ref:refs/heads/*"
        case _:
            job = f"environment:{enver.stage}"
    if not (only_ids and build.repo_ids):
        yield f"repo:{build.repo}:{job}"
    if build.repo_ids:
        (owner, repo), (owner_id, id) = build.repo.split("/", 1), build.repo_ids
        yield f"repo:{owner}@{owner_id}/{repo}@{id}:{job}"
