"""The workflow by which jobs of GitHub carry out a build's runs: the same bytes for the same contracts.

Three jobs. `right` may say who it is, and gets for the next one the right to prepare the run. `prepare` runs the code
of the repository, and may not say who it is. `deploy` may, and runs no code of the repository: it carries out what was
prepared, which it knows by its digest. What a run needs of a user's own is in an action beside it, which is his.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from odmd import __version__
from odmd.graph.nodes import ActionsNode, BuildNode
from odmd.model import naming
from odmd.providers.github.wanted_files import ACTION, MARK, WORKFLOWS
from odmd.providers.github.workflow_jobs import run_name

CHECKOUT: Final = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"
"""Is v5.0.0."""
SETUP_PYTHON: Final = "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c"
"""Is v6.0.0."""
_HEAD: Final = f"""{MARK} from the contracts: change those, and write it anew.
# Steps of your own belong into {ACTION}, which stays as it is.
# {CHECKOUT} is v5.0.0
"""
_MINUTES: Final = {"right": 10, "prepare": 120, "deploy": 360}


class _Quoted(str):
    """A text that is a text to whatever reads YAML, of whichever version."""

    __slots__ = ()


class _IndentingDumper(yaml.SafeDumper):
    """Writes lists below their key, indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _quoted(_dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", str(text), style='"')


_IndentingDumper.add_representer(_Quoted, _quoted)


def workflow_of(build: BuildNode, jobs: ActionsNode, server: str, contracts: str) -> str:
    """The file's text.

    Args:
        server: its address, as jobs reach it.
        contracts: `package.module:attribute`; empty: the user's own steps say where they are.
    """
    return _HEAD + _text(_workflow(build, jobs, server, contracts))


def action_of(contracts: str) -> str:
    """The action of a user's own steps, as it is before he changes it."""
    own = [{"name": "Your contracts", "shell": "bash", "run": _SAY_HOW}] if contracts else []
    return "# Yours: odmd wrote it once, and leaves it as it is.\n" + _text(
        {
            "name": "odmd set-up",
            "description": "Installs odmd and the contracts; whatever else jobs need belongs here, too.",
            "inputs": {"job": {"description": "right, prepare or deploy.", "required": True}},
            "runs": {
                "using": "composite",
                "steps": [
                    {"uses": SETUP_PYTHON, "with": {"python-version": _Quoted("3.12")}},
                    {"shell": "bash", "run": f"pip install 'ondemandenv[apply,client]=={__version__}'"},
                    *own,
                ],
            },
        }
    )


_SAY_HOW: Final = (
    "echo '::error::say in .github/actions/odmd-setup/action.yml how your contracts are installed' && exit 1"
)
"""Nobody guesses a package's name: whoever publishes one by it would have the rights of the job."""


def _text(said: Mapping[str, object]) -> str:
    return yaml.dump(said, Dumper=_IndentingDumper, sort_keys=False, width=10_000, allow_unicode=False)


def _workflow(build: BuildNode, jobs: ActionsNode, server: str, contracts: str) -> Mapping[str, object]:
    of_contracts = {"ODMD_CONTRACTS": _Quoted(contracts)} if contracts else {}
    return {
        "name": _Quoted(f"odmd {build.name}"),
        "run-name": run_name("${{ inputs.run }}"),
        "on": {
            "workflow_dispatch": {
                "inputs": {
                    "run": {"description": "The run, as odmd runs shows it.", "required": True, "type": "string"}
                }
            }
        },
        "permissions": {},
        "concurrency": {"group": "odmd-run-${{ inputs.run }}", "cancel-in-progress": False},
        "env": {
            "ODMD_SERVER": _Quoted(server),
            **of_contracts,
            "ODMD_REPOSITORIES": "${{ github.workspace }}/{repo}",
            "ODMD_STATE": "${{ github.workspace }}/.odmd",
        },
        "jobs": {
            "right": _job(
                build, jobs, "right", [], {"id-token": "write"}, 'odmd agent right "$RUN"', {}, hands_on="right"
            ),
            "prepare": _job(
                build,
                jobs,
                "prepare",
                ["right"],
                {},
                'odmd agent prepare "$RUN"',
                {"ODMD_TOKEN": "${{ needs.right.outputs.right }}"},
                hands_on="prepared",
            ),
            "deploy": _job(
                build,
                jobs,
                "deploy",
                ["prepare"],
                {"id-token": "write"},
                'odmd agent deploy "$RUN" --prepared "$PREPARED"',
                {"PREPARED": "${{ needs.prepare.outputs.prepared }}"},
            ),
        },
    }


def _job(
    build: BuildNode,
    jobs: ActionsNode,
    name: str,
    needs: Sequence[str],
    rights: Mapping[str, str],
    command: str,
    given: Mapping[str, str],
    hands_on: str = "",
) -> Mapping[str, object]:
    source = {"persist-credentials": False, "path": _Quoted(build.repo), "fetch-depth": 0}
    checkout = {"name": "the repository, with all of its history", "uses": CHECKOUT, "with": source}
    return {
        "name": name,
        **({"needs": list(needs)} if needs else {}),
        "runs-on": _Quoted(jobs.runner),
        "timeout-minutes": _MINUTES[name],
        "permissions": {"contents": "read", **rights},
        **({"outputs": {hands_on: f"${{{{ steps.odmd.outputs.{hands_on} }}}}"}} if hands_on else {}),
        "steps": [
            *([checkout] if name == "prepare" else []),
            {"name": "steps of your own", "uses": f"$/{ACTION.removesuffix('/action.yml')}", "with": {"job": name}},
            {
                "name": f"odmd agent {name}",
                "id": "odmd",
                "shell": "bash",
                "env": {"RUN": "${{ inputs.run }}", **given},
                "run": command,
            },
        ],
    }


def file_of(build: BuildNode) -> str:
    """The file's path in its repository."""
    return f"{WORKFLOWS}/{naming.workflow_file(build.name)}"
