"""What GitHub's own description of its API says of the operations that are used here, cut out of it:

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python -m support.github.excerpt package/generated/api.github.com.json tests/data/github/description.json

Prose and examples are left out. The description is GitHub's, under the MIT licence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

OPERATIONS: Final = (
    "GET /app",
    "GET /app/hook/deliveries",
    "GET /app/installations",
    "POST /app/installations/{installation_id}/access_tokens",
    "POST /app-manifests/{code}/conversions",
    "GET /installation/repositories",
    "GET /orgs/{org}/installation",
    "GET /repos/{owner}/{repo}",
    "GET /repos/{owner}/{repo}/installation",
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
    "GET /repos/{owner}/{repo}/commits/{ref}",
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    "GET /repos/{owner}/{repo}/compare/{basehead}",
    "GET /repos/{owner}/{repo}/contents/{path}",
    "GET /repos/{owner}/{repo}/deployments",
    "POST /repos/{owner}/{repo}/deployments",
    "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    "GET /repos/{owner}/{repo}/git/ref/{ref}",
    "POST /repos/{owner}/{repo}/git/commits",
    "POST /repos/{owner}/{repo}/git/refs",
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
    "POST /repos/{owner}/{repo}/git/trees",
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
    "GET /repos/{owner}/{repo}/pulls",
    "POST /repos/{owner}/{repo}/pulls",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}",
    "PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
    "POST /repos/{owner}/{repo}/check-runs",
    "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}",
    "POST /repos/{owner}/{repo}/statuses/{sha}",
    "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
    "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
)
_PROSE: Final = ("description", "summary", "example", "examples", "externalDocs", "tags", "title", "operationId")


def excerpt(whole: Any) -> Any:
    """The operations, and the components that they need."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        method, _, path = operation.partition(" ")
        paths.setdefault(path, {})[method.lower()] = _bare(whole["paths"][path][method.lower()])
    kept: dict[str, dict[str, Any]] = {}
    todo = list(_references(paths))
    while todo:
        _, _, sort, name = (reference := todo.pop()).split("/")
        if name not in kept.setdefault(sort, {}):
            kept[sort][name] = _bare(whole["components"][sort][name])
            todo += _references(kept[sort][name])
        assert reference.startswith("#/components/")
    info = {"title": "an excerpt", "version": whole["info"]["version"]}
    return {"openapi": whole["openapi"], "info": info, "paths": paths, "components": kept}


def _bare(said: Any, *, names: bool = False) -> Any:
    """Without prose; below `properties`, keys are names and no prose."""
    if isinstance(said, list):
        return [_bare(one) for one in said]
    if not isinstance(said, dict):
        return said
    kept = {key: one for key, one in said.items() if names or not (key in _PROSE or key.startswith("x-"))}
    return {key: _bare(one, names=key == "properties" and not names) for key, one in kept.items()}


def _references(said: Any) -> Iterator[str]:
    if isinstance(said, list):
        for one in said:
            yield from _references(one)
    elif isinstance(said, dict):
        for key, one in said.items():
            if key == "$ref":
                yield one
            else:
                yield from _references(one)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    made = excerpt(json.loads(source.read_text()))
    target.write_text(json.dumps(made, sort_keys=True, separators=(",", ":")) + "\n")
