"""ODMD178: a build whose runs jobs of GitHub carry out is one that they can: known by its ids, made in one job and
deployed in another one that runs no code of its repository."""

import re
from collections.abc import Iterator
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming
from odmd.model.build_types import CDK, CONTRACTS, KUBERNETES, NPM, PYTHON
from odmd.model.builds import Actions

_HANDED_ON: Final = frozenset(one.name for one in (CDK, CONTRACTS, KUBERNETES, NPM, PYTHON))
"""Types whose recipe holds all that is deployed."""
_RUNNER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OWNER_AND_NAME: Final = 2


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds builds that say `Actions()`, and cannot be carried out so."""
    on_actions = {build.name: build for build in draft.all_builds if build.runs_on}
    for build in on_actions.values():
        for what, hint in _wrong(build.made_of.name, build.made_of.ids, build.runs_on):
            yield Diagnostic("ODMD178", f"build {build.name} runs on Actions, and {what}", build.place, hint)
    for node in draft.nodes:
        if node.build in on_actions and (what := _runs_code(node)):
            hint = "leave its runs to workers: say no runs_on"
            yield Diagnostic("ODMD178", f"{node.label} runs on Actions, and {what}", node.place, hint)


def _wrong(repo: str, ids: tuple[str, ...], said: Actions | None) -> Iterator[tuple[str, str]]:
    if not ids:
        ids_of = f"gh api repos/{repo} --jq '.owner.id, .id'"
        yield f"{repo} has no ids, by which its jobs are known", f'write Repo(…, ids=("OWNER", "REPO")): `{ids_of}`'
    if len(repo.split("/")) != _OWNER_AND_NAME:
        yield f"{repo} is no repository of GitHub", 'write Repo("owner/name", …)'
    if said and not naming.is_ref(said.branch):
        yield f"{said.branch!r} is no branch", "name the repository's default branch"
    if said and not _RUNNER.fullmatch(said.runner):
        yield f"{said.runner!r} is no runner", 'write Actions(runner="ubuntu-24.04")'


def _runs_code(node: EnverNode) -> str:
    if node.build_type not in _HANDED_ON:
        return f"one built as {node.build_type} runs code of its repository, or keeps what it built, where it deploys"
    if node.secrets and node.type.gets_texts:
        return f"its secrets {', '.join(node.secrets)} would be told to the job that builds it"
    if node.verification.suites or node.verification.commands:
        return "its checks run code of its repository where it deploys"
    return ""
